#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prunes real models by several recipes and measures what is lost.

Calibrates on 500 samples that are not graded. Prints a row of a table for each model and
recipe; ends with status 1 when a recipe with a bound loses more than that.

usage: measure_pruning.py --bin build/bin --material DIR [--only MODEL...] [--recipes NAME...]
"""
import argparse
import json
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from measure_models import MODELS, Measurement  # noqa: E402

NAMES = ["mnist-256x2", "mnist-cnn", "cifar10_small", "resnet_2b", "resnet8"]
GROUPS = "- prune: {n: 2, m: 4%s}\n%s- match: {smallest_share: 0.03}\n  remove: [prune]\n"
CORRECT = "  correct_bias: {all: false}\n"
RECIPES = {
    "magnitude, 50 %": "- prune: {sparsity: 0.5}\n",
    "wanda by rows, 50 %": "- prune: {sparsity: 0.5, method: wanda, scope: row}\n",
    "obs, 50 % of each layer": "- prune: {sparsity: 0.5, method: obs}\n",
    "prune50": None,
    "obs, 70 % of each layer": "- prune: {sparsity: 0.7, method: obs}\n" + CORRECT,
    "obs, 70 % of all layers": "- prune: {sparsity: 0.7, method: obs}\n  sparsity_budget: {sparsity: 0.7}\n" + CORRECT,
    "magnitude, 2:4": GROUPS % ("", ""),
    "obs, 2:4": GROUPS % (", method: obs", CORRECT),
    "obs, 2:4 in every layer": "- prune: {n: 2, m: 4, method: obs}\n" + CORRECT,
    "sparse24-int8": None,
}
# Points that may be lost.
BOUNDS = {
    "prune50": {"mnist-256x2": 1, "mnist-cnn": 1, "resnet_2b": 1, "cifar10_small": 1, "resnet8": 2},
    "obs, 2:4": {"mnist-256x2": 1.5, "mnist-cnn": 1.5, "resnet_2b": 1.5, "resnet8": 4},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--material", required=True)
    parser.add_argument("--only", nargs="*", default=NAMES)
    parser.add_argument("--recipes", nargs="*", default=list(RECIPES))
    args = parser.parse_args()
    args.plugin = None
    missed = 0
    with tempfile.TemporaryDirectory() as scratch:
        measurement = Measurement(args, scratch)
        for model in MODELS:
            if model.name not in args.only:
                continue
            source = os.path.join(args.material, "models", model.path)
            fp32 = measurement.grade(model, source, model.graded)
            samples = measurement.dataset(model.calib[0], 0, 500)[0]
            for name in args.recipes:
                recipe, output = name, os.path.join(scratch, "pruned.mlirbc")
                if RECIPES[name]:
                    recipe = os.path.join(scratch, "recipe.yaml")
                    with open(recipe, "w") as f:
                        f.write(RECIPES[name])
                text = measurement.condense("compress", source, "--recipe", recipe, "--calibrate", samples,
                                            *model.flags, "-o", output, "--json")
                result = json.loads(text)
                value = measurement.grade(model, output, model.graded)
                lost, bound = 100 * (fp32 - value), BOUNDS.get(name, {}).get(model.name)
                share = result["stored_bytes"] / result["dense_bytes"]
                note = "" if bound is None else f" (at most {bound})"
                missed += bound is not None and lost > bound + 1e-9
                print(f"| {model.name} | {name} | {100 * fp32:.2f} % | {100 * value:.2f} % | {lost:.2f}{note} | "
                      f"{100 * share:.1f} % |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
