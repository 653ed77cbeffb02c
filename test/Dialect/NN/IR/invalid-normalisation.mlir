// RUN: condense-opt %s --split-input-file --verify-diagnostics
// What the verifiers of this family refuse, one chunk per message.

func.func @argmax(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{'nn.argmax' op requires an axis in [0, 2), found 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.argmax %x {axis = 2 : i64} : tensor<2x4xf32> -> tensor<2xi64>
  return
}
