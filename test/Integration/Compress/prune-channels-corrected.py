# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Executes a model whose remaining weights were corrected. Its ten hidden features are
# combinations of three inputs and a constant, so that five of them still determine the
# outputs, and least squares restores these; one of the readers has no bias and gets one.
# In another model the features are independent, and the error exceeds the layer's bound.
# The statistics are written here, as calibration writes them.
#
# REQUIRES: numpy
# RUN: python3 %s %t.json > %t.mlir
# RUN: condense-opt %t.mlir --compress-prune-channels="statistics=%t.json damping=1e-6" --remarks-filter=compress \
# RUN:   -o %t.pruned.mlir 2>&1 | FileCheck %s --check-prefix=REMARK
# RUN: condense-opt %t.mlir --mlir-disable-threading --compress-prune-channels="statistics=%t.json damping=1e-6" \
# RUN:   | diff - %t.pruned.mlir
# RUN: FileCheck %s --check-prefix=SHAPE --input-file %t.pruned.mlir
# RUN: condense-opt %t.mlir --compress-prune-channels="statistics=%t.json budget=channels" \
# RUN:   | FileCheck %s --check-prefix=BUDGET
# RUN: not condense-opt %t.mlir --compress-prune-channels="statistics=%t.json budget=bytes" 2>&1 \
# RUN:   | FileCheck %s --check-prefix=UNKNOWN
# RUN: condense-opt %t.pruned.mlir --condense-lower-to-linalg \
# RUN:   --one-shot-bufferize="bufferize-function-boundaries" --convert-linalg-to-loops --expand-strided-metadata \
# RUN:   --lower-affine --convert-scf-to-cf --convert-arith-to-llvm --convert-math-to-llvm --finalize-memref-to-llvm \
# RUN:   --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts \
# RUN:   | mlir-runner -e main -entry-point-result=void --shared-libs=%runner_libs | FileCheck %s
# CHECK-NOT: ( 0, {{[1-9]}}
# CHECK: ( 1, 0 )
#
# REMARK: Function=fc1 | {{.*}}Channels=10, Corrected=2, Layers=fc1, {{.*}}RelativeError={{0.000|[0-9.]+e-}}{{.*}}, Removed=5
# REMARK: Function=wanda | {{.*}}Corrected=0, {{.*}}Removed=2
# REMARK: Function=bounded | Reason="relative output error 0.{{[0-9]+}} exceeds the bound of the layer"
# REMARK: Function=unmeasured | Reason="what its channels do to outputs is not known: layer 'silent' has no Gram matrix in the statistics"
# SHAPE-LABEL: @pruned(
# SHAPE: nn.linear {{.*}} (tensor<?x3xf32>, tensor<5x3xf32>, tensor<5xf32>) -> tensor<?x5xf32>
# SHAPE: nn.linear {{.*}} (tensor<?x5xf32>, tensor<4x5xf32>, tensor<4xf32>) -> tensor<?x4xf32>
# SHAPE: nn.linear {{.*}} (tensor<?x5xf32>, tensor<2x5xf32>, tensor<2xf32>) -> tensor<?x2xf32>
# SHAPE-LABEL: @others(
# SHAPE: nn.linear {{.*}} (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
# SHAPE: nn.linear {{.*}} (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
# All groups of a function share what is removed; the features of the first cost nothing.
# BUDGET-LABEL: @pruned(
# BUDGET: nn.linear {{.*}} (tensor<?x3xf32>, tensor<5x3xf32>, tensor<5xf32>) -> tensor<?x5xf32>
# UNKNOWN: error: compress-prune-channels: unknown budget 'bytes': expected group, channels, parameters or macs
import json
import os
import struct
import sys

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from cases import dense, functions, tensor_type, write_module  # noqa: E402

rng = np.random.default_rng(5)


def random(*shape):
    return rng.normal(0, 1, shape).astype(np.float32)


def constant(name, array):
    return f"  %{name} = arith.constant {dense(np.asarray(array, np.float32))} : {tensor_type(np.shape(array), 'f32')}\n"


def write_statistics(path, layers):
    header, data = {}, b""
    for layer, x in layers.items():
        x = np.asarray(x, np.float64)
        for name, array in (("count", [len(x)]), ("mean", x.mean(0)[None]), ("absmax", np.abs(x).max(0)[None]),
                            ("gram", (x.T @ x)[None])):
            array = np.asarray(array, np.float32)
            header[f"{layer}.{name}"] = {"dtype": "F32", "shape": list(array.shape),
                                         "data_offsets": [len(data), len(data) + array.nbytes]}
            data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    with open(path, "w") as file:
        file.write("{}\n")


def request(fields, ratio=0.5):
    return f"compress.weight = #compress.structured_prune<ratio = {ratio:e} : f64, {fields}>"


w0, b0, w1, b1, w2 = random(10, 3), random(10), random(4, 10), random(4), random(2, 10)
constants = "".join(constant(name, array) for name, array in
                    (("w0", w0), ("b0", b0), ("w1", w1), ("b1", b1), ("w2", w2)))


def model(name, attributes, location):
    fc = "(tensor<?x3xf32>, tensor<10x3xf32>, tensor<10xf32>) -> tensor<?x10xf32>"
    return f"""func.func private @{name}(%x: tensor<?x3xf32>) -> tensor<?x6xf32> {{
{constants}  %h = nn.linear %x, %w0, %b0 {attributes} : {fc} {location("fc1")}
  %y = nn.linear %h, %w1, %b1 : (tensor<?x10xf32>, tensor<4x10xf32>, tensor<4xf32>) -> tensor<?x4xf32> {location("fc2")}
  %z = nn.linear %h, %w2 : (tensor<?x10xf32>, tensor<2x10xf32>) -> tensor<?x2xf32> {location("fc3")}
  %o = nn.concat %y, %z {{axis = 1 : i64}} : (tensor<?x4xf32>, tensor<?x2xf32>) -> tensor<?x6xf32>
  return %o : tensor<?x6xf32>
}}"""


def independent(number, fields, name, reader, ratio=0.5):
    """Four features of four independent inputs, of which the last ones matter least."""
    return f"""{constant(f"v{number}", np.diag([4, 3, 2, 1]))}{constant(f"u{number}", random(2, 4))}\
  %h{number} = nn.linear %x, %v{number} {{{request(fields, ratio)}}} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("{name}")
  %y{number} = nn.linear %h{number}, %u{number} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32> loc("{reader}")
"""


others = (independent(0, "importance = wanda", "wanda", "reader")
          + independent(1, "importance = obs, correct = true", "bounded", "reader1").replace(
              "correct = true>", "correct = true>, compress.max_error = 0.01 : f64")
          + independent(2, "importance = obs", "unmeasured", "silent"))
x = random(7, 3)
functions.append("\n".join([
    model("pruned", "{" + request("importance = obs, correct = true") + "}", lambda name: f'loc("{name}")'),
    model("reference", "", lambda name: ""),
    f"""func.func private @others(%x: tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) {{
{others}  return %y0, %y1, %y2 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}}""",
    f"""func.func @case0() -> i64 {{
{constant("c", x)}  %x = tensor.cast %c : tensor<7x3xf32> to tensor<?x3xf32>
  %p = func.call @pruned(%x) : (tensor<?x3xf32>) -> tensor<?x6xf32>
  %r = func.call @reference(%x) : (tensor<?x3xf32>) -> tensor<?x6xf32>
  %zero = arith.constant dense<0> : tensor<i64>
  %count = linalg.generic {{indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>,
      affine_map<(d0, d1) -> ()>], iterator_types = ["reduction", "reduction"]}}
      ins(%p, %r : tensor<?x6xf32>, tensor<?x6xf32>) outs(%zero : tensor<i64>) {{
  ^bb0(%a: f32, %b: f32, %n: i64):
    %d = arith.subf %a, %b : f32
    %m = math.absf %d : f32
    %bound = arith.constant 1.0e-3 : f32
    %differs = arith.cmpf ugt, %m, %bound : f32
    %one = arith.extui %differs : i1 to i64
    %sum = arith.addi %n, %one : i64
    linalg.yield %sum : i64
  }} -> tensor<i64>
  %differences = tensor.extract %count[] : tensor<i64>
  return %differences : i64
}}"""]))
write_module()
samples, features = random(200, 3), random(200, 4) * [4, 3, 2, 1]
hidden = samples @ w0.T + b0
write_statistics(sys.argv[1], {"fc2": hidden, "fc3": hidden, "reader": features, "reader1": features})
