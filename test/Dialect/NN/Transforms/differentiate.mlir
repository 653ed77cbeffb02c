// RUN: condense-opt %s --split-input-file --pass-pipeline='builtin.module(nn-differentiate,canonicalize,cse)' | FileCheck %s

// What is used twice gets one sum; an argument that is not used gets zeros.
// CHECK-LABEL: @loss_gradient(
// CHECK-SAME:  %[[X:[a-z0-9]*]]: tensor<4xf32> {nn.name = "x"}, %[[W:[a-z0-9]*]]: tensor<4xf32>, %[[U:[a-z0-9]*]]: tensor<2xf32>, %[[I:[a-z0-9]*]]: tensor<3xi64>
// CHECK-SAME:  -> (tensor<f32> {nn.name = "loss"}, tensor<4xf32> {nn.name = "x.gradient"}, tensor<4xf32>, tensor<2xf32>)
// CHECK-DAG:   %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<2xf32>
// CHECK-DAG:   %[[L:.*]] = nn.reduce_sum
// CHECK-DAG:   %[[TWO:.*]] = arith.constant dense<2.000000e+00>
// CHECK-DAG:   %[[DX:.*]] = nn.mul %[[W]], %[[TWO]]
// CHECK-DAG:   %[[DW:.*]] = nn.mul %[[X]], %[[TWO]]
// CHECK:       return %[[L]], %[[DX]], %[[DW]], %[[ZERO]]
func.func @loss(%x: tensor<4xf32> {nn.name = "x"}, %w: tensor<4xf32>, %u: tensor<2xf32>, %i: tensor<3xi64>)
    -> (tensor<f32> {nn.name = "loss"}) {
  %p = nn.mul %x, %w : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %s = nn.add %p, %p : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %l = nn.reduce_sum %s {axes = array<i64: 0>} : tensor<4xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// Cross entropy: probabilities minus labels, without a logarithm or a division of probabilities.
// CHECK-LABEL: @loss_gradient(
// CHECK-SAME:  %[[X:[a-z0-9]*]]: tensor<2x3xf32>
// CHECK-NOT:   nn.softmax
// CHECK-NOT:   nn.div
// CHECK:       %[[LOG:.*]] = nn.log_softmax %[[X]]
// CHECK-NOT:   nn.div
// CHECK:       nn.exp %[[LOG]]
// CHECK-NOT:   nn.div
// CHECK:       return
func.func @loss(%x: tensor<2x3xf32>) -> tensor<f32> {
  %label = arith.constant dense<[[-1.0, 0.0, 0.0], [0.0, 0.0, -1.0]]> : tensor<2x3xf32>
  %p = nn.softmax %x {axis = 1 : i64} : tensor<2x3xf32>
  %log = nn.log %p : tensor<2x3xf32>
  %y = nn.mul %log, %label : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %l = nn.reduce_sum %y {axes = array<i64: 0, 1>} : tensor<2x3xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// The choice of relu is made by its result; further results stay; what only they use gets no adjoint.
// CHECK-LABEL: @loss_gradient(
// CHECK:       %[[Y:.*]] = nn.relu
// CHECK:       %[[E:.*]] = nn.exp
// CHECK-NOT:   nn.exp
// CHECK:       %[[POSITIVE:.*]] = nn.compare gt %[[Y]]
// CHECK:       %[[DX:.*]] = nn.select %[[POSITIVE]]
// CHECK:       return %{{.*}}, %[[E]], %[[DX]]
func.func @loss(%x: tensor<2x3xf32>) -> (tensor<f32>, tensor<2x3xf32>) {
  %y = nn.relu %x : tensor<2x3xf32>
  %e = nn.exp %x : tensor<2x3xf32>
  %l = nn.reduce_sum %y {axes = array<i64: 0, 1>} : tensor<2x3xf32> -> tensor<f32>
  return %l, %e : tensor<f32>, tensor<2x3xf32>
}

// -----

// Dynamic dimensions: sums and broadcasts take their shapes from the tensors. Steps have no slope.
// CHECK-LABEL: @loss_gradient(
// CHECK-SAME:  %[[X:[a-z0-9]*]]: tensor<?x3xf32>, %[[B:[a-z0-9]*]]: tensor<?x1xf32>
// CHECK:       nn.broadcast_like %{{.*}}, %{{.*}} : (tensor<f32>, tensor<?x3xf32>)
// CHECK:       nn.sum_like %{{.*}}, %[[B]] : (tensor<?x3xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
func.func @loss(%x: tensor<?x3xf32>, %b: tensor<?x1xf32>) -> tensor<f32> {
  %y = nn.add %x, %b : (tensor<?x3xf32>, tensor<?x1xf32>) -> tensor<?x3xf32>
  %r = nn.round %y : tensor<?x3xf32>
  %z = nn.add %y, %r : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %l = nn.reduce_sum %z {axes = array<i64: 0, 1>} : tensor<?x3xf32> -> tensor<f32>
  return %l : tensor<f32>
}
