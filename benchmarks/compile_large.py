#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Time and memory of compiling a large model.

Writes a stack of dense layers of pseudo-random weights (1 GiB by default) as the compressor leaves it: in f32, or
compressed by a recipe. Compiles it, and prints the time relative to reading and writing a file of that size once, the
resident peak relative to model and library, and how large LLVM IR is. Only the standard library is used.

usage: compile_large.py [--bin build/bin] [--mib 1024] [--recipe NAME|none] [--runs 3] [--folder DIR] [--width 4096]
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import compress_large


def copy_once(source, target):
    """Seconds to read a file once and write it once, and to have it on disk as the compiler's output is."""
    start = time.perf_counter()
    with open(source, "rb") as reading, open(target, "wb") as writing:
        shutil.copyfileobj(reading, writing, 1 << 22)
        writing.flush()
        os.fsync(writing.fileno())
    return time.perf_counter() - start


def run(command):
    """Seconds of wall clock, user and system time, and the resident peak in bytes of the largest process."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}: status {status}")
    return time.perf_counter() - start, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * 1024


def prepare(args, folder):
    """The model to compile and the bytes of the files that it consists of."""
    model, weight_bytes = compress_large.write_model(folder, args.mib, args.width)
    if args.recipe == "none":
        return model, os.path.getsize(model) + weight_bytes
    small = os.path.join(folder, "small.mlirbc")
    run([os.path.join(args.bin, "condense"), "compress", model, "--recipe", args.recipe, "-o", small])
    os.unlink(os.path.join(folder, "weights.bin"))
    return small, os.path.getsize(small)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--width", type=int, default=4096)
    parser.add_argument("--recipe", default="none")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", help="where the files are written (default: the folder for temporary files)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        model, model_bytes = prepare(args, folder)
        library, ir = os.path.join(folder, "large.so"), os.path.join(folder, "large.ll")
        command = [os.path.join(args.bin, "condense"), "compile", model, "-o", library]
        run([*command, "--emit-llvm", ir])
        source = model if args.recipe != "none" else os.path.join(folder, "weights.bin")
        runs, copies = [], []
        for _ in range(args.runs):
            copies.append(copy_once(source, os.path.join(folder, "copy")))
            runs.append(run(command))
        wall, user, system, _ = (statistics.median(column) for column in zip(*runs))
        copy, peak = statistics.median(copies), max(r[3] for r in runs)
        both = model_bytes + os.path.getsize(library)
        print(f"{args.recipe}: model {model_bytes / 1e9:.2f} GB, library {os.path.getsize(library) / 1e9:.2f} GB, "
              f"LLVM IR {os.path.getsize(ir) / 1e3:.0f} kB\n"
              f"  {wall:.2f} s (user {user:.2f}, system {system:.2f}), {wall / copy:.2f} of reading and writing it once "
              f"({copy:.2f} s)\n  resident peak {peak / 1e9:.2f} GB, {peak / both:.2f} of model and library")


if __name__ == "__main__":
    main()
