# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Executes the reference decomposition of scatter, and what it is evaluated to on the host, and
# compares every element with a restatement of its definition in NumPy: all encodings and kinds
# of elements, odd sizes, blocks that do not divide, nothing and everything stored.
#
# REQUIRES: numpy
# RUN: python3 %s > %t.mlir
# RUN: condense-opt %t.mlir --convert-compress-to-linalg --reconcile-unrealized-casts \
# RUN:   --one-shot-bufferize="bufferize-function-boundaries" --convert-linalg-to-loops --expand-strided-metadata \
# RUN:   --lower-affine --convert-scf-to-cf --convert-arith-to-llvm --convert-math-to-llvm --finalize-memref-to-llvm \
# RUN:   --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts \
# RUN:   | mlir-runner -e main -entry-point-result=void --shared-libs=%runner_libs | FileCheck %s
# RUN: condense-opt %t.mlir --compress-fold-decoders --convert-compress-to-linalg --reconcile-unrealized-casts \
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

rng = np.random.default_rng(2)


def pack(codes, width):
    bits = np.zeros(((len(codes) * width + 7) // 8) * 8, np.uint8)
    for i, code in enumerate(codes):
        for b in range(width):
            bits[i * width + b] = int(code) >> b & 1
    return np.packbits(bits, bitorder="little").view(np.int8)


def blocks_of(shape, block):
    """The row-major elements of each block, in the order of the blocks."""
    rows = shape[0] if len(shape) > 1 else 1
    columns = int(np.prod(shape)) // rows
    index = np.arange(rows * columns).reshape(rows, columns)
    return [index[r:r + block[0], c:c + block[1]].ravel()
            for r in range(0, rows, block[0]) for c in range(0, columns, block[1])]


def stored_blocks(count, density, kind):
    """Blocks that are stored: some, and what bridges gaps."""
    chosen = np.flatnonzero(rng.random(count) < density)
    if not kind.startswith("relative"):
        return chosen
    longest, stored, last = (15 if kind == "relative4" else 255), [], -1
    for position in chosen:
        while position - last - 1 > longest:
            last += longest + 1
            stored.append(last)
        stored.append(position)
        last = position
    return np.array(stored, np.int64)


def groups_of(shape, n, m):
    rows = shape[0] if len(shape) > 1 else 1
    columns = int(np.prod(shape)) // rows
    stored, fields = [], []
    for row in range(rows):
        for start in range(0, columns, m):
            length = min(m, columns - start)
            places = np.sort(rng.choice(length, -(-n * length // m), replace=False))
            fields.extend(places)
            stored.extend(row * columns + start + places)
    return np.array(stored), fields


def positions_of(kind, count, stored, fields, width):
    """The positions as a constant, and the operation that unpacks it."""
    if kind == "bitmap":
        return (pack(np.isin(np.arange(count), stored), 1) if count else np.zeros(0, np.int8), "i8"), "", "i8"
    if kind.startswith("list"):
        element = "i" + kind[4:]
        return (stored.astype(np.uint16 if element == "i16" else np.int32).astype(
            np.int16 if element == "i16" else np.int32), element), "", element
    raw = pack(fields, width)
    operation = f"%positions = compress.unpack %raw : {tensor_type(raw.shape, 'i8')} -> " \
                f"{tensor_type((len(fields),), f'ui{width}')}"
    return (raw, "i8"), operation, f"ui{width}"


def scatter_case(element, shape, kind, density=0.3, block=None, n=0, m=0):
    blocks = blocks_of(shape, block or (1, 1))
    if kind == "n_m":
        stored, fields = groups_of(shape, n, m)
        width = max(2, (m - 1).bit_length())
    else:
        stored = stored_blocks(len(blocks), density, kind)
        fields = np.diff(np.concatenate([[-1], stored])) - 1
        width = 4 if kind == "relative4" else 8
    count = int(sum(len(blocks[i]) for i in stored))
    constants, operations = {}, []
    constant, unpack, position_type = positions_of(kind, len(blocks), stored, fields, width)
    constants["raw" if unpack else "positions"] = constant
    operations += [unpack] if unpack else []
    if element in ("f32", "f16"):
        values = rng.normal(size=count).astype(np.float32 if element == "f32" else np.float16)
        constants["values"] = (values, element)
        expected = values.view(np.int32 if element == "f32" else np.int16)
    else:
        bits = int(element.lstrip("ui"))
        codes = rng.integers(1, 1 << bits, count)
        raw = pack(codes, bits)
        constants["value_bytes"] = (raw, "i8")
        operations.append(f"%values = compress.unpack %value_bytes : {tensor_type(raw.shape, 'i8')} -> "
                          f"{tensor_type((count,), element)}")
        expected = np.where(codes >= 1 << (bits - 1), codes - (1 << bits), codes)
    dense = np.zeros(int(np.prod(shape)), expected.dtype)
    dense[np.concatenate([blocks[i] for i in stored]).astype(np.int64) if count else []] = expected
    name = {"relative4": "relative", "relative8": "relative", "list16": "list", "list32": "list"}.get(kind, kind)
    attributes = f"format = {name}" + (f", n = {n}, m = {m}" if m else "") + (f", block = {list(block)}" if block else "")
    operations.append(f"%result = compress.scatter %values, %positions <{attributes}> : "
                      f"({tensor_type((count,), element)}, "
                      f"{tensor_type((len(fields),) if unpack else constant[0].shape, position_type)}) -> "
                      f"{tensor_type(shape, element)}")
    add_case(constants, operations, shape, element, dense.reshape(shape))


SHAPES = [(7, 13), (29,), (3, 5, 7), (2, 4, 3, 3), (1, 64)]
for kind in ["bitmap", "relative4", "relative8", "list16", "list32"]:
    for shape in SHAPES:
        scatter_case("f32", shape, kind)
    for element in ["f16", "i8", "i4", "ui4", "i3"]:
        scatter_case(element, (9, 11), kind)
    scatter_case("f32", (6, 8), kind, block=(2, 4))
    scatter_case("f16", (5, 3, 3), kind, block=(2, 4), density=0.5)
    scatter_case("i4", (7, 10), kind, block=(3, 3), density=0.5)
    scatter_case("f32", (5, 6), kind, density=1.1)
scatter_case("f32", (40, 40), "relative4", density=0.01)
scatter_case("f32", (40, 40), "relative8", density=0.003)
scatter_case("f32", (256, 257), "list16", block=(1, 2), density=0.001)
for n, m in [(1, 2), (2, 4), (1, 4), (3, 7), (4, 8), (15, 16), (5, 9)]:
    scatter_case("f32", (3, 2 * m), "n_m", n=n, m=m)
    scatter_case("i4", (5, 2 * m + 1), "n_m", n=n, m=m)
    scatter_case("f16", (4, 3, 3, 3), "n_m", n=n, m=m)
    scatter_case("f32", (2, m - 1), "n_m", n=n, m=m)
write_module()
