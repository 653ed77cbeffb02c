# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Executes layers together with their activation matrices and checks, in numpy, that
# matrix times weight matrix (in its documented order) is the layer's output, for
# batch dimensions, layouts, strides, dilations, paddings and groups that divide nothing.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s generate %t
# RUN: condense-opt %t/layers.mlir --compress-insert-observers=moments=gram --compress-lower-observers > %t/observed.mlir
# RUN: sh -c "condense run %t/observed.mlir --input $(ls %t/x*.npy | sort | tr '\n' ' ') --output-dir %t/out" > %t/log
# RUN: python3 %s check %t | FileCheck %s
# CHECK: 21 layers agree
import sys

import numpy as np

rng = np.random.default_rng(5)


def literal(array):
    return "dense<" + np.array2string(array, separator=", ", threshold=10**9, floatmode="unique").replace("\n", "") + ">"


def tensor(shape, dynamic=()):
    dims = "".join(("?" if i in dynamic else str(size)) + "x" for i, size in enumerate(shape))
    return f"tensor<{dims}f32>"


def random(*shape):
    return rng.integers(-8, 9, shape).astype(np.float32) / 4


def dense(x_shape, w_shape, dynamic=(), op="linear"):
    x, w = random(*x_shape), random(*w_shape)
    if op == "linear":
        matrix, y_shape = w, x_shape[:-1] + w_shape[:1]
    else:
        matrix = w.reshape(w_shape[-2:]).T if w.ndim > 1 else w[None]
        y_shape = np.matmul(x, w).shape
    free = len(y_shape) - (0 if op == "matmul" and w.ndim == 1 else 1)
    return dict(x=x, w=w, dynamic=dynamic, y_type=tensor(y_shape, [d for d in dynamic if d < free]), op=op, attrs="",
                weight=matrix[None], to_matrix=lambda y: y.reshape(1, -1, matrix.shape[0]))


def conv(layout, x_shape, out, kernel, strides=(1, 1), dilations=(1, 1), pads=(0, 0, 0, 0), groups=1, dynamic=()):
    """`x_shape` is n, c, h, w."""
    n, c, h, w = x_shape
    f_shape = (out, c // groups) + kernel
    order = (0, 1, 2, 3) if layout == "nchw" else (0, 2, 3, 1)
    x, f = random(*(x_shape[d] for d in order)), random(*(f_shape[d] for d in order))
    sizes = [(size + pads[d] + pads[d + 2] - dilations[d] * (kernel[d] - 1) - 1) // strides[d] + 1
             for d, size in enumerate((h, w))]
    y_shape = (n, out, *sizes)
    back = (0, 1, 2, 3) if layout == "nchw" else (0, 3, 1, 2)

    def to_matrix(y):
        y = y.transpose(back).reshape(n, groups, out // groups, -1)
        return y.transpose(1, 0, 3, 2).reshape(groups, -1, out // groups)

    array = lambda values: f"array<i64: {', '.join(map(str, values))}>"  # noqa: E731
    attrs = (f" {{strides = {array(strides)}, dilations = {array(dilations)}, pads = {array(pads)}, "
             f"groups = {groups} : i64, layout = #nn.layout<{layout}>}}")
    return dict(x=x, w=f, dynamic=[order.index(d) for d in dynamic], attrs=attrs, op="conv2d",
                y_type=tensor([y_shape[d] for d in order], [order.index(d) for d in dynamic]),
                weight=f.reshape(groups, out // groups, -1), to_matrix=to_matrix)


def make_cases():
    cases = [
        dense((7,), (3, 7)), dense((5, 7), (3, 7)), dense((2, 3, 5, 7), (4, 7)), dense((2, 3, 7), (1, 7), dynamic=(0,)),
        dense((3, 2, 5), (6, 5), dynamic=(0, 1)), dense((3, 2, 5), (6, 5), dynamic=(0, 2)),
        dense((5, 7), (7, 3), op="matmul"), dense((2, 5, 7), (1, 7, 3), op="matmul", dynamic=(0,)),
        dense((7,), (7, 3), op="matmul"), dense((4, 7), (7,), op="matmul")
    ]
    for layout in ("nchw", "nhwc"):
        cases += [
            conv(layout, (2, 3, 7, 5), 4, (3, 2)),
            conv(layout, (2, 3, 7, 6), 5, (3, 3), strides=(2, 3), pads=(1, 0, 2, 1), dynamic=(0,)),
            conv(layout, (1, 4, 9, 8), 6, (3, 2), dilations=(2, 3), pads=(1, 1, 1, 1), groups=2),
            conv(layout, (2, 5, 6, 7), 10, (3, 3), strides=(2, 1), pads=(1, 1, 1, 1), groups=5, dynamic=(0, 2, 3)),
            conv(layout, (3, 6, 4, 4), 7, (1, 1)),
        ]
    cases.append(conv("nchw", (2, 4, 5, 5), 4, (3, 3), groups=4, dynamic=(0,)))
    return cases


def generate(folder, cases):
    args, body, results, types = [], "", [], []
    for i, case in enumerate(cases):
        np.save(f"{folder}/x{i:02}.npy", case["x"])
        x_type, w_type = tensor(case["x"].shape, case["dynamic"]), tensor(case["w"].shape)
        args.append(f'%x{i}: {x_type} {{nn.name = "x{i}"}}')
        body += f"  %w{i} = arith.constant {literal(case['w'])} : {w_type}\n"
        body += f'  %y{i} = nn.{case["op"]} %x{i}, %w{i}{case["attrs"]} : ({x_type}, {w_type}) -> {case["y_type"]} loc("l{i}")\n'
        results.append(f"%y{i}")
        types.append(f'{case["y_type"]} {{nn.name = "y{i}"}}')
    with open(f"{folder}/layers.mlir", "w") as file:
        plain = ", ".join(case["y_type"] for case in cases)
        file.write(f"func.func @main({', '.join(args)}) -> ({', '.join(types)}) {{\n{body}"
                   f"  return {', '.join(results)} : {plain}\n}}\n")


def check(folder, cases):
    for i, case in enumerate(cases):
        y = case["to_matrix"](np.load(f"{folder}/out/y{i}.npy"))
        x = np.load(f"{folder}/out/observe_l{i}.moments.npy")
        product = np.einsum("grk,gok->gro", x, case["weight"])
        assert product.shape == y.shape, (i, product.shape, y.shape)
        assert np.array_equal(product, y), (i, np.abs(product - y).max())  # quarters: exact in f32
    print(f"{len(cases)} layers agree")


{"generate": generate, "check": check}[sys.argv[1]](sys.argv[2], make_cases())
