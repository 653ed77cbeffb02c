#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Codes the weights of real models, as f32, f16 and bf16, by compress-entropy-code, decodes them again,
# and prints what is stored. Fails if a bit differs, or if bf16 weights do not become 27 % smaller.
#
# usage: measure_lossless.py --bin BUILD/bin --material FOLDER [--only MODEL...]
import argparse
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

MODELS = ["mnist-net_256x2", "onnxmlir_mnist", "resnet_2b", "cifar10_small", "resnet8_cifar10", "dscnn_kws",
          "version-RFB-320_simplified", "aidreams260k_seq128"]
REQUEST = "#compress.entropy_code<>"


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(command)}\n{result.stderr[:2000]}")
    return result


def resources(text):
    """Names and bytes of the resources of a module."""
    return {name: bytes.fromhex(data[8:]) for name, data in re.findall(r'"?([^\s"]+)"?: "0x([0-9A-Fa-f]+)"', text)}


def read_weights(arguments, model, folder):
    """The f32 constants of rank 2 and more, but for masks and scales of one row, as matrices."""
    path = os.path.join(folder, "model.mlirbc")
    run(arguments.bin + "/condense", "import", f"{arguments.material}/models/onnx/{model}.onnx", "-o", path)
    text = run(arguments.bin + "/condense-opt", path).stdout
    data = resources(text)
    weights = []
    for name, shape in re.findall(r'dense_resource<"?([^>"]+)"?> : tensor<((?:\d+x){2,})f32>', text):
        sizes = [int(size) for size in shape.split("x")[:-1]]
        if sizes[0] > 1:
            weights.append(np.frombuffer(data[name], np.float32).reshape(sizes[0], -1))
    return weights


def round_to(weight, kind):
    """The bytes of a weight as f32, f16 or (to nearest even) bf16."""
    if kind == "f32":
        return weight.tobytes()
    if kind == "f16":
        with np.errstate(over="ignore"):
            return weight.astype(np.float16).tobytes()
    bits = weight.view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + (bits >> np.uint64(16) & np.uint64(1))) >> np.uint64(16)).astype(np.uint16).tobytes()


def write_module(path, weights, contents, kind):
    with open(path, "w") as file:
        for i, weight in enumerate(weights):
            rows, columns = weight.shape
            w, x, y = (f"tensor<{a}x{b}x{kind}>" for a, b in ((rows, columns), (1, columns), (1, rows)))
            file.write(f"func.func @w{i}(%x: {x}) -> {y} {{\n  %w = arith.constant dense_resource<w{i}> : {w}\n"
                       f"  %y = nn.linear %x, %w {{compress.weight = {REQUEST}}} : ({x}, {w}) -> {y}\n  return %y : {y}\n}}\n")
        entries = ", ".join(f'w{i}: "0x10000000{data.hex()}"' for i, data in enumerate(contents))
        file.write("{-# dialect_resources: { builtin: { " + entries + " } } #-}\n")


def measure(arguments, weights, kind, folder):
    """Bytes before and after; the decoded bytes must be the same."""
    contents = [round_to(weight, kind) for weight in weights]
    plain, coded = os.path.join(folder, "plain.mlir"), os.path.join(folder, "coded.mlir")
    write_module(plain, weights, contents, kind)
    tool = arguments.bin + "/condense-opt"
    remarks = run(tool, plain, "--compress-entropy-code", "--remarks-filter=.*", "-o", coded).stderr
    saved = sum(int(before) - int(after) for after, before in re.findall(r"BytesAfter=(\d+), BytesBefore=(\d+)", remarks))
    decoded = run(tool, coded, "--compress-fold-decoders").stdout
    data = resources(decoded)
    for i, expected in enumerate(contents):
        name = re.search(rf'func @w{i}\(.*?dense_resource<"?([^>"]+)"?>', decoded, re.S).group(1)
        if data[name] != expected:
            sys.exit(f"weight {i} as {kind}: decoded to other bytes")
    before = sum(len(data) for data in contents)
    return before, before - saved


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--material", required=True)
    parser.add_argument("--only", nargs="*", default=MODELS)
    arguments = parser.parse_args()
    print("| model | weights | f32 | f16 | bf16 |\n|---|---|---|---|---|")
    failed = []
    for model in arguments.only:
        with tempfile.TemporaryDirectory() as folder:
            weights = [weight for weight in read_weights(arguments, model, folder) if weight.size * 2 > 64]
            columns = []
            for kind in ["f32", "f16", "bf16"]:
                before, after = measure(arguments, weights, kind, folder)
                columns.append(f"{before} -> {after} ({100 * (after / before - 1):.1f} %)")
            if after > 0.73 * before:
                failed.append(model)
        print(f"| {model} | {sum(weight.size for weight in weights)} | {' | '.join(columns)} |", flush=True)
    if failed:
        sys.exit("bf16 weights did not become 27 % smaller: " + ", ".join(failed))


main()
