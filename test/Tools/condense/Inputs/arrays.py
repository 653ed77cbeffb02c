# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes and shows .npy files with the standard library alone.

arrays.py write FILE TYPE SHAPE VALUE...   TYPE as f4, SHAPE as 2,3
arrays.py show FILE                         its type, shape and values"""
import ast
import struct
import sys

FORMATS = {"f4": "f", "f8": "d", "i1": "b", "i8": "q", "i4": "i", "u1": "B", "u2": "H", "b1": "?"}


def write(path, descr, shape, values):
    kind = FORMATS[descr]
    numbers = [float(v) if kind in "fd" else int(v) for v in values]
    header = repr({"descr": ("|" if descr[1] == "1" else "<") + descr, "fortran_order": False, "shape": shape})
    header += " " * ((-len(header) - 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(numbers)}{kind}", *numbers))


def show(path):
    with open(path, "rb") as file:
        file.read(8)
        header = ast.literal_eval(file.read(struct.unpack("<H", file.read(2))[0]).decode())
        data = file.read()
    kind = FORMATS[header["descr"][1:]]
    values = struct.unpack(f"<{len(data) // struct.calcsize(kind)}{kind}", data)
    print(header["descr"], header["shape"], *(f"{v:.6g}" for v in values))


if sys.argv[1] == "show":
    show(sys.argv[2])
else:
    dims = tuple(int(d) for d in sys.argv[4].split(",") if d)
    write(sys.argv[2], sys.argv[3], dims, sys.argv[5:])
