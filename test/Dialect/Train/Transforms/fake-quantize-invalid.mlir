// RUN: condense-opt %s --split-input-file --train-fake-quantize --train-realize-fake-quantize --verify-diagnostics

func.func @main(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  // expected-error @below {{layer 'linear.0': a codebook cannot be trained: request plain scales of f16 or f32 and signed codes, or quantize after training}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = ui2, codebook = [-1.0, 0.0, 1.0]>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @main(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  // expected-error @below {{a residual cannot be trained}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4, residual = true>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @main(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 0x7FC00000, 4.0], [1.0, 2.0, 3.0, 4.0]]> : tensor<2x4xf32>
  // expected-error @below {{layer 'linear.0': its weight is NaN or infinite at element 2}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @main(%s: tensor<2x1xf32>) -> tensor<2x4xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  // expected-error @below {{has scales that are not computed from constants}}
  %y = train.fake_quantize %w, %s {storage = i4} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

func.func @main() -> tensor<2x4xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  %s = arith.constant dense<1.0e-30> : tensor<2x1xf32>
  // expected-error @below {{has a scale that is not finite and positive as 'f16': train with a smaller learning rate, or store scales as f32}}
  %y = train.fake_quantize %w, %s {storage = i4, stored_scale = f16} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
