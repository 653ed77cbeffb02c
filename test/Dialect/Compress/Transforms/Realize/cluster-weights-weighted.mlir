// RUN: not condense-opt %s --compress-cluster-weights 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not condense-opt %s --compress-cluster-weights=statistics=%t.absent.json 2>&1 | FileCheck %s --check-prefix=ABSENT

// MISSING: error: {{.*}}layer 'fc' has no Gram matrix in the statistics, which weighted = true needs: give statistics=FILE of a calibration, or use weighted = false
// ABSENT: error: {{.*}}absent.json
func.func @fc(%x: tensor<?x8xf32>) -> tensor<?x4xf32> {
  %w = arith.constant dense<1.0> : tensor<4x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 2, weighted = true>} : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32> loc("fc")
  return %y : tensor<?x4xf32>
}
