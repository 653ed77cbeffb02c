# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# erf and GELU beside the C library over the range of f32: relative error, limits, NaN.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s %t
import math
import subprocess
import sys

import numpy as np

folder = sys.argv[1]
near = np.concatenate([np.linspace(-6, 6, 20001), np.linspace(3.8, 4, 1001)])
far = np.concatenate([10.0 ** np.arange(-40, 39), [0.0, -0.0, np.inf, -np.inf, np.nan]])
x = np.concatenate([near, far, -far]).astype(np.float32)
kind = f"tensor<{x.size}xf32>"
with open(f"{folder}/erf.mlir", "w") as file:
    file.write(f'''func.func @main(%x: {kind} {{nn.name = "x"}}) -> ({kind} {{nn.name = "erf"}}, {kind} {{nn.name = "gelu"}}) {{
  %0 = nn.erf %x : {kind}
  %1 = nn.gelu %x : {kind}
  return %0, %1 : {kind}, {kind}
}}''')
np.save(f"{folder}/x.npy", x)
subprocess.run(["condense", "compile", f"{folder}/erf.mlir", "-o", f"{folder}/erf.so"], check=True)
subprocess.run(["condense", "run", f"{folder}/erf.so", "--input", f"{folder}/x.npy", "--output-dir", folder], check=True)
erf, gelu = np.load(f"{folder}/erf.npy"), np.load(f"{folder}/gelu.npy")
expected = np.array([math.erf(value) for value in x.astype(float)])
assert np.array_equal(np.isnan(erf), np.isnan(x)) and np.nanmax(np.abs(erf)) == 1
tiny = np.abs(expected) < 1e-37  # below, f32 has few digits
with np.errstate(invalid="ignore", divide="ignore"):
    error = np.where(tiny, 0, np.abs(erf - expected) / np.abs(expected))
assert np.nanmax(error) < 5e-7, np.nanmax(error)
finite = np.abs(x) < 1e4
exact = x.astype(float) * 0.5 * np.array([math.erfc(-value / math.sqrt(2)) for value in x.astype(float)])
assert np.max(np.abs(gelu - exact)[finite] / np.maximum(np.abs(x[finite]), 1e-30)) < 5e-7
