# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Equalizing and smoothing move scales between constants only: compiled models give the
# same outputs before and after, on odd sizes, with residuals, grouped and depthwise
# convolutions, flattened images and attention. Bias correction takes back the whole mean
# shift of a layer that sees its calibration data again.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s write %t
#
# RUN: condense-opt %t/images.mlir --compress-equalize --remarks-filter=compress -o %t/e.mlir 2>&1 | FileCheck %s --check-prefix=EQUALIZED
# RUN: condense eval %t/e.mlir --inputs %t/images.npy --compare %t/images.mlir --json > %t/e.json && python3 %s check %t/e.json
# RUN: condense-opt %t/grouped.mlir --compress-equalize --remarks-filter=compress -o %t/g.mlir 2>&1 | FileCheck %s --check-prefix=GROUPED
# RUN: condense eval %t/g.mlir --inputs %t/grouped.npy --compare %t/grouped.mlir --json > %t/g.json && python3 %s check %t/g.json
# RUN: condense-opt %t/block.mlir --compress-equalize -o %t/b.mlir
# RUN: condense eval %t/b.mlir --inputs %t/block.npy --compare %t/block.mlir --json > %t/b.json && python3 %s check %t/b.json
# EQUALIZED-COUNT-4: [Passed] equalize
# EQUALIZED-NOT: [Passed]
# GROUPED-COUNT-3: [Passed] equalize
#
# RUN: condense-opt %t/block.mlir --compress-smooth-activations="statistics=%t/block.json all" --remarks-filter=compress -o %t/s.mlir 2>&1 | FileCheck %s --check-prefix=SMOOTHED
# RUN: condense eval %t/s.mlir --inputs %t/block.npy --compare %t/block.mlir --json > %t/s.json && python3 %s check %t/s.json
# RUN: condense-opt %t/images.mlir --compress-smooth-activations="statistics=%t/images.json all insert-scale" --remarks-filter=compress -o %t/i.mlir 2>&1 | FileCheck %s --check-prefix=INSERTED
# RUN: condense eval %t/i.mlir --inputs %t/images.npy --compare %t/images.mlir --json > %t/i.json && python3 %s check %t/i.json
# RUN: condense-opt %t/block.mlir --compress-annotate-weights="storage=i4 block=-1" --compress-smooth-activations="statistics=%t/block.json algorithm=awq" --remarks-filter=compress -o %t/a.mlir 2>&1 | FileCheck %s --check-prefix=AWQ
# RUN: condense eval %t/a.mlir --inputs %t/block.npy --compare %t/block.mlir --json > %t/a.json && python3 %s check %t/a.json
# The norms, the values and the up projection absorb a scale.
# SMOOTHED-COUNT-7: [Passed] smooth
# SMOOTHED-NOT: [Missed]
# Nothing is before the first convolution.
# INSERTED: [Passed] smooth {{.*}} Function=conv2d.0 {{.*}} InsertedScale=1
# INSERTED-NOT: {{InsertedScale|Missed}}
# AWQ-COUNT-7: [Passed] awq
#
# RUN: condense-opt %t/layer.mlir --compress-annotate-weights="storage=i4 block=-1" --compress-record-means=statistics=%t/layer.json --compress-quantize-weights --compress-correct-bias --remarks-filter=compress -o %t/c.mlir 2>&1 | FileCheck %s --check-prefix=CORRECTED
# RUN: condense run %t/c.mlir --input %t/layer.npy --output-dir %t/c
# RUN: condense run %t/layer.mlir --input %t/layer.npy --output-dir %t/l
# RUN: python3 %s means %t
# CORRECTED-COUNT-2: [Passed] correct-bias
import json
import os
import struct
import sys

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from cases import dense, tensor_type  # noqa: E402

rng = np.random.default_rng(5)


class Model:
    """Text of a function, operation by operation."""

    def __init__(self, shape):
        self.lines, self.count = [], 0
        self.shape = shape
        self.weights = []

    def constant(self, values):
        self.count += 1
        name = f"%c{self.count}"
        kind = tensor_type(values.shape, "f32")
        self.lines.append(f"  {name} = arith.constant {dense(np.float32(values))} : {kind}")
        return name, kind

    def add(self, text, kind):
        self.count += 1
        self.lines.append(f"  %v{self.count} = {text} -> {kind}")
        return f"%v{self.count}", kind

    def unary(self, op, value, attributes=""):
        self.count += 1
        self.lines.append(f"  %v{self.count} = {op} {value[0]} {attributes} : {value[1]}")
        return f"%v{self.count}", value[1]

    def weight(self, shape, channel_dims):
        """Random elements with channels of very different ranges."""
        values = rng.normal(size=shape)
        for dim in channel_dims:
            factors = np.exp(rng.normal(0, 1.2, shape[dim]))
            values = values * factors.reshape([-1 if d == dim else 1 for d in range(len(shape))])
        return values / np.sqrt(values.size / shape[0]) / 2

    def linear(self, x, outputs, bias=True, name=None):
        inputs = int(x[1].split("x")[-2])
        w = self.constant(self.weight((outputs, inputs), (0, 1)))
        b = self.constant(rng.normal(size=outputs)) if bias else None
        result = "x".join(x[1].split("x")[:-2] + [str(outputs), "f32>"])
        operands = f"{x[0]}, {w[0]}" + (f", {b[0]}" if bias else "")
        kinds = f"{x[1]}, {w[1]}" + (f", {b[1]}" if bias else "")
        self.weights.append((1, inputs))
        return self.add(f"nn.linear {operands} : ({kinds})", result)

    def conv(self, x, shape, result, groups=1, stride=1, pad=0, layout="nhwc"):
        w = self.constant(self.weight(shape, (0, 3 if layout == "nhwc" else 1)))
        b = self.constant(rng.normal(size=shape[0]))
        self.weights.append((groups, int(np.prod(shape[1:]))))
        return self.add(
            f"nn.conv2d {x[0]}, {w[0]}, {b[0]} {{strides = array<i64: {stride}, {stride}>, dilations = array<i64: 1, 1>, "
            f"pads = array<i64: {pad}, {pad}, {pad}, {pad}>, groups = {groups} : i64, layout = #nn.layout<{layout}>}} : "
            f"({x[1]}, {w[1]}, {b[1]})", result)

    def binary(self, op, a, b):
        return self.add(f"{op} {a[0]}, {b[0]} : ({a[1]}, {b[1]})", a[1])

    def reshape(self, x, shape, result):
        self.count += 1
        self.lines.append(f"  %v{self.count} = nn.reshape {x[0]} {{shape = array<i64: {shape}>}} : {x[1]} -> {result}")
        return f"%v{self.count}", result

    def transpose(self, x, permutation, result):
        self.count += 1
        self.lines.append(
            f"  %v{self.count} = nn.transpose {x[0]} {{permutation = array<i64: {permutation}>}} : {x[1]} -> {result}")
        return f"%v{self.count}", result

    def write(self, path, result):
        kind = tensor_type(self.shape, "f32").replace("-1", "?")
        with open(path, "w") as file:
            file.write(f"func.func @main(%x: {kind}) -> {result[1]} {{\n" + "\n".join(self.lines)
                       + f"\n  return {result[0]} : {result[1]}\n}}\n")


def images(path):
    """Depthwise convolution, residual addition, pooling, a flattened image."""
    m = Model((-1, 11, 9, 3))
    x = ("%x", "tensor<?x11x9x3xf32>")
    a = m.unary("nn.relu", m.conv(x, (5, 3, 3, 3), "tensor<?x6x5x5xf32>", stride=2, pad=1))
    b = m.unary("nn.leaky_relu", m.conv(a, (5, 3, 3, 1), "tensor<?x6x5x5xf32>", groups=5, pad=1), "{alpha = 0.1 : f64}")
    c = m.conv(b, (7, 1, 1, 5), "tensor<?x6x5x7xf32>")
    d = m.conv(a, (7, 3, 3, 5), "tensor<?x6x5x7xf32>", pad=1)
    e = m.unary("nn.relu", m.binary("nn.add", c, d))
    f = m.conv(e, (7, 3, 3, 1), "tensor<?x6x5x7xf32>", groups=7, pad=1)
    g = m.unary("nn.relu", m.binary("nn.add", f, e))
    m.count += 1
    pooled = f"%v{m.count}"
    m.lines.append(f"  {pooled} = nn.max_pool2d {g[0]} {{kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, "
                   f"dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nhwc>}} : "
                   f"{g[1]} -> tensor<?x3x2x7xf32>")
    h = m.reshape((pooled, "tensor<?x3x2x7xf32>"), "-1, 42", "tensor<?x42xf32>")
    i = m.unary("nn.relu", m.linear(h, 13))
    m.write(path, m.linear(i, 4))
    return m


def grouped(path):
    """NCHW, groups of several channels, a mean over the image, a factor."""
    m = Model((-1, 3, 8, 7))
    a = m.unary("nn.relu", m.conv(("%x", "tensor<?x3x8x7xf32>"), (6, 3, 3, 3), "tensor<?x6x8x7xf32>", pad=1, layout="nchw"))
    b = m.unary("nn.relu", m.conv(a, (10, 3, 3, 3), "tensor<?x10x8x7xf32>", groups=2, pad=1, layout="nchw"))
    m.count += 1
    mean = f"%v{m.count}"
    m.lines.append(f"  {mean} = nn.reduce_mean {b[0]} {{axes = array<i64: 2, 3>}} : {b[1]} -> tensor<?x10xf32>")
    c = m.linear((mean, "tensor<?x10xf32>"), 9)
    factor = m.constant(np.float32([1.5]))
    c = m.add(f"nn.mul {c[0]}, {factor[0]} : ({c[1]}, {factor[1]})", c[1])
    m.write(path, m.linear(c, 5, bias=False))
    return m


def block(path):
    """A transformer block: attention with three heads, a gated feed-forward layer."""
    m = Model((-1, 7, 15))
    x = ("%x", "tensor<?x7x15xf32>")
    scale, bias = m.constant(rng.uniform(0.5, 2, 15)), m.constant(rng.normal(size=15))
    n = m.add(f"nn.rms_norm {x[0]}, {scale[0]} {{axis = 2 : i64, epsilon = 1.0e-5 : f64}} : ({x[1]}, {scale[1]})", x[1])
    q, k, v = (m.reshape(m.linear(n, 15), "0, 7, 3, 5", "tensor<?x7x3x5xf32>") for _ in range(3))
    q = m.transpose(q, "0, 2, 1, 3", "tensor<?x3x7x5xf32>")
    k = m.transpose(k, "0, 2, 3, 1", "tensor<?x3x5x7xf32>")
    v = m.transpose(v, "0, 2, 1, 3", "tensor<?x3x7x5xf32>")
    p = m.unary("nn.softmax", m.add(f"nn.matmul {q[0]}, {k[0]} : ({q[1]}, {k[1]})", "tensor<?x3x7x7xf32>"), "{axis = 3 : i64}")
    o = m.add(f"nn.matmul {p[0]}, {v[0]} : ({p[1]}, {v[1]})", "tensor<?x3x7x5xf32>")
    o = m.reshape(m.transpose(o, "0, 2, 1, 3", "tensor<?x7x3x5xf32>"), "0, 7, 15", x[1])
    r = m.binary("nn.add", m.linear(o, 15), x)
    n2 = m.add(f"nn.layer_norm {r[0]}, {scale[0]}, {bias[0]} {{axis = 2 : i64, epsilon = 1.0e-5 : f64}} : "
               f"({r[1]}, {scale[1]}, {bias[1]})", r[1])
    gate, up = m.unary("nn.silu", m.linear(n2, 21)), m.linear(n2, 21)
    m.write(path, m.binary("nn.add", m.linear(m.binary("nn.mul", gate, up), 15), r))
    return m


def layer(path):
    """A convolution with a bias beside a dense layer without one, both on the input."""
    m = Model((-1, 5, 6, 3))
    x = ("%x", "tensor<?x5x6x3xf32>")
    a = m.reshape(m.conv(x, (4, 3, 2, 3), "tensor<?x3x5x4xf32>"), "-1, 60", "tensor<?x60xf32>")
    b = m.linear(m.reshape(x, "-1, 90", "tensor<?x90xf32>"), 11, bias=False)
    m.write(path, m.add(f"nn.concat {a[0]}, {b[0]} {{axis = 1 : i64}} : ({a[1]}, {b[1]})", "tensor<?x71xf32>"))


def write_statistics(path, tensors):
    header, data = {}, b""
    for name, values in tensors.items():
        values = np.ascontiguousarray(values, np.float32)
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + values.nbytes]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    with open(path, "w") as file:
        json.dump({"ranges": {}}, file)


def invented_statistics(model):
    """Any positive numbers do: scales must not change the outputs."""
    tensors, counts = {}, {}
    names = [line.split(" = ")[1].split(" ")[0] for line in model.lines if " = nn.linear " in line or " = nn.conv2d " in line]
    for name, (groups, columns) in zip(names, model.weights):
        kind = name[3:]
        layer_name = f"{kind}.{counts.setdefault(kind, 0)}"
        counts[kind] += 1
        absmax = np.exp(rng.normal(0, 1.5, (groups, columns)))
        rows = rng.normal(size=(groups, 32, columns)) * absmax[:, None]
        tensors[layer_name + ".count"] = np.float32([32])
        tensors[layer_name + ".mean"] = rows.mean(axis=1)
        tensors[layer_name + ".absmax"] = absmax
        tensors[layer_name + ".gram"] = np.einsum("grk,grl->gkl", rows, rows)
    return tensors


if sys.argv[1] == "write":
    folder = sys.argv[2]
    for make, shape in ((images, (6, 11, 9, 3)), (grouped, (5, 3, 8, 7)), (block, (4, 7, 15))):
        model = make(f"{folder}/{make.__name__}.mlir")
        np.save(f"{folder}/{make.__name__}.npy", rng.normal(size=shape).astype(np.float32))
        write_statistics(f"{folder}/{make.__name__}.json", invented_statistics(model))
    layer(f"{folder}/layer.mlir")
    x = rng.uniform(0, 1, (16, 5, 6, 3)).astype(np.float32)
    np.save(f"{folder}/layer.npy", x)
    windows = np.stack([x[:, i:i + 3, j:j + 2].reshape(16, -1) for i in range(3) for j in range(5)], axis=1).reshape(-1, 18)
    flat = x.reshape(16, -1)
    write_statistics(f"{folder}/layer.json", {
        "conv2d.0.count": [len(windows)], "conv2d.0.mean": windows.mean(axis=0)[None], "conv2d.0.absmax": np.abs(windows).max(axis=0)[None],
        "linear.0.count": [len(flat)], "linear.0.mean": flat.mean(axis=0)[None], "linear.0.absmax": np.abs(flat).max(axis=0)[None]})
elif sys.argv[1] == "check":
    result = json.load(open(sys.argv[2]))
    assert result["max_error"] < 1e-3 and result["cosine"] > 1 - 1e-11, result
else:
    y, z = (np.load(next(os.path.join(root, name) for root, _, names in os.walk(f"{sys.argv[2]}/{kind}") for name in names))
            for kind in "lc")
    change, shift = np.abs(y - z).max(), np.abs((y - z).mean(axis=0))
    assert change > 0.05, change  # the weights are quantized
    assert shift[60:].max() < 1e-5, shift
    # a channel of the convolution is right on average over its places
    assert np.abs((y - z)[:, :60].reshape(-1, 15, 4).mean(axis=(0, 1))).max() < 1e-5, shift
