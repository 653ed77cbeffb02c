# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Entropy coding on top of each other technique: the file becomes smaller and the outputs stay the same, bit by bit,
# wherever the weights are decoded.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t
# RUN: python3 %s %bin %src_root/models/digits %t
import os
import subprocess
import sys

import numpy as np

bin_folder, model, folder = sys.argv[1:]
TECHNIQUES = {
    "none": "",
    "int4": "quantize: {storage: i4, block: 16, ragged: shrink}",
    "int3": "quantize: {storage: i3}",
    "uint8": "quantize: {storage: ui8}",
    "float8": "quantize: {storage: f8E4M3FN}",
    "cluster": "cluster: {entries: 13}",
    "sparse": "prune: {sparsity: 0.8}",
    "sparse24-int8": "prune: {n: 2, m: 4}\n  quantize: {storage: i8}",
    "deep": "prune: {sparsity: 0.8}\n  cluster: {entries: 16}",
    "lowrank-int4": "factorize: {energy: 0.9}\n  quantize: {storage: i4}",
}


def condense(*arguments):
    result = subprocess.run([bin_folder + "/condense", *arguments], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"condense {' '.join(arguments)}\n{result.stderr}")


def run(path, placement, name):
    library = f"{folder}/{name}-{placement}.so"
    condense("compile", path, "--single-thread", "--decode=" + placement, "-o", library)
    name = f"{name}-{placement}"
    condense("run", library, "--input", folder + "/x.npy", "--output-dir", f"{folder}/{name}")
    return b"".join(open(f"{folder}/{name}/{file}", "rb").read() for file in sorted(os.listdir(f"{folder}/{name}")))


def compress(name, text):
    path = f"{folder}/{name}"
    with open(path + ".yaml", "w") as file:
        file.write("- " + text + "\n")
    condense("compress", model + "/digits.onnx", "--recipe", path + ".yaml", "-o", path + ".mlirbc")
    return path + ".mlirbc"


np.save(folder + "/x.npy", np.load(model + "/calib_inputs.npy").reshape(-1, 1, 8, 8).astype(np.float32) / 16)
for name, technique in TECHNIQUES.items():
    plain = compress(name, technique) if technique else model + "/digits.onnx"
    coded = compress(name + "-coded", technique + "\n  entropy_code: {floats: true}" if technique else "entropy_code: {}")
    before, after = os.path.getsize(plain), os.path.getsize(coded)
    assert after < before, f"{name}: {before} -> {after} bytes"
    expected = run(plain, "compile", name)
    for placement in ["compile", "load"] if name in ("none", "deep") else ["load"]:
        same = run(coded, placement, name + "-coded") == expected
        assert same, f"{name}: other outputs with --decode={placement}"
    print(f"{name}: {before} -> {after} bytes")
