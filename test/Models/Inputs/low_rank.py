# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Half the parameters of the dense layers of a classifier: with statistics of other samples at most one point is
# lost, and less than by the plain SVD of the same ranks.
import json
import os
import subprocess
import sys

import numpy as np

material, work, binaries = sys.argv[1:]
condense = os.path.join(binaries, "condense")
model = os.path.join(material, "models/onnx/mnist-net_256x2.onnx")


def path(name):
    return os.path.join(work, name)


def run(*arguments):
    return subprocess.run([condense, *arguments], check=True, capture_output=True, text=True).stdout


def grade(graded):
    return json.loads(run("eval", graded, "--inputs", path("rest.npy"), "--labels", path("labels.npy"), "--scale", "255",
                          "--json"))["accuracy"]


def compress(algorithm):
    with open(path("recipe.yaml"), "w") as recipe:
        recipe.write(f"- match: {{min_elements: 16384}}\n  factorize: {{bytes: 0.495, algorithm: {algorithm}}}\n")
    out = path(algorithm + ".mlirbc")
    run("compress", model, "--recipe", path("recipe.yaml"), "--calibrate", path("first.npy"), "--scale", "255", "-o", out)
    return out


inputs, labels = (np.load(os.path.join(material, "eval/mnist_test_a", name)) for name in ("inputs.npy", "labels.npy"))
np.save(path("first.npy"), inputs[:1000])
np.save(path("rest.npy"), inputs[1000:])
np.save(path("labels.npy"), labels[1000:])
svd, whitened = compress("svd"), compress("whitened")
before, after = (json.loads(run("inspect", m, "--json"))["total"]["stored_bytes"] for m in (model, whitened))
dense, plain, aware = grade(model), grade(svd), grade(whitened)
print(f"{before} -> {after} bytes; fp32 {dense}, svd {plain}, whitened {aware}")
print("the factors take at most half:", 2 * after <= before)
print("loses at most one point:", dense - aware <= 0.01)
print("loses less than the SVD of the same ranks:", aware > plain)
