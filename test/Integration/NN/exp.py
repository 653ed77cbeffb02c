# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# exp beside the C library over the range of f32, in vectors and in a rest: relative error, both ends, infinities, NaN.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s %t
import subprocess
import sys

import numpy as np

folder = sys.argv[1]
ends = np.float32([-87.33655, -87.33654, -87.3365, 88.72283, 88.722839, 88.7229])
x = np.concatenate([np.linspace(-90, 90, 200001), 10.0 ** np.arange(-40, 39), -(10.0 ** np.arange(-40, 39)), ends,
                    [0.0, -0.0, np.inf, -np.inf, np.nan]]).astype(np.float32)
kind = f"tensor<{x.size}xf32>"
with open(f"{folder}/exp.mlir", "w") as file:
    file.write(f'''func.func @main(%x: {kind} {{nn.name = "x"}}) -> ({kind} {{nn.name = "exp"}}) {{
  %0 = nn.exp %x : {kind}
  return %0 : {kind}
}}''')
np.save(f"{folder}/x.npy", x)
subprocess.run(["condense", "compile", f"{folder}/exp.mlir", "-o", f"{folder}/exp.so"], check=True)
subprocess.run(["condense", "run", f"{folder}/exp.so", "--input", f"{folder}/x.npy", "--output-dir", folder], check=True)
actual = np.load(f"{folder}/exp.npy")
with np.errstate(over="ignore"):
    expected = np.exp(x.astype(float))
smallest, largest = np.finfo(np.float32).tiny, float(np.finfo(np.float32).max)
assert np.array_equal(np.isnan(actual), np.isnan(x))
assert np.all(actual[expected < smallest * 0.99] == 0) and np.all(np.isinf(actual[expected > largest * 1.000001]))
normal = (expected >= smallest * 1.000001) & (expected <= largest * 0.999999)
error = np.abs(actual[normal] / expected[normal] - 1).max()
assert error < 1.5e-7, error
