// RUN: condense-opt %s --split-input-file --verify-diagnostics
// What the verifiers of this family refuse, one chunk per message.

func.func @exp(%a: tensor<3xi32>) {
  // expected-error@+1 {{'nn.exp' op operand #0 must be ranked tensor of floating-point values, but got 'tensor<3xi32>'}}
  %0 = nn.exp %a : tensor<3xi32>
  return
}
