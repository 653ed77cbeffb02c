// RUN: condense-opt %s --convert-compress-to-linalg --split-input-file | FileCheck %s

// The block is a dimension of its own, and every map a projected permutation.
// CHECK-DAG: #[[SCALES:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[CODES:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-LABEL: @blocks
// CHECK: %[[E:.*]] = tensor.expand_shape %arg0 {{\[\[}}0], [1, 2]] output_shape [4, 2, 32]
// CHECK: linalg.generic {indexing_maps = [#[[CODES]], #[[SCALES]], #[[CODES]]], {{.*}} ins(%[[E]], %arg1
// CHECK: arith.extsi %{{.*}} : i8 to i32
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK: tensor.collapse_shape {{.*}} tensor<4x2x32xf32> into tensor<4x64xf32>
func.func @blocks(%c: tensor<4x64xi8>, %s: tensor<4x2xf16>) -> tensor<4x64xf32> {
  %w = compress.dequantize %c, %s : (tensor<4x64xi8>, tensor<4x2xf16>) -> tensor<4x64xf32>
  return %w : tensor<4x64xf32>
}

// -----

// Unpacking is part of the dequantization: no tensor of 4-bit elements remains.
// CHECK-DAG: #[[BYTES:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[SCALES:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1)>
// CHECK-LABEL: @packed
// CHECK: tensor.expand_shape %arg0 {{.*}} output_shape [4, 2, 16] : tensor<128xi8> into tensor<4x2x16xi8>
// CHECK-NOT: xi4
// CHECK: linalg.generic {indexing_maps = [#[[BYTES]], #[[SCALES]],
// CHECK: linalg.index 3
// CHECK: arith.shrsi
// CHECK-NOT: xi4
// CHECK: tensor.collapse_shape {{.*}} tensor<4x2x16x2xf32> into tensor<4x64xf32>
func.func @packed(%b: tensor<128xi8>, %s: tensor<4x2xf16>) -> tensor<4x64xf32> {
  %c = compress.unpack %b : tensor<128xi8> -> tensor<4x64xi4>
  %w = compress.dequantize %c, %s : (tensor<4x64xi4>, tensor<4x2xf16>) -> tensor<4x64xf32>
  return %w : tensor<4x64xf32>
}

// -----

// Codes that do not fill bytes are found by their position, and held in bytes.
// CHECK-LABEL: @by_position
// CHECK: tensor.extract %arg0
// CHECK: -> tensor<3x5xi8>
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<3x5xi8>, tensor<3xf32>)
func.func @by_position(%b: tensor<6xi8>, %s: tensor<3x1xf32>) -> tensor<3x5xf32> {
  %c = compress.unpack %b : tensor<6xi8> -> tensor<3x5xi3>
  %w = compress.dequantize %c, %s : (tensor<3x5xi3>, tensor<3x1xf32>) -> tensor<3x5xf32>
  return %w : tensor<3x5xf32>
}

// -----

// A pair on an activation of dynamic size; unsigned constants become signless, observers vanish.
// CHECK-LABEL: @activation
// CHECK-NOT: ui8
// CHECK: math.roundeven
// CHECK: arith.extui
// CHECK-NOT: ui8
// CHECK-NOT: compress
func.func @activation(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = arith.constant dense<0.5> : tensor<1x1xf32>
  %z = arith.constant dense<200> : tensor<1x1xui8>
  %o = compress.observe %x, "x" : tensor<?x8xf32>
  %q = compress.quantize %o, %s, %z : (tensor<?x8xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x8xui8>
  %d = compress.dequantize %q, %s, %z : (tensor<?x8xui8>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x8xf32>
  return %d : tensor<?x8xf32>
}

// -----

// Unpacking is part of the look-up; a block of indices is dimensions of its own.
// CHECK-DAG: #[[BYTES:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-LABEL: @codebooks
// CHECK: linalg.generic {indexing_maps = [#[[BYTES]],
// CHECK: %[[BOOK:.*]] = linalg.index 0
// CHECK: %[[ENTRY:.*]] = arith.index_castui
// CHECK: tensor.extract %arg1[%[[BOOK]], %{{.*}}, %[[ENTRY]]] : tensor<2x1x16xf16>
// CHECK: arith.extf
// CHECK: tensor.collapse_shape {{.*}} tensor<2x2x4x2xf32> into tensor<4x8xf32>
func.func @codebooks(%b: tensor<16xi8>, %book: tensor<2x1x16xf16>) -> tensor<4x8xf32> {
  %i = compress.unpack %b : tensor<16xi8> -> tensor<4x8xui4>
  %w = compress.lookup %i, %book : (tensor<4x8xui4>, tensor<2x1x16xf16>) -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// Indices of a byte that are all below the number of entries have no bound.
// CHECK-LABEL: @lookup_of_wide_codes
// CHECK: linalg.generic
// CHECK-NOT: arith.minui
// CHECK: tensor.extract
func.func @lookup_of_wide_codes() -> tensor<4xf32> {
  %i = arith.constant dense<[0, 15, 7, 3]> : tensor<4xui8>
  %book = arith.constant dense<0.5> : tensor<1x16xf32>
  %w = compress.lookup %i, %book : (tensor<4xui8>, tensor<1x16xf32>) -> tensor<4xf32>
  return %w : tensor<4xf32>
}
