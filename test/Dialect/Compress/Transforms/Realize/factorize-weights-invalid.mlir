// RUN: condense-opt %s --compress-factorize-weights --split-input-file --verify-diagnostics
// RUN: not condense-opt %s --compress-factorize-weights=statistics=%t.absent.json 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: error: {{.*}}absent.json

func.func @nan(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 0x7FC00000, 1.0]]> : tensor<2x4xf32>
  // expected-error@+1 {{weight 'linear.0.weight' is NaN or infinite: it cannot be factorized}}
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 1>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @no_statistics(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  // expected-error@+1 {{layer 'linear.0' has no Gram matrix in the statistics, which algorithm = whitened needs: give statistics=FILE of a calibration, or use algorithm = svd}}
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 1, algorithm = whitened>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
