# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Executes the reference decompositions of unpack, dequantize and quantize and
# compares every element, bit by bit, with a restatement of their definitions in
# NumPy: all storages, odd sizes, blocks along any dimension, ties and extremes.
#
# REQUIRES: numpy
# RUN: python3 %s > %t.mlir
# RUN: condense-opt %t.mlir --convert-compress-to-linalg --reconcile-unrealized-casts \
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
from cases import add_case, tensor_type, write_module  # noqa: E402

rng = np.random.default_rng(1)


def f32(values):
    return np.asarray(values, np.float32)


def pack(codes, width):
    bits = np.zeros(((codes.size * width + 7) // 8) * 8, np.uint8)
    for i, code in enumerate(codes.ravel()):
        for b in range(width):
            bits[i * width + b] = int(code) >> b & 1
    return np.packbits(bits, bitorder="little").view(np.int8)


def widen(scales, shape):
    """Scales (or zero points) of blocks, repeated to every element."""
    for dim, size in enumerate(shape):
        scales = np.repeat(scales, size // scales.shape[dim], axis=dim)
    return scales


def decode8(code, mantissa, bias):
    magnitude = code & 0x7F
    exponent, fraction = magnitude >> mantissa, magnitude & ((1 << mantissa) - 1)
    value = fraction * 2.0 ** (1 - bias - mantissa) if exponent == 0 else \
        (fraction + (1 << mantissa)) * 2.0 ** (exponent - bias - mantissa)
    return -value if code & 0x80 else value


FLOAT8 = {"f8E4M3FN": (3, 7, 0x7E), "f8E5M2": (2, 15, 0x7B)}


def signed_bits(values, width):
    """Codes as the signed integers that a dense attribute of iN prints."""
    values = np.asarray(values, np.int64) & ((1 << width) - 1)
    return np.where(values >= 1 << (width - 1), values - (1 << width), values)


def dequantize_case(storage, shape, scale_shape, scale_kind="f16"):
    unsigned, is_float = storage.startswith("u"), storage in FLOAT8
    width = 8 if is_float else int(storage.lstrip("ui"))
    raw = rng.integers(0, 1 << width, shape)
    raw.flat[:min(raw.size, 1 << width)] = np.arange(min(raw.size, 1 << width))  # every code where there is room
    scales = (rng.uniform(0.01, 2, scale_shape)).astype(np.float16 if scale_kind == "f16" else np.float32)
    constants = {"bytes": (pack(raw, width), "i8"), "scales": (scales, scale_kind)}
    operations = [f"%codes = compress.unpack %bytes : {tensor_type(constants['bytes'][0].shape, 'i8')} -> {tensor_type(shape, storage)}"]
    zero_operand = zero_type = ""
    numbers = raw if unsigned else signed_bits(raw, width)
    if is_float:
        mantissa, bias, largest = FLOAT8[storage]
        raw = np.where((raw & 0x7F) > largest, 0, raw)  # no NaN or infinity: their bits are not specified
        constants["bytes"] = (pack(raw, 8), "i8")
        numbers = f32(np.vectorize(lambda code: decode8(int(code), mantissa, bias))(raw))
    elif unsigned or width == 8:
        zeros = rng.integers(0, 1 << width, scale_shape)
        constants["zero_bytes"] = (pack(zeros, width), "i8")
        operations.append(f"%zeros = compress.unpack %zero_bytes : {tensor_type(constants['zero_bytes'][0].shape, 'i8')} -> {tensor_type(scale_shape, storage)}")
        zero_operand, zero_type = ", %zeros", ", " + tensor_type(scale_shape, storage)
        numbers = numbers - widen(zeros if unsigned else signed_bits(zeros, width), shape)
    operations.append(f"%result = compress.dequantize %codes, %scales{zero_operand} : ({tensor_type(shape, storage)}, "
                      f"{tensor_type(scale_shape, scale_kind)}{zero_type}) -> {tensor_type(shape, 'f32')}")
    expected = f32(numbers) * widen(scales, shape).astype(np.float32)
    add_case(constants, operations, shape, "f32", expected.view(np.int32))


def lookup_case(storage, shape, book_shape, entry_kind="f16"):
    """Indices are unsigned, whatever their type says; one past the end reads the last entry."""
    width = int(storage.lstrip("ui"))
    indices = rng.integers(0, 1 << width, shape)
    entries = book_shape[-1]
    books = rng.normal(0, 1, book_shape).astype(np.float16 if entry_kind == "f16" else np.float32)
    constants = {"bytes": (pack(indices, width), "i8"), "book": (books, entry_kind)}
    operations = [f"%indices = compress.unpack %bytes : {tensor_type(constants['bytes'][0].shape, 'i8')} -> {tensor_type(shape, storage)}",
                  f"%result = compress.lookup %indices, %book : ({tensor_type(shape, storage)}, "
                  f"{tensor_type(book_shape, entry_kind)}) -> {tensor_type(shape, 'f32')}"]
    block = widen(np.arange(books.size // entries).reshape(book_shape[:-1]), shape)
    expected = f32(books.reshape(-1, entries)[block, np.minimum(indices, entries - 1)])
    add_case(constants, operations, shape, "f32", expected.view(np.int32))


def scaled_lookup_case(shape, scale_shape):
    """dequantize(lookup(indices), scales), the scales powers of two."""
    indices = rng.integers(0, 16, shape)
    book = np.sort(rng.normal(0, 1, (1,) * len(shape) + (16,)).astype(np.float32))
    exponents = rng.integers(100, 150, scale_shape)
    exponents.flat[0] = 0  # 2^-127
    constants = {"bytes": (pack(indices, 4), "i8"), "book": (book, "f32"), "exponents": (exponents.astype(np.uint8), "f8E8M0FNU")}
    operations = [f"%indices = compress.unpack %bytes : {tensor_type(constants['bytes'][0].shape, 'i8')} -> {tensor_type(shape, 'ui4')}",
                  f"%values = compress.lookup %indices, %book : ({tensor_type(shape, 'ui4')}, {tensor_type(book.shape, 'f32')}) -> {tensor_type(shape, 'f32')}",
                  f"%result = compress.dequantize %values, %exponents : ({tensor_type(shape, 'f32')}, {tensor_type(scale_shape, 'f8E8M0FNU')}) -> {tensor_type(shape, 'f32')}"]
    scales = np.ldexp(np.float32(1), exponents - 127).astype(np.float32)
    add_case(constants, operations, shape, "f32", (book.ravel()[indices] * widen(scales, shape)).astype(np.float32).view(np.int32))


def nested_scales_case(shape, scale_shape, outer_shape):
    """Scales that are quantized themselves."""
    codes, scale_codes = rng.integers(0, 16, shape), rng.integers(1, 256, scale_shape)
    outer = f32(rng.uniform(0.001, 0.01, outer_shape))
    constants = {"bytes": (pack(codes, 4), "i8"), "scale_bytes": (pack(scale_codes, 8), "i8"), "outer": (outer, "f32")}
    operations = [f"%codes = compress.unpack %bytes : {tensor_type(constants['bytes'][0].shape, 'i8')} -> {tensor_type(shape, 'i4')}",
                  f"%scale_codes = compress.unpack %scale_bytes : {tensor_type(constants['scale_bytes'][0].shape, 'i8')} -> {tensor_type(scale_shape, 'ui8')}",
                  f"%scales = compress.dequantize %scale_codes, %outer : ({tensor_type(scale_shape, 'ui8')}, {tensor_type(outer_shape, 'f32')}) -> {tensor_type(scale_shape, 'f32')}",
                  f"%result = compress.dequantize %codes, %scales : ({tensor_type(shape, 'i4')}, {tensor_type(scale_shape, 'f32')}) -> {tensor_type(shape, 'f32')}"]
    scales = f32(scale_codes) * widen(outer, scale_shape)
    add_case(constants, operations, shape, "f32", (f32(signed_bits(codes, 4)) * widen(scales, shape)).view(np.int32))


def encode8(values, storage):
    mantissa, bias, largest = FLOAT8[storage]
    table = np.array([decode8(code, mantissa, bias) for code in range(largest + 1)])
    magnitude = np.minimum(np.abs(values.astype(np.float64)), table[-1])
    above = np.minimum(np.searchsorted(table, magnitude), largest)
    below = np.maximum(above - 1, 0)
    upper, lower = table[above] - magnitude, magnitude - table[below]
    code = np.where(upper < lower, above, np.where(lower < upper, below, np.where(above % 2 == 0, above, below)))
    return np.where(np.isnan(values), 0, code | np.where(np.signbit(values), 0x80, 0))


def quantize_case(storage, shape, scale_shape):
    unsigned, is_float = storage.startswith("u"), storage in FLOAT8
    width = 8 if is_float else int(storage.lstrip("ui"))
    scales = f32(rng.choice([0.25, 0.5, 0.37, 1.0], scale_shape))
    x = f32(rng.normal(0, 2.0 ** (width - 2), shape))
    wide = widen(scales, shape)
    x.flat[::3] = f32(np.round(x.flat[::3] * 2) / 2) * wide.flat[::3]  # ties
    x.flat[:6] = [np.nan, np.inf, -np.inf, 3e38, -0.0, 1e-40]
    constants = {"x": (x, "f32"), "scales": (scales, "f32")}
    operations, zero_operand, zero_type = [], "", ""
    quotient = x / wide
    if is_float:
        codes = encode8(quotient, storage)
    else:
        zeros = np.zeros(scale_shape, np.int64)
        if unsigned:
            zeros = rng.integers(0, 1 << width, scale_shape)
            constants["zero_bytes"] = (pack(zeros, width), "i8")
            operations.append(f"%zeros = compress.unpack %zero_bytes : {tensor_type(constants['zero_bytes'][0].shape, 'i8')} -> {tensor_type(scale_shape, storage)}")
            zero_operand, zero_type = ", %zeros", ", " + tensor_type(scale_shape, storage)
        low, high = (0, (1 << width) - 1) if unsigned else (-(1 << (width - 1)), (1 << (width - 1)) - 1)
        rounded = np.nan_to_num(np.rint(quotient).astype(np.float64), nan=0)
        codes = np.clip(rounded + widen(zeros, shape), low, high).astype(np.int64)
    operations.append(f"%result = compress.quantize %x, %scales{zero_operand} : ({tensor_type(shape, 'f32')}, "
                      f"{tensor_type(scale_shape, 'f32')}{zero_type}) -> {tensor_type(shape, storage)}")
    add_case(constants, operations, shape, storage, signed_bits(codes, width))


BLOCKS = [((5, 96), (5, 3)), ((7, 13), (1, 1)), ((8, 33), (8, 1)), ((12, 7), (3, 7)), ((2, 8, 3, 3), (2, 2, 1, 1)),
          ((3, 3, 6, 5), (1, 1, 1, 5)), ((17,), (1,)), ((2, 9, 4, 6), (1, 3, 4, 2)), ((1, 6, 1, 10), (1, 6, 1, 2))]
with np.errstate(all="ignore"):
    for storage in ["i2", "i3", "i4", "i5", "i7", "i8", "ui2", "ui3", "ui4", "ui6", "ui8", "f8E4M3FN", "f8E5M2"]:
        for shape, scale_shape in BLOCKS:
            dequantize_case(storage, shape, scale_shape)
            quantize_case(storage, shape, scale_shape)
        dequantize_case(storage, (16, 32), (16, 1), "f32")
    for storage in ["i2", "ui2", "ui3", "i4", "ui4", "ui5", "i8", "ui8"]:
        for shape, scale_shape in BLOCKS:
            lookup_case(storage, shape, scale_shape + (1 << int(storage.lstrip("ui")),))
        lookup_case(storage, (6, 10), (3, 1, 3), "f32")
    for shape, scale_shape in BLOCKS:
        scaled_lookup_case(shape, scale_shape)
        nested_scales_case(shape, scale_shape, (1,) * len(shape))
    nested_scales_case((8, 60), (8, 6), (4, 2))

write_module()
