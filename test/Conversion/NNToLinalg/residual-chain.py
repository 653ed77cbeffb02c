# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The number of paths through 64 residual additions is 2^64: sizes must be followed once for each value.
#
# RUN: python3 %s | condense-opt --convert-nn-to-linalg | FileCheck %s
# CHECK-LABEL: @chain
# CHECK-NOT: nn.

print("func.func @chain(%x0: tensor<?x8xf32>) -> tensor<?x8xf32> {")
for i in range(64):
    print(f"  %r{i} = nn.relu %x{i} : tensor<?x8xf32>")
    print(f"  %x{i + 1} = nn.add %x{i}, %r{i} : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>")
print("  return %x64 : tensor<?x8xf32>\n}")
