# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Deep Compression of mnist-net_256x2: the file against the bytes of the fp32 weights, the accuracy on
# images that calibration did not see, and the compiled library with and without decoding at load.
#
# usage: deep_compression.py BIN MATERIAL FOLDER
import json
import os
import subprocess
import sys

import numpy as np

bin_folder, material, folder = sys.argv[1:]
SCALE = ["--scale", "255"]


def condense(*arguments):
    result = subprocess.run([bin_folder + "/condense", *map(str, arguments)], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"condense {' '.join(map(str, arguments))}\n{result.stderr}")
    return result.stdout


def path(name):
    return os.path.join(folder, name)


images, labels = (np.load(f"{material}/eval/mnist_test_a/{kind}.npy") for kind in ("inputs", "labels"))
np.save(path("calibration.npy"), images[:500])
np.save(path("images.npy"), images[500:])
np.save(path("labels.npy"), labels[500:])
source, small = f"{material}/models/onnx/mnist-net_256x2.onnx", path("small.mlirbc")


def accuracy(model):
    output = condense("eval", model, "--inputs", path("images.npy"), "--labels", path("labels.npy"), *SCALE, "--json")
    return 100 * json.loads(output)["accuracy"]


condense("compress", source, "--recipe", "deep-compression", "--calibrate", path("calibration.npy"), *SCALE, "-o", small)
condense("compile", small, "-o", path("load.so"))
condense("compile", small, "--decode=compile", "-o", path("compile.so"))
before, after = 4 * (784 * 256 + 256 * 256 + 256 * 10), os.path.getsize(small)
library, mapped = os.path.getsize(path("load.so")), os.path.getsize(path("compile.so"))
fp32, compressed, compiled = accuracy(source), accuracy(small), accuracy(path("load.so"))
print(f"file: {before} -> {after} bytes ({before / after:.1f} times smaller); "
      f"library: {mapped} -> {library} bytes; accuracy: {fp32:.2f} -> {compressed:.2f}")
assert before >= 20 * after, "the file is not 20 times smaller"
assert compressed >= fp32 - 1, "more than a point is lost"
assert compiled == compressed, "the library computes something else"
assert library < mapped / 5, "decoding at load does not make the library smaller"
