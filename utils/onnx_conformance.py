#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Grades the ONNX importer and the code generator with the ONNX project's backend node tests.

Each test that the manifest marks as passed by onnxruntime is run through `condense run` and
ends in one class:

    pass      the outputs agree (types and shapes equal; integers equal, floats within
              rtol 1e-3, atol 1e-7, as in the ONNX project's own runner)
    refused   a clear error and a non-zero exit status
    wrong     success, but an output differs
    crash     killed by a signal, or an internal error
    timeout   no end within the time limit

Exits with 1 if a test is wrong, crashes or times out, or if one that is named in the list of
passing tests no longer passes. `--update` rewrites that list; it can only grow.
"""
import argparse
import collections
import concurrent.futures
import csv
import fnmatch
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import numpy as np
import protobuf_wire as wire

CLASSES = ("pass", "refused", "wrong", "crash", "timeout")
REFUSALS = range(1, 5)  # Exit codes of `condense`; 5 is an internal error.
NODE_TESTS = "onnx/backend/test/data/node"
Result = collections.namedtuple("Result", "name verdict detail")


def selected_tests(manifest, pattern):
    with open(manifest, newline="") as file:
        return [row["name"] for row in csv.DictReader(file)
                if row["suite"] == "node" and row["ort_1.20.1"] == "pass"
                and fnmatch.fnmatch(row["name"], pattern)]


def load_tensors(folder, kind):
    """The tensors input_0.pb, input_1.pb, ...; None for what numpy cannot hold."""
    tensors = []
    while (path := folder / f"{kind}_{len(tensors)}.pb").exists():
        try:
            tensors.append(wire.read_tensor(path.read_bytes()))
        except (ValueError, IndexError):  # A sequence or an optional value.
            tensors.append(None)
    return tensors


def difference(expected, actual):
    """Why `actual` is not `expected`, or None."""
    if expected is None:
        return "no reference of this type can be read, a refusal was expected"
    if actual.dtype != expected.dtype or actual.shape != expected.shape:
        return (f"expected {expected.dtype}{list(expected.shape)}, "
                f"got {actual.dtype}{list(actual.shape)}")
    if expected.dtype.kind not in "fc":
        return None if np.array_equal(expected, actual) else "integers differ"
    close = np.isclose(actual, expected, rtol=1e-3, atol=1e-7, equal_nan=True)
    if close.all():
        return None
    error = np.abs(actual.astype("float64") - expected.astype("float64"))
    return f"{np.count_nonzero(~close)} of {close.size} differ, by up to {np.nanmax(error):.3g}"


def run_one(condense, folder, scratch, seconds):
    """Runs one test; returns the verdict and a line that explains it."""
    data = folder / "test_data_set_0"
    inputs, outputs = load_tensors(data, "input"), load_tensors(data, "output")
    command = [condense, "run", str(folder / "model.onnx"), "--output-dir", str(scratch / "out")]
    for i, tensor in enumerate(inputs):
        if tensor is not None:
            np.save(scratch / f"input_{i}.npy", tensor)
            command += ["--input", str(scratch / f"input_{i}.npy")]
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, env=environment,
                              text=True, errors="replace")
    except subprocess.TimeoutExpired:
        return "timeout", f"longer than {seconds} s"
    message = next((line for line in done.stderr.splitlines() if "error:" in line), "")
    if done.returncode:
        if done.returncode not in REFUSALS or "Stack dump" in done.stderr or not message:
            return "crash", f"exit status {done.returncode}: {done.stderr.strip()[-200:]}"
        return "refused", message.split("error:", 1)[1].strip()
    names = wire.graph_values((folder / "model.onnx").read_bytes(), wire.GRAPH_OUTPUT)
    for (name, _), expected in zip(names, outputs):
        path = scratch / "out" / f"{name}.npy"
        if not path.exists():
            return "wrong", f"no output file {path.name}"
        problem = difference(expected, np.load(path))
        if problem:
            return "wrong", f"output {name}: {problem}"
    return "pass", ""


def grade(args, root):
    def task(name):
        with tempfile.TemporaryDirectory(prefix="conformance-") as scratch:
            verdict, detail = run_one(args.condense, root / NODE_TESTS / name,
                                      pathlib.Path(scratch), args.timeout)
        return Result(name, verdict, detail)

    names = selected_tests(args.manifest, args.filter)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = []
        for result in pool.map(task, names):
            results.append(result)
            if sys.stderr.isatty():
                print(f"\r{len(results)}/{len(names)}", end="", file=sys.stderr, flush=True)
    return results


def write_table(results, file):
    for result in sorted(results, key=lambda r: (CLASSES.index(r.verdict), r.name)):
        print(f"{result.verdict:8} {result.name:60} {result.detail}".rstrip(), file=file)


def read_list(path):
    if not path.exists():
        return set()
    return {line for line in path.read_text().splitlines() if line and not line.startswith("#")}


def write_list(path, names):
    path.write_text("# ONNX backend node tests that pass. Written by utils/onnx_conformance.py --update.\n"
                    + "".join(f"{name}\n" for name in sorted(names)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--condense", required=True, help="the driver")
    parser.add_argument("--archive", required=True, type=pathlib.Path, help="tests, .tar.xz")
    parser.add_argument("--manifest", required=True, type=pathlib.Path, help="manifest, .csv")
    parser.add_argument("--passing", required=True, type=pathlib.Path, help="list of passing tests")
    parser.add_argument("--update", action="store_true", help="add the tests that pass to the list")
    parser.add_argument("--filter", default="*", help="glob on the names of tests")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=20, help="seconds for one test")
    parser.add_argument("--table", type=pathlib.Path, help="write the table to this file")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        with tarfile.open(args.archive) as archive:
            archive.extractall(folder)
        results = grade(args, pathlib.Path(folder))

    if args.table:
        with open(args.table, "w") as file:
            write_table(results, file)
    passing = {r.name for r in results if r.verdict == "pass"}
    known = read_list(args.passing)
    lost = sorted(known & {r.name for r in results} - passing)
    bad = [r for r in results if r.verdict in ("wrong", "crash", "timeout")]
    write_table(bad, sys.stdout)
    for name in lost:
        print(f"no longer passes: {name}")
    if args.update:
        write_list(args.passing, known | passing)
    elif passing - known:
        print(f"{len(passing - known)} tests pass that are not in the list: run with --update")
    counts = collections.Counter(r.verdict for r in results)
    print(f"{len(results)} tests: " + ", ".join(f"{counts[c]} {c}" for c in CLASSES))
    return 1 if bad or lost else 0


if __name__ == "__main__":
    sys.exit(main())
