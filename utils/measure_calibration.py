#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Accuracy of 8-bit weights and activations for each way to find ranges, and of built-in recipes.

Prints a Markdown table: models by calibrations or recipes. Calibration samples are never among the graded ones.

usage: measure_calibration.py --bin build/bin --material DIR [--models NAME...] [--recipes NAME...] [--count N]
Only the standard library is used.
"""
import argparse
import os
import tempfile

from measure_models import MODELS, Measurement, read_npy

CALIBRATIONS = ("minmax", "moving_average", "percentile", "mse", "entropy")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--material", required=True)
    parser.add_argument("--models", nargs="*", default=["resnet8", "dscnn", "resnet_2b", "cifar10_small"])
    parser.add_argument("--recipes", nargs="*", default=[], help="built-in recipes instead of calibrations")
    parser.add_argument("--count", type=int, help="graded samples (default: all)")
    args = parser.parse_args()
    columns = args.recipes or CALIBRATIONS
    print("| model | fp32 |", " | ".join(columns), "|\n|---|---|" + "---|" * len(columns))
    with tempfile.TemporaryDirectory() as scratch:
        measurement = Measurement(args, scratch)
        for model in MODELS:
            if model.name not in args.models:
                continue
            source = os.path.join(args.material, "models", model.path)
            name, first, last = model.graded
            size = read_npy(os.path.join(args.material, "eval", name, "inputs.npy"))[1][0]
            graded = (name, first, min(first + args.count, size) if args.count else last)
            cells = [measurement.grade(model, source, graded, source)]
            for column in columns:
                recipe = column
                if not args.recipes:
                    recipe = os.path.join(scratch, "recipe.yaml")
                    with open(recipe, "w") as file:
                        file.write(f"- {{quantize: {{storage: i8}}, activations: {{storage: ui8, calibration: {column}}}}}\n")
                output = os.path.join(scratch, "small.mlirbc")
                samples = measurement.dataset(*model.calib, model.pad)[0]
                measurement.condense("compress", source, "--recipe", recipe, "--calibrate", samples, *model.flags, "-o", output)
                cells.append(measurement.grade(model, output, graded, source))
            print(f"| {model.name} |", " | ".join(f"{100 * cell:.2f} %" for cell in cells), "|", flush=True)


if __name__ == "__main__":
    main()
