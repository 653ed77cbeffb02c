#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times compiled models beside onnxruntime, interleaved in one process on one thread.

fp32 against fp32, int8-static against onnxruntime's statically quantized model
(QDQ, u8 activations, s8 weights per channel, its own quantizer). The figure is
the median of the per-round ratios, which is robust against a changing clock.

usage: compare_onnxruntime.py --bin build/bin --material DIR [--rounds N] [MODEL...]
needs: pip install onnx onnxruntime numpy
"""
import argparse
import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
import numpy
import onnx
import onnx.version_converter
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

# name: file, calibration inputs, preprocessing for `condense`, the same for onnxruntime
MODELS = {
    "resnet8": ("resnet8_cifar10.onnx", "cifar10_jpeg_train_calib", [], lambda x: x),
    "dscnn": ("dscnn_kws.onnx", "kws01_a", ["--mean", "83", "--std", repr(1 / 0.5847029)],
              lambda x: (x - 83) * 0.5847029),
    "resnet_2b": ("resnet_2b.onnx", "cifar10_jpeg_train_calib",
                  ["--scale", "255", "--mean", ".4914,.4822,.4465", "--std", ".2471,.2435,.2616", "--layout", "nchw"],
                  lambda x: ((x / 255 - [.4914, .4822, .4465]) / [.2471, .2435, .2616]).transpose(0, 3, 1, 2)),
}


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("dtype", ctypes.c_int32), ("rank", ctypes.c_int32),
                ("shape", ctypes.c_int64 * 8)]


F32 = 12


class Compiled:
    """A compiled model with one f32 input, through its C interface."""

    def __init__(self, path, outputs):
        self.library = ctypes.CDLL(path)
        self.library.condense_model_last_error.restype = ctypes.c_char_p
        self.library.condense_model_set_threads(1)
        self.outputs = (Tensor * outputs)()

    def run(self, array):
        tensor = Tensor(array.ctypes.data, F32, array.ndim, (ctypes.c_int64 * 8)(*array.shape))
        if self.library.condense_model_run(ctypes.byref(tensor), self.outputs):
            raise RuntimeError(self.library.condense_model_last_error().decode())
        for output in self.outputs:
            self.library.condense_tensor_free(ctypes.byref(output))


class Samples(CalibrationDataReader):
    def __init__(self, name, arrays):
        self.rows = iter({name: a} for a in arrays)

    def get_next(self):
        return next(self.rows, None)


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def seconds(function, repeats):
    start = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - start) / repeats


def compare(name, label, ours, theirs, rounds):
    """Interleaved rounds; prints both medians and the median ratio ours / theirs."""
    for _ in range(3):
        ours(), theirs()
    repeats = max(1, int(0.02 / seconds(theirs, 3)))
    pairs = [(seconds(ours, repeats), seconds(theirs, repeats)) for _ in range(rounds)]
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{name:12} {label:12} condense {1e3 * statistics.median(p[0] for p in pairs):8.3f} ms   "
          f"onnxruntime {1e3 * statistics.median(p[1] for p in pairs):8.3f} ms   ratio {ratio:5.2f}", flush=True)


def measure(name, args, scratch):
    file, data, flags, preprocess = MODELS[name]
    source = os.path.join(args.material, "models", "onnx", file)
    raw = os.path.join(args.material, "eval", data, "inputs.npy")
    reference = session(source)
    inputs = reference.get_inputs()[0]
    shape = [d if isinstance(d, int) else 1 for d in inputs.shape]
    samples = [numpy.ascontiguousarray(preprocess(x.astype(numpy.float32)[None]), numpy.float32).reshape(shape)
               for x in numpy.load(raw)[:100]]
    quantized = os.path.join(scratch, name + "-ort-int8.onnx")
    # scales per channel came with opset 13
    onnx.save(onnx.version_converter.convert_version(onnx.load(source), 13), quantized)
    quantize_static(quantized, quantized, Samples(inputs.name, samples), per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    condense = os.path.join(args.bin, "condense")
    compressed = os.path.join(scratch, name + ".mlirbc")
    subprocess.run([condense, "compress", source, "--recipe", "int8-static", "--calibrate", raw, *flags,
                    "-o", compressed], check=True)
    for label, model, peer in (("fp32", source, reference), ("int8-static", compressed, session(quantized))):
        library = os.path.join(scratch, f"{name}-{label}.so")
        subprocess.run([condense, "compile", model, "-o", library], check=True)
        compiled = Compiled(library, len(reference.get_outputs()))
        compare(name, label, lambda: compiled.run(samples[0]), lambda: peer.run(None, {inputs.name: samples[0]}),
                args.rounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--material", required=True)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("models", nargs="*", default=list(MODELS))
    args = parser.parse_args()
    print(f"onnxruntime {onnxruntime.__version__}, one thread each, median of {args.rounds} interleaved rounds")
    with tempfile.TemporaryDirectory() as scratch:
        for name in args.models or MODELS:
            measure(name, args, scratch)


if __name__ == "__main__":
    sys.exit(main())
