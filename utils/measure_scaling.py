#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Shows what equalization, SmoothQuant, AWQ and bias correction are worth, each with and
without the technique on the case that it exists for. Prints Markdown tables.

The language model at hand has no outlier channels as large models do (Dettmers et al.,
arXiv:2208.07339). They are planted: in each activation that follows a normalisation three of
64 channels are multiplied by 30 and their columns in the weights divided, which
changes nothing in fp32. Calibration samples are never among the graded ones.

usage: measure_scaling.py --bin build/bin --material DIR [--only equalize|bias|both|smooth|awq ...]
Only the standard library is used.
"""
import argparse
import json
import os
import struct
import sys
import tempfile

from measure_models import MODELS, Measurement, read_npy, write_npy

OUTLIERS, FACTOR = (3, 17, 40), 30
STORAGES = {"i8": "int8", "i6": "int6", "i5": "int5", "i4": "int4", "i3": "int3"}


class Case:
    """One row: a model, a scheme, and the rule that the technique adds."""

    def __init__(self, model, rule, technique, what):
        self.model, self.rule, self.technique, self.what = model, rule, technique, what


def weights(storage, block, algorithm="minmax"):
    return f"quantize: {{storage: {storage}, block: {block}, algorithm: {algorithm}, ragged: shrink}}"


CASES = {
    "equalize": [Case(model, weights(storage, block), "equalize: {iterations: 100}",
                      f"{STORAGES[storage]} weights, {'per tensor' if block else 'per channel'}")
                 for model in ("dscnn", "resnet8", "cifar10_small")
                 for storage, block in (("i8", -1), ("i5", -1), ("i4", -1), ("i4", 0))],
    "bias": [Case(model, weights(storage, block), "correct_bias: {all: false}",
                  f"{STORAGES[storage]} weights, {'per tensor' if block else 'per channel'}")
             for model in ("resnet8", "dscnn", "cifar10_small")
             for storage, block in (("i5", -1), ("i4", -1), ("i4", 0), ("i3", 0))],
    "both": [Case(model, weights(storage, -1), "equalize: {iterations: 100}\n  correct_bias: {all: false}",
                  f"{STORAGES[storage]} weights, per tensor")
             for model in ("dscnn", "resnet8", "cifar10_small") for storage in ("i5", "i4")],
    "smooth": [Case(model, weights("i8", 0) + "\n  activations: {storage: ui8}", f"smooth: {{alpha: {alpha}}}",
                    f"int8 weights per channel, ui8 activations per tensor, alpha {alpha}")
               for model in ("language-model", "language-model with outliers") for alpha in (0.5, 0.75)],
    "awq": [Case(model, weights(storage, block), "smooth: {algorithm: awq}",
                 f"{STORAGES[storage]} weights, {f'block {block}' if block else 'per channel'}")
            for model in ("language-model", "language-model with outliers")
            for storage, block in (("i4", 32), ("i4", 0), ("i3", 32))],
}


def cut_columns(source, target, rows, columns):
    """The first `columns` of the rows [first, last) of a matrix."""
    descr, shape, data = read_npy(source)
    width = len(data) // shape[0] // shape[1]
    parts = [data[row * shape[1] * width:(row * shape[1] + columns) * width] for row in range(*rows)]
    write_npy(target, descr, (len(parts), columns), b"".join(parts))


def write_moments(path, layers):
    """Statistics as calibration writes them, with one row of largest magnitudes for each layer."""
    header, data = {}, b""
    for layer, values in layers.items():
        for name, shape, numbers in (("count", [1], [1]), ("mean", [1, len(values)], values),
                                     ("absmax", [1, len(values)], values)):
            part = struct.pack(f"<{len(numbers)}f", *numbers)
            header[f"{layer}.{name}"] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(part)]}
            data += part
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    with open(path, "w") as file:
        json.dump({"ranges": {}}, file)


class Scaling(Measurement):
    known = {}

    def opt(self, *arguments):
        return self.run(os.path.join(self.args.bin, "condense-opt"), *arguments)

    def plant_outliers(self, source):
        """The model with larger channels after each normalisation. With alpha = 1 the
        activations' largest magnitudes are the scales."""
        output = os.path.join(self.scratch, "outliers.mlir")
        if os.path.exists(output):
            return output
        imported, clean = (os.path.join(self.scratch, name) for name in ("imported.mlirbc", "clean.mlir"))
        self.condense("import", source, "-o", imported)
        self.opt(imported, "--pass-pipeline=builtin.module(condense-import-cleanup)", "-o", clean)
        layers = [layer for layer in json.loads(self.condense("inspect", clean, "--json"))["layers"]
                  if layer["op"] == "nn.linear" and layer["shape"][1] == 64]
        values = [1 / FACTOR if channel in OUTLIERS else 1 for channel in range(64)]
        statistics = os.path.join(self.scratch, "outliers.json")
        write_moments(statistics, {layer["name"]: values for layer in layers})
        names = "{" + ",".join(layer["name"] for layer in layers) + "}"
        self.opt(clean, "--pass-pipeline=builtin.module(compress-smooth-activations{"
                 f"statistics={statistics} alpha=1 all layers=\"{names}\"}})", "-o", output)
        return output

    def prepare(self, name):
        """The model, its file, the graded set and the calibration arguments."""
        model = next(model for model in MODELS if model.name == name.split(" ")[0])
        source = os.path.join(self.args.material, "models", model.path)
        if name.endswith("outliers"):
            source = self.plant_outliers(source)
        if model.metric != "perplexity":
            return model, source, model.graded, self.dataset(*model.calib, model.pad)[0]
        tokens = os.path.join(self.scratch, "tokens.npy")
        cut_columns(os.path.join(self.args.material, "eval", "lm_teacher_a", "inputs.npy"), tokens, (0, 8), 128)
        return model, source, ("lm_teacher_a", 8, None), tokens

    def measure_rule(self, case, rule):
        model, source, graded, calibration = self.prepare(case.model)
        if (case.model, rule) in self.known:
            return self.known[case.model, rule]
        if rule is None:
            return self.known.setdefault((case.model, rule), self.grade(model, source, graded))
        recipe, output = (os.path.join(self.scratch, name) for name in ("recipe.yaml", "small.mlirbc"))
        with open(recipe, "w") as file:
            file.write("- " + rule + "\n")
        arguments = ["compress", source, "--recipe", recipe, "-o", output]
        if any(key in rule for key in ("activations", "smooth", "correct_bias")):
            arguments += ["--calibrate", calibration, *model.flags]
        self.condense(*arguments)
        return self.known.setdefault((case.model, rule), self.grade(model, output, graded))

    def measure_case(self, case):
        values = [self.measure_rule(case, rule)
                  for rule in (None, case.rule, case.rule + "\n  " + case.technique)]
        isAccuracy = values[0] < 1
        text = [f"{100 * value:.2f} %" if isAccuracy else f"{value:.3f}" for value in values]
        print(f"| {case.model} | {case.what} | " + " | ".join(text) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--material", required=True)
    parser.add_argument("--only", nargs="*", choices=CASES)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measurement = Scaling(args, scratch)
        for technique, cases in CASES.items():
            if args.only and technique not in args.only:
                continue
            print(f"\n{technique}\n\n| model | scheme | fp32 | without | with |\n|---|---|---|---|---|")
            for case in cases:
                measurement.measure_case(case)
    return 0


if __name__ == "__main__":
    sys.exit(main())
