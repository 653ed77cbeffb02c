// RUN: not condense-opt %s --nn-differentiate 2>&1 | FileCheck %s
// What has no adjoint is called by the name of its layer.
// CHECK: error: loc("conv1"): 'math.absf' op of layer "conv1" has no adjoint; what is trained must not pass through it
func.func @loss(%x: tensor<2xf32>) -> tensor<f32> {
  %a = math.absf %x : tensor<2xf32> loc("conv1")
  %l = nn.reduce_sum %a {axes = array<i64: 0>} : tensor<2xf32> -> tensor<f32>
  return %l : tensor<f32>
}
