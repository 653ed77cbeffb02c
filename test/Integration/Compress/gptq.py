# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Calibrates, quantizes by GPTQ and runs layers of odd sizes: a dense one, a grouped and strided
# convolution with padding, a product of two factors and a pruned weight. What the remark says of a
# layer's output error is what the outputs show, and it is at most that of rounding to the nearest.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s write %t
# RUN: condense compress %t/model.mlir --recipe %t/gptq.yaml --calibrate %t/x.npy --verbose -o %t/gptq.mlirbc 2> %t/gptq.txt
# RUN: condense run %t/model.mlir %t/x.npy --output-dir %t/exact
# RUN: condense run %t/gptq.mlirbc %t/x.npy --output-dir %t/gptq
# RUN: python3 %s check %t
import os
import re
import sys

import numpy as np

folder = sys.argv[2]


def path(name):
    return os.path.join(folder, name)


def tensor(rng, *shape):
    text = np.array2string(rng.standard_normal(shape).astype(np.float32), separator=",", threshold=10**6)
    return "arith.constant dense<%s> : tensor<%sxf32>" % (text, "x".join(map(str, shape)))


MODEL = """
func.func @main(%x: tensor<24x4x5x7xf32>) -> (tensor<24x4x5x9xf32>, tensor<24x6x3x4xf32>, tensor<24x4x5x8xf32>, tensor<24x4x5x5xf32>) {{
  %w = {dense}
  %0 = nn.linear %x, %w : (tensor<24x4x5x7xf32>, tensor<9x7xf32>) -> tensor<24x4x5x9xf32> loc("dense")
  %f = {filter}
  %1 = nn.conv2d %x, %f {{strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 2 : i64,
      layout = #nn.layout<nchw>}} : (tensor<24x4x5x7xf32>, tensor<6x2x3x3xf32>) -> tensor<24x6x3x4xf32> loc("grouped")
  %a = {left}
  %b = {right}
  %ab = nn.matmul %a, %b : (tensor<8x3xf32>, tensor<3x7xf32>) -> tensor<8x7xf32>
  %2 = nn.linear %x, %ab : (tensor<24x4x5x7xf32>, tensor<8x7xf32>) -> tensor<24x4x5x8xf32> loc("product")
  %p = arith.constant dense<[91, 118, -83, 109, 3]> : tensor<5xi8>
  %v = {pruned}
  %s = compress.scatter %v, %p <format = bitmap> : (tensor<22xf32>, tensor<5xi8>) -> tensor<5x7xf32>
  %3 = nn.linear %x, %s : (tensor<24x4x5x7xf32>, tensor<5x7xf32>) -> tensor<24x4x5x5xf32> loc("pruned")
  return %0, %1, %2, %3 : tensor<24x4x5x9xf32>, tensor<24x6x3x4xf32>, tensor<24x4x5x8xf32>, tensor<24x4x5x5xf32>
}}
"""


def write():
    rng = np.random.default_rng(7)
    bits = np.unpackbits(np.array([91, 118, -83, 109, 3], np.int8).view(np.uint8), bitorder="little")
    assert bits[:35].sum() == bits.sum() == 22, bits.sum()
    with open(path("model.mlir"), "w") as f:
        f.write(MODEL.format(dense=tensor(rng, 9, 7), filter=tensor(rng, 6, 2, 3, 3), left=tensor(rng, 8, 3),
                             right=tensor(rng, 3, 7), pruned=tensor(rng, 22)))
    # Neighbours are alike, as in images: columns can make up for each other.
    x = rng.standard_normal((24, 4, 5, 7))
    for axis in (2, 3):
        x = x + 0.9 * np.roll(x, 1, axis)
    np.save(path("x.npy"), x.astype(np.float32))
    with open(path("gptq.yaml"), "w") as f:
        f.write("- quantize: {storage: i4, scale: f32, algorithm: gptq}\n")


def check():
    with open(path("gptq.txt")) as f:
        remarks = re.findall(r"layer '(\w+)': Scheme.*?output error ([0-9.]+), ([0-9.]+) if rounded", f.read())
    reported = {}
    for layer, error, nearest in remarks:
        assert float(error) <= float(nearest), (layer, error, nearest)
        reported.setdefault(layer, []).append(float(error))
    names = sorted(os.listdir(path("exact")))
    exact, changed = ([np.load(os.path.join(folder, kind, name)).astype(np.float64) for name in names]
                      for kind in ("exact", "gptq"))
    errors = {{9: "dense", 6: "grouped", 8: "product", 5: "pruned"}[y.shape[1] if y.shape[2:] == (3, 4) else y.shape[3]]:
              np.linalg.norm(y - z) / np.linalg.norm(y) for y, z in zip(exact, changed)}
    print(errors, reported)
    assert len(errors) == 4 and len(reported["product"]) == 2
    for layer in ("dense", "grouped", "pruned"):
        assert abs(errors[layer] - reported[layer][0]) < 2e-3 * errors[layer] + 2e-6, layer
    # The errors of the factors are of each while the other is exact or already rounded.
    assert errors["product"] < 1.1 * sum(reported["product"])


write() if sys.argv[1] == "write" else check()
