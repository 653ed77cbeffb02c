// RUN: condense-opt %s --compress-quantize-weights --split-input-file --verify-diagnostics

func.func @ragged(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@+1 {{a block of 3 does not divide dimension 1 of the weight, which has size 8: choose another block, or ragged = shrink}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, block = 3>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @nan(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 0x7FC00000, 1.0]]> : tensor<2x4xf32>
  // expected-error@+1 {{weight 'linear.0.weight' is NaN or infinite at [1, 2]: it cannot be quantized}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @infinite(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<0xFF800000> : tensor<2x8xf32>
  // expected-error@+1 {{weight 'linear.0.weight' is NaN or infinite at [0, 0]: it cannot be quantized}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = ui4>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @overflow(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0e8, 1.0]]> : tensor<2x4xf32>
  // expected-error@+1 {{weight 'linear.0.weight': the scale of block [1, 0] is too large for 'f16': use scale = f32}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
