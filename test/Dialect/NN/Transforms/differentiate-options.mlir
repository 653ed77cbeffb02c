// RUN: condense-opt %s --nn-differentiate='function=f name=g wrt=weight,2' | FileCheck %s
// RUN: condense-opt %s --nn-differentiate='function=f wrt=weight' | FileCheck %s --check-prefix=NAME

// The function itself stays, the new one follows it.
// CHECK: func.func @f(
// CHECK: func.func @g(
// CHECK-SAME: -> (tensor<f32>, tensor<2xf32> {nn.name = "weight.gradient"}, tensor<2xf32>)
// NAME: func.func @f_gradient(
// NAME-SAME: -> (tensor<f32>, tensor<2xf32> {nn.name = "weight.gradient"}) {
func.func @f(%x: tensor<2xf32>, %w: tensor<2xf32> {nn.name = "weight"}, %b: tensor<2xf32>) -> tensor<f32> {
  %p = nn.mul %x, %w : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %y = nn.add %p, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %l = nn.reduce_sum %y {axes = array<i64: 0>} : tensor<2xf32> -> tensor<f32>
  return %l : tensor<f32>
}
