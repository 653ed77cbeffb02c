# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Executes models of which channels were removed and compares every element, bit by
# bit, with the original in which the same channels are zeroed where they are read.
# Weights and inputs are small integers, so that sums are exact in any order; the
# channels that are to go have smaller weights than the others.
#
# REQUIRES: numpy
# RUN: python3 %s > %t.mlir
# RUN: condense-opt %t.mlir --compress-prune-channels --compress-verify > %t.pruned.mlir
# RUN: FileCheck %s --check-prefix=SHAPE --input-file %t.pruned.mlir
# RUN: condense-opt %t.pruned.mlir --compress-prune-channels | diff - %t.pruned.mlir
# RUN: condense-opt %t.pruned.mlir --condense-lower-to-linalg \
# RUN:   --one-shot-bufferize="bufferize-function-boundaries" --convert-linalg-to-loops --expand-strided-metadata \
# RUN:   --lower-affine --convert-scf-to-cf --convert-arith-to-llvm --convert-math-to-llvm --finalize-memref-to-llvm \
# RUN:   --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts \
# RUN:   | mlir-runner -e main -entry-point-result=void --shared-libs=%runner_libs | FileCheck %s
# CHECK-NOT: ( 0, {{[1-9]}}
# CHECK: ( 1, 0 )
import os
import sys

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from cases import dense, functions, tensor_type, write_module  # noqa: E402

rng = np.random.default_rng(3)
WINDOW = "strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>"


class Model:
    """Text of a function with weights; the layers' outputs to remove are given, and the inputs to zero."""

    def __init__(self, zeroed):
        self.zeroed, self.lines, self.count = zeroed, [], 0

    def name(self):
        self.count += 1
        return f"%v{self.count}"

    def constant(self, array, element="f32"):
        name = self.name()
        self.lines.append(f"{name} = arith.constant {dense(np.asarray(array, np.float32))} : {tensor_type(np.shape(array), element)}")
        return name, tensor_type(np.shape(array), element)

    def op(self, text, operands, result):
        """`operands` are pairs of name and type."""
        name = self.name()
        kind, _, attributes = text.partition(" ")
        names, types = ", ".join(o[0] for o in operands), ", ".join(o[1] for o in operands)
        self.lines.append(f"{name} = nn.{kind} {names} {attributes} : ({types}) -> {result}")
        return name, result

    def unary(self, text, operand, result=None):
        name = self.name()
        kind, _, attributes = text.partition(" ")
        types = operand[1] if result is None else f"{operand[1]} -> {result}"
        self.lines.append(f"{name} = nn.{kind} {operand[0]} {attributes} : {types}")
        return name, result or operand[1]

    def request(self, ratio):
        return "" if self.zeroed or not ratio else f"compress.weight = #compress.structured_prune<ratio = {ratio:e} : f64>"

    def weight(self, array, weak=(), dim=0, zeros=(), zero_dim=1):
        """A weight whose outputs `weak` and inputs `zeros` are to go: they are small, or in the reference
        the inputs are zero."""
        array = array.copy()
        outputs, inputs = ([slice(None)] * array.ndim for _ in range(2))
        outputs[dim], inputs[zero_dim] = list(weak), list(zeros)
        if len(weak):
            array[tuple(outputs)] = np.sign(array[tuple(outputs)])
        if len(zeros):
            array[tuple(inputs)] = 0 if self.zeroed else np.sign(array[tuple(inputs)])
        return self.constant(array)

    def linear(self, x, array, result, ratio=0, weak=(), zeros=(), bias=True):
        operands = [x, self.weight(array, weak, 0, zeros, 1)]
        if bias:
            operands.append(self.constant(np.arange(array.shape[0]) % 5 - 2))
        return self.op("linear {" + self.request(ratio) + "}", operands, result)

    def conv(self, x, array, result, layout="nchw", groups=1, ratio=0, weak=(), zeros=(), bias=True):
        channel = 1 if layout == "nchw" else 3
        operands = [x, self.weight(array, weak, 0, zeros, channel)]
        if bias:
            operands.append(self.constant(np.arange(array.shape[0]) % 5 - 2))
        request = self.request(ratio)
        pads = WINDOW if array.shape[2] == 3 else WINDOW.replace("1, 1, 1, 1", "0, 0, 0, 0")
        return self.op(f"conv2d {{{pads}, groups = {groups} : i64, layout = #nn.layout<{layout}>{', ' + request if request else ''}}}",
                       operands, result)


def integers(*shape):
    """No zeros: every channel counts. Of at least 2, so that the weak ones have the smallest norm."""
    values = rng.integers(2, 5, shape) * rng.choice([-1, 1], shape)
    return values.astype(np.float32)


def add_model(build, x_shape, x_type, result_shape, result_type):
    """`build(model, x)` returns the result. Adds both versions and the comparison."""
    number, texts = len(functions), []
    for zeroed in (False, True):
        model = Model(zeroed)
        result = build(model, ("%x", x_type))
        kind = "reference" if zeroed else "pruned"
        texts.append(f"func.func private @{kind}{number}(%x: {x_type}) -> {result_type} {{\n  "
                         + "\n  ".join(model.lines) + f"\n  return {result[0]} : {result[1]}\n}}")
    rank = len(result_shape)
    dims = ", ".join(f"d{i}" for i in range(rank))
    identity, scalar = f"affine_map<({dims}) -> ({dims})>", f"affine_map<({dims}) -> ()>"
    x = rng.integers(-3, 4, x_shape).astype(np.float32)
    static, fixed = tensor_type(result_shape, "f32"), tensor_type(x_shape, "f32")
    texts.append(f"""func.func @case{number}() -> i64 {{
  %c = arith.constant {dense(x)} : {fixed}
  %x = tensor.cast %c : {fixed} to {x_type}
  %p = func.call @pruned{number}(%x) : ({x_type}) -> {result_type}
  %r = func.call @reference{number}(%x) : ({x_type}) -> {result_type}
  %ps = tensor.cast %p : {result_type} to {static}
  %rs = tensor.cast %r : {result_type} to {static}
  %zero = arith.constant dense<0> : tensor<i64>
  %count = linalg.generic {{indexing_maps = [{identity}, {identity}, {scalar}], iterator_types = [{", ".join(['"reduction"'] * rank)}]}}
      ins(%ps, %rs : {static}, {static}) outs(%zero : tensor<i64>) {{
  ^bb0(%a: f32, %b: f32, %n: i64):
    %differs = arith.cmpf une, %a, %b : f32
    %one = arith.extui %differs : i1 to i64
    %sum = arith.addi %n, %one : i64
    linalg.yield %sum : i64
  }} -> tensor<i64>
  %differences = tensor.extract %count[] : tensor<i64>
  return %differences : i64
}}""")
    functions.append("\n".join(texts))


# Two dense layers with a bias, of odd sizes, with a dynamic batch: 5 of 11 go.
# SHAPE-LABEL: @pruned0
# SHAPE: nn.linear {{.*}} : (tensor<?x7xf32>, tensor<6x7xf32>, tensor<6xf32>) -> tensor<?x6xf32>
# SHAPE: nn.linear {{.*}} : (tensor<?x6xf32>, tensor<3x6xf32>, tensor<3xf32>) -> tensor<?x3xf32>
def mlp(w0=integers(11, 7), w1=integers(3, 11), gone=(0, 3, 4, 7, 10)):
    def build(m, x):
        h = m.unary("relu", m.linear(x, w0, "tensor<?x11xf32>", 0.5, gone))
        return m.linear(h, w1, "tensor<?x3xf32>", zeros=gone)
    return build


add_model(mlp(), (5, 7), "tensor<?x7xf32>", (5, 3), "tensor<?x3xf32>")


# A residual addition: both convolutions lose the same channels, and so do their readers.
# SHAPE-LABEL: @pruned1
# SHAPE: nn.conv2d {{.*}} -> tensor<?x5x5x4xf32>
# SHAPE: nn.conv2d {{.*}} tensor<4x3x3x4xf32>{{.*}} -> tensor<?x5x5x4xf32>
# SHAPE: nn.add {{.*}} -> tensor<?x5x5x4xf32>
# SHAPE: nn.conv2d {{.*}} tensor<2x1x1x4xf32>
def residual(w0=integers(7, 3, 3, 3), w1=integers(7, 3, 3, 7), w2=integers(2, 1, 1, 7), gone=(1, 2, 6)):
    def build(m, x):
        image = "tensor<?x5x5x7xf32>"
        a = m.unary("relu", m.conv(x, w0, image, "nhwc", 1, 0.43, gone))
        b = m.conv(a, w1, image, "nhwc", 1, 0.5, gone, gone, bias=False)
        c = m.unary("relu", m.op("add", [a, b], image))
        return m.conv(c, w2, "tensor<?x5x5x2xf32>", "nhwc", zeros=gone)
    return build


add_model(residual(), (2, 5, 5, 3), "tensor<?x5x5x3xf32>", (2, 5, 5, 2), "tensor<?x5x5x2xf32>")


# A concatenation of two branches, one of which loses channels.
# SHAPE-LABEL: @pruned2
# SHAPE: nn.concat {{.*}} (tensor<1x4x4x4xf32>, tensor<1x3x4x4xf32>) -> tensor<1x7x4x4xf32>
# SHAPE: nn.max_pool2d {{.*}} -> tensor<1x7x2x2xf32>
# SHAPE: nn.conv2d {{.*}} tensor<2x7x1x1xf32>
def branches(w0=integers(6, 2, 3, 3), w1=integers(5, 2, 1, 1), w2=integers(2, 11, 1, 1), gone=(2, 5), gone1=(0, 3)):
    def build(m, x):
        a = m.conv(x, w0, "tensor<1x6x4x4xf32>", ratio=0.34, weak=gone)
        b = m.unary("relu", m.conv(x, w1, "tensor<1x5x4x4xf32>", ratio=0.4, weak=gone1))
        c = m.op("concat {axis = 1 : i64}", [a, b], "tensor<1x11x4x4xf32>")
        p = m.unary("max_pool2d {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, "
                    "pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nchw>}", c, "tensor<1x11x2x2xf32>")
        return m.conv(p, w2, "tensor<1x2x2x2xf32>", zeros=gone + tuple(6 + g for g in gone1))
    return build


add_model(branches(), (1, 2, 4, 4), "tensor<1x2x4x4xf32>", (1, 2, 2, 2), "tensor<1x2x2x2xf32>")


# A depthwise convolution with two outputs for each channel, and batch normalisation.
# SHAPE-LABEL: @pruned3
# SHAPE: nn.conv2d {{.*}} tensor<4x2x1x1xf32>
# SHAPE: nn.conv2d {{.*}}groups = 4 {{.*}} (tensor<?x4x5x5xf32>, tensor<8x1x3x3xf32>, tensor<8xf32>) -> tensor<?x8x5x5xf32>
# SHAPE: nn.batch_norm {{.*}} (tensor<?x8x5x5xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>)
# SHAPE: nn.conv2d {{.*}} tensor<3x8x1x1xf32>
def depthwise(w0=integers(6, 2, 1, 1), w1=integers(12, 1, 3, 3), w2=integers(3, 12, 1, 1), norm=integers(3, 12), gone=(1, 4)):
    def build(m, x):
        a = m.conv(x, w0, "tensor<?x6x5x5xf32>", ratio=0.4, weak=gone)
        both = [c for g in gone for c in (2 * g, 2 * g + 1)]
        b = m.conv(a, w1, "tensor<?x12x5x5xf32>", groups=6, weak=both)
        vectors = [m.constant(v) for v in norm] + [m.constant(np.full(12, 4))]
        n = m.op("batch_norm {axis = 1 : i64, epsilon = 0.0 : f64}", [b] + vectors, "tensor<?x12x5x5xf32>")
        return m.conv(n, w2, "tensor<?x3x5x5xf32>", zeros=both)
    return build


add_model(depthwise(), (3, 2, 5, 5), "tensor<?x2x5x5xf32>", (3, 3, 5, 5), "tensor<?x3x5x5xf32>")


# More groups than channels in each: whole groups go (of 4 groups of 3 inputs and 2 outputs one).
# SHAPE-LABEL: @pruned4
# SHAPE: nn.conv2d {{.*}} tensor<9x2x1x1xf32>
# SHAPE: nn.conv2d {{.*}}groups = 3 {{.*}} tensor<6x3x3x3xf32>
# SHAPE: nn.conv2d {{.*}} tensor<3x6x1x1xf32>
def groups(w0=integers(12, 2, 1, 1), w1=integers(8, 3, 3, 3), w2=integers(3, 8, 1, 1)):
    def build(m, x):
        a = m.conv(x, w0, "tensor<?x12x3x3xf32>", ratio=0.25, weak=(3, 4, 5))
        b = m.conv(a, w1, "tensor<?x8x3x3xf32>", groups=4, weak=(2, 3))
        return m.conv(b, w2, "tensor<?x3x3x3xf32>", zeros=(2, 3))
    return build


add_model(groups(), (2, 2, 3, 3), "tensor<?x2x3x3xf32>", (2, 3, 3, 3), "tensor<?x3x3x3xf32>")


# Fewer: the same channel of every group goes, of the inputs (1 of 4) and of the outputs (1 of 3).
# SHAPE-LABEL: @pruned5
# SHAPE: nn.conv2d {{.*}} tensor<6x2x1x1xf32>
# SHAPE: nn.conv2d {{.*}}groups = 2 {{.*}} tensor<4x3x3x3xf32>
# SHAPE: nn.conv2d {{.*}} tensor<3x4x1x1xf32>
def wide_groups(w0=integers(8, 2, 1, 1), w1=integers(6, 4, 3, 3), w2=integers(3, 6, 1, 1)):
    def build(m, x):
        a = m.conv(x, w0, "tensor<?x8x3x3xf32>", ratio=0.25, weak=(2, 6))
        b = m.conv(a, w1, "tensor<?x6x3x3xf32>", groups=2, ratio=0.34, weak=(1, 4), zeros=(2,))
        return m.conv(b, w2, "tensor<?x3x3x3xf32>", zeros=(1, 4))
    return build


add_model(wide_groups(), (2, 2, 3, 3), "tensor<?x2x3x3xf32>", (2, 3, 3, 3), "tensor<?x3x3x3xf32>")


# A flattened image: a channel is a run of features in nchw, a stride in nhwc.
# SHAPE-LABEL: @pruned6
# SHAPE: nn.reshape {{.*}}shape = array<i64: -1, 27>{{.*}} tensor<?x3x3x3xf32> -> tensor<?x27xf32>
# SHAPE: nn.linear {{.*}} tensor<2x27xf32>
# SHAPE-LABEL: @pruned7
# SHAPE: nn.reshape {{.*}}shape = array<i64: 0, 18>{{.*}} tensor<?x3x3x2xf32> -> tensor<?x18xf32>
# SHAPE: nn.linear {{.*}} tensor<2x18xf32>
def flatten_first(w0=integers(5, 2, 3, 3), w1=integers(2, 45), gone=(0, 3)):
    def build(m, x):
        a = m.unary("relu", m.conv(x, w0, "tensor<?x5x3x3xf32>", ratio=0.4, weak=gone))
        f = m.unary("reshape {shape = array<i64: -1, 45>}", a, "tensor<?x45xf32>")
        return m.linear(f, w1, "tensor<?x2xf32>", zeros=[9 * g + i for g in gone for i in range(9)])
    return build


def flatten_last(w0=integers(3, 3, 3, 2), w1=integers(2, 27), gone=(1,)):
    def build(m, x):
        a = m.unary("relu", m.conv(x, w0, "tensor<?x3x3x3xf32>", "nhwc", ratio=0.34, weak=gone))
        f = m.unary("reshape {shape = array<i64: 0, 27>}", a, "tensor<?x27xf32>")
        return m.linear(f, w1, "tensor<?x2xf32>", zeros=[3 * i + g for g in gone for i in range(9)])
    return build


add_model(flatten_first(), (2, 2, 3, 3), "tensor<?x2x3x3xf32>", (2, 2), "tensor<?x2xf32>")
add_model(flatten_last(), (2, 3, 3, 2), "tensor<?x3x3x2xf32>", (2, 2), "tensor<?x2xf32>")


# Attention: one of three heads of 2 goes, from all projections. (What is added to sums in the
# reference is zero, so that these are the same in floats too.)
# SHAPE-LABEL: @pruned8
# SHAPE-COUNT-3: nn.linear {{.*}} (tensor<?x5x6xf32>, tensor<4x6xf32>) -> tensor<?x5x4xf32>
# SHAPE: nn.reshape {{.*}}shape = array<i64: 0, 5, 2, 2>
# SHAPE: nn.matmul {{.*}} (tensor<?x2x5x2xf32>, tensor<?x2x2x5xf32>) -> tensor<?x2x5x5xf32>
# SHAPE: nn.linear {{.*}} (tensor<?x5x4xf32>, tensor<6x4xf32>) -> tensor<?x5x6xf32>
def attention(ws=[integers(6, 6) for _ in range(4)], gone=(2, 3)):
    def build(m, x):
        heads = []
        projections = [m.linear(x, w, "tensor<?x5x6xf32>", 0.4, gone, bias=False) for w in ws[:3]]
        for position, p in enumerate(projections):
            r = m.unary("reshape {shape = array<i64: 0, 5, 3, 2>}", p, "tensor<?x5x3x2xf32>")
            order, shape = ("0, 2, 3, 1", "?x3x2x5") if position == 1 else ("0, 2, 1, 3", "?x3x5x2")
            heads.append(m.unary(f"transpose {{permutation = array<i64: {order}>}}", r, f"tensor<{shape}xf32>"))
        scores = m.op("matmul", heads[:2], "tensor<?x3x5x5xf32>")
        weights = m.unary("softmax {axis = 3 : i64}", scores)
        mixed = m.op("matmul", [weights, heads[2]], "tensor<?x3x5x2xf32>")
        t = m.unary("transpose {permutation = array<i64: 0, 2, 1, 3>}", mixed, "tensor<?x5x3x2xf32>")
        f = m.unary("reshape {shape = array<i64: 0, 5, 6>}", t, "tensor<?x5x6xf32>")
        o = m.linear(f, ws[3], "tensor<?x5x6xf32>", zeros=gone, bias=False)
        return m.op("add", [x, o], "tensor<?x5x6xf32>")
    return build


add_model(attention(), (2, 5, 6), "tensor<?x5x6xf32>", (2, 5, 6), "tensor<?x5x6xf32>")


# A gated feed-forward layer, the second half of a matrix product by a slice, with a stretched constant
# and padding of features that are then read.
# SHAPE-LABEL: @pruned9
# SHAPE: nn.linear {{.*}} (tensor<?x4xf32>, tensor<10x4xf32>) -> tensor<?x10xf32>
# SHAPE: nn.slice {{.*}}ends = array<i64: 9223372036854775807, 5>, starts = array<i64: 0, 0>
# SHAPE: nn.slice {{.*}}ends = array<i64: 9223372036854775807, 10>, starts = array<i64: 0, 5>
# SHAPE: nn.mul {{.*}} -> tensor<?x5xf32>
# SHAPE: nn.pad {{.*}}high = array<i64: 0, 1>, low = array<i64: 0, 2>{{.*}} -> tensor<?x8xf32>
# SHAPE: nn.linear {{.*}} (tensor<?x8xf32>, tensor<3x8xf32>) -> tensor<?x3xf32>
def gated(w0=integers(14, 4), w1=integers(3, 10), gone=(1, 5)):
    def build(m, x):
        both = m.linear(x, w0, "tensor<?x14xf32>", 0.3, gone + tuple(g + 7 for g in gone), bias=False)
        parts = [m.unary(f"slice {{starts = array<i64: 0, {s}>, ends = array<i64: 9223372036854775807, {s + 7}>, "
                         "steps = array<i64: 1, 1>}", both, "tensor<?x7xf32>") for s in (0, 7)]
        product = m.op("mul", [m.unary("relu", parts[0]), parts[1]], "tensor<?x7xf32>")
        scaled = m.op("mul", [product, m.constant(np.arange(1, 8))], "tensor<?x7xf32>")
        padded = m.unary("pad {low = array<i64: 0, 2>, high = array<i64: 0, 1>, mode = #nn.pad_mode<constant>, "
                         "value = 1.0 : f32}", scaled, "tensor<?x10xf32>")
        return m.linear(padded, w1, "tensor<?x3xf32>", zeros=[2 + g for g in gone], bias=False)
    return build


add_model(gated(), (3, 4), "tensor<?x4xf32>", (3, 3), "tensor<?x3xf32>")


# Weights behind transposes and in products; a constant of each layer that happens to be the same.
# SHAPE-LABEL: @pruned10
# SHAPE: nn.transpose {{.*}} tensor<4x5xf32> -> tensor<5x4xf32>
# SHAPE: nn.linear {{.*}} (tensor<?x4xf32>, tensor<5x4xf32>) -> tensor<?x5xf32>
# SHAPE: nn.matmul {{.*}} (tensor<?x5xf32>, tensor<5x4xf32>) -> tensor<?x4xf32>
# SHAPE: nn.matmul {{.*}} (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
def products(w0=integers(4, 7), w1=integers(7, 6), w2=integers(6, 2), gone=(0, 6), gone1=(2, 3)):
    def build(m, x):
        w = m.weight(w0, gone, 1)
        t = m.unary("transpose {permutation = array<i64: 1, 0>}", w, "tensor<7x4xf32>")
        a = m.op("linear {" + m.request(0.3) + "}", [x, t], "tensor<?x7xf32>")
        a = m.op("add", [a, m.constant(np.full(7, 2))], "tensor<?x7xf32>")
        b = m.op("matmul {" + m.request(0.34) + "}", [a, m.weight(w1, gone1, 1, gone, 0)], "tensor<?x6xf32>")
        return m.op("matmul", [b, m.weight(w2, (), 0, gone1, 0)], "tensor<?x2xf32>")
    return build


add_model(products(), (3, 4), "tensor<?x4xf32>", (3, 2), "tensor<?x2xf32>")

# Group normalisation: one of three groups of 2 goes; a layer normalisation over all features stays.
# SHAPE-LABEL: @pruned11
# SHAPE: nn.linear {{.*}} (tensor<?x3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<?x4xf32>
# SHAPE: nn.layer_norm {{.*}} -> tensor<?x2x2xf32>
# SHAPE: nn.linear {{.*}} -> tensor<?x5xf32>
# SHAPE: nn.layer_norm {{.*}} -> tensor<?x5xf32>
def group_norm(w0=integers(6, 3), w1=integers(5, 6), w2=integers(2, 5), gone=(2, 3)):
    def build(m, x):
        a = m.linear(x, w0, "tensor<?x6xf32>", 0.4, gone)
        g = m.unary("reshape {shape = array<i64: -1, 3, 2>}", a, "tensor<?x3x2xf32>")
        scales = [m.constant(np.arange(1, n + 1)) for n in (2, 5)]
        n = m.op("layer_norm {axis = 2 : i64, epsilon = 1.0e-5 : f64}", [g, scales[0]], "tensor<?x3x2xf32>")
        f = m.unary("reshape {shape = array<i64: -1, 6>}", n, "tensor<?x6xf32>")
        b = m.linear(f, w1, "tensor<?x5xf32>", 0.4, zeros=gone)
        c = m.op("layer_norm {axis = 1 : i64, epsilon = 1.0e-5 : f64}", [b, scales[1]], "tensor<?x5xf32>")
        return m.linear(c, w2, "tensor<?x2xf32>")
    return build


add_model(group_norm(), (3, 3), "tensor<?x3xf32>", (3, 2), "tensor<?x2xf32>")

write_module()
