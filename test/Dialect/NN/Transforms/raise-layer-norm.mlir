// RUN: condense-opt %s --nn-raise-layer-norm --canonicalize --split-input-file | FileCheck %s
// RUN: condense-opt %s --nn-raise-layer-norm --split-input-file --remarks-filter=nn 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: remark: {{.*}}raised to nn.layer_norm

// As exporters write it: a power, a division, a scale and a bias.
// CHECK-LABEL: @power_and_division
// CHECK-SAME: %[[X:.*]]: tensor<?x?x4xf32>
// CHECK: %[[Y:.*]] = nn.layer_norm %[[X]], %{{.*}}, %{{.*}} {axis = 2 : i64, epsilon = 9.999999{{.*}}E-6 : f64} : (tensor<?x?x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x?x4xf32>
// CHECK-NEXT: return %[[Y]]
func.func @power_and_division(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %scale = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %bias = arith.constant dense<[4.0, 3.0, 2.0, 1.0]> : tensor<4xf32>
  %two = arith.constant dense<2.0> : tensor<f32>
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %m = nn.reduce_mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x?x4xf32> -> tensor<?x?x1xf32>
  %c = nn.sub %x, %m : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
  %p = nn.pow %c, %two : (tensor<?x?x4xf32>, tensor<f32>) -> tensor<?x?x4xf32>
  %v = nn.reduce_mean %p {axes = array<i64: 2>, keep_dims} : tensor<?x?x4xf32> -> tensor<?x?x1xf32>
  %e = nn.add %v, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
  %d = nn.sqrt %e : tensor<?x?x1xf32>
  %n = nn.div %c, %d : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
  %s = nn.mul %n, %scale : (tensor<?x?x4xf32>, tensor<4xf32>) -> tensor<?x?x4xf32>
  %y = nn.add %s, %bias : (tensor<?x?x4xf32>, tensor<4xf32>) -> tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}

// -----

// The difference is written twice, the square is a product, the division a product with a reciprocal; no scale.
// CHECK-LABEL: @reciprocal
// CHECK: %[[ONE:.*]] = arith.constant dense<1.000000e+00> : tensor<2x4xf32>
// CHECK: %[[Y:.*]] = nn.layer_norm %arg0, %[[ONE]] {axis = 1 : i64
// CHECK-NEXT: return %[[Y]]
func.func @reciprocal(%x: tensor<3x2x4xf32>) -> tensor<3x2x4xf32> {
  %eps = arith.constant dense<1.0e-5> : tensor<1xf32>
  %m = nn.reduce_mean %x {axes = array<i64: 1, 2>, keep_dims} : tensor<3x2x4xf32> -> tensor<3x1x1xf32>
  %c = nn.sub %x, %m : (tensor<3x2x4xf32>, tensor<3x1x1xf32>) -> tensor<3x2x4xf32>
  %c2 = nn.sub %x, %m : (tensor<3x2x4xf32>, tensor<3x1x1xf32>) -> tensor<3x2x4xf32>
  %p = nn.mul %c2, %c2 : (tensor<3x2x4xf32>, tensor<3x2x4xf32>) -> tensor<3x2x4xf32>
  %v = nn.reduce_mean %p {axes = array<i64: 1, 2>, keep_dims} : tensor<3x2x4xf32> -> tensor<3x1x1xf32>
  %e = nn.add %eps, %v : (tensor<1xf32>, tensor<3x1x1xf32>) -> tensor<3x1x1xf32>
  %d = nn.sqrt %e : tensor<3x1x1xf32>
  %r = nn.reciprocal %d : tensor<3x1x1xf32>
  %n = nn.mul %r, %c : (tensor<3x1x1xf32>, tensor<3x2x4xf32>) -> tensor<3x2x4xf32>
  return %n : tensor<3x2x4xf32>
}

// -----

// What is multiplied with another activation is no scale, and what has another use stays as it is.
// CHECK-LABEL: @gated
// CHECK: %[[N:.*]] = nn.layer_norm %arg0, %{{.*}} {axis = 1 : i64
// CHECK: nn.mul %[[N]], %arg1
func.func @gated(%x: tensor<3x4xf32>, %g: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %m = nn.reduce_mean %x {axes = array<i64: 1>, keep_dims} : tensor<3x4xf32> -> tensor<3x1xf32>
  %c = nn.sub %x, %m : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
  %p = nn.mul %c, %c : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %v = nn.reduce_mean %p {axes = array<i64: 1>, keep_dims} : tensor<3x4xf32> -> tensor<3x1xf32>
  %e = nn.add %v, %eps : (tensor<3x1xf32>, tensor<f32>) -> tensor<3x1xf32>
  %d = nn.sqrt %e : tensor<3x1xf32>
  %n = nn.div %c, %d : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
  %y = nn.mul %n, %g : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// -----

// Over the first dimension, of unknown size without a scale, and divided by the deviation of something else.
// CHECK-LABEL: @left_alone
// CHECK-NOT: nn.layer_norm
// CHECK: return
func.func @left_alone(%x: tensor<3x?xf32>, %z: tensor<3x?xf32>) -> (tensor<3x?xf32>, tensor<3x?xf32>, tensor<3x?xf32>) {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %m = nn.reduce_mean %x {axes = array<i64: 0>, keep_dims} : tensor<3x?xf32> -> tensor<1x?xf32>
  %c = nn.sub %x, %m : (tensor<3x?xf32>, tensor<1x?xf32>) -> tensor<3x?xf32>
  %p = nn.mul %c, %c : (tensor<3x?xf32>, tensor<3x?xf32>) -> tensor<3x?xf32>
  %v = nn.reduce_mean %p {axes = array<i64: 0>, keep_dims} : tensor<3x?xf32> -> tensor<1x?xf32>
  %e = nn.add %v, %eps : (tensor<1x?xf32>, tensor<f32>) -> tensor<1x?xf32>
  %d = nn.sqrt %e : tensor<1x?xf32>
  %n = nn.div %c, %d : (tensor<3x?xf32>, tensor<1x?xf32>) -> tensor<3x?xf32>
  %m1 = nn.reduce_mean %x {axes = array<i64: 1>, keep_dims} : tensor<3x?xf32> -> tensor<3x1xf32>
  %c1 = nn.sub %x, %m1 : (tensor<3x?xf32>, tensor<3x1xf32>) -> tensor<3x?xf32>
  %p1 = nn.mul %c1, %c1 : (tensor<3x?xf32>, tensor<3x?xf32>) -> tensor<3x?xf32>
  %v1 = nn.reduce_mean %p1 {axes = array<i64: 1>, keep_dims} : tensor<3x?xf32> -> tensor<3x1xf32>
  %e1 = nn.add %v1, %eps : (tensor<3x1xf32>, tensor<f32>) -> tensor<3x1xf32>
  %d1 = nn.sqrt %e1 : tensor<3x1xf32>
  %n1 = nn.div %c1, %d1 : (tensor<3x?xf32>, tensor<3x1xf32>) -> tensor<3x?xf32>
  %c2 = nn.sub %z, %m1 : (tensor<3x?xf32>, tensor<3x1xf32>) -> tensor<3x?xf32>
  %n2 = nn.div %c2, %d1 : (tensor<3x?xf32>, tensor<3x1xf32>) -> tensor<3x?xf32>
  return %n, %n1, %n2 : tensor<3x?xf32>, tensor<3x?xf32>, tensor<3x?xf32>
}
