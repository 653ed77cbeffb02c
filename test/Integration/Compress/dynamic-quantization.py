# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Layers whose activations are quantized at run time, compiled and run, beside NumPy: codes of each row (or image) are
# exact, so that only the rescaling may differ in its last bits. A row of zeros gives the bias, tiny and huge rows are
# as exact as others, and a row with NaN does not touch its neighbours.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s %t
import os
import subprocess
import sys

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from cases import dense, tensor_type  # noqa: E402

folder = sys.argv[1]
rng = np.random.default_rng(7)
REQUEST = "compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic%s>"


def f32(values):
    return np.asarray(values, np.float32)


def codes_of(x, axes, block=0):
    """Codes and scales, by the formula of the pass."""
    if block:
        split = x.reshape(*x.shape[:-1], -1, block)
        codes, scales = codes_of(split, (-1,))
        return codes.reshape(x.shape), np.repeat(scales, block, axis=-1).reshape(x.shape)
    largest = np.abs(x).max(axis=axes, keepdims=True)
    scales = np.maximum(f32(largest * f32(1 / 127)), np.finfo(np.float32).tiny)
    reciprocals = f32(1) / scales
    return np.rint(x.astype(np.float64) * reciprocals.astype(np.float64)), scales


def run(name, body, arguments, result, inputs, targets):
    path = f"{folder}/{name}"
    signature = ", ".join(f'%{key}: {kind} {{nn.name = "{key}"}}' for key, kind in arguments.items())
    with open(path + ".mlir", "w") as file:
        file.write(f'func.func @main({signature}) -> ({result} {{nn.name = "y"}}) {{\n{body}\n}}\n')
    subprocess.run(f"condense-opt {path}.mlir --compress-quantize-activations --compress-verify -o {path}.real.mlir",
                   shell=True, check=True)
    for target in targets:
        subprocess.run(["condense", "compile", path + ".real.mlir", "-o", path + ".so", *target], check=True,
                       stdout=subprocess.DEVNULL)
        for index, (array, expected, bound) in enumerate(inputs):
            np.save(f"{path}.x.npy", array)
            subprocess.run(["condense", "run", path + ".so", "--input", f"{path}.x.npy", "--output-dir", path],
                           check=True, stdout=subprocess.DEVNULL)
            y = np.load(f"{path}/y.npy")
            assert y.shape == expected.shape, (name, y.shape, expected.shape)
            finite = np.isfinite(expected)
            assert np.array_equal(np.isnan(y), np.isnan(expected)), (name, target, index)
            error = np.abs(y - expected)[finite] / np.broadcast_to(bound, y.shape)[finite]
            assert error.size == 0 or error.max() <= 1, (name, target, index, error.max())


def samples(shape):
    x = f32(rng.normal(0, 1, shape) * np.exp(rng.normal(0, 2, shape[:-1] + (1,))))
    rows = x.reshape(-1, shape[-1])
    for row, value in ((1, 0), (2, 1e-30), (3, 1e25)):
        if row < len(rows):
            rows[row] = rows[row] * f32(value)
    return x


def linear(name, k, n, kind, rows, block=0, dims=1, storage="i8"):
    qw, sw = rng.integers(-127, 128, (n, k)), f32(rng.uniform(0.001, 0.01, (n, 1)))
    bias = f32(rng.normal(0, 1, n))
    batch = "?x" * dims
    fields = REQUEST % (f", block = {block}" if block else "")
    x_type, y_type = f"tensor<{batch}{k}xf32>", f"tensor<{batch}{n}xf32>"
    transposed = kind == "matmul"
    w, scales = (qw.T, sw.T) if transposed else (qw, sw)
    w_type, s_type = tensor_type(w.shape, "f32"), tensor_type(scales.shape, "f32")
    body = [f"  %qw = arith.constant {dense(w)} : {tensor_type(w.shape, 'i8')}",
            f"  %sw = arith.constant {dense(scales)} : {s_type}",
            f"  %b = arith.constant {dense(bias)} : tensor<{n}xf32>",
            f"  %w = compress.dequantize %qw, %sw : ({tensor_type(w.shape, 'i8')}, {s_type}) -> {w_type}"]
    if transposed:
        body += [f"  %p = nn.matmul %x, %w {{{fields}}} : ({x_type}, {w_type}) -> {y_type}",
                 f"  %a = nn.add %p, %b : ({y_type}, tensor<{n}xf32>) -> {y_type}"]
    else:
        body += [f"  %a = nn.linear %x, %w, %b {{{fields}}} : ({x_type}, {w_type}, tensor<{n}xf32>) -> {y_type}"]
    body += [f"  %y = nn.relu %a : {y_type}", f"  return %y : {y_type}"]
    inputs = []
    for shape in rows:
        x = samples(shape + (k,))
        if shape[-1] > 4:
            x.reshape(-1, k)[4, k // 2] = np.nan
        codes, scales = codes_of(x, (-1,), block)
        real = codes * scales.astype(np.float64)
        with np.errstate(invalid="ignore"):
            y = real @ (qw * sw.astype(np.float64)).T + bias
            magnitude = np.abs(real) @ np.abs(qw * sw.astype(np.float64)).T + np.abs(bias)
            # NaN is no maximum of relu's, which propagates it
            y = np.where(np.isnan(y), np.nan, np.maximum(y, 0))
        inputs.append((x, y, 1e-6 * magnitude + 1e-30))
    run(name, "\n".join(body), {"x": x_type}, y_type, inputs, [(), ("--target=x86-64-v3",)])


def conv(name):
    qw, sw = rng.integers(-127, 128, (5, 3, 3, 3)), f32(rng.uniform(0.001, 0.01, (5, 1, 1, 1)))
    body = f"""  %qw = arith.constant {dense(qw)} : tensor<5x3x3x3xi8>
  %sw = arith.constant {dense(sw)} : tensor<5x1x1x1xf32>
  %w = compress.dequantize %qw, %sw : (tensor<5x3x3x3xi8>, tensor<5x1x1x1xf32>) -> tensor<5x3x3x3xf32>
  %y = nn.conv2d %x, %w {{strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
    groups = 1 : i64, layout = #nn.layout<nhwc>, {REQUEST % ""}}} : (tensor<?x7x5x3xf32>, tensor<5x3x3x3xf32>) -> tensor<?x7x5x5xf32>
  return %y : tensor<?x7x5x5xf32>"""
    inputs = []
    for batch in (1, 3):
        x = f32(rng.normal(0, 1, (batch, 7, 5, 3)) * np.exp(rng.normal(0, 2, (batch, 1, 1, 1))))
        codes, scales = codes_of(x, (1, 2, 3))
        padded = np.pad(codes * scales.astype(np.float64), ((0, 0), (1, 1), (1, 1), (0, 0)))
        w = qw * sw.astype(np.float64)
        y, magnitude = (np.zeros((batch, 7, 5, 5)) for _ in range(2))
        for i in range(3):
            for j in range(3):
                window = padded[:, i:i + 7, j:j + 5, :]
                y += np.einsum("bhwc,oc->bhwo", window, w[:, i, j, :])
                magnitude += np.einsum("bhwc,oc->bhwo", np.abs(window), np.abs(w[:, i, j, :]))
        inputs.append((x, y, 1e-6 * magnitude + 1e-30))
    run(name, body, {"x": "tensor<?x7x5x3xf32>"}, "tensor<?x7x5x5xf32>", inputs, [(), ("--target=x86-64-v3",)])


linear("odd", 37, 19, "linear", [(1,), (3,), (17,), (33,), (100,)])
linear("one", 1, 1, "linear", [(1,), (7,)])
linear("transposed", 100, 33, "matmul", [(1,), (17,)])
linear("tokens", 48, 65, "linear", [(1, 3), (2, 17)], dims=2)
linear("blocks", 96, 17, "linear", [(1,), (17,)], block=32)
conv("images")
