// RUN: condense-opt %s --split-input-file --verify-diagnostics
// What the verifiers of this family refuse, one chunk per message.

func.func @matmul(%x: tensor<2x3x4xf32>, %w: tensor<3x4x5xf32>) {
  // expected-error@+2 {{'nn.matmul' op cannot broadcast [2] with [3]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.matmul %x, %w : (tensor<2x3x4xf32>, tensor<3x4x5xf32>) -> tensor<2x3x5xf32>
  return
}
