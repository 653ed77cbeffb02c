// RUN: python3 %S/Inputs/write-statistics.py %t.json bad=1x8:indefinite ranges=1x8:none wide=1x9:own fine=1x8:own
// RUN: condense-opt %s --compress-quantize-weights="statistics=%t.json" --split-input-file --verify-diagnostics
// RUN: not condense-opt %s --compress-quantize-weights --split-input-file 2>&1 | FileCheck %s --check-prefix=WITHOUT
// RUN: not condense-opt %s --compress-quantize-weights="statistics=%t.absent.json" --split-input-file 2>&1 | FileCheck %s --check-prefix=ABSENT

// WITHOUT: layer 'other' has no Gram matrix in the statistics, which algorithm = gptq needs: give statistics=FILE of a calibration, or use algorithm = mse
// ABSENT: {{.*}}absent.json.safetensors

func.func @unknown(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@unknown {{layer 'other' has no Gram matrix in the statistics, which algorithm = gptq needs: calibrate again, or use algorithm = mse}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, algorithm = gptq>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("other")
  return %y : tensor<?x2xf32>
}

// -----

func.func @ranges_only(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@unknown {{layer 'ranges' has no Gram matrix in the statistics}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, algorithm = gptq>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("ranges")
  return %y : tensor<?x2xf32>
}

// -----

func.func @other_size(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@unknown {{statistics of layer 'wide' are of [1, 9] inputs, but its weight has [1, 8]: calibrate again}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, algorithm = gptq>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("wide")
  return %y : tensor<?x2xf32>
}

// -----

func.func @indefinite(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@unknown {{layer 'bad': its Gram matrix is not positive definite: calibrate with more samples, or use algorithm = mse}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, algorithm = gptq>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("bad")
  return %y : tensor<?x2xf32>
}

// -----

func.func @nan(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0x7FC00000, 1.0]]> : tensor<1x8xf32>
  // expected-error@unknown {{weight 'fine.weight' is NaN or infinite at [0, 6]: it cannot be quantized}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, algorithm = gptq>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("fine")
  return %y : tensor<?x1xf32>
}

// -----

func.func @overflow(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<1.0e9> : tensor<1x8xf32>
  // expected-error@unknown {{weight 'fine.weight': the scale of block [0, 0] is too large for 'f16': use scale = f32}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, algorithm = gptq>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("fine")
  return %y : tensor<?x1xf32>
}

// -----

func.func @ragged_factor(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %a = arith.constant dense<1.0> : tensor<8x3xf32>
  %b = arith.constant dense<1.0> : tensor<3x8xf32>
  %w = nn.matmul %a, %b : (tensor<8x3xf32>, tensor<3x8xf32>) -> tensor<8x8xf32>
  // expected-error@unknown {{a block of 4 does not divide the inner dimension of the weight, which has size 3: choose another block, or ragged = shrink}}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, block = 4>} : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32> loc("fine")
  return %y : tensor<?x8xf32>
}
