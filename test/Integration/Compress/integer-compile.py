# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Compiles quantized layers for a CPU with VNNI, where they are computed in
# integers, and for one without, where the codes are decoded. All scales are
# powers of two, so that both are exact, and equal bit by bit.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s %t
# RUN: condense compile %t/layers.mlir -o %t/float.so --target=x86-64-v3 --emit-llvm %t/float.ll
# RUN: FileCheck %s --check-prefix=FLOAT --implicit-check-not=vpdpbusd < %t/float.ll
# RUN: condense compile %t/layers.mlir -o %t/integer.so --target=x86-64-v4 --emit-llvm %t/v4.ll
# RUN: FileCheck %s --check-prefix=FLOAT --implicit-check-not=vpdpbusd < %t/v4.ll
# RUN: condense compile %t/layers.mlir -o %t/vnni.so --target=znver4 --emit-llvm %t/vnni.ll
# RUN: FileCheck %s --check-prefix=VNNI < %t/vnni.ll
# FLOAT: define
# VNNI-COUNT-7: call <{{4|8|16}} x i32> @llvm.x86.avx512.vpdpbusd.
# RUN: condense compile %t/layers.mlir -o %t/host.so
# RUN: condense run %t/float.so --input %t/x.npy %t/v.npy --output-dir %t/float > %t/log
# RUN: condense run %t/host.so --input %t/x.npy %t/v.npy --output-dir %t/host > %t/log
# RUN: diff -r %t/float %t/host
import sys

import numpy as np

rng = np.random.default_rng(3)
body, names = [], iter(range(1000))


def literal(array, element):
    return f"dense<{np.array(array).tolist()}> : tensor<{'x'.join(map(str, np.shape(array)))}x{element}>"


def constant(array, element):
    name = f"%c{next(names)}"
    body.append(f"{name} = arith.constant {literal(array, element)}")
    return name


def tensor(shape, element="f32"):
    return f"tensor<{'x'.join(map(str, shape))}x{element}>"


def emit(text, *args):
    name = f"%v{next(names)}"
    body.append(f"{name} = " + text)
    return name


def activation(x, shape, storage, scale, zero):
    ones = [1] * len(shape)
    scales = constant(np.full(ones, scale), "f32")
    zeros = constant(np.full(ones, zero), storage)
    types = f"{tensor(ones)}, {tensor(ones, storage)}"
    codes = emit(f"compress.quantize {x}, {scales}, {zeros} : ({tensor(shape)}, {types}) -> {tensor(shape, storage)}")
    return emit(f"compress.dequantize {codes}, {scales}, {zeros} : ({tensor(shape, storage)}, {types}) -> {tensor(shape)}")


def weight(shape):
    blocks = [shape[0]] + [1] * (len(shape) - 1)
    codes = constant(rng.integers(-128, 128, shape), "i8")
    scales = constant(2.0 ** rng.integers(-9, -6, blocks), "f32")
    return emit(f"compress.dequantize {codes}, {scales} : ({tensor(shape, 'i8')}, {tensor(blocks)}) -> {tensor(shape)}")


def conv(x, shape, channels, kernel, pads, strides=(1, 1), groups=1):
    filter_shape = [channels, kernel, kernel, shape[3] // groups]
    w, bias = weight(filter_shape), constant(rng.integers(-9, 9, [channels]).astype(float), "f32")
    size = [(s + pads[i] + pads[i + 2] - kernel) // strides[i] + 1 for i, s in enumerate(shape[1:3])]
    result = [shape[0], *size, channels]
    y = emit(f"nn.conv2d {x}, {w}, {bias} {{dilations = array<i64: 1, 1>, groups = {groups} : i64, "
             f"layout = #nn.layout<nhwc>, pads = array<i64: {', '.join(map(str, pads))}>, "
             f"strides = array<i64: {', '.join(map(str, strides))}>}} : "
             f"({tensor(shape)}, {tensor(filter_shape)}, {tensor([channels])}) -> {tensor(result)}")
    return y, result


def linear(x, shape, channels):
    w, result = weight([channels, shape[1]]), [shape[0], channels]
    return emit(f"nn.linear {x}, {w} : ({tensor(shape)}, {tensor([channels, shape[1]])}) -> {tensor(result)}"), result


def main(folder):
    x_shape, v_shape, outputs = [1, 9, 7, 3], [5, 37], []
    np.save(f"{folder}/x.npy", rng.integers(-300, 300, x_shape).astype(np.float32) / 4)
    np.save(f"{folder}/v.npy", rng.integers(-300, 300, v_shape).astype(np.float32) / 4)
    for storage, zero in (("ui8", 131), ("i8", -7)):
        # residual: the result is read as numbers and as codes
        a, shape = conv(activation("%x", x_shape, storage, 0.5, zero), x_shape, 18, 3, (1, 1, 1, 1))
        a = emit(f"nn.relu {a} : {tensor(shape)}")
        b, _ = conv(activation(a, shape, storage, 4.0, zero), shape, 18, 3, (1, 1, 1, 1))
        outputs.append((emit(f"nn.add {a}, {b} : ({tensor(shape)}, {tensor(shape)}) -> {tensor(shape)}"), shape))
        outputs.append(conv(activation(a, shape, storage, 8.0, zero), shape, 18, 3, (1, 0, 2, 1), (2, 1), 18))
        c, shape = linear(activation("%v", v_shape, storage, 1.0, zero), v_shape, 70)
        outputs.append(linear(activation(c, shape, storage, 16.0, zero), shape, 3))
        c = emit(f"nn.reshape {a} {{shape = array<i64: 1, 1134>}} : {tensor([1, 9, 7, 18])} -> {tensor([1, 1134])}")
        outputs.append(linear(activation(c, [1, 1134], storage, 8.0, zero), [1, 1134], 192))
    results = ", ".join(f'{tensor(s)} {{nn.name = "y{i}"}}' for i, (_, s) in enumerate(outputs))
    with open(f"{folder}/layers.mlir", "w") as file:
        file.write(f'func.func @main(%x: {tensor(x_shape)} {{nn.name = "x"}}, %v: {tensor(v_shape)} {{nn.name = "v"}}) '
                   f"-> ({results}) {{\n" + "\n".join(body) +
                   f"\nreturn {', '.join(y for y, _ in outputs)} : {', '.join(tensor(s) for _, s in outputs)}\n}}\n")


main(sys.argv[1])
