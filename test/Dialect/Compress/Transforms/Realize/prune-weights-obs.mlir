// Inputs whose columns are nearly equal: what stays takes over what goes, and the output hardly changes.
// RUN: python3 %S/Inputs/write-statistics.py %t.json same=1x8:same own=1x8:own groups=1x8:same mean=1x8:same
// RUN: condense-opt %s --compress-prune-weights="statistics=%t.json" --compress-verify --remarks-filter=compress 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.remarks
// RUN: condense-opt %s --compress-prune-weights="statistics=%t.json" --mlir-disable-threading | FileCheck %s

// CHECK-LABEL: @correlated
// REMARK: Function=same | {{.*}}50.0% pruned by obs, output error 0.0{{.*}} without the update; positions
func.func @correlated(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32>
  // CHECK-DAG: dense<[7.4{{.*}}, 8.4{{.*}}, 9.4{{.*}}, 1.04{{.*}}e+01]> : tensor<4xf32>
  // CHECK: nn.linear {{.*}} {compress.structure = [#compress.structure<zeros = 4>]}
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64, method = obs>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("same")
  return %y : tensor<?x1xf32>
}

// Nothing can take over.
// CHECK-LABEL: @unrelated
func.func @unrelated(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32>
  // CHECK-DAG: dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64, method = obs>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("own")
  return %y : tensor<?x1xf32>
}

// CHECK-LABEL: @groups
// REMARK: Function=groups | {{.*}}50.0% pruned by obs
func.func @groups(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32>
  // CHECK: nn.linear {{.*}} {compress.structure = [#compress.structure<zeros = 4, n = 2, m = 4>]}
  %y = nn.linear %x, %w {compress.weight = #compress.prune<n = 2, m = 4, method = obs>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("groups")
  return %y : tensor<?x1xf32>
}

// The bias will be corrected: the variance is kept, so that values are slightly larger than above.
// CHECK-LABEL: @corrected
// REMARK: Function=mean | {{.*}}mean left to the bias, variance kept; positions
func.func @corrected(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32>
  // CHECK-DAG: dense<[7.49{{.*}}, 8.49{{.*}}, 9.49{{.*}}, 10.49{{.*}}]> : tensor<4xf32>
  %y = nn.linear %x, %w {compress.input_mean = dense<0.0> : tensor<1x8xf32>, compress.weight = #compress.prune<sparsity = 0.5 : f64, method = obs>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("mean")
  return %y : tensor<?x1xf32>
}
