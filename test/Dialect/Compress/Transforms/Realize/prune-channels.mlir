// RUN: condense-opt %s --compress-prune-channels --compress-verify --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-prune-channels --compress-prune-channels --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-prune-channels --mlir-disable-threading --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-prune-channels --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// The neuron with the smallest weights goes: its row, its bias, and the column that reads it.
// REMARK: [Passed] prune-channels | Category:compress | Function=fc1 | BytesAfter=40, BytesBefore=60, Channels=3, Corrected=0, Layers=fc1, MacsAfter=8, MacsBefore=12, Removed=1
// CHECK-LABEL: @neurons
func.func @neurons(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK-DAG: %[[W0:.*]] = arith.constant dense<{{\[\[}}3.000000e+00, 4.000000e+00], [5.000000e+00, 6.000000e+00]]> : tensor<2x2xf32>
  // CHECK-DAG: %[[B:.*]] = arith.constant dense<[7.000000e+00, 9.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[W1:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00], [4.000000e+00, 6.000000e+00]]> : tensor<2x2xf32>
  %w0 = arith.constant dense<[[3.0, 4.0], [0.5, -0.5], [5.0, 6.0]]> : tensor<3x2xf32>
  %b = arith.constant dense<[7.0, 8.0, 9.0]> : tensor<3xf32>
  %w1 = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 1.0, 6.0]]> : tensor<2x3xf32>
  // CHECK: nn.linear %arg0, %[[W0]], %[[B]] : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %0 = nn.linear %x, %w0, %b {compress.weight = #compress.structured_prune<ratio = 4.000000e-01 : f64>}
      : (tensor<?x2xf32>, tensor<3x2xf32>, tensor<3xf32>) -> tensor<?x3xf32> loc("fc1")
  %1 = nn.sigmoid %0 : tensor<?x3xf32>
  // CHECK: nn.linear %{{.*}}, %[[W1]] : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %2 = nn.linear %1, %w1 : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x2xf32>
  return %2 : tensor<?x2xf32>
}

// -----

// A multiple of 4 of 10 neurons stays, so that 2 go instead of 5. By magnitudes another
// neuron goes than by squares.
// CHECK-LABEL: @multiple
func.func @multiple(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w0 = arith.constant dense<[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0], [9.0], [10.0]]> : tensor<10x1xf32>
  %w1 = arith.constant dense<1.0> : tensor<1x10xf32>
  // CHECK: arith.constant dense<{{\[\[}}3.000000e+00], [4.000000e+00], [5.000000e+00], [6.000000e+00], [7.000000e+00], [8.000000e+00], [9.000000e+00], [1.000000e+01]]> : tensor<8x1xf32>
  %0 = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64, multiple_of = 4>}
      : (tensor<?x1xf32>, tensor<10x1xf32>) -> tensor<?x10xf32>
  %1 = nn.linear %0, %w1 : (tensor<?x10xf32>, tensor<1x10xf32>) -> tensor<?x1xf32>
  return %1 : tensor<?x1xf32>
}

// CHECK-LABEL: @magnitudes
func.func @magnitudes(%x: tensor<?x2xf32>) -> tensor<?x1xf32> {
  %w0 = arith.constant dense<[[3.0, 3.0], [0.0, 5.0]]> : tensor<2x2xf32>
  %w1 = arith.constant dense<1.0> : tensor<1x2xf32>
  // CHECK: arith.constant dense<3.000000e+00> : tensor<1x2xf32>
  %0 = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64, importance = l1>}
      : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %1 = nn.linear %0, %w1 : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32>
  return %1 : tensor<?x1xf32>
}

// CHECK-LABEL: @squares
func.func @squares(%x: tensor<?x2xf32>) -> tensor<?x1xf32> {
  %w0 = arith.constant dense<[[3.0, 3.0], [0.0, 5.0]]> : tensor<2x2xf32>
  %w1 = arith.constant dense<1.0> : tensor<1x2xf32>
  // CHECK: arith.constant dense<{{\[\[}}0.000000e+00, 5.000000e+00]]> : tensor<1x2xf32>
  %0 = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64, importance = l2>}
      : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %1 = nn.linear %0, %w1 : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32>
  return %1 : tensor<?x1xf32>
}

// -----

// Zeros that two layers share do not tie their channels together, and are one constant again
// when both lose the same. A weight that both share does.
// CHECK-LABEL: @shared
func.func @shared(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: %[[ZEROS:.*]] = arith.constant dense<0.000000e+00> : tensor<2xf32>
  // CHECK-NOT: tensor<2xf32>
  // CHECK: nn.linear %arg0, %{{.*}}, %[[ZEROS]]
  // CHECK: nn.linear %{{.*}}, %{{.*}}, %[[ZEROS]]
  // CHECK: nn.linear %{{.*}} : (tensor<?x2xf32>, tensor<4x2xf32>) -> tensor<?x4xf32>
  %zeros = arith.constant dense<0.0> : tensor<4xf32>
  %w0 = arith.constant dense<[[9.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 9.0, 0.0], [0.0, 0.0, 0.0, 1.0]]> : tensor<4x4xf32>
  %w1 = arith.constant dense<[[1.0, 0.0, 0.0, 0.0], [0.0, 8.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 8.0]]> : tensor<4x4xf32>
  %w2 = arith.constant dense<1.0> : tensor<4x4xf32>
  %0 = nn.linear %x, %w0, %zeros {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>}
      : (tensor<?x4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %1 = nn.linear %0, %w1, %zeros {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>}
      : (tensor<?x4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %2 = nn.linear %1, %w2 : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// REMARK: Function=a {{.*}}Layers="a b"{{.*}}Removed=1
// REMARK: Function=b {{.*}}Removed=1, With=a
// CHECK-LABEL: @shared_weight
func.func @shared_weight(%x: tensor<?x2xf32>, %y: tensor<?x2xf32>) -> (tensor<?x1xf32>, tensor<?x1xf32>) {
  %w = arith.constant dense<[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]> : tensor<3x2xf32>
  %v0 = arith.constant dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>
  %v1 = arith.constant dense<[[4.0, 5.0, 6.0]]> : tensor<1x3xf32>
  // CHECK: nn.linear %arg0, %[[W:.*]] : (tensor<?x2xf32>, tensor<2x2xf32>)
  // CHECK: nn.linear %arg1, %[[W]] : (tensor<?x2xf32>, tensor<2x2xf32>)
  %0 = nn.linear %x, %w {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>}
      : (tensor<?x2xf32>, tensor<3x2xf32>) -> tensor<?x3xf32> loc("a")
  %1 = nn.linear %y, %w {compress.weight = #compress.structured_prune<ratio = 0.34 : f64>}
      : (tensor<?x2xf32>, tensor<3x2xf32>) -> tensor<?x3xf32> loc("b")
  %2 = nn.linear %0, %v0 : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x1xf32>
  %3 = nn.linear %1, %v1 : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x1xf32>
  return %2, %3 : tensor<?x1xf32>, tensor<?x1xf32>
}

// -----

// Group normalisation written with a reshape: whole groups go, each normalised by itself.
// CHECK-LABEL: @group_norm
func.func @group_norm(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %w0 = arith.constant dense<[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [9.0, 9.0, 9.0], [0.0, 0.0, 0.0], [7.0, 7.0, 7.0], [7.0, 7.0, 7.0]]> : tensor<6x3xf32>
  %scale = arith.constant dense<1.0> : tensor<2xf32>
  %w1 = arith.constant dense<1.0> : tensor<2x6xf32>
  // CHECK: nn.linear {{.*}} -> tensor<?x4xf32>
  // CHECK: nn.reshape {{.*}}shape = array<i64: -1, 2, 2>
  // CHECK: nn.layer_norm {{.*}} (tensor<?x2x2xf32>, tensor<2xf32>) -> tensor<?x2x2xf32>
  // CHECK: nn.linear {{.*}} (tensor<?x4xf32>, tensor<2x4xf32>)
  %0 = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>}
      : (tensor<?x3xf32>, tensor<6x3xf32>) -> tensor<?x6xf32>
  %1 = nn.reshape %0 {shape = array<i64: -1, 3, 2>} : tensor<?x6xf32> -> tensor<?x3x2xf32>
  %2 = nn.layer_norm %1, %scale {axis = 2 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x3x2xf32>, tensor<2xf32>) -> tensor<?x3x2xf32>
  %3 = nn.reshape %2 {shape = array<i64: 0, 6>} : tensor<?x3x2xf32> -> tensor<?x6xf32>
  %4 = nn.linear %3, %w1 : (tensor<?x6xf32>, tensor<2x6xf32>) -> tensor<?x2xf32>
  return %4 : tensor<?x2xf32>
}

// -----

// Keys and values of one head serve several heads of queries (grouped-query attention): they go together.
// CHECK-LABEL: @grouped_queries
func.func @grouped_queries(%x: tensor<1x3x4xf32>) -> tensor<1x3x4xf32> {
  %wq = arith.constant dense<1.0> : tensor<8x4xf32>
  %wk = arith.constant dense<2.0> : tensor<4x4xf32>
  %wo = arith.constant dense<3.0> : tensor<4x8xf32>
  // CHECK: nn.linear {{.*}} -> tensor<1x3x4xf32>
  // CHECK: nn.linear {{.*}} -> tensor<1x3x2xf32>
  // CHECK: nn.broadcast_to {{.*}}shape = array<i64: 1, 1, 2, 3, 2>{{.*}} -> tensor<1x1x2x3x2xf32>
  // CHECK: nn.matmul {{.*}} -> tensor<1x2x3x3xf32>
  // CHECK: nn.linear {{.*}} (tensor<1x3x4xf32>, tensor<4x4xf32>)
  %q = nn.linear %x, %wq {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<1x3x4xf32>, tensor<8x4xf32>) -> tensor<1x3x8xf32>
  %k = nn.linear %x, %wk {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<1x3x4xf32>, tensor<4x4xf32>) -> tensor<1x3x4xf32>
  %qh = nn.reshape %q {shape = array<i64: 1, 3, 4, 2>} : tensor<1x3x8xf32> -> tensor<1x3x4x2xf32>
  %qt = nn.transpose %qh {permutation = array<i64: 0, 2, 1, 3>} : tensor<1x3x4x2xf32> -> tensor<1x4x3x2xf32>
  %kh = nn.reshape %k {shape = array<i64: 1, 3, 2, 1, 2>} : tensor<1x3x4xf32> -> tensor<1x3x2x1x2xf32>
  %kt = nn.transpose %kh {permutation = array<i64: 0, 2, 3, 1, 4>} : tensor<1x3x2x1x2xf32> -> tensor<1x2x1x3x2xf32>
  %kb = nn.broadcast_to %kt {shape = array<i64: 1, 2, 2, 3, 2>} : tensor<1x2x1x3x2xf32> -> tensor<1x2x2x3x2xf32>
  %kr = nn.reshape %kb {shape = array<i64: 1, 4, 3, 2>} : tensor<1x2x2x3x2xf32> -> tensor<1x4x3x2xf32>
  %ks = nn.transpose %kr {permutation = array<i64: 0, 1, 3, 2>} : tensor<1x4x3x2xf32> -> tensor<1x4x2x3xf32>
  %s = nn.matmul %qt, %ks : (tensor<1x4x3x2xf32>, tensor<1x4x2x3xf32>) -> tensor<1x4x3x3xf32>
  %p = nn.softmax %s {axis = 3 : i64} : tensor<1x4x3x3xf32>
  %m = nn.matmul %p, %kr : (tensor<1x4x3x3xf32>, tensor<1x4x3x2xf32>) -> tensor<1x4x3x2xf32>
  %t = nn.transpose %m {permutation = array<i64: 0, 2, 1, 3>} : tensor<1x4x3x2xf32> -> tensor<1x3x4x2xf32>
  %f = nn.reshape %t {shape = array<i64: 1, 3, 8>} : tensor<1x3x4x2xf32> -> tensor<1x3x8xf32>
  %o = nn.linear %f, %wo : (tensor<1x3x8xf32>, tensor<4x8xf32>) -> tensor<1x3x4xf32>
  return %o : tensor<1x3x4xf32>
}
