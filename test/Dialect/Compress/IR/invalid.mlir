// RUN: condense-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{storage must be iN or uiN with N from 2 to 8, f8E4M3FN or f8E5M2, found 'i16'}}
func.func private @storage() attributes {a = #compress.quantize<storage = i16>}

// -----

// expected-error@+1 {{block must be -1 (one scale for the tensor), 0 (one per output channel) or positive, found -2}}
func.func private @block() attributes {a = #compress.quantize<storage = i8, block = -2>}

// -----

// expected-error@+1 {{scale must be f16, f32 or f8E8M0FNU, found 'i8'}}
func.func private @scale() attributes {a = #compress.quantize<storage = i8, scale = i8>}

// -----

// expected-error@+1 {{storage must be i8 or ui8, found 'i4'}}
func.func private @activation_storage() attributes {a = #compress.quantize_activation<storage = i4>}

// -----

// expected-error@+1 {{low and high must be given together}}
func.func private @half_range() attributes {a = #compress.quantize_activation<storage = ui8, low = 1.0 : f32>}

// -----

// expected-error@+1 {{block is of dynamic quantization and must not be negative, found 32}}
func.func private @static_block() attributes {a = #compress.quantize_activation<storage = i8, block = 32>}

// -----

// expected-error@+1 {{dynamic quantization is symmetric: it takes storage i8 and no range}}
func.func private @asymmetric_dynamic() attributes {a = #compress.quantize_activation<storage = ui8, calibration = dynamic>}

// -----

// expected-error@+1 {{dynamic quantization is symmetric: it takes storage i8 and no range}}
func.func private @dynamic_range() attributes {a = #compress.quantize_activation<storage = i8, calibration = dynamic, low = 0.0 : f32, high = 1.0 : f32>}

// -----

// expected-error@+1 {{the range must be finite}}
func.func private @infinite() attributes {a = #compress.quantize_activation<storage = ui8, low = 0.0 : f32, high = 0x7F800000 : f32>}

// -----

// expected-error@+1 {{low must not be above high}}
func.func private @reversed() attributes {a = #compress.quantize_activation<storage = ui8, low = 2.0 : f32, high = 1.0 : f32>}

// -----

func.func @rank(%c: tensor<4x8xi8>, %s: tensor<4xf32>) -> tensor<4x8xf32> {
  // expected-error@+1 {{scales must have the rank of the codes, 2, found 1}}
  %w = compress.dequantize %c, %s : (tensor<4x8xi8>, tensor<4xf32>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @indivisible(%c: tensor<4x8xi8>, %s: tensor<4x3xf32>) -> tensor<4x8xf32> {
  // expected-error@+1 {{dimension 1 of size 8 is not divisible into 3 blocks}}
  %w = compress.dequantize %c, %s : (tensor<4x8xi8>, tensor<4x3xf32>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @dynamic_block(%c: tensor<4x?xi8>, %s: tensor<4x2xf32>) -> tensor<4x?xf32> {
  // expected-error@+1 {{dynamic dimension 1 must share one scale or have one for each element, found 2}}
  %w = compress.dequantize %c, %s : (tensor<4x?xi8>, tensor<4x2xf32>) -> tensor<4x?xf32>
  return %w : tensor<4x?xf32>
}

// -----

func.func @dynamic_scales(%c: tensor<4x8xi8>, %s: tensor<?x1xf32>) -> tensor<4x8xf32> {
  // expected-error@+1 {{must be as many as their shape says}}
  %w = compress.dequantize %c, %s : (tensor<4x8xi8>, tensor<?x1xf32>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @shapes(%c: tensor<4x8xi8>, %s: tensor<1x1xf32>) -> tensor<4x7xf32> {
  // expected-error@+1 {{codes and values must have the same shape}}
  %w = compress.dequantize %c, %s : (tensor<4x8xi8>, tensor<1x1xf32>) -> tensor<4x7xf32>
  return %w : tensor<4x7xf32>
}

// -----

func.func @zero_shape(%c: tensor<4x8xui8>, %s: tensor<4x1xf32>, %z: tensor<1x1xui8>) -> tensor<4x8xf32> {
  // expected-error@+1 {{zero points must have the shape of the scales}}
  %w = compress.dequantize %c, %s, %z : (tensor<4x8xui8>, tensor<4x1xf32>, tensor<1x1xui8>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @zero_type(%c: tensor<4x8xui8>, %s: tensor<4x1xf32>, %z: tensor<4x1xi8>) -> tensor<4x8xf32> {
  // expected-error@+1 {{zero points must have the codes' type 'ui8', found 'i8'}}
  %w = compress.dequantize %c, %s, %z : (tensor<4x8xui8>, tensor<4x1xf32>, tensor<4x1xi8>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @float_zero(%c: tensor<4x8xf8E4M3FN>, %s: tensor<4x1xf32>, %z: tensor<4x1xf8E4M3FN>) -> tensor<4x8xf32> {
  // expected-error@+1 {{codes of type 'f8E4M3FN' take no zero points}}
  %w = compress.dequantize %c, %s, %z : (tensor<4x8xf8E4M3FN>, tensor<4x1xf32>, tensor<4x1xf8E4M3FN>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @code_type(%c: tensor<4x8xi9>, %s: tensor<4x1xf32>) -> tensor<4x8xf32> {
  // expected-error@+1 {{codes must be iN or uiN with N from 2 to 8, 16 or 32, f8E4M3FN or f8E5M2, found 'i9'}}
  %w = compress.dequantize %c, %s : (tensor<4x8xi9>, tensor<4x1xf32>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @wide_quantize(%x: tensor<4x8xf32>, %s: tensor<4x1xf32>) -> tensor<4x8xi32> {
  // expected-error@+1 {{codes must have at most 16 bits, found 'i32'}}
  %q = compress.quantize %x, %s : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xi32>
  return %q : tensor<4x8xi32>
}

// -----

func.func @byte_count(%b: tensor<7xi8>) -> tensor<3x5xi4> {
  // expected-error@+1 {{15 codes of type 'i4' take 8 bytes, found 7}}
  %c = compress.unpack %b : tensor<7xi8> -> tensor<3x5xi4>
  return %c : tensor<3x5xi4>
}

// -----

func.func @unpack_type(%b: tensor<30xi8>) -> tensor<15xi16> {
  // expected-error@+1 {{cannot unpack codes of type 'i16'}}
  %c = compress.unpack %b : tensor<30xi8> -> tensor<15xi16>
  return %c : tensor<15xi16>
}

// -----

func.func @unpack_shape(%b: tensor<2x4xi8>) -> tensor<16xi4> {
  // expected-error@+1 {{requires static shapes and bytes of rank 1}}
  %c = compress.unpack %b : tensor<2x4xi8> -> tensor<16xi4>
  return %c : tensor<16xi4>
}

// -----

// expected-error@+1 {{requires either sparsity or n and m}}
func.func private @prune() attributes {a = #compress.prune<method = obs>}

// -----

// expected-error@+1 {{n and m exclude block}}
func.func private @prune() attributes {a = #compress.prune<n = 2, m = 4, block = [1, 4]>}

// -----

// expected-error@+1 {{block must be the positive rows and columns of a block}}
func.func private @prune() attributes {a = #compress.prune<sparsity = 0.5 : f64, block = [4]>}

// -----

// expected-error@+1 {{sparsity must be between 0.000000e+00 and 1.000000e+00, found 1.500000e+00}}
func.func private @prune() attributes {a = #compress.prune<sparsity = 1.5 : f64>}

// -----

// expected-error@+1 {{requires 0 < n < m <= 16, found n = 2 and m = 17}}
func.func private @prune() attributes {a = #compress.prune<n = 2, m = 17>}

// -----

// expected-error@+1 {{codebook must have from 2 to 2^width values for codes of 'i2'}}
func.func private @codebook() attributes {a = #compress.quantize<storage = i2, codebook = [0.0]>}

// -----

// expected-error@+1 {{codebook must hold finite values in ascending order}}
func.func private @codebook() attributes {a = #compress.quantize<storage = i2, codebook = [0.0, 0.0]>}

// -----

// expected-error@+1 {{scale_block must be -1 (one f32 scale per output channel), 0 or positive, found -2}}
func.func private @scales() attributes {a = #compress.quantize<storage = i4, scale_block = -2>}

// -----

// expected-error@+1 {{scale_block = -1 requires block > 0 and storage i2 to i7 without a codebook}}
func.func private @two_levels() attributes {a = #compress.quantize<storage = i4, scale_block = -1>}

// -----

// expected-error@+1 {{scale_block = -1 requires block > 0 and storage i2 to i7 without a codebook}}
func.func private @two_levels() attributes {a = #compress.quantize<storage = ui4, block = 32, scale_block = -1>}

// -----

// expected-error@+1 {{damping must be between 0.000000e+00 and 1.000000e+00, found 2.000000e+00}}
func.func private @damping() attributes {a = #compress.quantize<storage = i4, damping = 2.0 : f32>}

// -----

// expected-error@+1 {{entries must be from 2 to 256, found 1}}
func.func private @cluster() attributes {a = #compress.cluster<entries = 1>}

// -----

// expected-error@+1 {{group must not be negative, found -1}}
func.func private @cluster() attributes {a = #compress.cluster<group = -1>}

// -----

// expected-error@+1 {{value must be f16 or f32, found 'i8'}}
func.func private @cluster() attributes {a = #compress.cluster<value = i8>}

// -----

// expected-error@+1 {{requires exactly one of rank, energy, error, bytes and macs}}
func.func private @factorize() attributes {a = #compress.factorize<rank = 2, energy = 0.5 : f64>}

// -----

// expected-error@+1 {{rank must be positive, found -1}}
func.func private @factorize() attributes {a = #compress.factorize<rank = -1>}

// -----

// expected-error@+1 {{requires the name of a group and a positive rank}}
func.func private @share() attributes {a = #compress.share<group = "", rank = 2>}

// -----

// expected-error@+1 {{multiple_of must be positive, found 0}}
func.func private @channels() attributes {a = #compress.structured_prune<ratio = 0.5 : f64, multiple_of = 0>}

// -----

// expected-error@+1 {{block must be from 256 to 2^24 symbols, found 1}}
func.func private @entropy() attributes {a = #compress.entropy_code<block = 1>}

// -----

// expected-error@+1 {{the format of positions must be bitmap, n_m, relative or list}}
func.func private @positions() attributes {a = #compress.positions<format = automatic>}

// -----

// expected-error@+1 {{n and m belong to n_m, block to the other formats}}
func.func private @positions() attributes {a = #compress.positions<format = bitmap, n = 2, m = 4>}

// -----

// expected-error@+1 {{zeros and values must not be negative}}
func.func private @structure() attributes {a = #compress.structure<zeros = -1>}

// -----

func.func @lookup_indices(%i: tensor<4x8xi32>, %b: tensor<1x1x16xf16>) -> tensor<4x8xf32> {
  // expected-error@+1 {{indices must be iN or uiN with N from 2 to 8 or 16, found 'i32'}}
  %w = compress.lookup %i, %b : (tensor<4x8xi32>, tensor<1x1x16xf16>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @lookup_entries(%i: tensor<4x8xi4>, %b: tensor<1x1x16xf8E8M0FNU>) -> tensor<4x8xf32> {
  // expected-error@+1 {{a codebook must be of f8E4M3FN, f8E5M2, f16, bf16, f32 or f64, found 'f8E8M0FNU'}}
  %w = compress.lookup %i, %b : (tensor<4x8xi4>, tensor<1x1x16xf8E8M0FNU>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @lookup_shape(%i: tensor<4x8xi4>, %b: tensor<1x1x16xf16>) -> tensor<8x4xf32> {
  // expected-error@+1 {{indices and result must have the same shape, found 'tensor<4x8xi4>' and 'tensor<8x4xf32>'}}
  %w = compress.lookup %i, %b : (tensor<4x8xi4>, tensor<1x1x16xf16>) -> tensor<8x4xf32>
  return %w : tensor<8x4xf32>
}

// -----

func.func @lookup_rank(%i: tensor<4x8xi4>, %b: tensor<4x16xf16>) -> tensor<4x8xf32> {
  // expected-error@+1 {{the codebook must have a static shape of one dimension more than the indices, its last one the entries, found 'tensor<4x16xf16>' for 'tensor<4x8xi4>'}}
  %w = compress.lookup %i, %b : (tensor<4x8xi4>, tensor<4x16xf16>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @lookup_blocks(%i: tensor<4x8xi4>, %b: tensor<3x1x16xf16>) -> tensor<4x8xf32> {
  // expected-error@+1 {{dimension 0 of the indices 'tensor<4x8xi4>' is not divisible into 3 codebooks}}
  %w = compress.lookup %i, %b : (tensor<4x8xi4>, tensor<3x1x16xf16>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// -----

func.func @lookup_dynamic(%i: tensor<?x8xi8>, %b: tensor<2x1x16xf16>) -> tensor<?x8xf32> {
  // expected-error@+1 {{dimension 0 of the indices 'tensor<?x8xi8>' is not divisible into 2 codebooks}}
  %w = compress.lookup %i, %b : (tensor<?x8xi8>, tensor<2x1x16xf16>) -> tensor<?x8xf32>
  return %w : tensor<?x8xf32>
}

// -----

// expected-error@+1 {{scale_block excludes scales that are powers of two}}
func.func private @scales() attributes {a = #compress.quantize<storage = i4, scale = f8E8M0FNU, scale_block = 256>}

// -----

func.func @unpack_uncountable(%b: tensor<0xi8>) {
  // expected-error@+1 {{has more codes than can be counted: 'tensor<4294967296x4294967296xi4>'}}
  %c = compress.unpack %b : tensor<0xi8> -> tensor<4294967296x4294967296xi4>
  return
}
