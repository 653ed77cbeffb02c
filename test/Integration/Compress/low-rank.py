# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Executes factorized, split, corrected, merged and shared weights on odd sizes and compares every
# element with NumPy in f64: weights that have the rank that is asked for must give the
# same results, to rounding.
#
# REQUIRES: numpy
# RUN: python3 %s > %t.mlir
# RUN: condense-opt %t.mlir --compress-merge-adapters --compress-share-basis --compress-factorize-weights \
# RUN:   --compress-quantize-weights --compress-factorize-weights --compress-split-products --compress-share-constants --compress-verify > %t.split.mlir
# RUN: FileCheck %s --check-prefix=SPLIT < %t.split.mlir
# RUN: condense-opt %t.split.mlir --condense-lower-to-linalg \
# RUN:   --one-shot-bufferize="bufferize-function-boundaries" --convert-linalg-to-loops --expand-strided-metadata \
# RUN:   --lower-affine --convert-scf-to-cf --convert-arith-to-llvm --convert-math-to-llvm --finalize-memref-to-llvm \
# RUN:   --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts \
# RUN:   | mlir-runner -e main -entry-point-result=void --shared-libs=%runner_libs | FileCheck %s
# RUN: condense-opt %t.mlir --compress-share-basis --compress-factorize-weights \
# RUN:   --compress-quantize-weights --compress-factorize-weights > %t.whole.mlir
# RUN: condense-opt %t.whole.mlir --condense-lower-to-linalg \
# RUN:   --one-shot-bufferize="bufferize-function-boundaries" --convert-linalg-to-loops --expand-strided-metadata \
# RUN:   --lower-affine --convert-scf-to-cf --convert-arith-to-llvm --convert-math-to-llvm --finalize-memref-to-llvm \
# RUN:   --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts \
# RUN:   | mlir-runner -e main -entry-point-result=void --shared-libs=%runner_libs | FileCheck %s
# SPLIT-NOT: compress.weight
# CHECK-NOT: ( 0, {{[1-9]}}
# CHECK: ( 1, 0 )
import os
import sys

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from cases import add_case, tensor_type, write_module  # noqa: E402

rng = np.random.default_rng(3)


def f32(values):
    return np.asarray(values, np.float32)


def low_rank(rows, columns, rank):
    return rng.normal(size=(rows, rank)) @ rng.normal(size=(rank, columns))


def tensor(array):
    return tensor_type(np.shape(array), "f32")


def case(constants, operations, expected):
    """The largest difference must be below 1e-5 of the largest element."""
    constants = {name: (f32(value), "f32") for name, value in constants.items()}
    constants["reference"] = (f32(expected), "f32")
    constants["steps"] = (f32(1e5 / np.abs(expected).max()), "f32")
    kind = tensor(expected)
    operations = operations + [
        f"%difference = nn.sub %y, %reference : ({kind}, {kind}) -> {kind}",
        f"%size = nn.abs %difference : {kind}",
        f"%counted = nn.mul %size, %steps : ({kind}, tensor<f32>) -> {kind}",
        f"%result = nn.floor %counted : {kind}"]
    add_case(constants, operations, np.shape(expected), "f32", np.zeros(np.shape(expected), np.int32))


def linear_case(x_shape, rows, rank, scheme, bias=True):
    x, w, b = rng.normal(size=x_shape), low_rank(rows, x_shape[-1], rank), rng.normal(size=rows)
    y = x @ w.T + (b if bias else 0)
    operands = f"%x, %w{', %bias' if bias else ''}"
    types = f"{tensor(x)}, {tensor(w)}{', ' + tensor(b) if bias else ''}"
    case({"x": x, "w": w, "bias": b},
         [f"%y = nn.linear {operands} {{compress.weight = {scheme}}} : ({types}) -> {tensor(y)}"], y)


def residual_case():
    """Codes and what they lost are the weight."""
    x, w = rng.normal(size=(3, 17)), rng.normal(size=(13, 17))
    y = x @ w.T
    case({"x": x, "w": w},
         [f"%y = nn.linear %x, %w {{compress.weight = #compress.quantize<storage = i3, residual = true>}} : "
          f"({tensor(x)}, {tensor(w)}) -> {tensor(y)}"], y)


def correction_case(rank):
    """Codes and the nearest product of `rank` to what they lost (LQER)."""
    x, w = rng.normal(size=(3, 17)), f32(rng.normal(size=(13, 17)))
    scales = f32((np.abs(w).max(axis=1, keepdims=True) / f32(7)).astype(np.float16))
    q = np.clip(np.rint(w / scales), -8, 7) * scales
    u, s, v = np.linalg.svd(w.astype(np.float64) - q)
    y = x @ (q + (u[:, :rank] * s[:rank]) @ v[:rank]).T
    scheme = f"[#compress.quantize<storage = i4, residual = true>, #compress.factorize<rank = {rank}>]"
    case({"x": x, "w": w},
         [f"%y = nn.linear %x, %w {{compress.weight = {scheme}}} : ({tensor(x)}, {tensor(w)}) -> {tensor(y)}"], y)


def corrected_conv_case(layout, kind, rank, strides, pads):
    """A filter of codes and of a loss that has the rank."""
    codes = rng.integers(-7, 8, (9, 4, 3, 3))
    shape = (9, 36) if kind == "channel" else (27, 12)
    lost = low_rank(*shape, rank)
    lost = 0.2 * lost / np.abs(lost).max()
    if kind == "channel":
        lost = lost.reshape(9, 4, 3, 3)
    else:
        lost = lost.reshape(9, 3, 4, 3).transpose(0, 2, 3, 1)
    x, b = rng.normal(size=(2, 4, 7, 8)), rng.normal(size=9)
    y = convolve(x, codes + lost, strides, pads, (1, 1), 1) + b.reshape(1, -1, 1, 1)
    q, scales = codes, np.ones((9, 1, 1, 1))
    if layout == "nhwc":
        x, q, lost, y = (a.transpose(0, 2, 3, 1) for a in (x, q, lost, y))
    weight = tensor(q)
    attributes = (f"{{strides = array<i64: {strides[0]}, {strides[1]}>, dilations = array<i64: 1, 1>, "
                  f"pads = array<i64: {', '.join(map(str, pads))}>, groups = 1 : i64, layout = #nn.layout<{layout}>, "
                  f"compress.weight = #compress.factorize<rank = {rank}, conv = {kind}>}}")
    case({"x": x, "lost": lost, "bias": b, "scales": scales},
         [f"%codes = arith.constant dense<{q.tolist()}> : {tensor_type(q.shape, 'i8')}",
          f"%q = compress.dequantize %codes, %scales : ({tensor_type(q.shape, 'i8')}, {tensor(scales)}) -> {weight}",
          f"%w = nn.add %q, %lost : ({weight}, {weight}) -> {weight}",
          f"%y = nn.conv2d %x, %w, %bias {attributes} : ({tensor(x)}, {weight}, {tensor(b)}) -> {tensor(y)}"], y)


def matmul_case(x_shape, columns, rank, scheme):
    x, w = rng.normal(size=x_shape), low_rank(x_shape[-1], columns, rank)
    y = x @ w
    case({"x": x, "w": w},
         [f"%y = nn.matmul %x, %w {{compress.weight = {scheme}}} : ({tensor(x)}, {tensor(w)}) -> {tensor(y)}"], y)


def convolve(x, w, strides, pads, dilations, groups):
    """Cross-correlation of NCHW x and OCHW w."""
    n, c, height, width = x.shape
    out, per_group, kh, kw = w.shape
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    oh = (x.shape[2] - dilations[0] * (kh - 1) - 1) // strides[0] + 1
    ow = (x.shape[3] - dilations[1] * (kw - 1) - 1) // strides[1] + 1
    y = np.zeros((n, out, oh, ow))
    for o in range(out):
        start = o // (out // groups) * per_group
        for i in range(oh):
            for j in range(ow):
                window = x[:, start:start + per_group,
                           i * strides[0]:i * strides[0] + dilations[0] * (kh - 1) + 1:dilations[0],
                           j * strides[1]:j * strides[1] + dilations[1] * (kw - 1) + 1:dilations[1]]
                y[:, o, i, j] = (window * w[o]).sum(axis=(1, 2, 3))
    return y


def conv_case(layout, kind, x_shape, out, kernel, rank, strides, pads, dilations, groups=1):
    n, c, height, width = x_shape
    kh, kw = kernel
    rows, inputs = out // groups, c // groups
    if kind == "channel":
        w = np.concatenate([low_rank(rows, inputs * kh * kw, rank) for _ in range(groups)])
        w = w.reshape(out, inputs, kh, kw)
    else:
        w = np.concatenate([low_rank(rows * kw, inputs * kh, rank).reshape(rows, kw, inputs, kh)
                            for _ in range(groups)]).transpose(0, 2, 3, 1)
    x, b = rng.normal(size=x_shape), rng.normal(size=out)
    y = convolve(x, w, strides, pads, dilations, groups) + b.reshape(1, -1, 1, 1)
    if layout == "nhwc":
        x, w, y = x.transpose(0, 2, 3, 1), w.transpose(0, 2, 3, 1), y.transpose(0, 2, 3, 1)
    attributes = (f"{{strides = array<i64: {strides[0]}, {strides[1]}>, dilations = array<i64: {dilations[0]}, {dilations[1]}>, "
                  f"pads = array<i64: {', '.join(map(str, pads))}>, groups = {groups} : i64, layout = #nn.layout<{layout}>, "
                  f"compress.weight = #compress.factorize<error = 1.0e-04 : f64, conv = {kind}>}}")
    case({"x": x, "w": w, "bias": b},
         [f"%y = nn.conv2d %x, %w, %bias {attributes} : ({tensor(x)}, {tensor(w)}, {tensor(b)}) -> {tensor(y)}"], y)


def embedding_case():
    table = low_rank(13, 9, 2)
    ids = np.array([0, 12, 5])
    y = table[ids]
    case({"w": table},
         [f"%i = arith.constant dense<[0, 12, 5]> : tensor<3xi64>",
          f"%y = nn.embedding %i, %w {{compress.weight = #compress.factorize<rank = 2>}} : (tensor<3xi64>, {tensor(table)}) -> {tensor(y)}"], y)


def adapter_case():
    x, w, a, b = rng.normal(size=(5, 11)), rng.normal(size=(7, 11)), rng.normal(size=(2, 11)), rng.normal(size=(7, 2))
    y = x @ w.T + 0.5 * (x @ a.T) @ b.T
    h, kind = tensor_type([5, 2], "f32"), tensor(y)
    case({"x": x, "w": w, "down": a, "up": b, "s": 0.5},
         [f"%p = nn.linear %x, %w : ({tensor(x)}, {tensor(w)}) -> {kind}",
          f"%h = nn.linear %x, %down : ({tensor(x)}, {tensor(a)}) -> {h}",
          f"%d = nn.linear %h, %up : ({h}, {tensor(b)}) -> {kind}",
          f"%e = nn.mul %d, %s : ({kind}, tensor<f32>) -> {kind}",
          f"%y = nn.add %p, %e : ({kind}, {kind}) -> {kind}"], y)


def basis_case(name):
    basis = rng.normal(size=(3, 11))
    x, w, v = rng.normal(size=(5, 11)), rng.normal(size=(7, 3)) @ basis, rng.normal(size=(7, 3)) @ basis
    y = x @ w.T + x @ v.T
    kind, scheme = tensor(y), f"{{compress.weight = #compress.share<group = \"{name}\", rank = 3>}}"
    case({"x": x, "w": w, "v": v},
         [f"%p = nn.linear %x, %w {scheme} : ({tensor(x)}, {tensor(w)}) -> {kind}",
          f"%q = nn.linear %x, %v {scheme} : ({tensor(x)}, {tensor(v)}) -> {kind}",
          f"%y = nn.add %p, %q : ({kind}, {kind}) -> {kind}"], y)


def tied_case():
    table = rng.normal(size=(9, 5))
    y = table[[1, 8]] @ table.T
    case({"t": table, "h": table.T},
         ["%i = arith.constant dense<[1, 8]> : tensor<2xi64>",
          f"%x = nn.embedding %i, %t : (tensor<2xi64>, {tensor(table)}) -> tensor<2x5xf32>",
          f"%y = nn.matmul %x, %h : (tensor<2x5xf32>, {tensor(table.T)}) -> {tensor(y)}"], y)


linear_case((5, 17), 13, 3, "#compress.factorize<rank = 3>")
linear_case((2, 3, 7), 19, 2, "#compress.factorize<energy = 9.9999999e-01 : f64>", bias=False)
linear_case((1, 33), 9, 4, "#compress.factorize<error = 1.0e-04 : f64>")
linear_case((4, 15), 15, 7, "#compress.factorize<bytes = 9.4e-01 : f64>")
matmul_case((3, 11), 21, 3, "#compress.factorize<rank = 3>")
matmul_case((2, 3, 21), 11, 3, "#compress.factorize<macs = 5.0e-01 : f64>")
for kind in ("channel", "spatial"):
    for layout in ("nchw", "nhwc"):
        conv_case(layout, kind, (2, 3, 9, 11), 7, (3, 3), 2, (1, 1), (1, 1, 1, 1), (1, 1))
        conv_case(layout, kind, (1, 5, 11, 12), 9, (5, 3), 2, (2, 1), (2, 0, 1, 3), (1, 2))
        conv_case(layout, kind, (1, 6, 9, 8), 10, (3, 3), 1, (1, 2), (0, 1, 2, 0), (2, 1), groups=2)
    corrected_conv_case("nchw", kind, 2, (1, 2), (1, 0, 1, 2))
    corrected_conv_case("nhwc", kind, 1, (2, 1), (0, 1, 2, 1))
embedding_case()
residual_case()
correction_case(2)
correction_case(5)
adapter_case()
basis_case("first")
basis_case("second")
tied_case()
write_module()
