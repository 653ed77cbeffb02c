// RUN: condense-opt %s --nn-fold-constants | FileCheck %s

// CHECK-LABEL: @transpose
// CHECK: arith.constant dense<{{\[\[}}1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.000000e+00, 6.000000e+00]]>
// CHECK-NOT: nn.transpose
func.func @transpose() -> tensor<3x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %t = nn.transpose %w {permutation = array<i64: 1, 0>} : tensor<2x3xf32> -> tensor<3x2xf32>
  return %t : tensor<3x2xf32>
}

// CHECK-LABEL: @resource
// CHECK: dense_resource<w.transposed> : tensor<2x1x10xf32>
func.func @resource() -> tensor<2x1x10xf32> {
  %w = arith.constant dense_resource<w> : tensor<1x10x2xf32>
  %t = nn.transpose %w {permutation = array<i64: 2, 0, 1>} : tensor<1x10x2xf32> -> tensor<2x1x10xf32>
  return %t : tensor<2x1x10xf32>
}

// CHECK-LABEL: @reshape
// CHECK: dense_resource<w> : tensor<4x5xf32>
func.func @reshape() -> tensor<4x5xf32> {
  %w = arith.constant dense_resource<w> : tensor<1x10x2xf32>
  %t = nn.reshape %w {shape = array<i64: 4, 5>} : tensor<1x10x2xf32> -> tensor<4x5xf32>
  return %t : tensor<4x5xf32>
}

// CHECK-LABEL: @broadcast
// CHECK: arith.constant dense<{{\[\[}}-9.000000e+00, -1.900000e+01], [-8.000000e+00, -1.800000e+01]]>
func.func @broadcast() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %b = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %t = nn.sub %a, %b : (tensor<2x1xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  return %t : tensor<2x2xf32>
}

// CHECK-LABEL: @left_alone
// CHECK: nn.add
func.func @left_alone(%x: tensor<2xf32>) -> tensor<2xf32> {
  %b = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %t = nn.add %x, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %t : tensor<2xf32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x04000000000000000000803f0000004000004040000080400000a0400000c0400000e040000000410000104100002041000030410000404100005041000060410000704100008041000088410000904100009841"
    }
  }
#-}
