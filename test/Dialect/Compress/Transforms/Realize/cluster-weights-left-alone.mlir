// RUN: condense-opt %s --compress-cluster-weights --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-cluster-weights --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [Missed] cluster-weights | {{.*}}Function=small | Reason="would not be smaller: 17 instead of 16 bytes"
// CHECK-LABEL: @small
// CHECK-NOT: compress
func.func @small(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 4, value = f32, share = "a">} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("small")
  return %y : tensor<?x2xf32>
}

// -----

// REMARK: [Missed] cluster-weights | {{.*}}Reason="weight is also used uncompressed"
// CHECK-LABEL: @used
// CHECK-NOT: compress
func.func @used(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<8x8xf32>) {
  %w = arith.constant dense<1.0> : tensor<8x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 4>} : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  return %y, %w : tensor<?x8xf32>, tensor<8x8xf32>
}

// -----

// REMARK: [Missed] cluster-weights | {{.*}}Reason="no constant weight of floats"
// CHECK-LABEL: @argument
// CHECK-NOT: compress
func.func @argument(%x: tensor<?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x8xf32> {
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 4>} : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// REMARK: [Missed] cluster-weights | {{.*}}Reason="relative error {{.*}} exceeds the bound of the layer"
// CHECK-LABEL: @bound
// CHECK-NOT: compress.lookup
func.func @bound(%x: tensor<?x8xf32>) -> tensor<?x4xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
                             [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<4x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 2>, compress.max_error = 0.01 : f64} : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
