# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Executes layers of linalg and tosa together with their activation matrices and checks, in numpy, that
# matrix times weight matrix (rows: output channels, columns: what is summed over) is the layer's output.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s generate %t
# RUN: condense-opt %t/layers.mlir --compress-insert-observers=moments=gram --compress-lower-observers > %t/observed.mlir
# RUN: sh -c "condense run %t/observed.mlir --input $(ls %t/x*.npy | sort | tr '\n' ' ') --output-dir %t/out" > %t/log
# RUN: python3 %s check %t | FileCheck %s
# CHECK: 9 layers agree
import sys

import numpy as np

rng = np.random.default_rng(7)


def literal(array):
    return "dense<" + np.array2string(array, separator=", ", threshold=10**9, floatmode="unique").replace("\n", "") + ">"


def tensor(shape):
    return f"tensor<{'x'.join(map(str, shape))}xf32>"


def random(*shape):
    return rng.integers(-8, 9, shape).astype(np.float32) / 4


def linalg(name, x_shape, w_shape, y_shape, rows_of, columns_of, attrs="", groups=1, channels_last=True):
    """`rows_of` and `columns_of` are the dimensions of the weight; `groups` is the size of the first of the former."""
    x, w, y = tensor(x_shape), tensor(w_shape), tensor(y_shape)
    body = (f"%z{{i}} = arith.constant dense<0.0> : {y}\n"
            f"%y{{i}} = linalg.{name} {attrs} ins(%x{{i}}, %w{{i}} : {x}, {w}) outs(%z{{i}} : {y}) -> {y} loc(\"l{{i}}\")\n")
    return make(x_shape, w_shape, y_shape, body, rows_of, columns_of, groups, channels_last)


def tosa(name, x_shape, w_shape, y_shape, rows_of, columns_of, attrs="", groups=1):
    x, w, y = tensor(x_shape), tensor(w_shape), tensor(y_shape)
    zero = '%p{i} = "tosa.const"() {{values = dense<0.0> : tensor<1xf32>}} : () -> tensor<1xf32>\n'
    if name == "matmul":
        body = zero + f"%y{{i}} = tosa.matmul %x{{i}}, %w{{i}}, %p{{i}}, %p{{i}} : ({x}, {w}, tensor<1xf32>, tensor<1xf32>) -> {y} loc(\"l{{i}}\")\n"
    else:
        b = tensor(y_shape[-1:])
        body = zero + (f"%b{{i}} = arith.constant dense<0.0> : {b}\n"
                       f"%y{{i}} = tosa.{name} %x{{i}}, %w{{i}}, %b{{i}}, %p{{i}}, %p{{i}} {{{{acc_type = f32, {attrs}}}}}"
                       f" : ({x}, {w}, {b}, tensor<1xf32>, tensor<1xf32>) -> {y} loc(\"l{{i}}\")\n")
    return make(x_shape, w_shape, y_shape, body, rows_of, columns_of, groups, True)


def make(x_shape, w_shape, y_shape, body, rows_of, columns_of, groups, channels_last):
    w = random(*w_shape)
    columns = int(np.prod([w_shape[d] for d in columns_of]))
    weight = w.transpose(*rows_of, *columns_of).reshape(groups, -1, columns)

    def to_matrix(y):
        if not channels_last:
            y = np.moveaxis(y, 1, -1)
        if body.find("batch_matmul") >= 0 or body.find("tosa.matmul") >= 0:
            return y
        return y.reshape(-1, groups, weight.shape[1]).transpose(1, 0, 2)

    return dict(x=random(*x_shape), w=w, y=tensor(y_shape), body=body, weight=weight, to_matrix=to_matrix)


def make_cases():
    strides = "{{strides = dense<[2, 1]> : vector<2xi64>, dilations = dense<[1, 2]> : vector<2xi64>}}"
    window = "dilation = array<i64: 1, 2>, pad = array<i64: 1, 0, 2, 1>, stride = array<i64: 2, 1>"
    return [
        linalg("matmul", (5, 7), (7, 3), (5, 3), [1], [0]),
        linalg("batch_matmul", (2, 5, 7), (2, 7, 3), (2, 5, 3), [0, 2], [1], groups=2),
        linalg("conv_2d_nhwc_hwcf", (2, 7, 9, 3), (3, 2, 3, 4), (2, 3, 7, 4), [3], [0, 1, 2], strides),
        linalg("conv_2d_nchw_fchw", (2, 3, 7, 9), (4, 3, 3, 2), (2, 4, 3, 7), [0], [1, 2, 3], strides, channels_last=False),
        linalg("depthwise_conv_2d_nhwc_hwc", (2, 7, 9, 3), (3, 2, 3), (2, 3, 7, 3), [2], [0, 1], strides, groups=3),
        linalg("depthwise_conv_2d_nhwc_hwcm", (2, 7, 9, 3), (3, 2, 3, 4), (2, 3, 7, 3, 4), [2, 3], [0, 1], strides, groups=3),
        tosa("matmul", (2, 5, 7), (2, 7, 3), (2, 5, 3), [0, 2], [1], groups=2),
        tosa("conv2d", (2, 6, 4, 3), (5, 3, 2, 3), (2, 3, 5, 5), [0], [1, 2, 3], window),
        tosa("depthwise_conv2d", (2, 6, 4, 3), (3, 2, 3, 2), (2, 3, 5, 6), [2, 3], [0, 1], window, groups=3),
    ]


def generate(folder, cases):
    args, body, names, types = [], "", [], []
    for i, case in enumerate(cases):
        np.save(f"{folder}/x{i:02}.npy", case["x"])
        args.append(f"%x{i}: {tensor(case['x'].shape)}")
        body += f"%w{i} = arith.constant {literal(case['w'])} : {tensor(case['w'].shape)}\n" + case["body"].format(i=i)
        names.append(f"%y{i}")
        types.append(case["y"])
    with open(f"{folder}/layers.mlir", "w") as file:
        named = ", ".join(f'{t} {{nn.name = "y{i}"}}' for i, t in enumerate(types))
        file.write(f"func.func @main({', '.join(args)}) -> ({named}) {{\n{body}return {', '.join(names)} : {', '.join(types)}\n}}\n")


def check(folder, cases):
    for i, case in enumerate(cases):
        y = case["to_matrix"](np.load(f"{folder}/out/y{i}.npy"))
        x = np.load(f"{folder}/out/observe_l{i}.moments.npy")
        product = np.einsum("grk,gok->gro", x, case["weight"])
        assert product.shape == y.shape, (i, product.shape, y.shape)
        assert np.array_equal(product, y), (i, np.abs(product - y).max())  # quarters: exact in f32
    print(f"{len(cases)} layers agree")


{"generate": generate, "check": check}[sys.argv[1]](sys.argv[2], make_cases())
