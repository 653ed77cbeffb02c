// RUN: condense-opt %s --nn-verify-clean-graph --split-input-file --verify-diagnostics

func.func @clean(%x: tensor<2xf32>) -> tensor<2xf32> {
  %b = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %t = nn.add %x, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %t : tensor<2xf32>
}

// -----

func.func @foreign(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @below {{does not belong to the clean graph; only nn and compress operations and constants do}}
  %t = arith.addf %x, %x : tensor<2xf32>
  return %t : tensor<2xf32>
}
