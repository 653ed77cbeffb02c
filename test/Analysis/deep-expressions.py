# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Expressions of constants may be deep and share their parts: each is looked at once, none recursively.
#
# RUN: python3 %s 60 doubled > %t.doubled.mlir
# RUN: python3 %s 20000 chained > %t.chained.mlir
# RUN: condense-opt %t.doubled.mlir --compress-quantize-weights --compress-verify | FileCheck %s
# RUN: condense-opt %t.chained.mlir --compress-quantize-weights --compress-verify | FileCheck %s
# RUN: condense-opt %t.chained.mlir --compress-quantize-weights --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
# RUN: condense-opt %t.doubled.mlir --compress-annotate="scheme=#compress.prune<n=2,m=4>" | FileCheck %s
# RUN: condense-opt %t.doubled.mlir --compress-prune-channels --compress-split-products --compress-entropy-code --compress-equalize | FileCheck %s
# CHECK-LABEL: @deep
# CHECK: nn.linear
# REMARK: [Missed] quantize-weights | Category:compress | Function=linear.0 | Reason="no constant weight of floats"
import sys

count, kind = int(sys.argv[1]), sys.argv[2]
print("func.func @deep(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {")
print("  %w0 = arith.constant dense<1.0e-20> : tensor<2x2xf32>")
for i in range(count):
    other = i if kind == "doubled" else 0
    print(f"  %w{i + 1} = nn.add %w{i}, %w{other} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>")
print(f"  %y = nn.linear %x, %w{count} {{compress.weight = #compress.quantize<storage = i8>, compress.structure = [#compress.structure<values = 1>]}}")
print("    : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>\n  return %y : tensor<?x2xf32>\n}")
