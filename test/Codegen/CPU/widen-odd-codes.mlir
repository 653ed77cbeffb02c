// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-widen-odd-codes))' | FileCheck %s

// Two rows of three codes: -1 2 7, then -8 1 0.
// CHECK-LABEL: func @odd
// CHECK:         %[[CODES:.*]] = arith.constant dense<{{\[\[}}-1, 2, 7], [-8, 1, 0]]> : tensor<2x3xi8>
// CHECK:         compress.dequantize %[[CODES]], %{{.*}} : (tensor<2x3xi8>, tensor<2x1xf16>)
func.func @odd() -> tensor<2x3xf32> {
  %bytes = arith.constant dense<[47, -121, 1]> : tensor<3xi8>
  %scales = arith.constant dense<0.5> : tensor<2x1xf16>
  %codes = compress.unpack %bytes : tensor<3xi8> -> tensor<2x3xi4>
  %w = compress.dequantize %codes, %scales : (tensor<2x3xi4>, tensor<2x1xf16>) -> tensor<2x3xf32>
  return %w : tensor<2x3xf32>
}

// Three bits, a code across two bytes: -2, 3, -4.
// CHECK-LABEL: func @across
// CHECK:         arith.constant dense<{{\[\[}}-2, 3, -4]]> : tensor<1x3xi8>
func.func @across() -> tensor<1x3xf32> {
  %bytes = arith.constant dense<[30, 1]> : tensor<2xi8>
  %scales = arith.constant dense<0.5> : tensor<1x1xf16>
  %codes = compress.unpack %bytes : tensor<2xi8> -> tensor<1x3xi3>
  %w = compress.dequantize %codes, %scales : (tensor<1x3xi3>, tensor<1x1xf16>) -> tensor<1x3xf32>
  return %w : tensor<1x3xf32>
}

// CHECK-LABEL: func @even
// CHECK:         compress.unpack
func.func @even() -> tensor<3x2xf32> {
  %bytes = arith.constant dense<[47, -121, 1]> : tensor<3xi8>
  %scales = arith.constant dense<0.5> : tensor<3x1xf16>
  %codes = compress.unpack %bytes : tensor<3xi8> -> tensor<3x2xi4>
  %w = compress.dequantize %codes, %scales : (tensor<3x2xi4>, tensor<3x1xf16>) -> tensor<3x2xf32>
  return %w : tensor<3x2xf32>
}

// Codes that do not divide a byte, even where rows begin at bytes: -2, 3, -4, 0, 1, -1, 2, -3.
// CHECK-LABEL: func @three_bits
// CHECK:         arith.constant dense<{{\[\[}}-2, 3, -4, 0, 1, -1, 2, -3]]> : tensor<1x8xi8>
func.func @three_bits() -> tensor<1x8xf32> {
  %bytes = arith.constant dense<[30, -111, -85]> : tensor<3xi8>
  %scales = arith.constant dense<0.5> : tensor<1x1xf16>
  %codes = compress.unpack %bytes : tensor<3xi8> -> tensor<1x8xi3>
  %w = compress.dequantize %codes, %scales : (tensor<1x8xi3>, tensor<1x1xf16>) -> tensor<1x8xf32>
  return %w : tensor<1x8xf32>
}

// Indices are unsigned: 15 2 7.
// CHECK-LABEL: func @indices
// CHECK:         arith.constant dense<{{\[\[}}15, 2, 7]]> : tensor<1x3xui8>
// CHECK:         compress.lookup %{{.*}}, %{{.*}} : (tensor<1x3xui8>, tensor<1x1x16xf16>) -> tensor<1x3xf32>
func.func @indices(%book: tensor<1x1x16xf16>) -> tensor<1x3xf32> {
  %bytes = arith.constant dense<[47, 7]> : tensor<2xi8>
  %codes = compress.unpack %bytes : tensor<2xi8> -> tensor<1x3xi4>
  %w = compress.lookup %codes, %book : (tensor<1x3xi4>, tensor<1x1x16xf16>) -> tensor<1x3xf32>
  return %w : tensor<1x3xf32>
}
