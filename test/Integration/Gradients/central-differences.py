# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Checks every adjoint against central differences, on random and odd shapes with broadcasting, strides,
# dilation, groups, padding, both layouts and dynamic dimensions.
#
# A case is a small function of tensors of f64, the loss is its result times random numbers. For each operand x
# and a random direction v the derivative <gradient, v> is compared with (loss(x + h v) - loss(x - h v)) / 2h. With
# h = 1e-5 the rounding error of the quotient is about 1e-16 / 1e-5 and that of the difference h^2 = 1e-10, each
# times the size of derivatives: 1e-6 leaves room for both, and no wrong element of a gradient hides in a
# random direction. Inputs keep a distance from the kinks of piecewise functions.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t
# RUN: python3 %s unary %t | FileCheck %s --check-prefix=UNARY
# RUN: python3 %s arithmetic %t | FileCheck %s --check-prefix=ARITHMETIC
# RUN: python3 %s images %t | FileCheck %s --check-prefix=IMAGES
# RUN: python3 %s sequences %t | FileCheck %s --check-prefix=SEQUENCES
# RUN: python3 %s compress %t | FileCheck %s --check-prefix=COMPRESS
# UNARY: 36 cases agree
# ARITHMETIC: 39 cases agree
# IMAGES: 42 cases agree
# SEQUENCES: 41 cases agree
# COMPRESS: 12 cases agree
import subprocess
import sys

import numpy as np

rng = np.random.default_rng(7)
H = 1e-5


def literal(array):
    text = np.array2string(array, separator=", ", threshold=10**9, floatmode="unique")
    return "dense<" + text.replace("\n", "").replace("True", "true").replace("False", "false") + ">"


def tensor(shape, dynamic=(), element="f64"):
    return "tensor<" + "".join(("?" if i in dynamic else str(n)) + "x" for i, n in enumerate(shape)) + element + ">"


def array(values):
    return f"array<i64: {', '.join(map(str, values))}>" if len(values) else "array<i64>"


def spaced(shape, low=-2.0, high=2.0):
    """Random numbers, no two nearer than 1/100 of their range by number: no ties and no kinks at 0."""
    n = int(np.prod(shape))
    values = low + (high - low) * (rng.permutation(n) + 0.3 + 0.4 * rng.random(n)) / max(n, 1)
    return (np.where(np.abs(values) < 1e-2, 0.05, values)).reshape(shape)


class Arg:
    def __init__(self, shape, low=-2.0, high=2.0, dynamic=(), values=None, element=None):
        self.values = spaced(shape, low, high) if values is None else np.asarray(values)
        self.dynamic = dynamic
        self.is_float = self.values.dtype == np.float64
        self.element = element or ("f64" if self.is_float else str(self.values.dtype).replace("int", "i"))
        self.static = tensor(self.values.shape, (), self.element)
        self.type = tensor(self.values.shape, dynamic, self.element)


class Case:
    """`text` computes %y from the arguments %0, %1, ...; {0}, {1} are their types and {y} the type of %y."""

    def __init__(self, text, args, y_shape, y_dynamic=()):
        self.args = args
        self.y_type, self.y_static = tensor(y_shape, y_dynamic), tensor(y_shape)
        self.body = text.format(*(arg.type for arg in args), y=self.y_type)
        self.weights = rng.uniform(0.5, 1.5, y_shape) * rng.choice([-1, 1], y_shape)
        self.floats = [k for k, arg in enumerate(args) if arg.is_float]
        self.rank = len(y_shape)

    def function(self, name):
        args = ", ".join(f"%{k}: {arg.type}" for k, arg in enumerate(self.args))
        return (f"func.func private @{name}({args}) -> tensor<f64> {{\n  {self.body}\n"
                f"  %weights = arith.constant {literal(self.weights)} : {self.y_static}\n"
                f"  %weighted = nn.mul %y, %weights : ({self.y_type}, {self.y_static}) -> {self.y_static}\n"
                f"  %loss = nn.reduce_sum %weighted {{axes = {array(range(self.rank))}}} : {self.y_static} -> tensor<f64>\n"
                f"  return %loss : tensor<f64>\n}}\n")

    def check(self, name):
        """The part of main that computes both derivatives for each operand, as values %name.0, %name.1, ..."""
        text, types, names = "", ", ".join(arg.type for arg in self.args), []
        for k, arg in enumerate(self.args):
            text += f"  %{name}.s{k} = arith.constant {literal(arg.values)} : {arg.static}\n"
            text += f"  %{name}.x{k} = tensor.cast %{name}.s{k} : {arg.static} to {arg.type}\n"
        xs = [f"%{name}.x{k}" for k in range(len(self.args))]
        grads = ", ".join(self.args[k].type for k in self.floats)
        text += (f"  %{name}.g:{len(self.floats) + 1} = func.call @{name}_gradient({', '.join(xs)}) : "
                 f"({types}) -> (tensor<f64>, {grads})\n")
        for n, k in enumerate(self.floats):
            arg, p = self.args[k], f"%{name}.{k}"
            text += f"  {p}.v = arith.constant {literal(rng.uniform(-1, 1, arg.values.shape))} : {arg.static}\n"
            text += f"  {p}.gv = nn.mul %{name}.g#{n + 1}, {p}.v : ({arg.type}, {arg.static}) -> {arg.static}\n"
            text += f"  {p}.d = nn.reduce_sum {p}.gv {{axes = {array(range(arg.values.ndim))}}} : {arg.static} -> tensor<f64>\n"
            text += f"  {p}.hv = nn.mul {p}.v, %h : ({arg.static}, tensor<f64>) -> {arg.static}\n"
            for sign, op in (("a", "add"), ("b", "sub")):
                text += f"  {p}.{sign}s = nn.{op} %{name}.s{k}, {p}.hv : ({arg.static}, {arg.static}) -> {arg.static}\n"
                text += f"  {p}.{sign}x = tensor.cast {p}.{sign}s : {arg.static} to {arg.type}\n"
                moved = ", ".join(xs[:k] + [f"{p}.{sign}x"] + xs[k + 1:])
                text += f"  {p}.{sign} = func.call @{name}({moved}) : ({types}) -> tensor<f64>\n"
            text += f"  {p}.c = nn.sub {p}.a, {p}.b : (tensor<f64>, tensor<f64>) -> tensor<f64>\n"
            text += f"  {p}.q = nn.div {p}.c, %h : (tensor<f64>, tensor<f64>) -> tensor<f64>\n"
            for value in ("d", "q"):
                text += f"  {p}.{value}1 = nn.reshape {p}.{value} {{shape = array<i64: 1>}} : tensor<f64> -> tensor<1xf64>\n"
                names.append(f"{p}.{value}1")
        return text, names


def unary_cases():
    cases = []
    for op in ("neg", "abs", "exp", "reciprocal", "erf", "sin", "cos", "sinh", "cosh", "atan", "asinh", "sigmoid", "tanh",
               "softplus", "silu", "softsign", "mish", "gelu", "relu", "hard_swish", "sign", "floor"):
        cases.append(Case(f"%y = nn.{op} %0 : {{0}}", [Arg((3, 7), -4.1, 4.3)], (3, 7)))
    for op, low, high in (("log", 0.3, 3), ("sqrt", 0.3, 3), ("tan", -1.2, 1.2), ("asin", -0.9, 0.9), ("acos", -0.9, 0.9),
                          ("acosh", 1.2, 4), ("atanh", -0.9, 0.9)):
        cases.append(Case(f"%y = nn.{op} %0 : {{0}}", [Arg((17,), low, high, dynamic=(0,))], (17,), (0,)))
    for op, attrs in (("gelu", "tanh"), ("leaky_relu", "alpha = 0.1 : f64"), ("elu", "alpha = 1.5 : f64"),
                      ("celu", "alpha = 1.5 : f64"), ("selu", "alpha = 1.6 : f64, beta = 1.1 : f64"),
                      ("thresholded_relu", "alpha = 0.523 : f64"), ("hard_sigmoid", "alpha = 0.3 : f64, beta = 0.4 : f64")):
        cases.append(Case(f"%y = nn.{op} %0 {{{{{attrs}}}}} : {{0}}", [Arg((5, 1, 3), -3, 3)], (5, 1, 3)))
    return cases


def broadcast(op, a, b, y, a_dynamic=(), b_dynamic=(), y_dynamic=(), low=-2.0, high=2.0):
    return Case(f"%y = nn.{op} %0, %1 : ({{0}}, {{1}}) -> {{y}}",
                [Arg(a, low, high, a_dynamic), Arg(b, low, high, b_dynamic)], y, y_dynamic)


def arithmetic_cases():
    cases = [broadcast(op, (3, 1, 5), (4, 1), (3, 4, 5), low=0.4, high=3.1) for op in ("add", "sub", "mul", "div", "pow")]
    cases += [broadcast(op, (2, 3), (2, 3), (2, 3)) for op in ("max", "min", "prelu")]
    cases += [
        broadcast("rem", (3, 5), (5,), (3, 5), low=0.7, high=3.9),
        broadcast("mul", (3, 4), (3, 4), (3, 4), (0,), (0,), (0,)),
        broadcast("mul", (3, 4), (1, 4), (3, 4), (0,), (0,), (0,)),  # a dynamic size that turns out to be 1
        broadcast("sub", (1, 1), (5, 4), (5, 4), (0, 1), (0,), (0,)),
        broadcast("div", (4,), (3, 1), (3, 4), (), (0,), (0,), 0.5, 2.0),
        Case("%e = arith.constant dense<2.0> : tensor<f64>\n  %y = nn.pow %0, %e : ({0}, tensor<f64>) -> {y}", [Arg((3, 3))], (3, 3)),
        Case("%e = arith.constant dense<3> : tensor<i32>\n  %y = nn.pow %0, %e : ({0}, tensor<i32>) -> {y}", [Arg((3, 3))], (3, 3)),
        Case("%c = nn.compare lt %0, %1 : ({0}, {1}) -> tensor<3x4xi1>\n  %y = nn.select %c, %0, %1 : (tensor<3x4xi1>, {0}, {1}) -> {y}",
             [Arg((3, 4)), Arg((4,))], (3, 4)),
        Case("%y = nn.clamp %0 {{low = -0.731 : f64, high = 1.117 : f64}} : {0}", [Arg((4, 5))], (4, 5)),
        # used several times, by several operations
        Case("%a = nn.mul %0, %0 : ({0}, {0}) -> {y}\n  %b = nn.exp %0 : {0}\n  %c = nn.add %a, %b : ({y}, {0}) -> {y}\n"
             "  %y = nn.mul %c, %a : ({y}, {y}) -> {y}", [Arg((3, 3), -1, 1)], (3, 3)),
    ]
    for axes, keep in (((0,), False), ((1, 2), True), ((0, 1, 2), False)):
        y = tuple(1 if i in axes else n for i, n in enumerate((3, 5, 2)) if keep or i not in axes)
        for op in ("reduce_sum", "reduce_mean"):
            cases.append(Case(f"%y = nn.{op} %0 {{{{axes = {array(axes)}{', keep_dims' if keep else ''}}}}} : {{0}} -> {{y}}",
                              [Arg((3, 5, 2))], y))
    zero = spaced((3, 4))
    zero[0, 1] = zero[2, 0] = zero[2, 3] = 0
    cases += [
        Case("%y = nn.reduce_mean %0 {{axes = array<i64: 1>}} : {0} -> {y}", [Arg((3, 5, 2), dynamic=(0, 1, 2))], (3, 2), (0, 1)),
        Case("%y = nn.reduce_max %0 {{axes = array<i64: 0, 2>}} : {0} -> {y}", [Arg((3, 5, 2))], (5,)),
        Case("%y = nn.reduce_min %0 {{axes = array<i64: 1>, keep_dims}} : {0} -> {y}", [Arg((3, 5))], (3, 1)),
        Case("%y = nn.reduce_prod %0 {{axes = array<i64: 1>}} : {0} -> {y}", [Arg((3, 4), values=zero)], (3,)),
        Case("%y = nn.cumsum %0 {{axis = 1 : i64}} : {0}", [Arg((3, 4))], (3, 4)),
        Case("%y = nn.cumsum %0 {{axis = 0 : i64, exclusive, reverse}} : {0}", [Arg((3, 4))], (3, 4)),
        # matrix products
        Case("%y = nn.linear %0, %1, %2 : ({0}, {1}, {2}) -> {y}", [Arg((5, 7)), Arg((3, 7)), Arg((3,))], (5, 3)),
        Case("%y = nn.linear %0, %1 : ({0}, {1}) -> {y}", [Arg((2, 3, 7), dynamic=(0, 1)), Arg((17, 7))], (2, 3, 17), (0, 1)),
        Case("%y = nn.linear %0, %1, %2 : ({0}, {1}, {2}) -> {y}", [Arg((7,)), Arg((1, 7)), Arg((1,))], (1,)),
        broadcast("matmul", (3, 5), (5, 4), (3, 4)),
        broadcast("matmul", (2, 3, 5), (5, 4), (2, 3, 4), (0,), (), (0,)),
        broadcast("matmul", (2, 1, 3, 5), (3, 5, 4), (2, 3, 3, 4)),
        broadcast("matmul", (3, 5), (2, 5, 4), (2, 3, 4)),
        broadcast("matmul", (5,), (5, 4), (4,)),
        broadcast("matmul", (2, 3, 5), (5,), (2, 3)),
    ]
    return cases


def conv(layout, x, out, kernel, strides=(1, 1), dilations=(1, 1), pads=(0, 0, 0, 0), groups=1, dynamic=(), bias=True):
    """`x` is n, c, h, w."""
    n, c, h, w = x
    order = (0, 1, 2, 3) if layout == "nchw" else (0, 2, 3, 1)
    filter_shape = (out, c // groups) + kernel
    y = (n, out) + tuple((size + pads[d] + pads[d + 2] - dilations[d] * (kernel[d] - 1) - 1) // strides[d] + 1
                         for d, size in enumerate((h, w)))
    moved = [order.index(d) for d in dynamic]
    args = [Arg([x[d] for d in order], dynamic=moved), Arg([filter_shape[d] for d in order])] + ([Arg((out,))] if bias else [])
    operands = ", ".join(f"%{k}" for k in range(len(args)))
    types = ", ".join(f"{{{k}}}" for k in range(len(args)))
    return Case(f"%y = nn.conv2d {operands} {{{{strides = {array(strides)}, dilations = {array(dilations)}, pads = {array(pads)}, "
                f"groups = {groups} : i64, layout = #nn.layout<{layout}>}}}} : ({types}) -> {{y}}", args, [y[d] for d in order], moved)


def pool(op, layout, x, kernel, strides, dilations=(1, 1), pads=(0, 0, 0, 0), more="", ceil=(0, 0), dynamic=()):
    order = (0, 1, 2, 3) if layout == "nchw" else (0, 2, 3, 1)
    y = x[:2] + tuple((size + pads[d] + pads[d + 2] + ceil[d] - dilations[d] * (kernel[d] - 1) - 1) // strides[d] + 1
                      for d, size in enumerate(x[2:]))
    moved = [order.index(d) for d in dynamic]
    return Case(f"%y = nn.{op} %0 {{{{kernel = {array(kernel)}, strides = {array(strides)}, dilations = {array(dilations)}, "
                f"pads = {array(pads)}{more}, layout = #nn.layout<{layout}>}}}} : {{0}} -> {{y}}",
                [Arg([x[d] for d in order], dynamic=moved)], [y[d] for d in order], moved)


def image_cases():
    cases = []
    for layout in ("nchw", "nhwc"):
        cases += [
            conv(layout, (2, 3, 7, 5), 4, (3, 2)),
            conv(layout, (2, 3, 7, 6), 5, (3, 3), strides=(2, 3), pads=(1, 0, 2, 1), dynamic=(0,)),
            conv(layout, (1, 4, 9, 8), 6, (3, 2), dilations=(2, 3), pads=(1, 1, 1, 1), groups=2),
            conv(layout, (2, 5, 6, 7), 10, (3, 3), strides=(2, 1), pads=(1, 1, 1, 1), groups=5, dynamic=(0, 2, 3)),
            conv(layout, (2, 5, 6, 7), 5, (3, 3), strides=(2, 2), pads=(0, 0, 1, 1), groups=5),
            conv(layout, (3, 6, 4, 4), 7, (1, 1), strides=(2, 2)),
            conv(layout, (1, 3, 11, 10), 2, (3, 3), strides=(2, 4), dilations=(2, 2), pads=(2, 3, 1, 0)),
            conv(layout, (2, 1, 10, 4), 17, (5, 4), strides=(5, 4), bias=False),
            conv(layout, (1, 17, 4, 4), 33, (3, 3), pads=(1, 1, 1, 1)),
            pool("max_pool2d", layout, (2, 3, 6, 5), (2, 2), (2, 2), dynamic=(0,)),
            pool("max_pool2d", layout, (1, 3, 7, 6), (3, 2), (1, 2), (2, 1), (1, 0, 2, 1)),
            pool("max_pool2d", layout, (1, 2, 12, 11), (5, 4), (2, 3), pads=(1, 1, 0, 0)),
            pool("avg_pool2d", layout, (1, 2, 12, 11), (5, 4), (1, 1), more=", ceil_pads = array<i64: 0, 0>"),
            pool("avg_pool2d", layout, (2, 3, 7, 5), (6, 5), (1, 1), more=", ceil_pads = array<i64: 0, 0>"),
            pool("avg_pool2d", layout, (2, 3, 6, 4), (6, 4), (1, 1), more=", ceil_pads = array<i64: 0, 0>"),
            pool("avg_pool2d", layout, (2, 3, 7, 5), (3, 2), (2, 1), pads=(1, 1, 1, 0), more=", ceil_pads = array<i64: 0, 0>"),
            pool("avg_pool2d", layout, (1, 3, 6, 5), (3, 2), (2, 2), pads=(1, 0, 0, 1), ceil=(1, 0),
                 more=", ceil_pads = array<i64: 1, 0>, count_include_pad", dynamic=(0, 2)),
        ]
    stat = [Arg((3,), 0.5, 2) for _ in range(4)]
    for axis, shape, dynamic in ((1, (2, 3, 4, 5), ()), (3, (2, 4, 5, 3), (0, 1))):
        cases += [
            Case(f"%y = nn.batch_norm %0, %1, %2, %3, %4 {{{{axis = {axis} : i64, epsilon = 1.0e-3 : f64}}}} : "
                 "({0}, {1}, {2}, {3}, {4}) -> {y}", [Arg(shape, dynamic=dynamic)] + stat, shape, dynamic),
            Case(f"%y, %m, %v = nn.batch_norm_training %0, %1, %2 {{{{axis = {axis} : i64, epsilon = 1.0e-3 : f64}}}} : "
                 "({0}, {1}, {2}) -> ({y}, {1}, {2})", [Arg(shape, dynamic=dynamic)] + stat[:2], shape, dynamic),
        ]
    cases += [
        Case("%n, %m, %v = nn.batch_norm_training %0, %1, %2 {{axis = 1 : i64, epsilon = 1.0e-3 : f64}} : "
             "({0}, {1}, {2}) -> ({0}, {1}, {2})\n  %y = nn.mul %m, %v : ({1}, {2}) -> {y}", [Arg((5, 3))] + stat[:2], (3,)),
        Case("%n, %m, %v = nn.batch_norm_training %0, %1, %2 {{axis = 1 : i64, epsilon = 1.0e-3 : f64}} : "
             "({0}, {1}, {2}) -> ({0}, {1}, {2})\n  %y = nn.mul %n, %v : ({0}, {2}) -> {y}", [Arg((5, 3))] + stat[:2], (5, 3)),
        Case("%y = nn.pad %0 {{low = array<i64: 0, 1>, high = array<i64: 2, -1>, mode = #nn.pad_mode<constant>, value = 1.0 : f64}} : {0} -> {y}",
             [Arg((3, 4))], (5, 4)),
        Case("%y = nn.pad %0 {{low = array<i64: 2, 0>, high = array<i64: 1, 3>, mode = #nn.pad_mode<reflect>}} : {0} -> {y}",
             [Arg((4, 5))], (7, 8)),
    ]
    return cases


def sequence_cases():
    ids, flat = np.array([[1, 3, 1], [0, 3, 3]]), np.array([2, 0, 2, -1])
    dims = {"softmax": (2, 3, 5), "log_softmax": (2, 3, 5)}
    cases = [Case(f"%y = nn.{op} %0 {{{{axis = {axis} : i64}}}} : {{0}}", [Arg(shape)], shape)
             for op, shape in dims.items() for axis in (1, 2)]
    cases.append(Case("%p = nn.softmax %0 {{axis = 1 : i64}} : {0}\n  %y = nn.log %p : {0}", [Arg((4, 3), dynamic=(0,))], (4, 3), (0,)))
    for dynamic in ((), (0, 1)):
        cases += [
            Case("%y = nn.layer_norm %0, %1, %2 {{axis = 2 : i64, epsilon = 1.0e-3 : f64}} : ({0}, {1}, {2}) -> {y}",
                 [Arg((2, 3, 7), dynamic=dynamic), Arg((7,)), Arg((7,))], (2, 3, 7), dynamic),
            Case("%y = nn.rms_norm %0, %1 {{axis = 2 : i64, epsilon = 1.0e-3 : f64}} : ({0}, {1}) -> {y}",
                 [Arg((2, 3, 7), dynamic=dynamic), Arg((7,))], (2, 3, 7), dynamic),
            Case("%y = nn.embedding %0, %1 : ({0}, {1}) -> {y}", [Arg((), values=ids, dynamic=dynamic), Arg((5, 7))], (2, 3, 7), dynamic),
        ]
    cases += [
        Case("%y = nn.layer_norm %0, %1 {{axis = 1 : i64, epsilon = 1.0e-3 : f64}} : ({0}, {1}) -> {y}",
             [Arg((2, 3, 7)), Arg((3, 1))], (2, 3, 7)),
        Case("%y = nn.gather %0, %1 {{axis = 1 : i64}} : ({0}, {1}) -> {y}", [Arg((3, 4, 5)), Arg((), values=ids)], (3, 2, 3, 5)),
        Case("%y = nn.gather %0, %1 {{axis = 0 : i64}} : ({0}, {1}) -> {y}", [Arg((3, 4), dynamic=(1,)), Arg((), values=flat)], (4, 4), (1,)),
        Case("%y = nn.gather %0, %1 {{axis = 2 : i64}} : ({0}, {1}) -> {y}", [Arg((2, 2, 3)), Arg((), values=np.array(2))], (2, 2)),
        Case("%y = nn.gather_elements %0, %1 {{axis = 1 : i64}} : ({0}, {1}) -> {y}",
             [Arg((4, 3), dynamic=(0,)), Arg((), values=flat[:, None], dynamic=(0,))], (4, 1), (0,)),
        Case("%y = nn.one_hot %0, %1, %2 {{axis = 1 : i64, depth = 3 : i64}} : ({0}, {1}, {2}) -> {y}",
             [Arg((), values=flat), Arg(()), Arg(())], (4, 3)),
        Case("%y = nn.reshape %0 {{shape = array<i64: 0, -1>}} : {0} -> {y}", [Arg((3, 4, 5), dynamic=(0,))], (3, 20), (0,)),
        Case("%y = nn.reshape %0 {{shape = array<i64: -1>}} : {0} -> {y}", [Arg((3, 4, 5), dynamic=(0, 1))], (60,), (0,)),
        Case("%y = nn.transpose %0 {{permutation = array<i64: 2, 0, 1>}} : {0} -> {y}", [Arg((3, 4, 5), dynamic=(1,))], (5, 3, 4), (2,)),
        Case("%y = nn.broadcast_to %0 {{shape = array<i64: 2, 3, 4>}} : {0} -> {y}", [Arg((3, 1))], (2, 3, 4)),
        Case("%y = nn.broadcast_to %0 {{shape = array<i64: 2, 3>}} : {0} -> {y}", [Arg((1, 3), dynamic=(0,))], (2, 3)),
        Case("%y = nn.concat %0, %1, %2 {{axis = 1 : i64}} : ({0}, {1}, {2}) -> {y}",
             [Arg((2, 3)), Arg((2, 1)), Arg((2, 4), dynamic=(1,))], (2, 8), (1,)),
        Case("%y = nn.slice %0 {{starts = array<i64: 0, 1>, ends = array<i64: 9223372036854775807, 7>, steps = array<i64: 1, 2>}} : {0} -> {y}",
             [Arg((3, 8), dynamic=(0,))], (3, 3), (0,)),
        Case("%y = nn.slice %0 {{starts = array<i64: -1, 1>, ends = array<i64: -9223372036854775808, 3>, steps = array<i64: -2, 1>}} : {0} -> {y}",
             [Arg((5, 4))], (3, 2)),
        Case("%y = nn.pad %0 {{low = array<i64: 2, 1>, high = array<i64: 0, 2>, mode = #nn.pad_mode<edge>}} : {0} -> {y}", [Arg((3, 4))], (5, 7)),
        Case("%y = nn.pad %0 {{low = array<i64: 2, 0>, high = array<i64: 4, 0>, mode = #nn.pad_mode<wrap>}} : {0} -> {y}", [Arg((3, 4))], (9, 4)),
        Case("%y = nn.pad %0 {{low = array<i64: 1, 0>, high = array<i64: 0, 3>, mode = #nn.pad_mode<constant>}} : {0} -> {y}",
             [Arg((3, 4), dynamic=(0, 1))], (4, 7), (0, 1)),
        Case("%y = nn.tile %0 {{repeats = array<i64: 2, 3>}} : {0} -> {y}", [Arg((3, 4), dynamic=(0,))], (6, 12), (0,)),
        Case("%y = nn.trilu %0 {{diagonal = 1 : i64, upper}} : {0}", [Arg((2, 4, 5))], (2, 4, 5)),
        # the operations that adjoints are made of
        Case("%y = nn.broadcast_like %0, %1 : ({0}, {1}) -> {y}", [Arg((1, 4), dynamic=(0,)), Arg((3, 4), dynamic=(0,))], (3, 4), (0,)),
        Case("%y = nn.sum_like %0, %1 : ({0}, {1}) -> {y}", [Arg((3, 2, 4), dynamic=(0, 1)), Arg((1, 4), dynamic=(0,))], (1, 4), (0,)),
        Case("%y = nn.reshape_like %0, %1 : ({0}, {1}) -> {y}", [Arg((3, 4), dynamic=(0,)), Arg((2, 6), dynamic=(0, 1))], (2, 6), (0, 1)),
        Case("%y = nn.slice_gradient %0, %1 {{starts = array<i64: 1>, ends = array<i64: 6>, steps = array<i64: 2>}} : ({0}, {1}) -> {y}",
             [Arg((3,)), Arg((7,))], (7,)),
        # cross entropy with integer labels
        Case("%p = nn.log_softmax %0 {{axis = 1 : i64}} : {0}\n  %i = nn.reshape %1 {{shape = array<i64: 4, 1>}} : {1} -> tensor<4x1xi64>\n"
             "  %y = nn.gather_elements %p, %i {{axis = 1 : i64}} : ({0}, tensor<4x1xi64>) -> {y}",
             [Arg((4, 3)), Arg((), values=np.abs(flat))], (4, 1)),
    ]
    keys = np.array([[[[True, False, True, True]]], [[[False, False, False, False]]]])
    square, grouped = [Arg((2, 3, 2, 5)), Arg((2, 4, 2, 5)), Arg((2, 4, 2, 3))], [Arg((2, 3, 4, 5)), Arg((2, 3, 2, 5)), Arg((2, 3, 2, 3))]
    dynamic = [Arg(arg.values.shape, dynamic=(0, 1)) for arg in square]
    types = "({0}, {1}, {2}) -> {y}"
    cases += [
        Case("%y = nn.attention %0, %1, %2 {{scale = 0.4 : f64}} : " + types, square, (2, 3, 2, 3)),
        Case("%y = nn.attention %0, %1, %2 {{scale = 0.4 : f64, causal}} : " + types, dynamic, (2, 3, 2, 3), (0, 1)),
        Case("%y = nn.attention %0, %1, %2 {{scale = 0.3 : f64, causal}} : " + types, grouped, (2, 3, 4, 3)),
        Case("%y = nn.attention %0, %1, %2, %3 {{scale = 0.4 : f64}} : ({0}, {1}, {2}, {3}) -> {y}", square + [Arg((2, 1, 1, 4))], (2, 3, 2, 3)),
        Case("%y = nn.attention %0, %1, %2, %3 {{scale = 0.4 : f64}} : ({0}, {1}, {2}, {3}) -> {y}",
             square + [Arg((), values=keys, element="i1")], (2, 3, 2, 3)),
        Case("%y = nn.rotary %0, %1, %2 : ({0}, {1}, {2}) -> {y}", [Arg((2, 3, 2, 6), dynamic=(0,)), Arg((3, 1, 6)), Arg((3, 1, 6))],
             (2, 3, 2, 6), (0,)),
    ]
    return cases


def compress_cases():
    """Leaves of weight expressions: scales, zero points that are codes, codebooks, the values of pruned weights."""
    def codes(shape, low, high, element):
        return Arg((), values=rng.integers(low, high, shape).astype(np.int32), element=element)

    bits = np.packbits(rng.permutation(24) < 9, bitorder="little").astype(np.int8)
    inner = np.array([[0, 2], [1, 3], [0, 1], [2, 3], [0, 3], [1, 2]]).ravel().astype(np.int32)
    gaps = np.array([3, 0, 15, 0, 1], np.int32)
    places = np.array([1, 4, 9, 16, 23], np.int16)
    cases = [
        Case("%y = compress.dequantize %0, %1 : ({0}, {1}) -> {y}", [codes((3, 8), -8, 8, "i4"), Arg((3, 2), 0.5, 2)], (3, 8)),
        Case("%y = compress.dequantize %0, %1, %2 : ({0}, {1}, {2}) -> {y}",
             [codes((4, 6), 0, 256, "ui8"), Arg((1, 1), 0.5, 2), codes((1, 1), 0, 256, "ui8")], (4, 6)),
        Case("%y = compress.dequantize %0, %1, %2 : ({0}, {1}, {2}) -> {y}",
             [codes((4, 6), -128, 128, "i8"), Arg((2, 3), 0.5, 2), codes((2, 3), -9, 9, "i8")], (4, 6)),
        Case("%v = compress.lookup %0, %1 : ({0}, {1}) -> tensor<4x6xf64>\n  %y = compress.dequantize %v, %2 : (tensor<4x6xf64>, {2}) -> {y}",
             [codes((4, 6), 0, 8, "ui4"), Arg((1, 1, 8)), Arg((4, 1), 0.5, 2)], (4, 6)),
        Case("%y = compress.lookup %0, %1 : ({0}, {1}) -> {y}", [codes((4, 6), -8, 8, "i4"), Arg((2, 3, 16))], (4, 6)),
        Case("%y = compress.lookup %0, %1 : ({0}, {1}) -> {y}", [codes((3, 5, 2), -128, 128, "i8"), Arg((3, 1, 1, 256))], (3, 5, 2)),
        # constant positions and such that only the run knows
        Case(f"%p = arith.constant {literal(bits)} : tensor<3xi8>\n"
             "  %y = compress.scatter %0, %p <format = bitmap> : ({0}, tensor<3xi8>) -> {y}", [Arg((9,))], (4, 6)),
        Case(f"%p = arith.constant {literal(inner)} : tensor<12xui2>\n"
             "  %y = compress.scatter %0, %p <format = n_m, n = 2, m = 4> : ({0}, tensor<12xui2>) -> {y}", [Arg((12,))], (3, 8)),
        Case(f"%p = arith.constant {literal(gaps)} : tensor<5xui4>\n"
             "  %y = compress.scatter %0, %p <format = relative> : ({0}, tensor<5xui4>) -> {y}", [Arg((5,))], (3, 8)),
        Case("%y = compress.scatter %0, %1 <format = list> : ({0}, {1}) -> {y}", [Arg((5,)), Arg((), values=places)], (4, 6)),
        # joins: low rank plus a quantized residual
        Case("%q = compress.dequantize %0, %1 : ({0}, {1}) -> {y}\n  %ab = nn.matmul %2, %3 : ({2}, {3}) -> {y}\n"
             "  %y = nn.add %q, %ab : ({y}, {y}) -> {y}", [codes((4, 6), -8, 8, "i4"), Arg((4, 1), 0.5, 2), Arg((4, 2)), Arg((2, 6))], (4, 6)),
        Case("%o = compress.observe %0, \"a\" : {0}\n  %y = nn.mul %o, %o : ({0}, {0}) -> {y}", [Arg((3, 5))], (3, 5)),
    ]
    return cases


def main(family, folder):
    cases = {"compress": compress_cases, "unary": unary_cases, "arithmetic": arithmetic_cases, "images": image_cases, "sequences": sequence_cases}[family]()
    functions, body, results, types, passes = "", "", [], [], []
    for i, case in enumerate(cases):
        name = f"f{i}"
        functions += case.function(name)
        passes.append(f"nn-differentiate{{function={name} wrt={','.join(map(str, case.floats))}}}")
        text, names = case.check(name)
        n = len(names)
        body += text + (f"  %r{i} = nn.concat {', '.join(names)} {{axis = 0 : i64}} : ({', '.join(['tensor<1xf64>'] * n)})"
                        f" -> tensor<{n}xf64>\n")
        results.append(f"%r{i}")
        types.append(f"tensor<{n}xf64>")
    named = ", ".join(f'{t} {{nn.name = "r{i}"}}' for i, t in enumerate(types))
    # The gradients come before what calls them.
    path = f"{folder}/{family}"
    with open(path + ".mlir", "w") as file:
        file.write(functions)
    text = subprocess.run(["condense-opt", path + ".mlir", f"--pass-pipeline=builtin.module({','.join(passes)})"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    main_text = (f'func.func @main(%h: tensor<f64> {{nn.name = "h"}}) -> ({named}) {{\n{body}'
                 f"  return {', '.join(results)} : {', '.join(types)}\n}}\n")
    end = text.rstrip().rstrip("}")
    with open(path + ".all.mlir", "w") as file:
        file.write(end + main_text + "}\n")
    np.save(path + ".h.npy", np.float64(H))
    call = lambda *args: subprocess.run(args, check=True, stdout=subprocess.DEVNULL)  # noqa: E731
    call("condense", "compile", path + ".all.mlir", "-o", path + ".so")
    for threads in ("1", "2"):
        call("condense", "run", path + ".so", "--threads", threads, "--input", path + ".h.npy", "--output-dir", path + threads)
    worst = 0
    for i, case in enumerate(cases):
        pairs = np.load(f"{path}1/r{i}.npy").reshape(-1, 2)
        assert np.array_equal(pairs, np.load(f"{path}2/r{i}.npy").reshape(-1, 2)), f"case {i} depends on the number of threads"
        error = np.abs(pairs[:, 0] - pairs[:, 1] / 2) / np.maximum(1, np.abs(pairs[:, 0]))
        if not np.all(error < 1e-6):
            print(f"case {i}: {case.body}\n  {pairs[:, 0]} but central differences {pairs[:, 1] / 2}")
            sys.exit(1)
        worst = max(worst, error.max())
    print(f"{len(cases)} cases agree, worst {worst:.1e}")


main(*sys.argv[1:])
