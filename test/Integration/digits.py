# The carried model keeps its accuracy and shrinks under each built-in recipe, as a module and as a library.
# RUN: python3 -B %s %src_root/models/digits %t
import json
import pathlib
import subprocess
import sys

digits, scratch = map(pathlib.Path, sys.argv[1:])
scratch.mkdir(parents=True, exist_ok=True)
model = digits / "digits.onnx"
FP32_CORRECT = 447
# Recipe: most images lost of 450, most stored bytes as a part of the dense bytes.
BOUNDS = {"int8-weight-only": (1, 0.27), "int8-static": (4, 0.27), "int4-weight-only": (9, 0.17),
          "int4-gptq": (6, 0.15), "w8a8-smooth": (4, 0.27), "sparse24-int8": (6, 0.18), "low-rank-int4": (6, 0.20),
          "lossless": (0, 0.85), "int8-dynamic": (2, 0.27), "int4-dynamic": (9, 0.17),
          "int4-two-level": (9, 0.17)}
BLIND = {"int8-weight-only", "int4-weight-only", "lossless", "int8-dynamic", "int4-dynamic", "int4-two-level"}


def condense(*arguments):
    return subprocess.run(["condense", *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout


def correct(path):
    result = json.loads(condense("eval", path, "--inputs", digits / "test_inputs.npy", "--labels",
                                 digits / "test_labels.npy", "--scale", 16, "--json"))
    assert result["total"] == 450 and abs(result["accuracy"] - result["correct"] / 450) < 1e-6, result
    return result["correct"]


assert abs(correct(model) - FP32_CORRECT) <= 1
for recipe, (most_lost, most_bytes) in BOUNDS.items():
    small, library = scratch / f"{recipe}.mlirbc", scratch / f"{recipe}.so"
    calibration = ["--calibrate", digits / "calib_inputs.npy", "--scale", 16] if recipe not in BLIND else []
    condense("compress", model, "--recipe", recipe, *calibration, "-o", small)
    total = json.loads(condense("inspect", small, "--json"))["total"]
    assert total["stored_bytes"] <= most_bytes * total["dense_bytes"], (recipe, total)
    condense("compile", small, "-o", library)
    for path in (small, library):
        assert correct(path) >= FP32_CORRECT - most_lost, (path, correct(path))
