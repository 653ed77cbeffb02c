# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Where weights are decoded: a library that decodes when it is loaded is smaller, computes the
# same, holds the weights once in memory, and refuses damaged bytes.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t
# RUN: python3 %s write %t/plain.mlir
# RUN: condense-opt %t/plain.mlir --compress-entropy-code -o %t/coded.mlir
# RUN: condense compile %t/coded.mlir --single-thread --verbose -o %t/auto.so | FileCheck %s --check-prefix=LOAD
# RUN: condense compile %t/coded.mlir --single-thread --decode=load -o %t/load.so
# RUN: condense compile %t/coded.mlir --single-thread --verbose --decode=compile -o %t/compile.so | FileCheck %s --check-prefix=COMPILE
# RUN: condense compile %t/plain.mlir --single-thread --verbose -o %t/plain.so | FileCheck %s --check-prefix=COMPILE
# RUN: condense compile %t/plain.mlir --single-thread --verbose --decode=load -o %t/asked.so | FileCheck %s --check-prefix=LOAD
# RUN: python3 %s check %t
# LOAD: model: Placement load, Constants 3, BytesBefore 2{{.*}}, BytesAfter 1
# COMPILE: model: Placement compile, Bytes 2
#
# The header of a container, a byte of a stream, and a library from which nothing can be read at all.
# RUN: python3 %s damage %t/load.so %t/damaged.so
# RUN: not condense inspect %t/damaged.so 2>&1 | FileCheck %s --check-prefix=DAMAGED
# DAMAGED: damaged.so: the weights of the library are damaged (the checksum does not match); copy the file again, or compile the model again
# RUN: python3 %s exhaust %t/load.so | FileCheck %s --check-prefix=EXHAUSTED
# EXHAUSTED: refused: {{.+}}
# RUN: not condense compile %t/coded.mlir --decode=kernel -o %t/x.so 2>&1 | FileCheck %s --check-prefix=UNKNOWN
# UNKNOWN: Cannot find option named 'kernel'
import ctypes
import os
import resource
import sys

import numpy as np

ROWS, COLUMNS = 512, 1024


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("dtype", ctypes.c_int32), ("rank", ctypes.c_int32),
                ("shape", ctypes.c_int64 * 8)]


def write(path):
    """A layer of random weights, and a sparse one of few distinct values."""
    rng = np.random.default_rng(3)
    first = rng.normal(0, 0.05, (ROWS, COLUMNS)).astype(np.float32)
    levels = np.append(np.zeros(60), rng.normal(0, 1, 16)).astype(np.float32)
    second = rng.choice(levels, (64, ROWS))

    def hexadecimal(array):
        return '"0x04000000' + array.tobytes().hex().upper() + '"'
    with open(path, "w") as file:
        file.write(f"""func.func @main(%x: tensor<2x{COLUMNS}xf32>) -> tensor<2x64xf32> {{
  %first = arith.constant dense_resource<first> : tensor<{ROWS}x{COLUMNS}xf32>
  %second = arith.constant dense_resource<second> : tensor<64x{ROWS}xf32>
  %h = nn.linear %x, %first {{compress.weight = #compress.entropy_code<>}} : (tensor<2x{COLUMNS}xf32>, tensor<{ROWS}x{COLUMNS}xf32>) -> tensor<2x{ROWS}xf32>
  %y = nn.linear %h, %second {{compress.weight = #compress.entropy_code<>}} : (tensor<2x{ROWS}xf32>, tensor<64x{ROWS}xf32>) -> tensor<2x64xf32>
  return %y : tensor<2x64xf32>
}}
{{-#
  dialect_resources: {{ builtin: {{ first: {hexadecimal(first)}, second: {hexadecimal(second)} }} }}
#-}}
""")


def run(library):
    x = np.random.default_rng(4).normal(0, 1, (2, COLUMNS)).astype(np.float32)
    given = Tensor(x.ctypes.data, 12, 2, (2, COLUMNS))
    output = Tensor()
    assert library.condense_model_run(ctypes.byref(given), ctypes.byref(output)) == 0
    return ctypes.string_at(output.data, 2 * 64 * 4)


def resident_bytes(path, wanted):
    """Bytes in memory of the mappings of a file that `wanted` accepts by their permissions."""
    total, counts = 0, False
    for line in open("/proc/self/smaps"):
        if line[0] in "0123456789abcdef" and "-" in line.split()[0]:
            counts = line.rstrip().endswith(path) and wanted(line.split()[1])
        elif counts and line.startswith("Rss:"):
            total += int(line.split()[1]) * 1024
    return total


def check(folder):
    outputs = {}
    for name in ["load", "auto", "asked", "compile", "plain"]:
        path = os.path.realpath(os.path.join(folder, name + ".so"))
        library = ctypes.CDLL(path)
        library.condense_model_last_error.restype = ctypes.c_char_p
        if name == "load":
            stored = resident_bytes(path, lambda permissions: True)
            assert stored < 300000, f"{stored} bytes of the coded weights are still in memory"
        outputs[name] = run(library)
        assert library.condense_model_check_weights() == 0
    assert len(set(outputs.values())) == 1, "the outputs differ"
    sizes = {name: os.path.getsize(os.path.join(folder, name + ".so")) for name in outputs}
    assert sizes["load"] == sizes["auto"] < 0.85 * sizes["compile"], sizes
    assert abs(sizes["plain"] - sizes["compile"]) < 8192 and abs(sizes["asked"] - sizes["load"]) < 8192, sizes


def exhaust(path):
    """Opens a library when there is less memory left than its weights take."""
    pages = int(open("/proc/self/statm").read().split()[0])
    resource_limit = pages * resource.getpagesize() + (1 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (resource_limit, resource_limit))
    try:
        ctypes.CDLL(os.path.realpath(path))
    except OSError as error:
        print("refused:", str(error).split(": ", 1)[1])


def damage(source, target):
    data = bytearray(open(source, "rb").read())
    data[data.index(b"CNDARRAY") + 30000] ^= 1
    open(target, "wb").write(data)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
