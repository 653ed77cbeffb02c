# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Layers with a codebook for each output channel, compiled with tables in registers (where the CPU has AVX-512) and with
# selects, beside NumPy.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s %t
# RUN: condense compile %t/layer0.mlir -o %t/znver4.so --target=znver4 --emit-llvm %t/znver4.ll
# RUN: FileCheck %s < %t/znver4.ll
# CHECK: call <16 x i32> @llvm.x86.avx512.permvar.si.512
import os
import subprocess
import sys

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "Compress", "Inputs"))
from cases import dense  # noqa: E402

folder, rng = sys.argv[1], np.random.default_rng(5)


def pack(codes):
    flat = np.pad(codes.reshape(-1), (0, codes.size % 2)).reshape(-1, 2)
    return (flat[:, 0] | flat[:, 1] << 4).astype(np.uint8).view(np.int8)


def layer(number, n, k, entries, rows, bias, element):
    codes = rng.integers(0, entries, (n, k)).astype(np.uint8)
    book = rng.normal(0, 1, (n, 1, entries)).astype(np.float16 if element == "f16" else np.float32)
    bytes_, path = pack(codes), f"{folder}/layer{number}"
    values = rng.normal(0, 1, n).astype(np.float32)
    kinds = f"tensor<?x{k}xf32>", f"tensor<{n}x{k}xf32>", f"tensor<?x{n}xf32>"
    extra = (", %b", f", tensor<{n}xf32>") if bias else ("", "")
    with open(path + ".mlir", "w") as file:
        file.write(f"""func.func @main(%x: {kinds[0]} {{nn.name = "x"}}) -> ({kinds[2]} {{nn.name = "y"}}) {{
  %bytes = arith.constant {dense(bytes_.view(np.int8).astype(np.int64))} : tensor<{bytes_.size}xi8>
  %codes = compress.unpack %bytes : tensor<{bytes_.size}xi8> -> tensor<{n}x{k}xui4>
  %book = arith.constant {dense(book)} : tensor<{n}x1x{entries}x{element}>
  %b = arith.constant {dense(values)} : tensor<{n}xf32>
  %w = compress.lookup %codes, %book : (tensor<{n}x{k}xui4>, tensor<{n}x1x{entries}x{element}>) -> {kinds[1]}
  %p = nn.linear %x, %w{extra[0]} : ({kinds[0]}, {kinds[1]}{extra[1]}) -> {kinds[2]}
  %y = nn.relu %p : {kinds[2]}
  return %y : {kinds[2]}
}}""")
    w = np.take_along_axis(book[:, 0].astype(np.float64), codes.astype(np.int64), 1)
    for target in ([], ["--target=x86-64-v3"]):
        subprocess.run(["condense", "compile", path + ".mlir", "-o", path + ".so", *target], check=True,
                       stdout=subprocess.DEVNULL)
        for m in rows:
            x = rng.normal(0, 1, (m, k)).astype(np.float32)
            np.save(path + ".npy", x)
            subprocess.run(["condense", "run", path + ".so", "--input", path + ".npy", "--output-dir", path], check=True,
                           stdout=subprocess.DEVNULL)
            y = np.load(f"{path}/y.npy")
            expected = np.maximum(x @ w.T + (values if bias else 0), 0)
            bound = 1e-5 * (np.abs(x) @ np.abs(w).T + 1)
            assert y.shape == expected.shape and np.all(np.abs(y - expected) <= bound), (n, k, target, m)


layer(0, 33, 100, 16, (1, 3, 17), True, "f16")
layer(1, 7, 37, 5, (1, 9), False, "f32")
layer(2, 64, 32, 16, (1, 100), True, "f32")
layer(3, 2, 1, 2, (1, 6), True, "f16")
