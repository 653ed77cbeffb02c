# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Prunes weights by magnitude, executes the layers on the identity by the reference
# decomposition, and compares every element with NumPy: all structures, odd sizes, weights
# whose rows are their last dimension, codes.
#
# REQUIRES: numpy
# RUN: python3 %s > %t.mlir
# RUN: condense-opt %t.mlir --compress-prune-weights --compress-verify > %t.pruned.mlir
# RUN: FileCheck %s --check-prefix=PRUNED < %t.pruned.mlir
# RUN: condense-opt %t.pruned.mlir --condense-lower-to-linalg \
# RUN:   --one-shot-bufferize="bufferize-function-boundaries" --convert-linalg-to-loops --expand-strided-metadata \
# RUN:   --lower-affine --convert-scf-to-cf --convert-arith-to-llvm --convert-math-to-llvm --finalize-memref-to-llvm \
# RUN:   --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts \
# RUN:   | mlir-runner -e main -entry-point-result=void --shared-libs=%runner_libs | FileCheck %s
# PRUNED-NOT: compress.weight
# CHECK-NOT: ( 0, {{[1-9]}}
# CHECK: ( 1, 0 )
import os
import sys

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from cases import add_case, functions, tensor_type, write_module  # noqa: E402

rng = np.random.default_rng(4)
identities = set()


def identity(size):
    """A call that returns the identity: a layer's input is no constant."""
    identities.add(size)
    return f"%x = func.call @identity{size}() : () -> {tensor_type((size, size), 'f32')}"


def lowest(scores, pruned):
    mask = np.ones(scores.size, bool)
    mask[np.argsort(scores.ravel(), kind="stable")[:pruned]] = False
    return mask.reshape(scores.shape)


def mask_of(matrix, scheme):
    scores = np.abs(matrix)
    rows, columns = matrix.shape
    if "n" in scheme:
        mask = np.zeros(matrix.shape, bool)
        for row in range(rows):
            for start in range(0, columns, scheme["m"]):
                part = scores[row, start:start + scheme["m"]]
                kept = -(-scheme["n"] * part.size // scheme["m"])
                mask[row, start:start + scheme["m"]] = lowest(part, part.size - kept)
        return mask
    share = scheme["sparsity"]
    if "block" in scheme:
        r, c = scheme["block"]
        means = np.array([[(scores[i:i + r, j:j + c].astype(np.float64) ** 2).mean() for j in range(0, columns, c)]
                          for i in range(0, rows, r)])
        blocks = lowest(means, round(share * means.size))
        return np.repeat(np.repeat(blocks, r, 0), c, 1)[:rows, :columns]
    if scheme.get("scope") == "row":
        return np.stack([lowest(row, round(share * columns)) for row in scores])
    return lowest(scores, round(share * scores.size))


def text_of(scheme):
    parts = [f"{key} = {value!r} : f64" if key == "sparsity" else f"{key} = {list(value)}" if key == "block" else
             f"{key} = {value}" for key, value in scheme.items()]
    return "{compress.weight = #compress.prune<" + ", ".join(parts) + ">}"


def linear_case(rows, columns, scheme, kind="f32"):
    weight = rng.normal(size=(rows, columns)).astype(np.float32)
    if kind == "i8":
        codes = rng.integers(-100, 100, (rows, columns))
        scales = np.float32(2) ** rng.integers(-2, 3, (rows, 1))
        constants = {"codes": (codes, "i8"), "scales": (scales.astype(np.float16), "f16")}
        operations = [f"%w = compress.dequantize %codes, %scales : ({tensor_type(codes.shape, 'i8')}, "
                      f"{tensor_type(scales.shape, 'f16')}) -> {tensor_type(codes.shape, 'f32')}"]
        weight = (codes * scales).astype(np.float32)
    else:
        constants, operations = {"w": (weight, "f32")}, []
    expected = np.where(mask_of(weight, scheme), weight, np.float32(0)).T + np.float32(0)
    operations += [identity(columns),
                   f"%result = nn.linear %x, %w {text_of(scheme)} : ({tensor_type((columns, columns), 'f32')}, "
                   f"{tensor_type(weight.shape, 'f32')}) -> {tensor_type(expected.shape, 'f32')}"]
    add_case(constants, operations, expected.shape, "f32", np.ascontiguousarray(expected).view(np.int32))


def matmul_case(rows, columns, scheme):
    weight = rng.normal(size=(columns, rows)).astype(np.float32)
    expected = np.where(mask_of(weight.T, scheme).T, weight, np.float32(0)) + np.float32(0)
    operations = [identity(columns),
                  f"%result = nn.matmul %x, %w {text_of(scheme)} : ({tensor_type((columns, columns), 'f32')}, "
                  f"{tensor_type(weight.shape, 'f32')}) -> {tensor_type(weight.shape, 'f32')}"]
    add_case({"w": (weight, "f32")}, operations, expected.shape, "f32", np.ascontiguousarray(expected).view(np.int32))


for scheme in [{"sparsity": 0.5}, {"sparsity": 0.9}, {"sparsity": 0.75, "scope": "row"}, {"sparsity": 1.0},
               {"n": 2, "m": 4}, {"n": 1, "m": 3}, {"n": 3, "m": 16}, {"n": 1, "m": 2},
               {"sparsity": 0.5, "block": (2, 4)}, {"sparsity": 0.8, "block": (1, 8)}, {"sparsity": 0.6, "block": (9, 1)},
               {"sparsity": 0.5, "positions": "list"}, {"sparsity": 0.9, "positions": "relative"},
               {"n": 2, "m": 4, "positions": "n_m"}]:
    for rows, columns in [(7, 13), (16, 32)]:
        linear_case(rows, columns, scheme)
        matmul_case(rows, columns, scheme)
        if "scope" not in scheme and scheme.get("sparsity", 0) != 0.5:
            linear_case(rows, columns, scheme, "i8")
for size in sorted(identities):
    values = ", ".join("[" + ", ".join("1.0" if i == j else "0.0" for j in range(size)) + "]" for i in range(size))
    functions.append(f"func.func private @identity{size}() -> {tensor_type((size, size), 'f32')} attributes {{no_inline}} {{\n"
                     f"  %0 = arith.constant dense<[{values}]> : {tensor_type((size, size), 'f32')}\n"
                     f"  return %0 : {tensor_type((size, size), 'f32')}\n}}")
cases = len(functions) - len(identities)
body, helpers = functions[:cases], functions[cases:]
functions[:] = body
print("\n".join(helpers))
write_module()
