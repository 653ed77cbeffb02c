// RUN: not condense-opt %s --compress-cluster-weights 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not condense-opt %s --compress-cluster-weights=statistics=%t.absent.json 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: python3 %S/Inputs/write-statistics.py %t.json fc=1x8:same pruned=1x8:same
// RUN: condense-opt %s --compress-cluster-weights=statistics=%t.json | FileCheck %s
// RUN: condense-opt %s --compress-cluster-weights=statistics=%t.json --mlir-disable-threading | FileCheck %s

// MISSING: error: {{.*}}layer 'fc' has no Gram matrix in the statistics, which weighted = true needs: give statistics=FILE of a calibration, or use weighted = false
// ABSENT: error: {{.*}}absent.json

// Inputs are nearly equal: only the sum of a row counts, 1.5. Of the two values, one of which is 0, the
// other would be 1 for the least error of the weight.
// CHECK-LABEL: @sums
// CHECK: arith.constant dense<{{\[\[\[}}0.000000e+00, 1.4{{[0-9]+}}e+00]]]> : tensor<1x1x2xf16>
func.func @sums(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.0, 0.0]]> : tensor<1x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 2, weighted = true, zero = true>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("fc")
  return %y : tensor<?x1xf32>
}

// What was pruned stays zero.
// CHECK-LABEL: @pruned
// CHECK: %[[VALUES:.*]] = compress.lookup %{{.*}} : (tensor<4xui2>, tensor<1x2xf16>) -> tensor<4xf32>
// CHECK: compress.scatter %[[VALUES]], %{{.*}} <format = bitmap> {{.*}}: (tensor<4xf32>, tensor<1xi8>) -> tensor<1x8xf32>
func.func @pruned(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %p = arith.constant dense<[15]> : tensor<1xi8>
  %v = arith.constant dense<[1.0, 1.1, -1.0, 0.9]> : tensor<4xf32>
  %w = compress.scatter %v, %p <format = bitmap> : (tensor<4xf32>, tensor<1xi8>) -> tensor<1x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 2, weighted = true>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("pruned")
  return %y : tensor<?x1xf32>
}
