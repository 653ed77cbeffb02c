// RUN: condense-opt %s --verify-diagnostics --train-outline-parameters='frozen=*'
// RUN: not condense-opt %s --train-outline-parameters='frozen=[' 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not condense-opt %s --train-outline-parameters='function=none' 2>&1 | FileCheck %s --check-prefix=NONE
// GLOB: error: frozen: '[' is no glob
// NONE: error: there is no function @none

// expected-error @+1 {{there is nothing to train in @main: expected a layer with a constant weight of floats that is not frozen}}
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  %y = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
