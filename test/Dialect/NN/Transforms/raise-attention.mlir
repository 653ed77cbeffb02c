// RUN: condense-opt %s --nn-raise-attention --canonicalize --split-input-file | FileCheck %s

// As exporters of encoders write it: heads split by reshape and transpose, a division, an added mask. The transposes
// vanish, and dynamic sizes that come from one place are the same.
// CHECK-LABEL: @encoder
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>, %[[M:.*]]: tensor<?x1x1x?xf32>
// CHECK: %[[Q:.*]] = nn.reshape %[[X]] {shape = array<i64: 0, 0, 2, 4>} : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
// CHECK-NOT: nn.transpose
// CHECK: %[[A:.*]] = nn.attention %[[Q]], %{{.*}}, %{{.*}}, %[[M]] {scale = 5.000000e-01 : f64} : (tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x1x1x?xf32>) -> tensor<?x?x2x4xf32>
// CHECK-NOT: nn.transpose
// CHECK: nn.reshape %[[A]] {shape = array<i64: 0, 0, 8>}
func.func @encoder(%x: tensor<?x?x8xf32>, %m: tensor<?x1x1x?xf32>) -> tensor<?x?x8xf32> {
  %two = arith.constant dense<2.0> : tensor<f32>
  %n = nn.neg %x : tensor<?x?x8xf32>
  %q0 = nn.reshape %x {shape = array<i64: 0, 0, 2, 4>} : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
  %k0 = nn.reshape %n {shape = array<i64: 0, 0, 2, 4>} : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
  %q = nn.transpose %q0 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x?x2x4xf32> -> tensor<?x2x?x4xf32>
  %k = nn.transpose %k0 {permutation = array<i64: 0, 2, 3, 1>} : tensor<?x?x2x4xf32> -> tensor<?x2x4x?xf32>
  %v = nn.transpose %k0 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x?x2x4xf32> -> tensor<?x2x?x4xf32>
  %s = nn.matmul %q, %k : (tensor<?x2x?x4xf32>, tensor<?x2x4x?xf32>) -> tensor<?x2x?x?xf32>
  %d = nn.div %s, %two : (tensor<?x2x?x?xf32>, tensor<f32>) -> tensor<?x2x?x?xf32>
  %a = nn.add %d, %m : (tensor<?x2x?x?xf32>, tensor<?x1x1x?xf32>) -> tensor<?x2x?x?xf32>
  %p = nn.softmax %a {axis = 3 : i64} : tensor<?x2x?x?xf32>
  %c = nn.matmul %p, %v : (tensor<?x2x?x?xf32>, tensor<?x2x?x4xf32>) -> tensor<?x2x?x4xf32>
  %t = nn.transpose %c {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x2x?x4xf32> -> tensor<?x?x2x4xf32>
  %y = nn.reshape %t {shape = array<i64: 0, 0, 8>} : tensor<?x?x2x4xf32> -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// Queries and keys are each multiplied with the root of the scale, and a mask of booleans selects the scores.
// CHECK-LABEL: @scaled_operands
// CHECK-NOT: nn.mul
// CHECK: %[[Q:.*]] = nn.transpose %arg0 {permutation = array<i64: 0, 2, 1, 3>} : tensor<1x2x3x4xf32> -> tensor<1x3x2x4xf32>
// CHECK-NOT: nn.mul
// CHECK: nn.attention %[[Q]], %{{.*}}, %{{.*}}, %arg3 {scale = 2.500000e-01 : f64} : (tensor<1x3x2x4xf32>, tensor<1x5x2x4xf32>, tensor<1x5x2x6xf32>, tensor<3x5xi1>) -> tensor<1x3x2x6xf32>
func.func @scaled_operands(%q: tensor<1x2x3x4xf32>, %k: tensor<1x2x5x4xf32>, %v: tensor<1x2x5x6xf32>, %m: tensor<3x5xi1>) -> tensor<1x2x3x6xf32> {
  %half = arith.constant dense<0.5> : tensor<f32>
  %never = arith.constant dense<0xFF800000> : tensor<f32>
  %qs = nn.mul %q, %half : (tensor<1x2x3x4xf32>, tensor<f32>) -> tensor<1x2x3x4xf32>
  %ks = nn.mul %k, %half : (tensor<1x2x5x4xf32>, tensor<f32>) -> tensor<1x2x5x4xf32>
  %kt = nn.transpose %ks {permutation = array<i64: 0, 1, 3, 2>} : tensor<1x2x5x4xf32> -> tensor<1x2x4x5xf32>
  %s = nn.matmul %qs, %kt : (tensor<1x2x3x4xf32>, tensor<1x2x4x5xf32>) -> tensor<1x2x3x5xf32>
  %a = nn.select %m, %s, %never : (tensor<3x5xi1>, tensor<1x2x3x5xf32>, tensor<f32>) -> tensor<1x2x3x5xf32>
  %p = nn.softmax %a {axis = 3 : i64} : tensor<1x2x3x5xf32>
  %y = nn.matmul %p, %v : (tensor<1x2x3x5xf32>, tensor<1x2x5x6xf32>) -> tensor<1x2x3x6xf32>
  return %y : tensor<1x2x3x6xf32>
}

// -----

// A finite number for excluded keys is added, so that a row of them alone weighs all the same. One head has no
// dimension of its own.
// CHECK-LABEL: @finite_mask
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<f32>
// CHECK-DAG: %[[LOW:.*]] = arith.constant dense<-1.000000e+09> : tensor<f32>
// CHECK: %[[M:.*]] = nn.select %arg3, %[[ZERO]], %[[LOW]] : (tensor<1x3x5xi1>, tensor<f32>, tensor<f32>) -> tensor<1x3x5xf32>
// CHECK: %[[M4:.*]] = nn.reshape %[[M]] {shape = array<i64: 0, 1, 3, 5>} : tensor<1x3x5xf32> -> tensor<1x1x3x5xf32>
// CHECK: %[[Q:.*]] = nn.reshape %arg0 {shape = array<i64: 0, 0, 1, -1>} : tensor<2x3x4xf32> -> tensor<2x3x1x4xf32>
// CHECK: %[[A:.*]] = nn.attention %[[Q]], %{{.*}}, %{{.*}}, %[[M4]] {scale = 1.000000e+00 : f64}
// CHECK: nn.reshape %[[A]] {shape = array<i64: 0, 0, 6>} : tensor<2x3x1x6xf32> -> tensor<2x3x6xf32>
func.func @finite_mask(%q: tensor<2x3x4xf32>, %k: tensor<2x4x5xf32>, %v: tensor<2x5x6xf32>, %m: tensor<1x3x5xi1>) -> tensor<2x3x6xf32> {
  %never = arith.constant dense<-1.0e9> : tensor<f32>
  %s = nn.matmul %q, %k : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf32>
  %a = nn.select %m, %s, %never : (tensor<1x3x5xi1>, tensor<2x3x5xf32>, tensor<f32>) -> tensor<2x3x5xf32>
  %p = nn.softmax %a {axis = 2 : i64} : tensor<2x3x5xf32>
  %y = nn.matmul %p, %v : (tensor<2x3x5xf32>, tensor<2x5x6xf32>) -> tensor<2x3x6xf32>
  return %y : tensor<2x3x6xf32>
}

// -----

// A softmax over the queries, a scale after the mask, a small number for excluded keys.
// CHECK-LABEL: @other_formulas
// CHECK-NOT: nn.attention
// CHECK: return
func.func @other_formulas(%q: tensor<1x2x3x4xf32>, %k: tensor<1x2x4x3xf32>, %v: tensor<1x2x3x4xf32>, %m: tensor<3x3xf32>, %b: tensor<3x3xi1>)
    -> (tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>) {
  %half = arith.constant dense<0.5> : tensor<f32>
  %low = arith.constant dense<-100.0> : tensor<f32>
  %s = nn.matmul %q, %k : (tensor<1x2x3x4xf32>, tensor<1x2x4x3xf32>) -> tensor<1x2x3x3xf32>
  %p0 = nn.softmax %s {axis = 2 : i64} : tensor<1x2x3x3xf32>
  %y0 = nn.matmul %p0, %v : (tensor<1x2x3x3xf32>, tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32>
  %a = nn.add %s, %m : (tensor<1x2x3x3xf32>, tensor<3x3xf32>) -> tensor<1x2x3x3xf32>
  %h = nn.mul %a, %half : (tensor<1x2x3x3xf32>, tensor<f32>) -> tensor<1x2x3x3xf32>
  %p1 = nn.softmax %h {axis = 3 : i64} : tensor<1x2x3x3xf32>
  %y1 = nn.matmul %p1, %v : (tensor<1x2x3x3xf32>, tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32>
  %w = nn.select %b, %s, %low : (tensor<3x3xi1>, tensor<1x2x3x3xf32>, tensor<f32>) -> tensor<1x2x3x3xf32>
  %p2 = nn.softmax %w {axis = 3 : i64} : tensor<1x2x3x3xf32>
  %y2 = nn.matmul %p2, %v : (tensor<1x2x3x3xf32>, tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32>
  return %y0, %y1, %y2 : tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>
}

// -----

// Batches that may differ, heads that broadcast, a mask that enlarges the scores.
// CHECK-LABEL: @other_shapes
// CHECK-NOT: nn.attention
// CHECK: return
func.func @other_shapes(%q: tensor<?x2x3x4xf32>, %k: tensor<?x2x4x5xf32>, %v: tensor<?x2x5x4xf32>, %k1: tensor<1x1x4x5xf32>,
    %v1: tensor<1x1x5x4xf32>, %q1: tensor<1x2x3x4xf32>, %m: tensor<2x1x1x5xf32>, %k2: tensor<1x2x4x5xf32>, %v2: tensor<1x2x5x4xf32>)
    -> (tensor<?x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<2x2x3x4xf32>) {
  %s = nn.matmul %q, %k : (tensor<?x2x3x4xf32>, tensor<?x2x4x5xf32>) -> tensor<?x2x3x5xf32>
  %p = nn.softmax %s {axis = 3 : i64} : tensor<?x2x3x5xf32>
  %y = nn.matmul %p, %v : (tensor<?x2x3x5xf32>, tensor<?x2x5x4xf32>) -> tensor<?x2x3x4xf32>
  %s1 = nn.matmul %q1, %k1 : (tensor<1x2x3x4xf32>, tensor<1x1x4x5xf32>) -> tensor<1x2x3x5xf32>
  %p1 = nn.softmax %s1 {axis = 3 : i64} : tensor<1x2x3x5xf32>
  %y1 = nn.matmul %p1, %v1 : (tensor<1x2x3x5xf32>, tensor<1x1x5x4xf32>) -> tensor<1x2x3x4xf32>
  %s2 = nn.matmul %q1, %k2 : (tensor<1x2x3x4xf32>, tensor<1x2x4x5xf32>) -> tensor<1x2x3x5xf32>
  %a2 = nn.add %s2, %m : (tensor<1x2x3x5xf32>, tensor<2x1x1x5xf32>) -> tensor<2x2x3x5xf32>
  %p2 = nn.softmax %a2 {axis = 3 : i64} : tensor<2x2x3x5xf32>
  %y2 = nn.matmul %p2, %v2 : (tensor<2x2x3x5xf32>, tensor<1x2x5x4xf32>) -> tensor<2x2x3x4xf32>
  return %y, %y1, %y2 : tensor<?x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<2x2x3x4xf32>
}
