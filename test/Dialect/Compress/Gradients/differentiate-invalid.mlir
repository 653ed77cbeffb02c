// RUN: condense-opt %s --split-input-file --verify-diagnostics --nn-differentiate

func.func @loss(%codes: tensor<?x8xi8>, %scales: tensor<1x1xf32>) -> tensor<f32> {
  // expected-error@+1 {{'compress.dequantize' op has no adjoint for a tensor of unknown shape}}
  %w = compress.dequantize %codes, %scales : (tensor<?x8xi8>, tensor<1x1xf32>) -> tensor<?x8xf32>
  %l = nn.reduce_sum %w {axes = array<i64: 0, 1>} : tensor<?x8xf32> -> tensor<f32>
  return %l : tensor<f32>
}
