# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# DynamicQuantizeLinear and MatMulInteger, as onnxruntime's quantize_dynamic writes them, imported, compiled and run.
#
# REQUIRES: python-onnx, numpy
# RUN: rm -rf %t && mkdir %t && python3 %s %t
import subprocess
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

folder, rng = sys.argv[1], np.random.default_rng(11)

for number, (k, n, rows) in enumerate([(37, 19, (1, 3, 17)), (64, 33, (1, 100)), (1, 1, (1, 5))]):
    w = rng.integers(-127, 128, (k, n)).astype(np.int8)
    scales, bias = rng.uniform(0.001, 0.01, n).astype(np.float32), rng.normal(0, 1, n).astype(np.float32)
    nodes = [helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
             helper.make_node("MatMulInteger", ["q", "w", "z", "wz"], ["i"]),
             helper.make_node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
             helper.make_node("Mul", ["s", "ws"], ["t"]), helper.make_node("Mul", ["f", "t"], ["p"]),
             helper.make_node("Add", ["p", "b"], ["y"])]
    constants = {"w": w, "wz": np.zeros(n, np.int8), "ws": scales, "b": bias}
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["m", k])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["m", n])],
                              [numpy_helper.from_array(array, name) for name, array in constants.items()])
    path = f"{folder}/model{number}"
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path + ".onnx")
    subprocess.run(["condense", "compile", path + ".onnx", "-o", path + ".so"], check=True, stdout=subprocess.DEVNULL)
    for m in rows:
        x = rng.normal(0, 2, (m, k)).astype(np.float32)
        np.save(path + ".npy", x)
        subprocess.run(["condense", "run", path + ".so", "--input", path + ".npy", "--output-dir", path], check=True,
                       stdout=subprocess.DEVNULL)
        y = np.load(path + "/y.npy")
        low, high = min(np.float32(0), x.min()), max(np.float32(0), x.max())
        scale = np.float32((high - low) / np.float32(255))
        zero = np.clip(np.rint(np.float32(0 - low) / scale), 0, 255)
        codes = np.clip(np.rint(x / scale) + zero, 0, 255)
        expected = ((codes - zero) @ w.astype(np.float64)) * (scale * scales) + bias
        # a quotient that is a tie may round to the other side
        bound = 1e-5 * (np.abs(expected) + 1) + scale * np.abs(w).max() * scales
        assert y.shape == expected.shape and np.all(np.abs(y - expected) <= bound), (k, n, m, np.abs(y - expected).max())
