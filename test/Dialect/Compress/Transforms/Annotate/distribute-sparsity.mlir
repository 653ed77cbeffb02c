// RUN: python3 %S/../Realize/Inputs/write-statistics.py %t.json a=1x8:own b=1x8:own
// RUN: condense-opt %s --compress-distribute-sparsity="budget=0.5" --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-distribute-sparsity="budget=0.5 statistics=%t.json" --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-distribute-sparsity="budget=0.5" --compress-distribute-sparsity="budget=0.5" --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-distribute-sparsity="budget=0.5" --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: condense-opt %s --compress-distribute-sparsity="budget=0.5 layers=a" --split-input-file | FileCheck %s --check-prefix=ONE

// Half of the second weight hardly matters: it is pruned more.
// CHECK-LABEL: @two
// ONE-LABEL: @two
// REMARK: [Passed] distribute-sparsity | Category:compress | Function=a | Elements=16, Sparsity=4.000000e-01, SquaredErrorAtHalf=5.000000e-01
// REMARK: [Passed] distribute-sparsity | Category:compress | Function=b | Elements=16, Sparsity=6.000000e-01
func.func @two(%x: tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  %v = arith.constant dense<[[1.0, 1.0, 1.0, 1.0, 0.01, 0.01, 0.01, 0.01], [1.0, 1.0, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01]]> : tensor<2x8xf32>
  // CHECK: nn.linear {{.*}} {compress.weight = #compress.prune<sparsity = 4.000000e-01 : f64, block = [1, 1]>}
  // ONE: nn.linear {{.*}} {compress.weight = #compress.prune<sparsity = 5.000000e-01 : f64, block = [1, 1]>}
  %a = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.1 : f64, block = [1, 1]>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("a")
  // CHECK: nn.linear {{.*}} {compress.weight = #compress.prune<sparsity = 6.000000e-01 : f64>}
  // ONE: nn.linear {{.*}} {compress.weight = #compress.prune<sparsity = 1.000000e-01 : f64, scope = global>}
  %b = nn.linear %x, %v {compress.weight = #compress.prune<sparsity = 0.1 : f64, scope = global>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("b")
  return %a, %b : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// A weight that two layers share, one that asks for N:M, and one that asks for nothing.
// CHECK-LABEL: @others
func.func @others(%x: tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  %v = arith.constant dense<2.0> : tensor<2x8xf32>
  // CHECK-COUNT-2: nn.linear {{.*}} {compress.weight = #compress.prune<sparsity = 5.000000e-01 : f64>}
  %a = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.1 : f64>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  %b = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.1 : f64>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  // CHECK: nn.linear {{.*}} {compress.weight = #compress.prune<n = 2, m = 4>}
  %c = nn.linear %x, %v {compress.weight = #compress.prune<n = 2, m = 4>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  // CHECK: nn.linear %{{[^{]*}} :
  %d = nn.linear %x, %v : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %a, %b, %c, %d : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// A table keeps what it asks for.
// CHECK-LABEL: @table
func.func @table(%i: tensor<?xi64>, %x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x2xf32>) {
  %t = arith.constant dense<1.0> : tensor<4x8xf32>
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // CHECK: nn.embedding {{.*}} {compress.weight = #compress.prune<sparsity = 1.000000e-01 : f64>}
  %a = nn.embedding %i, %t {compress.weight = #compress.prune<sparsity = 0.1 : f64>} : (tensor<?xi64>, tensor<4x8xf32>) -> tensor<?x8xf32>
  // CHECK: nn.linear {{.*}} {compress.weight = #compress.prune<sparsity = 5.000000e-01 : f64>}
  %b = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.1 : f64>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %a, %b : tensor<?x8xf32>, tensor<?x2xf32>
}
