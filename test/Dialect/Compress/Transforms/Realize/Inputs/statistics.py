# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes statistics of one layer as calibration does, from one row of its activations.

statistics.py FILE.json LAYER VALUE...   the values are mean and largest magnitude"""
import json
import struct
import sys

path, layer, values = sys.argv[1], sys.argv[2], [float(value) for value in sys.argv[3:]]
header, data = {}, b""
for name, shape, numbers in (("count", [1], [1]), ("mean", [1, len(values)], values),
                             ("absmax", [1, len(values)], [abs(value) for value in values])):
    part = struct.pack(f"<{len(numbers)}f", *numbers)
    header[f"{layer}.{name}"] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(part)]}
    data += part
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(path + ".safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
with open(path, "w") as file:
    json.dump({"ranges": {}}, file)
