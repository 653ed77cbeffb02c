// RUN: condense-opt %s --nn-raise-rms-norm --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: @scaled
// CHECK: %[[Y:.*]] = nn.rms_norm %arg0, %{{.*}} {axis = 2 : i64, epsilon = 9.999999{{.*}}E-6 : f64} : (tensor<?x?x4xf32>, tensor<4xf32>) -> tensor<?x?x4xf32>
// CHECK-NEXT: return %[[Y]]
func.func @scaled(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %scale = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %eps = arith.constant dense<1.0e-5> : tensor<1xf32>
  %p = nn.mul %x, %x : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %v = nn.reduce_mean %p {axes = array<i64: 2>, keep_dims} : tensor<?x?x4xf32> -> tensor<?x?x1xf32>
  %e = nn.add %v, %eps : (tensor<?x?x1xf32>, tensor<1xf32>) -> tensor<?x?x1xf32>
  %d = nn.sqrt %e : tensor<?x?x1xf32>
  %n = nn.div %x, %d : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
  %y = nn.mul %scale, %n : (tensor<4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}

// -----

// A power of 1/2, one divided by it, and no scale.
// CHECK-LABEL: @power
// CHECK: %[[ONE:.*]] = arith.constant dense<1.000000e+00> : tensor<4xf32>
// CHECK: nn.rms_norm %arg0, %[[ONE]] {axis = 1 : i64
func.func @power(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %two = arith.constant dense<2.0> : tensor<f32>
  %half = arith.constant dense<0.5> : tensor<f32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %p = nn.pow %x, %two : (tensor<3x4xf32>, tensor<f32>) -> tensor<3x4xf32>
  %v = nn.reduce_mean %p {axes = array<i64: 1>, keep_dims} : tensor<3x4xf32> -> tensor<3x1xf32>
  %e = nn.add %v, %eps : (tensor<3x1xf32>, tensor<f32>) -> tensor<3x1xf32>
  %d = nn.pow %e, %half : (tensor<3x1xf32>, tensor<f32>) -> tensor<3x1xf32>
  %r = nn.div %one, %d : (tensor<f32>, tensor<3x1xf32>) -> tensor<3x1xf32>
  %n = nn.mul %x, %r : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
  return %n : tensor<3x4xf32>
}

// -----

// Another value is divided, the mean is over another dimension, or it is a sum; a layer normalisation is none.
// CHECK-LABEL: @left_alone
// CHECK-NOT: nn.rms_norm
// CHECK: return
func.func @left_alone(%x: tensor<3x4xf32>, %z: tensor<3x4xf32>)
    -> (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %p = nn.mul %x, %x : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %v = nn.reduce_mean %p {axes = array<i64: 1>, keep_dims} : tensor<3x4xf32> -> tensor<3x1xf32>
  %e = nn.add %v, %eps : (tensor<3x1xf32>, tensor<f32>) -> tensor<3x1xf32>
  %d = nn.sqrt %e : tensor<3x1xf32>
  %n = nn.div %z, %d : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
  %v1 = nn.reduce_mean %p {axes = array<i64: 0>, keep_dims} : tensor<3x4xf32> -> tensor<1x4xf32>
  %e1 = nn.add %v1, %eps : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %d1 = nn.sqrt %e1 : tensor<1x4xf32>
  %n1 = nn.div %x, %d1 : (tensor<3x4xf32>, tensor<1x4xf32>) -> tensor<3x4xf32>
  %v2 = nn.reduce_sum %p {axes = array<i64: 1>, keep_dims} : tensor<3x4xf32> -> tensor<3x1xf32>
  %e2 = nn.add %v2, %eps : (tensor<3x1xf32>, tensor<f32>) -> tensor<3x1xf32>
  %d2 = nn.sqrt %e2 : tensor<3x1xf32>
  %n2 = nn.div %x, %d2 : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
  %m = nn.reduce_mean %x {axes = array<i64: 1>, keep_dims} : tensor<3x4xf32> -> tensor<3x1xf32>
  %c = nn.sub %x, %m : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
  %p3 = nn.mul %c, %c : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %v3 = nn.reduce_mean %p3 {axes = array<i64: 1>, keep_dims} : tensor<3x4xf32> -> tensor<3x1xf32>
  %e3 = nn.add %v3, %eps : (tensor<3x1xf32>, tensor<f32>) -> tensor<3x1xf32>
  %d3 = nn.sqrt %e3 : tensor<3x1xf32>
  %n3 = nn.div %c, %d3 : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
  return %n, %n1, %n2, %n3 : tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
}
