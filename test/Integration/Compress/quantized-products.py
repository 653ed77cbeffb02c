# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Layers with quantized activations and weights of 2, 3, 4 and 8 bits in blocks: summed as integers with VNNI, as floats
# without. All scales are powers of two and all sums fit a float, so that both are exact, and equal to numpy's.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s write %t
# RUN: condense compile %t/layers.mlir -o %t/float.so --target=x86-64-v3 --emit-llvm %t/float.ll
# RUN: FileCheck %s --check-prefix=FLOAT --implicit-check-not=vpdpbusd < %t/float.ll
# RUN: condense compile %t/layers.mlir -o %t/vnni.so --target=znver4 --emit-llvm %t/vnni.ll
# RUN: FileCheck %s --check-prefix=VNNI < %t/vnni.ll
# FLOAT: define
# VNNI-COUNT-14: call <16 x i32> @llvm.x86.avx512.vpdpbusd.512
# RUN: condense compile %t/layers.mlir -o %t/host.so
# RUN: condense run %t/float.so --input %t/x*.npy --output-dir %t/float > %t/log
# RUN: condense run %t/host.so --input %t/x*.npy --output-dir %t/host > %t/log
# RUN: python3 %s check %t
import sys

import numpy as np

# rows, columns, k, block of w, blocks of x, bits
LAYERS = [(1, 100, 160, 32, 1, 4), (1, 256, 96, 32, 3, 4), (3, 33, 96, 32, 3, 4), (5, 96, 96, 32, 1, 4),
          (17, 130, 128, 64, 1, 4), (17, 49, 64, 32, 2, 8), (1, 192, 64, 64, 1, 8), (6, 40, 96, 16, 1, 2),
          (4, 48, 96, 8, 12, 2), (5, 20, 96, 32, 1, 3), (2, 512, 192, 96, 2, 3), (3, 7, 24, 12, 1, 4),
          (1, 100, 160, 32, 1, "table"), (17, 49, 64, 64, 2, "table"), (3, 17, 36, 12, 1, "table"),
          (3, 33, 96, 96, 1, "books"), (1, 64, 100, 100, 1, "books"), (7, 64, 96, 32, 1, "nested"), (33, 128, 96, 32, 1, "nested"), (40, 48, 64, 16, 1, "nested"),
          (32, 100, 96, 32, 1, "nested"), (3, 1, 64, 32, 1, 4), (3, 17, 36, 6, 1, 4)]


def pack(codes, bits):
    planes = (codes.reshape(-1, 1).astype(np.uint8) >> np.arange(bits, dtype=np.uint8)) & 1
    return np.packbits(planes.reshape(-1), bitorder="little").view(np.int8)


def literal(array, element):
    return f'dense<"0x{array.tobytes().hex()}"> : tensor<{"x".join(map(str, array.shape))}x{element}>'


def data(number):
    """The codes and scales of x and w, the bias, of a layer."""
    m, n, k, block, blocks, bits = LAYERS[number]
    rng = np.random.default_rng(number)
    width = bits if isinstance(bits, int) else 4
    qx = rng.integers(-127, 128, (m, k)).astype(np.int8)
    sx = np.exp2(rng.integers(-2, 1, (m, blocks))).astype(np.float32)
    qw = rng.integers(-(1 << (width - 1)), 1 << (width - 1), (n, k)).astype(np.int8)
    sw = np.exp2(rng.integers(-2 if bits != 8 else 0, 1, (n, k // block))).astype(np.float16)
    if bits == "nested":
        sw = rng.integers(1, 6, (n, k // block)).astype(np.int8)
    if bits in ("table", "books"):  # integers that no four bits hold
        sw = np.exp2(rng.integers(-2, 1, (n, k // block))).astype(np.float16)
        qw = rng.integers(0, 16, (n, k)).astype(np.int8)
    return qx, sx, qw, sw, rng.integers(-9, 10, n).astype(np.float32)


def codebook(number):
    """The entries of layers that have some: of all channels, or of each."""
    n, bits = LAYERS[number][1], LAYERS[number][5]
    rng = np.random.default_rng(100 + number)
    return rng.integers(-127, 128, (1 if bits == "table" else n, 1, 16)).astype(np.float16)


def layer(number):
    """The lines of a layer, and its type."""
    m, n, k, block, blocks, bits = LAYERS[number]
    _, sx, qw, sw, bias = data(number)
    i, width = number, bits if isinstance(bits, int) else 4
    bytes_ = qw.reshape(-1) if bits == 8 else pack(qw, width)
    xt, qt, st, wt = f"tensor<{m}x{k}xf32>", f"tensor<{m}x{k}xi8>", f"tensor<{m}x{blocks}xf32>", f"tensor<{n}x{k}xf32>"
    scale = f"tensor<{n}x{k // block}xf16>"
    lines = [f"%sx{i} = arith.constant {literal(sx, 'f32')}", f"%bias{i} = arith.constant {literal(bias, 'f32')}",
             f"%qx{i} = compress.quantize %x{i}, %sx{i} : ({xt}, {st}) -> {qt}",
             f"%dx{i} = compress.dequantize %qx{i}, %sx{i} : ({qt}, {st}) -> {xt}",
             f"%bytes{i} = arith.constant {literal(bytes_, 'i8')}",
             f"%codes{i} = compress.unpack %bytes{i} : tensor<{len(bytes_)}xi8> -> tensor<{n}x{k}xi{width}>"]
    if bits == "nested":
        scale = scale.replace("f16", "f32")
        column = np.full((n, 1), 0.5, np.float32)
        lines += [f"%m{i} = arith.constant {literal(sw, 'i8')}", f"%c{i} = arith.constant {literal(column, 'f32')}",
                  f"%sw{i} = compress.dequantize %m{i}, %c{i} : (tensor<{n}x{k // block}xi8>, tensor<{n}x1xf32>) -> {scale}"]
    else:
        lines.append(f"%sw{i} = arith.constant {literal(sw, 'f16')}")
    codes, kind = f"%codes{i}", f"tensor<{n}x{k}xi{width}>"
    if bits in ("table", "books"):
        book = codebook(i)
        type_ = f"tensor<{book.shape[0]}x1x16xf16>"
        lines += [f"%book{i} = arith.constant {literal(book, 'f16')}",
                  f"%values{i} = compress.lookup {codes}, %book{i} : ({kind}, {type_}) -> {wt}"]
        codes, kind = f"%values{i}", wt
    lines += [f"%w{i} = compress.dequantize {codes}, %sw{i} : ({kind}, {scale}) -> {wt}",
              f"%l{i} = nn.linear %dx{i}, %w{i}, %bias{i} : ({xt}, {wt}, tensor<{n}xf32>) -> tensor<{m}x{n}xf32>",
              f"%y{i} = nn.relu %l{i} : tensor<{m}x{n}xf32>"]
    return lines, xt, f"tensor<{m}x{n}xf32>"


def write(folder):
    layers = [layer(i) for i in range(len(LAYERS))]
    for i, (m, _, k, _, blocks, _) in enumerate(LAYERS):
        qx, sx = data(i)[:2]
        np.save(f"{folder}/x{i:02}.npy", qx.astype(np.float32) * np.repeat(sx, k // blocks, 1))
    arguments = ", ".join(f'%x{i}: {x} {{nn.name = "x{i:02}"}}' for i, (_, x, _) in enumerate(layers))
    results = ", ".join(f'{y} {{nn.name = "y{i:02}"}}' for i, (_, _, y) in enumerate(layers))
    with open(f"{folder}/layers.mlir", "w") as file:
        file.write(f"func.func @main({arguments}) -> ({results}) {{\n")
        file.write("\n".join(line for lines, _, _ in layers for line in lines))
        names, types = ", ".join(f"%y{i}" for i in range(len(layers))), ", ".join(y for _, _, y in layers)
        file.write(f"\nreturn {names} : {types}\n}}\n")


def check(folder):
    for i, (m, n, k, block, blocks, bits) in enumerate(LAYERS):
        qx, sx, qw, sw, bias = data(i)
        if bits in ("table", "books"):
            book = np.broadcast_to(codebook(i)[:, 0], (n, 16))
            qw = np.take_along_axis(book, qw.astype(np.int64), 1).astype(np.float64)
        x = qx * np.repeat(sx.astype(np.float64), k // blocks, 1)
        w = qw * np.repeat(sw.astype(np.float64), block, 1) * (0.5 if bits == "nested" else 1)
        expected = np.maximum(x @ w.T + bias, 0).astype(np.float32)
        for kind in ("float", "host"):
            actual = np.load(f"{folder}/{kind}/y{i:02}.npy")
            assert np.array_equal(actual, expected), (kind, LAYERS[i], np.abs(actual - expected).max())


(write if sys.argv[1] == "write" else check)(sys.argv[2])
