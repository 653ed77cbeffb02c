// RUN: not condense-opt %s --compress-distribute-sparsity="budget=1.5" 2>&1 | FileCheck %s --check-prefix=BUDGET
// RUN: not condense-opt %s --compress-distribute-sparsity="largest=0" 2>&1 | FileCheck %s --check-prefix=LARGEST
// RUN: not condense-opt %s --compress-distribute-sparsity="budget=0.9 largest=0.5" 2>&1 | FileCheck %s --check-prefix=REACH
// RUN: not condense-opt %s --compress-distribute-sparsity="layers=[" 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not condense-opt %s --compress-distribute-sparsity="statistics=%t.absent.json" 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: python3 %S/../Realize/Inputs/write-statistics.py %t.json a=1x8:indefinite
// RUN: not condense-opt %s --compress-distribute-sparsity="statistics=%t.json" 2>&1 | FileCheck %s --check-prefix=SINGULAR

// BUDGET: budget: 1.5{{.*}} is not between 0 and 1
// LARGEST: largest: 0{{.*}} is not above 0 and at most 1
// REACH: budget: {{.*}} cannot be reached with at most {{.*}} in each layer
// GLOB: layers: '[' is no glob
// ABSENT: {{.*}}absent.json.safetensors
// SINGULAR: layer 'a': its Gram matrix is not positive definite: calibrate with more samples
func.func @layer(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.1 : f64, method = obs>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("a")
  return %y : tensor<?x2xf32>
}
