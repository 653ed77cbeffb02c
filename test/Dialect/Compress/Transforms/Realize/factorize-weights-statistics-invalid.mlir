// RUN: python3 %S/Inputs/write-statistics.py %t.json wide=1x9:own ranges=1x8:none
// RUN: condense-opt %s --compress-factorize-weights="statistics=%t.json" --split-input-file --verify-diagnostics
// RUN: sed 's/factorize<rank = 1, algorithm = whitened>/share<group = "g", rank = 1>/; s/algorithm = whitened needs/a shared basis needs/; s/algorithm = svd/no statistics/' %s > %t.share.mlir
// RUN: condense-opt %t.share.mlir --compress-share-basis="statistics=%t.json" --split-input-file --verify-diagnostics

func.func @other_size(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@unknown {{statistics of layer 'wide' are of [1, 9] inputs, but its weight has [1, 8]: calibrate again}}
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 1, algorithm = whitened>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("wide")
  return %y : tensor<?x2xf32>
}

// -----

func.func @ranges_only(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@unknown {{layer 'ranges' has no Gram matrix in the statistics, which algorithm = whitened needs: calibrate again, or use algorithm = svd}}
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 1, algorithm = whitened>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("ranges")
  return %y : tensor<?x2xf32>
}
