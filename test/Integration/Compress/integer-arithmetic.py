# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Executes quantized layers in integers and compares every element, bit by bit,
# with exact integer sums rescaled in f32. NumPy also checks that the float
# simulation (dequantized operands, f32 products) agrees within the bound of f32
# sums: K * 2^-23 times the sum of the products' magnitudes.
#
# REQUIRES: numpy
# RUN: python3 %s > %t.mlir
# RUN: condense-opt %t.mlir --compress-integer-arithmetic > %t.integer.mlir
# RUN: FileCheck %s --check-prefix=INTEGER < %t.integer.mlir
# RUN: condense-opt %t.integer.mlir --condense-lower-to-linalg \
# RUN:   --one-shot-bufferize="bufferize-function-boundaries" --convert-linalg-to-loops --expand-strided-metadata \
# RUN:   --lower-affine --convert-scf-to-cf --convert-arith-to-llvm --convert-math-to-llvm --finalize-memref-to-llvm \
# RUN:   --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts \
# RUN:   | mlir-runner -e main -entry-point-result=void --shared-libs=%runner_libs | FileCheck %s
# INTEGER-NOT: nn.{{linear|matmul|conv2d}} {{.*}}xf32>)
# CHECK-NOT: ( 0, {{[1-9]}}
# CHECK: ( 1, 0 )
import os
import sys

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from cases import add_case, tensor_type, write_module  # noqa: E402

rng = np.random.default_rng(2)


def f32(values):
    return np.asarray(values, np.float32)


def quantize(x, scale, zero, storage):
    low, high = (0, 255) if storage == "ui8" else (-128, 127)
    return np.clip(np.rint(x / scale).astype(np.int64) + zero, low, high)


def convolve(x, w, strides, pads, dilations, groups, fill):
    """Cross-correlation of NCHW x and OCHW w in the type of the operands; `fill` is the border."""
    n, c, height, width = x.shape
    out, per_group, kh, kw = w.shape
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])), constant_values=fill)
    oh = (x.shape[2] - dilations[0] * (kh - 1) - 1) // strides[0] + 1
    ow = (x.shape[3] - dilations[1] * (kw - 1) - 1) // strides[1] + 1
    y = np.zeros((n, out, oh, ow), x.dtype)
    for o in range(out):
        start = o // (out // groups) * per_group
        for i in range(oh):
            for j in range(ow):
                window = x[:, start:start + per_group,
                           i * strides[0]:i * strides[0] + dilations[0] * (kh - 1) + 1:dilations[0],
                           j * strides[1]:j * strides[1] + dilations[1] * (kw - 1) + 1:dilations[1]]
                y[:, o, i, j] = (window * w[o]).sum(axis=(1, 2, 3))
    return y


def layer_case(storage, x_shape, w_shape, channel_dim, operation, attributes, contract, per_channel=True,
               scale_kind="f32", bias=True):
    """`contract(x, w, fill)` computes the layer in any type, with `fill` as its border; channels last."""
    zero = int(rng.integers(1, 255)) if storage == "ui8" else 0
    sx = f32(rng.uniform(0.01, 0.1))
    x = f32(rng.normal(0, 3, x_shape))
    channels = w_shape[channel_dim]
    scale_shape = [1] * len(w_shape)
    if per_channel:
        scale_shape[channel_dim] = channels
    sw = rng.uniform(0.001, 0.1, scale_shape).astype(np.float16 if scale_kind == "f16" else np.float32)
    qw = rng.integers(-128, 128, w_shape)
    b = f32(rng.normal(0, 1, channels))

    qx = quantize(x, sx, zero, storage)
    accumulator, layout = contract(qx - zero, qw, 0)
    factors = sx * np.broadcast_to(sw.astype(np.float32).reshape(-1), (channels,))
    shape = [1] * accumulator.ndim
    shape[layout] = channels
    expected = f32(accumulator) * f32(factors).reshape(shape)
    if bias:
        expected = expected + b.reshape(shape)

    # The simulation in f32, and what its sums may lose.
    real_x, real_w = f32(qx - zero) * sx, f32(qw) * sw.astype(np.float32)
    simulated = contract(real_x, real_w, 0)[0] + (b.reshape(shape) if bias else 0)
    magnitude = contract(np.abs(real_x).astype(np.float64), np.abs(real_w).astype(np.float64), 0)[0]
    terms = np.prod(w_shape) // channels + 4
    assert np.all(np.abs(simulated - expected) <= terms * 2.0 ** -23 * (magnitude + np.abs(expected)) + 1e-6)

    one = [1] * len(x_shape)
    constants = {"x": (x, "f32"), "sx": (np.full(one, sx, np.float32), "f32"), "qw": (qw, "i8"), "sw": (sw, scale_kind)}
    zero_operand = zero_type = ""
    if storage == "ui8":
        constants["zx"] = (np.full(one, zero), "ui8")
        zero_operand, zero_type = ", %zx", ", " + tensor_type(one, "ui8")
    if bias:
        constants["bias"] = (b, "f32")
    codes, numbers, weight = tensor_type(x_shape, storage), tensor_type(x_shape, "f32"), tensor_type(w_shape, "f32")
    operations = [
        f"%qx = compress.quantize %x, %sx{zero_operand} : ({numbers}, {tensor_type(one, 'f32')}{zero_type}) -> {codes}",
        f"%dx = compress.dequantize %qx, %sx{zero_operand} : ({codes}, {tensor_type(one, 'f32')}{zero_type}) -> {numbers}",
        f"%w = compress.dequantize %qw, %sw : ({tensor_type(w_shape, 'i8')}, {tensor_type(scale_shape, scale_kind)}) -> {weight}",
        f"%result = {operation} %dx, %w{', %bias' if bias else ''} {attributes} : ({numbers}, {weight}"
        f"{', ' + tensor_type([channels], 'f32') if bias else ''}) -> {tensor_type(expected.shape, 'f32')}"]
    add_case(constants, operations, expected.shape, "f32", f32(expected).view(np.int32))


def linear(x, w, fill):
    return x @ w.T, -1 % x.ndim


def matmul(x, w, fill):
    return x @ w, -1 % x.ndim


def conv(layout, strides, pads, dilations, groups):
    def contract(x, w, fill):
        if layout == "nhwc":
            x, w = x.transpose(0, 3, 1, 2), w.transpose(0, 3, 1, 2)
        y = convolve(x, w, strides, pads, dilations, groups, fill)
        return (y, 1) if layout == "nchw" else (y.transpose(0, 2, 3, 1), 3)

    def array(values):
        return "array<i64: " + ", ".join(map(str, values)) + ">"

    attributes = (f"{{strides = {array(strides)}, dilations = {array(dilations)}, pads = {array(pads)}, "
                  f"groups = {groups} : i64, layout = #nn.layout<{layout}>}}")
    return "nn.conv2d", attributes, contract


for storage in ["ui8", "i8"]:
    layer_case(storage, (3, 37), (5, 37), 0, "nn.linear", "", linear)
    layer_case(storage, (2, 3, 17), (4, 17), 0, "nn.linear", "", linear, scale_kind="f16", bias=False)
    layer_case(storage, (1, 1), (1, 1), 0, "nn.linear", "", linear)
    layer_case(storage, (3, 19), (19, 7), 1, "nn.matmul", "", matmul, bias=False)
    layer_case(storage, (3, 19), (6, 19), 0, "nn.linear", "", linear, per_channel=False)
    layer_case(storage, (2, 3, 7, 9), (5, 3, 3, 3), 0, *conv("nchw", (1, 1), (1, 1, 1, 1), (1, 1), 1))
    layer_case(storage, (1, 9, 8, 3), (5, 3, 5, 3), 0, *conv("nhwc", (2, 1), (0, 1, 2, 3), (1, 2), 1))
    layer_case(storage, (1, 7, 7, 6), (6, 3, 3, 1), 0, *conv("nhwc", (2, 2), (1, 1, 0, 0), (1, 1), 6), scale_kind="f16")
    layer_case(storage, (1, 4, 6, 5), (6, 2, 3, 2), 0, *conv("nchw", (1, 2), (2, 0, 1, 1), (1, 1), 2), bias=False)
    layer_case(storage, (1, 4, 5, 5), (3, 4, 1, 1), 0, *conv("nchw", (1, 1), (0, 0, 0, 0), (1, 1), 1), per_channel=False)
write_module()
