// RUN: condense-opt %s --nn-fuse-bias --split-input-file | FileCheck %s

// CHECK-LABEL: @matmul_and_add
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.000000e+00, 6.000000e+00]]>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00]> : tensor<3xf32>
// CHECK: nn.linear %{{.*}}, %[[W]], %[[B]]
// CHECK-NOT: nn.add
func.func @matmul_and_add(%x: tensor<?x7x2xf32>) -> tensor<?x7x3xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>
  %y = nn.matmul %x, %w : (tensor<?x7x2xf32>, tensor<2x3xf32>) -> tensor<?x7x3xf32>
  %z = nn.add %b, %y : (tensor<1x3xf32>, tensor<?x7x3xf32>) -> tensor<?x7x3xf32>
  return %z : tensor<?x7x3xf32>
}

// -----

// CHECK-LABEL: @conv_nchw
// CHECK: %[[B:.*]] = arith.constant dense<{{.*}}> : tensor<2xf32>
// CHECK: nn.conv2d %arg0, %arg1, %[[B]]
func.func @conv_nchw(%x: tensor<1x1x4x4xf32>, %w: tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32> {
  %b = arith.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %z = nn.add %y, %b : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %z : tensor<1x2x4x4xf32>
}

// -----

// A vector along the rows is no bias, nor is anything when the product has another use.
// CHECK-LABEL: @no_bias
// CHECK: nn.linear %{{[^,]*}}, %{{[^,]*}} :
// CHECK: nn.add
// CHECK: nn.add
func.func @no_bias(%x: tensor<3x2xf32>) -> (tensor<3x3xf32>, tensor<3x3xf32>) {
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %rows = arith.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf32>
  %columns = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %y = nn.matmul %x, %w : (tensor<3x2xf32>, tensor<2x3xf32>) -> tensor<3x3xf32>
  %z = nn.add %y, %rows : (tensor<3x3xf32>, tensor<3x1xf32>) -> tensor<3x3xf32>
  %u = nn.add %y, %columns : (tensor<3x3xf32>, tensor<3xf32>) -> tensor<3x3xf32>
  return %z, %u : tensor<3x3xf32>, tensor<3x3xf32>
}

// -----

// CHECK-LABEL: @not_constant
// CHECK: nn.matmul
func.func @not_constant(%x: tensor<3x2xf32>, %w: tensor<2x3xf32>) -> tensor<3x3xf32> {
  %y = nn.matmul %x, %w : (tensor<3x2xf32>, tensor<2x3xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>
}

// -----

// A product of constants is part of a weight.
// CHECK-LABEL: @weight
// CHECK: %[[AB:.*]] = nn.matmul
// CHECK: nn.linear %arg0, %[[AB]]
func.func @weight(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %a = arith.constant dense<1.0> : tensor<3x2xf32>
  %b = arith.constant dense<1.0> : tensor<2x4xf32>
  %ab = nn.matmul %a, %b : (tensor<3x2xf32>, tensor<2x4xf32>) -> tensor<3x4xf32>
  %y = nn.linear %x, %ab : (tensor<?x4xf32>, tensor<3x4xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
