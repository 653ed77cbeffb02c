// RUN: condense-opt %s --split-input-file --train-batch-norm=momentum=0.75 | FileCheck %s

// Batches of 2 x 3 elements per channel: the variance of the population is 6 / 5 of theirs.
// CHECK: func.func @main
// CHECK-SAME: -> (tensor<2x3x4xf32> {train.role = #train.role<output>}, tensor<4xf32> {nn.name = "bn.mean", train.role = #train.role<state>}, tensor<4xf32> {nn.name = "bn.variance", train.role = #train.role<state>})
// CHECK: %[[Y:.*]], %[[M:.*]], %[[V:.*]] = nn.batch_norm_training %arg0, %arg1, %arg2 {axis = 2 : i64, epsilon = 1.000000e-05 : f64}
// CHECK-DAG: arith.constant dense<7.500000e-01>
// CHECK-DAG: arith.constant dense<2.500000e-01>
// CHECK-DAG: nn.mul %arg3,
// CHECK-DAG: nn.mul %[[M]],
// CHECK-DAG: nn.mul %arg4,
// CHECK-DAG: %[[C:.*]] = arith.constant dense<3.000000e-01>
// CHECK-DAG: nn.mul %[[V]], %[[C]]
// CHECK: return %[[Y]]
func.func @main(%x: tensor<2x3x4xf32>, %s: tensor<4xf32>, %b: tensor<4xf32>,
    %m: tensor<4xf32> {train.role = #train.role<state>, nn.name = "bn.mean"},
    %v: tensor<4xf32> {train.role = #train.role<state>, nn.name = "bn.variance"})
    -> (tensor<2x3x4xf32> {train.role = #train.role<output>}) {
  %y = nn.batch_norm %x, %s, %b, %m, %v {axis = 2 : i64, epsilon = 1.0e-5 : f64} : (tensor<2x3x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}

// -----

// With constant statistics it is frozen.
// CHECK: func.func @main
// CHECK: nn.batch_norm %
func.func @main(%x: tensor<2x3x4xf32>, %s: tensor<4xf32>) -> tensor<2x3x4xf32> {
  %one = arith.constant dense<1.0> : tensor<4xf32>
  %y = nn.batch_norm %x, %s, %s, %one, %one {axis = 2 : i64, epsilon = 1.0e-5 : f64} : (tensor<2x3x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}
