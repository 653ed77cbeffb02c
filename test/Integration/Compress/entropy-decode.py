# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Executes entropy_decode and join_planes twice, by the reference decomposition (loops over
# blocks, symbols and bits) and by the decoder that compress-fold-decoders uses, on streams
# that are written here from the description of the format, and compares every element.
#
# REQUIRES: numpy
# RUN: python3 %s > %t.mlir
# RUN: condense-opt %t.mlir --convert-compress-to-linalg -o %t.reference.mlir
# RUN: condense-opt %t.mlir --compress-fold-decoders --mlir-print-op-generic | FileCheck %s --check-prefix=FOLDED
# RUN: condense-opt %t.mlir --compress-fold-decoders --convert-compress-to-linalg -o %t.decoder.mlir
# RUN: condense-opt %t.reference.mlir --reconcile-unrealized-casts \
# RUN:   --one-shot-bufferize="bufferize-function-boundaries" --convert-linalg-to-loops --expand-strided-metadata \
# RUN:   --lower-affine --convert-scf-to-cf --convert-arith-to-llvm --convert-math-to-llvm --finalize-memref-to-llvm \
# RUN:   --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts \
# RUN:   | mlir-runner -e main -entry-point-result=void --shared-libs=%runner_libs | FileCheck %s
# RUN: condense-opt %t.decoder.mlir --reconcile-unrealized-casts \
# RUN:   --one-shot-bufferize="bufferize-function-boundaries" --convert-linalg-to-loops --expand-strided-metadata \
# RUN:   --lower-affine --convert-scf-to-cf --convert-arith-to-llvm --convert-math-to-llvm --finalize-memref-to-llvm \
# RUN:   --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts \
# RUN:   | mlir-runner -e main -entry-point-result=void --shared-libs=%runner_libs | FileCheck %s
# FOLDED-NOT: compress.entropy_decode
# FOLDED-NOT: compress.join_planes
# CHECK-NOT: ( 0, {{[1-9]}}
# CHECK: ( 1, 0 )
import heapq
import os
import sys

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from cases import add_case, tensor_type, write_module  # noqa: E402

rng = np.random.default_rng(5)


def code_lengths(symbols):
    values, counts = np.unique(symbols, return_counts=True)
    if len(values) == 1:
        return {int(values[0]): 1}
    heap = [(int(count), int(value), [int(value)]) for value, count in zip(values, counts)]
    heapq.heapify(heap)
    lengths = {int(value): 0 for value in values}
    while len(heap) > 1:
        low, high = heapq.heappop(heap), heapq.heappop(heap)
        for value in low[2] + high[2]:
            lengths[value] += 1
        heapq.heappush(heap, (low[0] + high[0], min(low[1], high[1]), low[2] + high[2]))
    assert max(lengths.values()) <= 11
    return lengths


def huffman(symbols):
    lengths = code_lengths(symbols)
    order = sorted(lengths, key=lambda value: (lengths[value], value))
    codes, code, before = {}, 0, 1
    for value in order:
        code <<= lengths[value] - before
        before = lengths[value]
        codes[value] = [code >> (before - 1 - bit) & 1 for bit in range(before)]
        code += 1
    table = [sum(1 for value in order if lengths[value] == length) for length in range(1, 12)] + order

    def encode(block):
        bits = [bit for value in block for bit in codes[int(value)]]
        return list(np.packbits(np.array(bits, np.uint8), bitorder="little"))
    return table, encode


def rans(symbols):
    values, counts = np.unique(symbols, return_counts=True)
    frequencies = np.maximum(1, counts * 4096 // counts.sum())
    frequencies[np.argmax(frequencies)] += 4096 - frequencies.sum()
    starts = dict(zip(values.tolist(), (np.cumsum(frequencies) - frequencies).tolist()))
    frequencies = dict(zip(values.tolist(), frequencies.tolist()))
    table = [byte for value in sorted(frequencies) for byte in (value, frequencies[value] & 255, frequencies[value] >> 8)]

    def encode(block):
        state, words = 1 << 16, []
        for value in reversed([int(value) for value in block]):
            if state >= frequencies[value] << 20:
                words.append(state & 0xFFFF)
                state >>= 16
            state = (state // frequencies[value] << 12) + state % frequencies[value] + starts[value]
        stream = [state >> shift & 255 for shift in (0, 8, 16, 24)]
        for word in reversed(words):
            stream += [word & 255, word >> 8]
        return stream
    return table, encode


def run_length(symbols):
    def encode(block):
        stream, i = [], 0
        while i < len(block):
            run = 0
            while i < len(block) and block[i] == 0 and run < 255:
                i, run = i + 1, run + 1
            stream.append(run)
            if run < 255 and i < len(block):
                stream.append(int(block[i]))
                i += 1
        return stream
    return [], encode


CODERS = {"huffman": huffman, "rans": rans, "run_length": run_length}


def i8(values):
    return np.array(values, np.uint8).view(np.int8)


def coded(name, symbols, coder, block):
    """Constants of a stream and the operation's text up to the result type."""
    table, encode = CODERS[coder](symbols)
    stream, offsets = [], []
    for first in range(0, len(symbols), block):
        offsets.append(len(stream))
        stream += encode(symbols[first:first + block])
    constants = {f"{name}_stream": (i8(stream), "i8"), f"{name}_offsets": (np.array(offsets, np.int32), "i32"),
                 f"{name}_table": (i8(table), "i8")}
    types = ", ".join(tensor_type(array.shape, kind) for array, kind in constants.values())
    return constants, (f"compress.entropy_decode %{name}_stream, %{name}_offsets, %{name}_table, {coder}, {block} : "
                       f"({types}) -> ")


def signed_bits(values, width):
    values = np.asarray(values, np.int64) & ((1 << width) - 1)
    return np.where(values >= 1 << (width - 1), values - (1 << width), values)


def decode_case(storage, shape, coder, block, symbols):
    width = 8 if storage.startswith("f8") else int(storage.lstrip("ui"))
    constants, operation = coded("s", symbols, coder, block)
    add_case(constants, [f"%result = {operation}{tensor_type(shape, storage)}"], shape, storage,
             signed_bits(symbols.reshape(shape), width))


def bell(count, width):
    return np.clip(np.rint(rng.normal(0, 0.15 * 2 ** width, count)), -(1 << (width - 1)), (1 << (width - 1)) - 1
                   ).astype(np.int64) & ((1 << width) - 1)


def sparse(count, width):
    return np.where(rng.random(count) < 0.07, rng.integers(0, 1 << width, count), 0)


def planes_case(kind, shape, coder):
    bits = 32 if kind == "f32" else 16
    words = rng.normal(0, 0.1, shape).astype(np.float32).view(np.uint32).astype(np.uint64)
    if kind == "bf16":
        words >>= 16
    elif kind == "f16":
        words = rng.normal(0, 0.1, shape).astype(np.float16).view(np.uint16).astype(np.uint64)
    words.flat[:3] = [0, 1 << (bits - 1), (1 << (bits - 2)) + 1]
    rotated = (words << np.uint64(1) | words >> np.uint64(bits - 1)) & np.uint64((1 << bits) - 1)
    planes = [(rotated >> np.uint64(bits - 8 * (i + 1)) & np.uint64(255)).astype(np.uint8) for i in range(bits // 8)]
    constants, operation = coded("p0", planes[0].ravel(), coder, 50)
    operations = [f"%p0 = {operation}{tensor_type(shape, 'i8')}"]
    for i, plane in enumerate(planes[1:]):
        constants[f"p{i + 1}"] = (plane.view(np.int8), "i8")
    names = ", ".join(f"%p{i}" for i in range(bits // 8))
    types = ", ".join([tensor_type(shape, "i8")] * (bits // 8))
    operations.append(f"%result = compress.join_planes {names} : ({types}) -> {tensor_type(shape, kind)}")
    add_case(constants, operations, shape, kind, signed_bits(words, bits))


SHAPES = [((7, 13), 20), ((3, 5, 2, 4), 1000), ((97,), 97), ((1, 1), 4), ((16, 20), 64)]
for coder in CODERS:
    for shape, block in SHAPES:
        for storage in ["i2", "i3", "i4", "i8", "ui4", "ui8"]:
            width, count = int(storage.lstrip("ui")), int(np.prod(shape))
            decode_case(storage, shape, coder, block, bell(count, width))
            decode_case(storage, shape, coder, block, sparse(count, width))
    decode_case("f8E4M3FN", (9, 11), coder, 32, bell(99, 6))
    decode_case("i8", (40, 30), coder, 1024, np.where(np.arange(1200) % 400 == 399, 5, 0))  # long runs
    decode_case("i5", (4, 6), coder, 7, np.full(24, 9))  # a single symbol
for kind in ["bf16", "f16", "f32"]:
    for coder in ["huffman", "rans"]:
        planes_case(kind, (5, 29), coder)

write_module()
