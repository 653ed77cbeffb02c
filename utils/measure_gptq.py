#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures GPTQ against rounding to the nearest on real models.

For every layer, with 3 and 4 bits and one scale per output channel: the squared output
error tr((W - W~) G (W - W~)^T) of GPTQ, minmax and mse over the calibration samples. Then
the perplexity of the language model with int4-gptq, calibrated on other rows than are
graded. Ends with status 1 when GPTQ is not better on every layer, not at least 30 %
better in the median, or the perplexity more than 3 % above that of fp32.

With --accuracy instead: the accuracy of classifiers, on samples that are not calibrated with.

usage: measure_gptq.py --bin build/bin --material DIR [--only NAME...] [--block N] [--accuracy]
Only the standard library is used.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile

from measure_models import CIFAR_NORM, MODELS as GRADED, TRAIN, cut_npy

LANGUAGE = "onnx/aidreams260k_seq128.onnx"
# name, file, calibration set, first and last sample, preprocessing
MODELS = [
    ("resnet8", "onnx/resnet8_cifar10.onnx", TRAIN, 0, 256, []),
    ("resnet_2b", "onnx/resnet_2b.onnx", TRAIN, 0, 256, CIFAR_NORM),
    ("cifar10_small", "onnx/cifar10_small.onnx", TRAIN, 0, 256, ["--scale", "255"]),
    ("mnist-256x2", "onnx/mnist-net_256x2.onnx", "mnist_test_a", 0, 200, ["--scale", "255"]),
    ("language-model", LANGUAGE, "lm_teacher_a", 16, 32, []),
]


class Measurement:
    def __init__(self, args, scratch):
        self.args, self.scratch, self.failed = args, scratch, False

    def path(self, name):
        return os.path.join(self.scratch, name)

    def run(self, tool, *arguments):
        result = subprocess.run([os.path.join(self.args.bin, tool), *arguments], capture_output=True, text=True)
        if result.returncode:
            sys.exit("%s %s\n%s" % (tool, " ".join(arguments), result.stderr))
        return result

    def calibrate(self, name, source, dataset, first, last, flags):
        """Statistics of the model's layers and the model as text."""
        recipe, samples = self.path("gptq.yaml"), self.path("samples.npy")
        with open(recipe, "w") as f:
            f.write("- quantize: {storage: i8, algorithm: gptq}\n")
        cut_npy(os.path.join(self.args.material, "eval", dataset, "inputs.npy"), samples, first, last)
        if source.endswith(LANGUAGE):
            samples = self.drop_last_token(samples)
        statistics_file, model = self.path(name + ".json"), self.path(name + ".mlir")
        self.run("condense", "compress", source, "--recipe", recipe, "--calibrate", samples, *flags,
                 "--statistics", statistics_file, "-o", self.path("unused.mlirbc"))
        self.run("condense", "import", source, "-o", model)
        return statistics_file, model

    def drop_last_token(self, samples):
        """Token rows carry one more token than the model reads: the last one's label."""
        from measure_models import read_npy, write_npy
        descr, (rows, tokens), data = read_npy(samples)
        size = len(data) // rows // tokens
        cut = b"".join(data[row * tokens * size:((row + 1) * tokens - 1) * size] for row in range(rows))
        write_npy(samples, descr, (rows, tokens - 1), cut)
        return samples

    def quantize(self, model, statistics_file, storage, algorithm, output, extra=""):
        scheme = "storage = %s, block = %d, algorithm = %s, ragged = shrink%s" % (
            storage, self.args.block, algorithm, extra)
        return self.run("condense-opt", model, "--pass-pipeline=builtin.module(condense-import-cleanup,"
                        'compress-annotate{scheme="#compress.quantize<%s>"},'
                        "compress-quantize-weights{statistics=%s})" % (scheme, statistics_file),
                        "--remarks-filter=compress", "-o", output).stderr

    def output_errors(self, *arguments):
        text = self.quantize(*arguments, os.devnull)
        return {layer: float(error) ** 2 for layer, error in
                re.findall(r'Function=(\S+) \|.*?Details="output error ([0-9.e+-]+)', text)}

    def compare(self, name, storage, statistics_file, model):
        gptq = self.quantize(model, statistics_file, storage, "gptq", os.devnull, ", act_order = true")
        gptq = {layer: float(error) ** 2 for layer, error in
                re.findall(r'Function=(\S+) \|.*?Details="output error ([0-9.e+-]+)', gptq)}
        minmax = self.output_errors(model, statistics_file, storage, "minmax")
        mse = self.output_errors(model, statistics_file, storage, "mse")
        ratios = [error / max(min(minmax[layer], mse[layer]), 1e-30) for layer, error in gptq.items()]
        to_minmax = [error / max(minmax[layer], 1e-30) for layer, error in gptq.items()]
        to_mse = [error / max(mse[layer], 1e-30) for layer, error in gptq.items()]
        worst = max(gptq, key=lambda layer: gptq[layer] / max(min(minmax[layer], mse[layer]), 1e-30))
        print("%-15s %s  %2d layers  of minmax %.3f  of mse %.3f  of the better %.3f  worst %.3f (%s)" % (
            name, storage, len(ratios), statistics.median(to_minmax), statistics.median(to_mse),
            statistics.median(ratios), max(ratios), worst), flush=True)
        return ratios

    def perplexity(self, source, statistics_file, model):
        graded = self.path("graded.npy")
        cut_npy(os.path.join(self.args.material, "eval", "lm_teacher_a", "inputs.npy"), graded, 0, 16)
        compressed = self.path("int4.mlirbc")
        self.run("condense", "compress", source, "--recipe", "int4-gptq", "--statistics", statistics_file,
                 "-o", compressed)
        grade = lambda path: float(re.search(r"perplexity: ([0-9.]+)", self.run(
            "condense", "eval", path, "--inputs", graded, "--metric", "perplexity").stdout).group(1))
        fp32, int4 = grade(source), grade(compressed)
        print("language-model  int4-gptq: perplexity %.3f, fp32 %.3f: %+.2f %%" % (int4, fp32, 100 * (int4 / fp32 - 1)))
        self.failed |= int4 > 1.03 * fp32

    def accuracy(self, name):
        """Accuracy of a model of measure_models.py in fp32 and with each algorithm, one scale per channel."""
        graded = next(model for model in GRADED if model.name == name)
        source, recipe, output = (os.path.join(self.args.material, "models", graded.path), self.path("recipe.yaml"),
                                  self.path("out.mlirbc"))
        for field in ("inputs", "labels"):
            path = os.path.join(self.args.material, "eval", graded.graded[0], field + ".npy")
            cut_npy(path, self.path(field + ".npy"), *graded.graded[1:])
        samples = self.path("samples.npy")
        cut_npy(os.path.join(self.args.material, "eval", graded.calib[0], "inputs.npy"), samples, *graded.calib[1:])
        grade = lambda path: 100 * float(re.search(r"accuracy: ([0-9.]+)", self.run(
            "condense", "eval", path, "--inputs", self.path("inputs.npy"), "--labels", self.path("labels.npy"),
            *graded.flags).stdout).group(1))
        row = [grade(source)]
        for storage in ("i4", "i3"):
            for algorithm in ("minmax", "mse", "gptq, act_order: true"):
                with open(recipe, "w") as f:
                    f.write("- quantize: {storage: %s, block: %d, algorithm: %s, ragged: shrink}\n" % (
                        storage, self.args.block, algorithm))
                calibrate = ["--calibrate", samples, *graded.flags] if "gptq" in algorithm else []
                self.run("condense", "compress", source, "--recipe", recipe, *calibrate, "-o", output)
                row.append(grade(output))
        print("%-14s fp32 %.2f  int4: minmax %.2f mse %.2f gptq %.2f  int3: minmax %.2f mse %.2f gptq %.2f" % (
            name, *row), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--material", required=True)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--block", type=int, default=0)
    parser.add_argument("--accuracy", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measurement = Measurement(args, scratch)
        if args.accuracy:
            for name in args.only or ["resnet8", "resnet_2b", "cifar10_small", "dscnn", "mnist-256x2", "mnist-cnn"]:
                measurement.accuracy(name)
            return 0
        ratios = {"i3": [], "i4": []}
        for name, path, *data in MODELS:
            if args.only and name not in args.only:
                continue
            source = os.path.join(args.material, "models", path)
            statistics_file, model = measurement.calibrate(name, source, *data)
            for storage, all_ratios in ratios.items():
                all_ratios += measurement.compare(name, storage, statistics_file, model)
            if path == LANGUAGE:
                measurement.perplexity(source, statistics_file, model)
        for storage, all_ratios in ratios.items():
            median, worst = statistics.median(all_ratios), max(all_ratios)
            print("all             %s  %2d layers  of the better %.3f  worst %.3f" % (
                storage, len(all_ratios), median, worst))
            measurement.failed |= worst >= 1 or median > 0.7
    return 1 if measurement.failed else 0


if __name__ == "__main__":
    sys.exit(main())
