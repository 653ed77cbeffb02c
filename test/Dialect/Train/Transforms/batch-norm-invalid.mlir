// RUN: condense-opt %s --split-input-file --verify-diagnostics --train-batch-norm
// RUN: not condense-opt %s --split-input-file --train-batch-norm=momentum=2 2>&1 | FileCheck %s
// CHECK: error: momentum: 2.000000e+00 is not from 0 to 1

func.func @main(%x: tensor<?x4xf32>, %s: tensor<4xf32>, %m: tensor<4xf32> {train.role = #train.role<state>, nn.name = "m"}) -> tensor<?x4xf32> {
  // expected-error @+1 {{has a batch of unknown size; fix it with train-set-batch first}}
  %y = nn.batch_norm %x, %s, %s, %m, %m {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

func.func @main(%x: tensor<1x4xf32>, %s: tensor<4xf32>, %m: tensor<4xf32> {train.role = #train.role<state>, nn.name = "m"}) -> tensor<1x4xf32> {
  // expected-error @+1 {{has one element per channel in a batch, which has no variance: expected a larger batch}}
  %y = nn.batch_norm %x, %s, %s, %m, %m {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
