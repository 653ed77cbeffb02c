// RUN: condense-opt %s --split-input-file --verify-diagnostics
// What the verifiers of this family refuse, one chunk per message.

func.func @trilu(%x: tensor<3xf32>) {
  // expected-error@+1 {{'nn.trilu' op requires an input of rank 2 or more, found 'tensor<3xf32>'}}
  %0 = nn.trilu %x {diagonal = 0 : i64} : tensor<3xf32>
  return
}
