#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compresses real models with the built-in recipes and measures what is lost.

For every model and recipe: accuracy (or perplexity, or cosine of the outputs)
beside that of the fp32 model on the same inputs, and the stored bytes of the
quantized layers. Calibration samples are never among the graded ones. Ends with
status 1 when a bound is missed and prints 'N passed, N failed' last.

With --recipes these recipes are measured instead, without bounds, and a table is printed.

usage: measure_models.py --bin build/bin --material DIR [--only NAME...] [--recipes NAME...] [--plugin LIB] [--json OUT]
Only the standard library is used.
"""
import argparse
import ast
import json
import os
import struct
import subprocess
import sys
import tempfile

KWS_STD = repr(1 / 0.5847029)
CIFAR_NORM = ["--scale", "255", "--mean", ".4914,.4822,.4465", "--std", ".2471,.2435,.2616", "--layout", "nchw"]
MNIST_NORM = ["--scale", "255", "--mean", ".1307", "--std", ".3081"]
JPEG, IC01, TRAIN = "cifar10_jpeg_test_a", "cifar10_ic01", "cifar10_jpeg_train_calib"


class Model:
    """One model: file, graded set (name, first, last), calibration set, preprocessing, published accuracy."""

    def __init__(self, name, path, graded, calib, flags, fp32=None, metric="accuracy", pad=0, also=None):
        self.name, self.path, self.graded, self.calib, self.flags = name, path, graded, calib, flags
        self.fp32, self.metric, self.pad, self.also = fp32, metric, pad, also


# The published accuracies hold for the whole sets, so fp32 is also checked on them ("also"). The LeNet's
# 98.16 % is of all 10,000 test images; on the graded ones NumPy computes 97.33 %.
MODELS = [
    Model("resnet8", "onnx/resnet8_cifar10.onnx", (JPEG, 0, None), (TRAIN, 0, 500), [], 0.7505, also=(IC01, 0.855)),
    Model("resnet8-tosa", "mlir/tosa_resnet8_cifar10.mlir", (JPEG, 0, None), None, [], 0.7505, also=(IC01, 0.855)),
    Model("dscnn", "onnx/dscnn_kws.onnx", ("kws01_a", 100, None), ("kws01_a", 0, 100),
          ["--mean", "83", "--std", KWS_STD], also=("kws01_a", 0.914)),
    Model("dscnn-tosa", "mlir/tosa_dscnn_kws.mlir", ("kws01_a", 100, None), None,
          ["--mean", "83", "--std", KWS_STD], also=("kws01_a", 0.914)),
    Model("resnet_2b", "onnx/resnet_2b.onnx", (JPEG, 0, None), (TRAIN, 0, 500), CIFAR_NORM, 0.6875, also=(IC01, 0.64)),
    Model("cifar10_small", "onnx/cifar10_small.onnx", (JPEG, 0, None), (TRAIN, 0, 500), ["--scale", "255"], 0.6155,
          also=(IC01, 0.635)),
    Model("mnist-256x2", "onnx/mnist-net_256x2.onnx", ("mnist_test_a", 500, None), ("mnist_test_a", 0, 500),
          ["--scale", "255"], also=("mnist_test_a", 0.9736)),
    Model("mnist-cnn", "onnx/onnxmlir_mnist.onnx", ("mnist_test_a", 500, None), ("mnist_test_a", 0, 500), MNIST_NORM,
          also=("mnist_test_a", 0.9044)),
    Model("lenet-linalg", "mlir/linalg_heir_lenet.mlir", ("mnist_test_a", 500, None), None, [], 0.9733, pad=2),
    Model("language-model", "onnx/aidreams260k_seq128.onnx", ("lm_teacher_a", 8, None), ("lm_teacher_a", 0, 8), [],
          metric="perplexity", also=("lm_teacher_a", 5.66)),
    Model("face", "onnx/version-RFB-320.onnx", ("ultraface_imgs_a", 0, None), None,
          ["--mean", "127", "--std", "128", "--layout", "nchw"], metric="cosine"),
    Model("face-simplified", "onnx/version-RFB-320_simplified.onnx", ("ultraface_imgs_a", 0, None), None,
          ["--mean", "127", "--std", "128", "--layout", "nchw"], metric="cosine"),
]

# Points of accuracy that may be lost, and the share of the fp32 bytes that may be stored.
BOUNDS = {"int8-weight-only": (0.3, 0.27), "int4-weight-only": (2.0, 0.17), "int8-static": (1.0, 0.27)}


def read_npy(path):
    """Returns dtype, shape and raw data of an .npy file in C order."""
    with open(path, "rb") as f:
        magic = f.read(8)
        size = struct.unpack("<H", f.read(2))[0] if magic[6] == 1 else struct.unpack("<I", f.read(4))[0]
        header = ast.literal_eval(f.read(size).decode("latin1"))
        if header["fortran_order"]:
            raise ValueError(path + " is in Fortran order")
        return header["descr"], header["shape"], f.read()


def write_npy(path, descr, shape, data):
    header = repr({"descr": descr, "fortran_order": False, "shape": tuple(shape)})
    header += " " * ((-len(header) - 11) % 64) + "\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


def cut_npy(source, target, first, last):
    descr, shape, data = read_npy(source)
    row = len(data) // shape[0]
    last = shape[0] if last is None else last
    write_npy(target, descr, (last - first, *shape[1:]), data[first * row:last * row])


def normalise_and_pad(path, pad, mean=0.1307, std=0.3081):
    """uint8 images [n, h, w] to normalised f32 with a border of 0, as the LeNet was trained."""
    _, (n, h, w), data = read_npy(path)
    values = [struct.pack("<f", (x / 255 - mean) / std) for x in range(256)]
    zero = struct.pack("<f", 0)
    blank, side = zero * ((w + 2 * pad) * pad), zero * pad
    rows = []
    for i in range(n):
        rows.append(blank)
        for y in range(h):
            start = (i * h + y) * w
            rows += [side, *(values[x] for x in data[start:start + w]), side]
        rows.append(blank)
    write_npy(path, "<f4", (n, h + 2 * pad, w + 2 * pad), b"".join(rows))


class Measurement:
    def __init__(self, args, scratch):
        self.args, self.scratch = args, scratch
        self.passed = self.failed = 0
        self.rows = []

    def condense(self, *arguments):
        return self.run(os.path.join(self.args.bin, "condense"), *arguments)

    def run(self, *arguments):
        command = list(map(str, arguments))
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip()[-400:]}")
        return result.stdout

    def dataset(self, name, first, last, pad=0):
        """Paths of the cut inputs and labels."""
        paths = []
        for kind in ("inputs", "labels"):
            source = os.path.join(self.args.material, "eval", name, kind + ".npy")
            target = os.path.join(self.scratch, f"{name}-{first}-{last}-{pad}-{kind}.npy")
            if not os.path.exists(source):
                paths.append(None)
                continue
            if not os.path.exists(target):
                cut_npy(source, target, first, last)
                if pad and kind == "inputs":
                    normalise_and_pad(target, pad)
            paths.append(target)
        return paths

    def grade(self, model, path, graded, reference=None):
        inputs, labels = self.dataset(*graded, model.pad)
        arguments = ["eval", path, "--inputs", inputs, "--json", *model.flags]
        if model.metric == "accuracy":
            return json.loads(self.condense(*arguments, "--labels", labels))["accuracy"]
        if model.metric == "perplexity":
            return json.loads(self.condense(*arguments, "--metric", "perplexity"))["perplexity"]
        return json.loads(self.condense(*arguments, "--compare", reference))["cosine"]

    def check(self, what, ok):
        self.passed += bool(ok)
        self.failed += not ok
        print(("ok    " if ok else "FAILED"), what, flush=True)

    def lost(self, model, fp32, value):
        """How much of the model's quality is gone: points, or percent of perplexity."""
        if model.metric == "accuracy":
            return 100 * (fp32 - value)
        return 100 * (value / fp32 - 1) if model.metric == "perplexity" else 1 - value

    def bound(self, model, recipe):
        if model.metric == "accuracy":
            return BOUNDS[recipe][0]
        if model.metric == "perplexity":
            return 10.0 if recipe.startswith("int4") else 1.0
        return 0.01

    def measure(self, model):
        source = os.path.join(self.args.material, "models", model.path)
        fp32 = self.grade(model, source, model.graded, source)
        if model.also:
            whole = self.grade(model, source, (model.also[0], 0, None))
            tolerance = 0.02 if model.metric == "perplexity" else 0.0021
            self.check(f"{model.name}: fp32 {whole:.4f} on {model.also[0]}, published {model.also[1]:.4f}",
                       abs(whole - model.also[1]) <= tolerance)
        if model.fp32:
            tolerance = 0.0021 if model.pad == 0 else 0.005
            self.check(f"{model.name}: fp32 {fp32:.4f}, published {model.fp32:.4f}", abs(fp32 - model.fp32) <= tolerance)
        if self.args.recipes:
            for recipe in self.args.recipes:
                self.measure_recipe(model, source, recipe, fp32)
            return
        for recipe, (_, share_bound) in BOUNDS.items():
            if recipe == "int8-static" and not model.calib:
                continue
            if self.args.plugin and recipe != "int8-weight-only":
                continue
            self.measure_recipe(model, source, recipe, fp32, share_bound)

    def compress(self, model, source, recipe):
        """Path of the compressed model."""
        output = os.path.join(self.scratch, f"{model.name}-{recipe}.mlirbc")
        calibration = []
        if model.calib:
            samples = self.dataset(*model.calib, model.pad)[0]
            if model.metric == "perplexity":
                samples = self.drop_last_column(samples)
            calibration = ["--calibrate", samples, *model.flags]
        self.condense("compress", source, "--recipe", recipe, *calibration, "-o", output)
        return output

    def drop_last_column(self, path):
        """Token ids without those that are only predicted."""
        descr, (rows, columns), data = read_npy(path)
        width = len(data) // (rows * columns)
        kept = [data[(i * columns) * width:(i * columns + columns - 1) * width] for i in range(rows)]
        write_npy(path + ".contexts.npy", descr, (rows, columns - 1), b"".join(kept))
        return path + ".contexts.npy"

    def quantize_by_plugin(self, source):
        """Path of the model with int8 weights, made by a stock mlir-opt."""
        output = os.path.join(self.scratch, "plugin.mlir")
        passes = "compress-annotate-weights{storage=i8},compress-quantize-weights,compress-verify"
        self.run("mlir-opt", source, "--load-dialect-plugin=" + self.args.plugin,
                 "--load-pass-plugin=" + self.args.plugin, f"--pass-pipeline=builtin.module({passes})", "-o", output)
        return output

    def measure_recipe(self, model, source, recipe, fp32, share_bound=None):
        output = self.quantize_by_plugin(source) if self.args.plugin else self.compress(model, source, recipe)
        value = self.grade(model, output, model.graded, source)
        layers = [l for l in json.loads(self.condense("inspect", output, "--json"))["layers"]
                  if l["stored_bytes"] != l["dense_bytes"]]
        share = sum(l["stored_bytes"] for l in layers) / max(1, sum(l["dense_bytes"] for l in layers))
        self.rows.append(dict(model=model.name, recipe=recipe, metric=model.metric, fp32=fp32, value=value,
                              share=share, layers=len(layers), file=os.path.getsize(output)))
        lost = self.lost(model, fp32, value)
        if not share_bound:
            print(f"{model.name:16} {recipe:18} {fp32:8.4f} {value:8.4f} {lost:8.3f} lost, {100 * share:5.1f} % of the "
                  f"bytes, file {os.path.getsize(output)}", flush=True)
            return
        bound = self.bound(model, recipe)
        self.check(f"{model.name}: {recipe} {value:.4f} against {fp32:.4f}: {lost:.2f} lost (bound {bound})",
                   lost <= bound + 1e-9)
        self.check(f"{model.name}: {recipe} stores {100 * share:.1f} % of fp32 in {len(layers)} layers",
                   layers and share <= share_bound)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--material", required=True)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--recipes", nargs="*", help="measure these instead, without bounds")
    parser.add_argument("--plugin", help="quantize the .mlir models to int8 by this plugin in a stock mlir-opt instead")
    parser.add_argument("--json")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measurement = Measurement(args, scratch)
        for model in MODELS:
            if args.only and model.name not in args.only:
                continue
            try:
                measurement.measure(model)
            except (RuntimeError, KeyError, ValueError) as error:
                measurement.check(f"{model.name}: {error}", False)
        if args.json:
            with open(args.json, "w") as f:
                json.dump(measurement.rows, f, indent=1)
    print(f"{measurement.passed} passed, {measurement.failed} failed")
    return 1 if measurement.failed else 0


if __name__ == "__main__":
    sys.exit(main())
