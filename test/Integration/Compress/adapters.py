# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# A model that was exported with its adapters (LoRA) beside the layers, as ONNX: the adapters are merged,
# also when a bias stands between, and the outputs stay.
#
# REQUIRES: protoc, numpy
# RUN: rm -rf %t && mkdir %t
# RUN: python3 %s %t/x.npy > %t/model.textproto
# RUN: %onnx_encode < %t/model.textproto > %t/model.onnx
# RUN: condense import %t/model.onnx -o %t/model.mlir
# RUN: condense-opt %t/model.mlir --pass-pipeline='builtin.module(nn-fold-constants,nn-fuse-bias)' -o %t/separate.mlir
# RUN: condense-opt %t/separate.mlir --compress-merge-adapters -o %t/merged.mlir
# RUN: FileCheck %s --check-prefix=SEPARATE < %t/separate.mlir
# RUN: FileCheck %s --check-prefix=MERGED < %t/merged.mlir
# RUN: condense-opt %t/model.mlir --condense-import-cleanup | FileCheck %s --check-prefix=MERGED
# RUN: condense eval %t/merged.mlir --compare %t/separate.mlir --inputs %t/x.npy --json | FileCheck %s
# SEPARATE-COUNT-6: nn.linear
# MERGED-COUNT-2: nn.linear
# MERGED-NOT: nn.linear
# CHECK: "cosine":{{(1|0.99999)}}
import sys

import numpy as np

rng = np.random.default_rng(5)
FLOAT = 1


def initializer(name, array):
    array = np.asarray(array, np.float32)
    dims = " ".join(f"dims: {size}" for size in array.shape)
    values = " ".join(f"float_data: {value!r}" for value in array.ravel().tolist())
    print(f'  initializer {{ name: "{name}" data_type: {FLOAT} {dims} {values} }}')


def node(op, inputs, output):
    names = " ".join(f'input: "{name}"' for name in inputs)
    print(f'  node {{ op_type: "{op}" name: "{output}" {names} output: "{output}" }}')


def value(kind, name, *shape):
    dims = " ".join(f"dim {{ dim_value: {size} }}" if size else 'dim { dim_param: "n" }' for size in shape)
    print(f'  {kind} {{ name: "{name}" type {{ tensor_type {{ elem_type: {FLOAT} shape {{ {dims} }} }} }} }}')


def adapted_layer(x, name, inputs, outputs, rank, scale):
    """x W + b + scale (x A) B, with W [in, out] as exporters write it."""
    initializer(f"{name}.weight", rng.normal(size=(inputs, outputs)) / np.sqrt(inputs))
    initializer(f"{name}.bias", rng.normal(size=outputs))
    initializer(f"{name}.lora_A", rng.normal(size=(inputs, rank)) / np.sqrt(inputs))
    initializer(f"{name}.lora_B", rng.normal(size=(rank, outputs)))
    initializer(f"{name}.scaling", scale)
    node("MatMul", [x, f"{name}.weight"], f"{name}.product")
    node("Add", [f"{name}.product", f"{name}.bias"], f"{name}.base")
    node("MatMul", [x, f"{name}.lora_A"], f"{name}.down")
    node("MatMul", [f"{name}.down", f"{name}.lora_B"], f"{name}.up")
    node("Mul", [f"{name}.up", f"{name}.scaling"], f"{name}.scaled")
    node("Add", [f"{name}.base", f"{name}.scaled"], name)
    return name


np.save(sys.argv[1], rng.normal(size=(7, 13)).astype(np.float32))
print('ir_version: 8\nopset_import { version: 13 }\ngraph {\n  name: "adapters"')
value("input", "x", 0, 13)
hidden = adapted_layer("x", "fc1", 13, 21, 2, 0.5)
node("Relu", [hidden], "hidden")
adapted_layer("hidden", "fc2", 21, 5, 3, 2.0)
value("output", "fc2", 0, 5)
print("}")
