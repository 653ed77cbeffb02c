// RUN: condense-opt %s --nn-fold-batch-norm --split-input-file | FileCheck %s

// s = 2 / sqrt(3.75 + 0.25) = 1 and 4 / sqrt(0.75 + 0.25) = 4.
// CHECK-LABEL: @into_linear
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00], [1.200000e+01, 1.600000e+01]]>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[1.500000e+00, -2.000000e+00]>
// CHECK: nn.linear %{{.*}}, %[[W]], %[[B]]
// CHECK-NOT: nn.batch_norm
func.func @into_linear(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %scale = arith.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %bias = arith.constant dense<[0.5, 0.0]> : tensor<2xf32>
  %mean = arith.constant dense<[0.0, 1.0]> : tensor<2xf32>
  %var = arith.constant dense<[3.75, 0.75]> : tensor<2xf32>
  %y = nn.linear %x, %w, %b : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %z = nn.batch_norm %y, %scale, %bias, %mean, %var {axis = 1 : i64, epsilon = 0.25 : f64}
    : (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

// -----

// CHECK-LABEL: @into_conv
// CHECK-DAG: arith.constant dense<3.000000e+00> : tensor<1x1x1x1xf32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<-3.000000e+00> : tensor<1xf32>
// CHECK: nn.conv2d %{{.*}}, %{{.*}}, %[[B]]
func.func @into_conv(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w = arith.constant dense<[[[[3.0]]]]> : tensor<1x1x1x1xf32>
  %one = arith.constant dense<1.0> : tensor<1xf32>
  %zero = arith.constant dense<0.0> : tensor<1xf32>
  %mean = arith.constant dense<3.0> : tensor<1xf32>
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x4x4xf32>
  %z = nn.batch_norm %y, %one, %zero, %mean, %one {axis = 1 : i64, epsilon = 0.0 : f64}
    : (tensor<1x1x4x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x4x4xf32>
  return %z : tensor<1x1x4x4xf32>
}

// -----

// CHECK-LABEL: @alone
// CHECK-DAG: %[[S:.*]] = arith.constant dense<{{\[\[\[}}2.000000e+00{{\]\], \[\[}}4.000000e+00{{\]\]\]}}> : tensor<2x1x1xf32>
// CHECK: %[[M:.*]] = nn.mul %{{.*}}, %[[S]]
// CHECK: nn.add %[[M]], %{{.*}}
func.func @alone(%x: tensor<?x2x3x3xf32>) -> tensor<?x2x3x3xf32> {
  %scale = arith.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %zero = arith.constant dense<0.0> : tensor<2xf32>
  %one = arith.constant dense<1.0> : tensor<2xf32>
  %z = nn.batch_norm %x, %scale, %zero, %zero, %one {axis = 1 : i64, epsilon = 0.0 : f64}
    : (tensor<?x2x3x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2x3x3xf32>
  return %z : tensor<?x2x3x3xf32>
}

// -----

// CHECK-LABEL: @statistics_not_constant
// CHECK: nn.batch_norm
func.func @statistics_not_constant(%x: tensor<?x2xf32>, %s: tensor<2xf32>) -> tensor<?x2xf32> {
  %z = nn.batch_norm %x, %s, %s, %s, %s {axis = 1 : i64, epsilon = 0.0 : f64}
    : (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}
