#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prunes channels of real models and measures what is lost.

For each model, ratio and budget: accuracy beside that of fp32 on the same samples
(never those of calibration), weights in bytes, and the latency on one thread. Ends
with status 1 when a bound is missed and prints 'N passed, N failed' last.

usage: measure_structured.py --bin build/bin --material DIR [--bounded] [--only NAME...]
--bounded measures only what has a bound. Only the standard library is used.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from measure_models import CIFAR_NORM, JPEG, KWS_STD, TRAIN, cut_npy  # noqa: E402

# name: file, graded set from its sample, calibration set and number of samples, preprocessing
MODELS = {
    "mnist-256x2": ("mnist-net_256x2", "mnist_test_a", 1000, "mnist_test_a", 1000, ["--scale", "255"]),
    "cifar10_small": ("cifar10_small", JPEG, 0, TRAIN, 2000, ["--scale", "255"]),
    "resnet8": ("resnet8_cifar10", JPEG, 0, TRAIN, 2000, []),
    "resnet_2b": ("resnet_2b", JPEG, 0, TRAIN, 2000, CIFAR_NORM),
    "dscnn": ("dscnn_kws", "kws01_a", 100, "kws01_a", 100, ["--mean", "83", "--std", KWS_STD]),
}
# (model, ratio, budget): points of accuracy that may be lost
BOUNDS = {("mnist-256x2", 0.5, "group"): 1.5, ("mnist-256x2", 0.5, "channels"): 1.5,
          ("cifar10_small", 0.25, "channels"): 1.5}
CASES = [(model, ratio, budget) for model in MODELS
         for ratio in ((0.25, 0.5) if model.startswith("mnist") else (0.125, 0.25))
         for budget in ("group", "channels", "parameters")]


class Model:
    def __init__(self, name, args, scratch):
        file, graded, first, calib, count, self.flags = MODELS[name]
        self.tool, self.scratch = os.path.join(args.bin, "condense"), scratch
        data = os.path.join(args.material, "eval")
        self.path = os.path.join(args.material, "models", "onnx", file + ".onnx")
        self.inputs, self.labels, self.calib = (os.path.join(scratch, part + ".npy") for part in ("x", "y", "c"))
        cut_npy(os.path.join(data, graded, "inputs.npy"), self.inputs, first, None)
        cut_npy(os.path.join(data, graded, "labels.npy"), self.labels, first, None)
        cut_npy(os.path.join(data, calib, "inputs.npy"), self.calib, 0, count)

    def run(self, *arguments):
        result = subprocess.run([self.tool, *arguments], capture_output=True, text=True)
        if result.returncode:
            raise RuntimeError(f"condense {' '.join(arguments)}: {result.stderr.strip()[-400:]}")
        return result.stdout

    def grade(self, path):
        """Accuracy in points, and milliseconds of one sample on one thread."""
        accuracy = json.loads(self.run("eval", path, "--inputs", self.inputs, "--labels", self.labels, "--json",
                                       *self.flags))["accuracy"]
        latency = re.search(r"latency: ([0-9.e-]+) ms", self.run("bench", path, "--threads", "1")).group(1)
        return 100 * accuracy, float(latency)

    def prune(self, ratio, budget):
        recipe, output = (os.path.join(self.scratch, name) for name in ("r.yaml", "out.mlirbc"))
        with open(recipe, "w") as file:
            file.write(f"- structured_prune: {{ratio: {ratio}, importance: obs, correct: true, budget: {budget}}}\n")
        result = json.loads(self.run("compress", self.path, "--recipe", recipe, "--calibrate", self.calib, "--json",
                                     "-o", output, *self.flags))
        return result["stored_bytes"] / result["dense_bytes"], *self.grade(output)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--material", required=True)
    parser.add_argument("--bounded", action="store_true")
    parser.add_argument("--only", nargs="*", default=list(MODELS))
    args = parser.parse_args()
    passed = failed = 0
    print("| model | ratio of | fp32 | pruned | difference | bytes | latency |\n|---|---|---|---|---|---|---|")
    for name in args.only:
        cases = [case for case in CASES if case[0] == name and (case in BOUNDS or not args.bounded)]
        if not cases:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            model = Model(name, args, scratch)
            fp32, before = model.grade(model.path)
            for case in cases:
                size, accuracy, after = model.prune(*case[1:])
                print(f"| {name} | {100 * case[1]:g} % of {case[2]} | {fp32:.2f} | {accuracy:.2f} | "
                      f"{accuracy - fp32:+.2f} | {100 * size:.0f} % | {before:.4g} -> {after:.4g} ms |", flush=True)
                if case in BOUNDS:
                    passed += fp32 - accuracy <= BOUNDS[case]
                    failed += fp32 - accuracy > BOUNDS[case]
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
