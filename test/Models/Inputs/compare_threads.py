# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs compiled models on 1, 2, 3 and 5 threads: every output has the same bits.

usage: compare_threads.py FOLDER MODEL...   -- models are .onnx or .mlirbc; what is written goes to FOLDER
"""
import json
import os
import re
import subprocess
import sys

import numpy

folder, models = sys.argv[1], sys.argv[2:]


def make_input(number, kind, shape):
    random = numpy.random.default_rng(number)
    array = random.integers(0, 100, shape) if kind.startswith(("int", "uint")) else random.standard_normal(shape)
    path = os.path.join(folder, f"input{number}.npy")
    numpy.save(path, array.astype(kind))
    return path


def run(library, inputs, threads):
    output = os.path.join(folder, f"threads{threads}")
    subprocess.run(["condense", "run", library, *inputs, "--threads", str(threads), "--output-dir", output], check=True,
                   stdout=subprocess.DEVNULL)
    return {name: open(os.path.join(output, name), "rb").read() for name in sorted(os.listdir(output))}


for model in models:
    library = os.path.join(folder, "model.so")
    subprocess.run(["condense", "compile", model, "-o", library], check=True)
    described = json.loads(subprocess.check_output(["condense", "inspect", library, "--json"]))
    inputs = []
    for number, entry in enumerate(described["inputs"]):
        kind, dims = re.fullmatch(r"(\w+)\[(.*)\]", entry["type"]).groups()
        inputs.append(make_input(number, kind, [3 if dim == "?" else int(dim) for dim in dims.split("x")]))
    expected = run(library, inputs, 1)
    for threads in (2, 3, 5):
        assert run(library, inputs, threads) == expected, f"{model}: {threads} threads compute something else"
    print(os.path.basename(model), len(expected), "outputs are the same on 1, 2, 3 and 5 threads")
    for threads in (1, 2, 3, 5):
        subprocess.run(["rm", "-r", os.path.join(folder, f"threads{threads}")], check=True)
