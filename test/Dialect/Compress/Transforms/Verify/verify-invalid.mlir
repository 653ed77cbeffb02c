// RUN: condense-opt %s --compress-verify --split-input-file --verify-diagnostics

func.func @weight(%x: tensor<?x4xf32>, %w: tensor<2x4xf32>) -> tensor<?x2xf32> {
  // expected-error@+1 {{has a request that was not realized: #compress.quantize<}}
  %0 = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

func.func @activation(%x: tensor<?x4xf32>, %w: tensor<2x4xf32>) -> tensor<?x2xf32> {
  // expected-error@+1 {{has an activation scheme that was not realized: run compress-quantize-activations}}
  %0 = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = i8>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

func.func @observer(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // expected-error@+1 {{is left after the realize stage: run compress-lower-observers and calibrate, or remove it}}
  %0 = compress.observe %x, "a" : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

func.func @zero(%c: tensor<2x4xi8>) -> tensor<2x4xf32> {
  %s = arith.constant dense<[[1.0], [0.0]]> : tensor<2x1xf16>
  // expected-error@+1 {{scale 1 is 0.0}}
  %0 = compress.dequantize %c, %s : (tensor<2x4xi8>, tensor<2x1xf16>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// -----

func.func @nan(%x: tensor<2x4xf32>) -> tensor<2x4xi8> {
  %s = arith.constant dense<0x7FC00000> : tensor<1x1xf32>
  // expected-error@+1 {{scale 0 is}}
  %0 = compress.quantize %x, %s : (tensor<2x4xf32>, tensor<1x1xf32>) -> tensor<2x4xi8>
  return %0 : tensor<2x4xi8>
}

// -----

func.func @sound(%x: tensor<2x4xf32>) -> tensor<2x4xi8> {
  %s = arith.constant dense<0.5> : tensor<1x1xf32>
  %0 = compress.quantize %x, %s : (tensor<2x4xf32>, tensor<1x1xf32>) -> tensor<2x4xi8>
  return %0 : tensor<2x4xi8>
}

// -----

func.func @stream() -> tensor<5xi8> {
  %stream = arith.constant dense<[44, 3]> : tensor<2xi8>
  %offsets = arith.constant dense<[0]> : tensor<1xi32>
  %table = arith.constant dense<[1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 7]> : tensor<14xi8>
  // expected-error@+1 {{has a damaged stream: it does not decode to 'tensor<5xi8>'}}
  %codes = compress.entropy_decode %stream, %offsets, %table, huffman, 8 : (tensor<2xi8>, tensor<1xi32>, tensor<14xi8>) -> tensor<5xi8>
  return %codes : tensor<5xi8>
}
