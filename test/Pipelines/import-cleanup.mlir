// RUN: condense-opt %s --condense-import-cleanup | FileCheck %s

// A transposed weight, a product, a bias and a normalisation are one dense layer.
// CHECK-LABEL: @dense
// CHECK: %[[Y:.*]] = nn.linear %arg0, %{{.*}}, %{{.*}} : (tensor<?x2xf32>, tensor<3x2xf32>, tensor<3xf32>) -> tensor<?x3xf32>
// CHECK-NEXT: return %[[Y]]
func.func @dense(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %b = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %one = arith.constant dense<1.0> : tensor<3xf32>
  %wt = nn.transpose %w {permutation = array<i64: 1, 0>} : tensor<3x2xf32> -> tensor<2x3xf32>
  %0 = nn.matmul %x, %wt : (tensor<?x2xf32>, tensor<2x3xf32>) -> tensor<?x3xf32>
  %1 = nn.add %0, %b : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %2 = nn.batch_norm %1, %one, %b, %b, %one {axis = 1 : i64, epsilon = 1.0e-5 : f64}
    : (tensor<?x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  return %2 : tensor<?x3xf32>
}
