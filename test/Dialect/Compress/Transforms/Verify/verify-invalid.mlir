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

// -----

// More symbols than there is memory for.
func.func @large_stream() -> tensor<2305843009213693952xi4> {
  %stream = arith.constant dense<0> : tensor<4xi8>
  %offsets = arith.constant dense<0> : tensor<1xi32>
  %table = arith.constant dense<[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]> : tensor<12xi8>
  // expected-error@+1 {{has a damaged stream: it does not decode to 'tensor<2305843009213693952xi4>'}}
  %codes = compress.entropy_decode %stream, %offsets, %table, huffman, 2305843009213693952 : (tensor<4xi8>, tensor<1xi32>, tensor<12xi8>) -> tensor<2305843009213693952xi4>
  return %codes : tensor<2305843009213693952xi4>
}

// -----

func.func @index() -> tensor<2x2xf32> {
  %bytes = arith.constant dense<[16, 50]> : tensor<2xi8>
  %codebook = arith.constant dense<[[[1.0, 2.0, 3.0]]]> : tensor<1x1x3xf32>
  %indices = compress.unpack %bytes : tensor<2xi8> -> tensor<2x2xi4>
  // expected-error@+1 {{index 3 is 3, but the codebook has 3 entries}}
  %w = compress.lookup %indices, %codebook : (tensor<2x2xi4>, tensor<1x1x3xf32>) -> tensor<2x2xf32>
  return %w : tensor<2x2xf32>
}

// -----

func.func @signed_index() -> tensor<2x2xf32> {
  %indices = arith.constant dense<[[0, 1], [-1, 2]]> : tensor<2x2xi4>
  %codebook = arith.constant dense<1.0> : tensor<1x1x12xf32>
  // expected-error@+1 {{index 2 is 15, but the codebook has 12 entries}}
  %w = compress.lookup %indices, %codebook : (tensor<2x2xi4>, tensor<1x1x12xf32>) -> tensor<2x2xf32>
  return %w : tensor<2x2xf32>
}

// -----

// Positions that are not packed are checked like packed ones.
func.func @unpacked_positions() -> tensor<4x4xf32> {
  %values = arith.constant dense<1.0> : tensor<2xf32>
  %positions = arith.constant dense<[14, 5]> : tensor<2xui4>
  // expected-error@+1 {{positions are wrong: position 1 is 20, out of range for 16 units}}
  %w = compress.scatter %values, %positions <format = relative> : (tensor<2xf32>, tensor<2xui4>) -> tensor<4x4xf32>
  return %w : tensor<4x4xf32>
}

// -----

func.func @no_positions() -> tensor<4x0xf32> {
  %values = arith.constant dense<> : tensor<0xf32>
  %positions = arith.constant dense<> : tensor<0xui2>
  %w = compress.scatter %values, %positions <format = n_m, n = 2, m = 4> : (tensor<0xf32>, tensor<0xui2>) -> tensor<4x0xf32>
  return %w : tensor<4x0xf32>
}

// -----

// A weight of f64 is evaluated too.
func.func @wide_weight(%x: tensor<?x4xf64>) -> tensor<?x2xf64> {
  %bytes = arith.constant dense<[16, 50, 16, 50]> : tensor<4xi8>
  %codebook = arith.constant dense<[[[1.0, 2.0, 3.0, 4.0]]]> : tensor<1x1x4xf16>
  %indices = compress.unpack %bytes : tensor<4xi8> -> tensor<2x4xi4>
  %w = compress.lookup %indices, %codebook : (tensor<2x4xi4>, tensor<1x1x4xf16>) -> tensor<2x4xf64>
  // expected-error@+1 {{it has 4 different values, not 3}}
  %0 = nn.linear %x, %w {compress.structure = [#compress.structure<values = 3>]} : (tensor<?x4xf64>, tensor<2x4xf64>) -> tensor<?x2xf64>
  return %0 : tensor<?x2xf64>
}
