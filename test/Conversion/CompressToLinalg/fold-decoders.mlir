// RUN: condense-opt %s --compress-fold-decoders --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-fold-decoders --compress-fold-decoders --split-input-file | FileCheck %s


// Two zeros, a seven, a zero, a one: the codes 0, 10 and 11 of the symbols 0, 1 and 7.
// CHECK-LABEL: @codes
func.func @codes() -> tensor<1x5xf32> {
  // CHECK: %[[BYTES:.*]] = arith.constant dense<[0, 7, 1]> : tensor<3xi8>
  // CHECK: %[[CODES:.*]] = compress.unpack %[[BYTES]] : tensor<3xi8> -> tensor<1x5xi4>
  // CHECK: compress.dequantize %[[CODES]]
  // CHECK-NOT: compress.entropy_decode
  %stream = arith.constant dense<[44]> : tensor<1xi8>
  %offsets = arith.constant dense<[0]> : tensor<1xi32>
  %table = arith.constant dense<[1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 7]> : tensor<14xi8>
  %scale = arith.constant dense<0.5> : tensor<1x1xf32>
  %codes = compress.entropy_decode %stream, %offsets, %table, huffman, 8 : (tensor<1xi8>, tensor<1xi32>, tensor<14xi8>) -> tensor<1x5xi4>
  %w = compress.dequantize %codes, %scale : (tensor<1x5xi4>, tensor<1x1xf32>) -> tensor<1x5xf32>
  return %w : tensor<1x5xf32>
}

// -----

// One inside of the other: one constant.
// CHECK-LABEL: @planes
func.func @planes() -> tensor<2xbf16> {
  // CHECK-NEXT: %[[W:.*]] = arith.constant dense<[1.000000e+00, -1.000000e+00]> : tensor<2xbf16>
  // CHECK-NEXT: return %[[W]]
  %stream = arith.constant dense<[0, 127, 0, 127]> : tensor<4xi8>
  %offsets = arith.constant dense<[0]> : tensor<1xi32>
  %table = arith.constant dense<> : tensor<0xi8>
  %rest = arith.constant dense<[0, 1]> : tensor<2xi8>
  %exponents = compress.entropy_decode %stream, %offsets, %table, run_length, 65536 : (tensor<4xi8>, tensor<1xi32>, tensor<0xi8>) -> tensor<2xi8>
  %w = compress.join_planes %exponents, %rest : (tensor<2xi8>, tensor<2xi8>) -> tensor<2xbf16>
  return %w : tensor<2xbf16>
}

// -----

// What is no constant is left to the reference decomposition.
// CHECK-LABEL: @unknown
func.func @unknown(%high: tensor<2xi8>, %low: tensor<2xi8>) -> tensor<2xbf16> {
  // CHECK: compress.join_planes
  %w = compress.join_planes %high, %low : (tensor<2xi8>, tensor<2xi8>) -> tensor<2xbf16>
  return %w : tensor<2xbf16>
}
