#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes statistics of layers as calibration does: write-statistics.py FILE.json LAYER=GROUPSxCOLUMNS:KIND...

The Gram matrix of KIND `same` is that of inputs whose columns are nearly equal, of `own`
that of unrelated ones, of `none` it is absent, of `indefinite` no Gram matrix at all.
"""
import json
import struct
import sys


def gram(columns, kind):
    off = {"same": 1.0, "own": 0.0, "indefinite": 1e9}[kind]
    return [1.01 if i == j else off for i in range(columns) for j in range(columns)]


tensors, header, data = {}, {}, b""
for text in sys.argv[2:]:
    layer, rest = text.split("=")
    shape, kind = rest.split(":")
    groups, columns = map(int, shape.split("x"))
    tensors[layer + ".count"] = ([1], [100.0])
    tensors[layer + ".mean"] = ([groups, columns], [0.0] * groups * columns)
    tensors[layer + ".absmax"] = ([groups, columns], [1.0] * groups * columns)
    if kind != "none":
        tensors[layer + ".gram"] = ([groups, columns, columns], gram(columns, kind) * groups)
for name, (shape, values) in tensors.items():
    start = len(data)
    data += struct.pack("<%df" % len(values), *values)
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, len(data)]}
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(sys.argv[1] + ".safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
with open(sys.argv[1], "w") as f:
    f.write("{}\n")
