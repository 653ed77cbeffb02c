#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Peak memory and speed of compressing a large model with external data.

Writes a stack of different dense layers of pseudo-random f32 weights (1 GiB by default),
compresses it with a recipe, and prints the resident peak of the compressor and
the bytes of weights per second. Only the standard library is used.

usage: compress_large.py [--bin build/bin] [--mib 1024] [--recipe int8-weight-only] [--runs 3]
"""
import argparse
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "utils"))
from protobuf_wire import BYTES, VARINT, encode

FLOAT, EXTERNAL = 1, 1


def text(number, value):
    return [number, BYTES, value.encode()]


def message(number, fields):
    return [number, BYTES, encode(fields)]


def value_info(name, dims):
    shape = [message(1, [[1, VARINT, dim] if isinstance(dim, int) else text(2, dim)]) for dim in dims]
    tensor = [[1, VARINT, FLOAT], message(2, shape)]
    return [text(1, name), message(2, [message(1, tensor)])]


def external_tensor(name, dims, offset, length):
    entries = [("location", "weights.bin"), ("offset", str(offset)), ("length", str(length))]
    return [*([1, VARINT, dim] for dim in dims), [2, VARINT, FLOAT], text(8, name),
            *(message(13, [text(1, key), text(2, value)]) for key, value in entries), [14, VARINT, EXTERNAL]]


def gemm(index):
    transposed = [text(1, "transB"), [3, VARINT, 1], [20, VARINT, 2]]
    return [text(1, f"x{index}"), text(1, f"layer{index}.weight"), text(2, f"x{index + 1}"),
            text(3, f"layer{index}"), text(4, "Gemm"), message(5, transposed)]


def write_model(folder, mebibytes, width=4096):
    """Returns the path of the model and the bytes of its weights."""
    size = width * width * 4
    layers = max(1, mebibytes * 2**20 // size)
    random.seed(1)
    with open(os.path.join(folder, "weights.bin"), "wb") as data:
        for _ in range(layers):
            # one for each layer: equal weights would be stored once
            block = struct.pack("<65536f", *(random.gauss(0, 0.02) for _ in range(65536)))
            data.write((block * (size // len(block) + 1))[:size])
    graph = [*(message(1, gemm(i)) for i in range(layers)), text(2, "dense"),
             *(message(5, external_tensor(f"layer{i}.weight", (width, width), i * size, size)) for i in range(layers)),
             message(11, value_info("x0", ["N", width])), message(12, value_info(f"x{layers}", ["N", width]))]
    path = os.path.join(folder, "large.onnx")
    with open(path, "wb") as model:
        model.write(encode([[1, VARINT, 8], message(7, graph), message(8, [text(1, ""), [2, VARINT, 17]])]))
    return path, layers * size


def run(command):
    """Seconds and resident peak in bytes of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}: status {status}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--recipe", default="int8-weight-only")
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model, weight_bytes = write_model(folder, args.mib)
        output = os.path.join(folder, "small.mlirbc")
        command = [os.path.join(args.bin, "condense"), "compress", model, "--recipe", args.recipe, "-o", output]
        runs = [run(command) for _ in range(args.runs)]
        seconds = statistics.median(s for s, _ in runs)
        print(f"{args.recipe}: {weight_bytes / 1e9:.2f} GB of weights to {os.path.getsize(output) / 1e9:.2f} GB, "
              f"{weight_bytes / seconds / 1e6:.0f} MB/s, resident peak {max(p for _, p in runs) / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
