#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Feeds the importer corrupted ONNX files: none may crash it, hang it or leave a partial output.

usage: corrupt_onnx.py --condense build/bin/condense MODEL.onnx ... [--count 200] [--seed 1]

The files are made from the given models with a fixed seed, by turns: truncated, with bits
flipped anywhere, with bits flipped in the structure (beside the weights), and with shapes or
attributes replaced by huge, negative or zero numbers. For each, `condense compress` must within
ten seconds either succeed and write a file that `condense inspect` reads, or exit with a
non-zero status and an error message and write nothing.
"""
import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import protobuf_wire as wire

SECONDS = 10
REFUSALS = range(1, 5)  # Exit codes of `condense`; 5 is an internal error.
EXTREMES = (0, -1, 2**31 - 1, 2**31, 2**32 + 1, 2**62, 2**63 - 1, -2**63)


def truncate(rng, data):
    return data[:rng.randrange(len(data))]


def flip_bits(rng, data, positions):
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        out[rng.choice(positions)] ^= 1 << rng.randrange(8)
    return bytes(out)


def flip_anywhere(rng, data):
    return flip_bits(rng, data, range(len(data)))


def flip_structure(rng, data):
    """Flips bits in the bytes that are not the contents of long tensors: runs of text and fields."""
    edge = min(2048, len(data) // 2)
    return flip_bits(rng, data, [*range(edge), *range(len(data) - edge, len(data))])


def rewrite(fields, path, rng, leaf):
    """Follows the field numbers of `path` through random submessages, replaces one integer field."""
    number = path[0]
    candidates = [i for i, field in enumerate(fields) if field[0] == number]
    if not candidates:
        return False
    field = fields[rng.choice(candidates)]
    if len(path) > 1:
        nested = wire.decode(field[2])
        if not rewrite(nested, path[1:], rng, leaf):
            return False
        field[2] = wire.encode(nested)
    elif field[1] == wire.VARINT:
        field[2] = leaf
    else:  # A packed list: replace one item.
        items = wire.integers([field], number) or [0]
        items[rng.randrange(len(items))] = leaf
        field[2] = b"".join(wire.write_varint(item) for item in items)
    return True


INTEGER_PATHS = (
    (wire.MODEL_GRAPH, wire.GRAPH_INITIALIZER, wire.TENSOR_DIMS),
    (wire.MODEL_GRAPH, wire.GRAPH_INITIALIZER, wire.TENSOR_TYPE),
    (wire.MODEL_GRAPH, wire.GRAPH_NODE, wire.NODE_ATTRIBUTE, wire.ATTRIBUTE_INTS),
    (wire.MODEL_GRAPH, wire.GRAPH_NODE, wire.NODE_ATTRIBUTE, wire.ATTRIBUTE_INT),
    (wire.MODEL_GRAPH, wire.GRAPH_INPUT, wire.VALUE_TYPE, wire.TYPE_TENSOR,
     wire.TENSOR_TYPE_SHAPE, wire.SHAPE_DIM, wire.DIM_VALUE),
)


def overflow_shape(rng, data):
    while True:
        fields = wire.decode(data)
        if rewrite(fields, rng.choice(INTEGER_PATHS), rng, rng.choice(EXTREMES)):
            return wire.encode(fields)


CORRUPTIONS = (truncate, flip_anywhere, flip_structure, overflow_shape)


def run(command):
    """(exit status or None on a timeout, stderr)."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, text=True,
                              errors="replace", env=dict(os.environ, OMP_NUM_THREADS="1"))
        return done.returncode, done.stderr
    except subprocess.TimeoutExpired:
        return None, ""


def judge(condense, path, scratch):
    """None if the tool behaved, else what it did wrong; and whether it accepted the file."""
    out = scratch / "out.mlirbc"
    status, errors = run([condense, "compress", str(path), "--recipe", "int8-weight-only",
                          "-o", str(out)])
    left = sorted(p.name for p in scratch.iterdir() if p != path)
    if status is None:
        return f"longer than {SECONDS} s", False
    if status not in (0, *REFUSALS) or "Stack dump" in errors:
        return f"crash, exit status {status}: {errors.strip()[-300:]}", False
    if status != 0:
        if "error:" not in errors:
            return f"exit status {status} without an error message", False
        return (f"refused, but left {left}" if left else None), False
    if left != [out.name]:
        return f"success, but wrote {left}", True
    status, errors = run([condense, "inspect", str(out)])
    return (None if status == 0 else f"its output is not readable: {errors.strip()[-300:]}"), True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--condense", required=True, help="the driver")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the files that did harm")
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    args = parser.parse_args()

    rng = random.Random(args.seed)
    sources = [path.read_bytes() for path in args.models]
    accepted = harmful = 0
    for i in range(args.count):
        corruption = CORRUPTIONS[i % len(CORRUPTIONS)]
        source = i // len(CORRUPTIONS) % len(sources)
        data = corruption(rng, sources[source])
        with tempfile.TemporaryDirectory(prefix="corrupt-") as folder:
            path = pathlib.Path(folder) / "model.onnx"
            path.write_bytes(data)
            problem, success = judge(args.condense, path, pathlib.Path(folder))
        if problem:
            harmful += 1
            print(f"{i}: {args.models[source].name}, {corruption.__name__}: {problem}", flush=True)
            if args.keep:
                args.keep.mkdir(parents=True, exist_ok=True)
                (args.keep / f"{i}.onnx").write_bytes(data)
        elif success:
            accepted += 1
    print(f"{args.count} corrupted files: {args.count - accepted - harmful} refused, "
          f"{accepted} accepted, {harmful} harmful")
    return 1 if harmful else 0


if __name__ == "__main__":
    sys.exit(main())
