# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled models through their C interface (include/condense/Runtime/Model.h)."""
import ctypes
import os
import subprocess
import time

import numpy

DTYPES = {"bool": 1, "int8": 2, "uint8": 3, "int16": 4, "uint16": 5, "int32": 6, "uint32": 7, "int64": 8, "uint64": 9,
          "float16": 10, "float32": 12, "float64": 13}
NAMES = {number: name for name, number in DTYPES.items()}


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("dtype", ctypes.c_int32), ("rank", ctypes.c_int32),
                ("shape", ctypes.c_int64 * 8)]


class Info(ctypes.Structure):
    _fields_ = [("abi_version", ctypes.c_uint32), ("reserved", ctypes.c_uint32), ("producer", ctypes.c_char_p),
                ("target_cpu", ctypes.c_char_p), ("required_features", ctypes.c_char_p),
                ("weight_bytes", ctypes.c_uint64), ("num_inputs", ctypes.c_uint64), ("inputs", ctypes.c_void_p),
                ("num_outputs", ctypes.c_uint64), ("outputs", ctypes.c_void_p)]


class CompiledModel:
    """A library and the inputs that it is run on."""

    def __init__(self, path, arrays, threads=1, limits=None):
        self.library, self.limits, self.arrays = ctypes.CDLL(path), limits, arrays
        self.library.condense_model_last_error.restype = ctypes.c_char_p
        self.library.condense_model_get_info.restype = ctypes.POINTER(Info)
        self.library.condense_model_set_threads(threads)
        info = self.library.condense_model_get_info().contents
        self.producer, self.weight_bytes = info.producer.decode(), info.weight_bytes
        self.inputs = (Tensor * len(arrays))(*[
            Tensor(a.ctypes.data, DTYPES[a.dtype.name], a.ndim, (ctypes.c_int64 * 8)(*a.shape)) for a in arrays])
        self.outputs = (Tensor * info.num_outputs)()

    def check(self, status):
        if status:
            raise RuntimeError(self.library.condense_model_last_error().decode())

    def run(self):
        self.check(self.library.condense_model_run(self.inputs, self.outputs))
        results = []
        for output in self.outputs:
            shape = tuple(output.shape[:output.rank])
            size = int(numpy.prod(shape)) * numpy.dtype(NAMES[output.dtype]).itemsize
            data = ctypes.string_at(output.data, size)
            results.append(numpy.frombuffer(data, NAMES[output.dtype]).reshape(shape))
            self.library.condense_tensor_free(ctypes.byref(output))
        return results

    def repeat(self, count):
        """In a loop in C where that library is there."""
        if self.limits:
            return self.limits.run_model(self.library, self.inputs, self.outputs, count)
        for _ in range(count):
            self.check(self.library.condense_model_run(self.inputs, self.outputs))
            for output in self.outputs:
                self.library.condense_tensor_free(ctypes.byref(output))


def call(tool, *arguments):
    """Runs the driver; its error is ours."""
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error:" in line] or [done.stderr.strip()]
        raise RuntimeError(lines[0][:300])


def compile_model(tool, source, threads):
    """The library of a model file, and the seconds that it took."""
    library = os.path.splitext(source)[0] + ".so"
    start = time.perf_counter()
    call(tool, "compile", source, "-o", library, *(["--single-thread"] if threads == 1 else []))
    return library, time.perf_counter() - start
