// RUN: condense-opt %s --compress-quantize-weights --compress-verify --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-quantize-weights --compress-quantize-weights --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-quantize-weights --mlir-disable-threading --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-quantize-weights --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// The codes of a row are 7 times its elements over the largest; bytes hold the first in the lower half.
// REMARK: [Passed] quantize-weights | Category:compress | Function=fc | BytesAfter=12, BytesBefore=64, RelativeError=0{{.*}}, Scheme="#compress.quantize<storage = i4>"
// CHECK-LABEL: @int4
func.func @int4(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[7.0, -7.0, 1.0, 2.0, 3.0, 4.0, 5.0, 0.0], [1.75, 0.25, -0.25, 0.5, -1.75, 0.0, 0.0, 1.0]]> : tensor<2x8xf32>
  // CHECK: %[[BYTES:.*]] = arith.constant dense<[-105, 33, 67, 5, 23, 47, 9, 64]> : tensor<8xi8>
  // CHECK: %[[CODES:.*]] = compress.unpack %[[BYTES]] : tensor<8xi8> -> tensor<2x8xi4>
  // CHECK: %[[SCALES:.*]] = arith.constant dense<{{\[\[}}1.000000e+00], [2.500000e-01]]> : tensor<2x1xf16>
  // CHECK: %[[W:.*]] = compress.dequantize %[[CODES]], %[[SCALES]] {compress.relative_error = 0.000000e+00 : f64}
  // CHECK: nn.linear %arg0, %[[W]] : (tensor<?x8xf32>, tensor<2x8xf32>)
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("fc")
  return %y : tensor<?x2xf32>
}

// -----

// Signed 8-bit codes are stored as they are.
// CHECK-LABEL: @int8
func.func @int8(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[127.0, -127.0, 1.0, 2.0], [12.7, 0.0, 0.05, 0.15]]> : tensor<2x4xf32>
  // CHECK-DAG: %[[CODES:.*]] = arith.constant dense<{{\[\[}}127, -127, 1, 2], [127, 0, {{[01]}}, {{[12]}}]]> : tensor<2x4xi8>
  // CHECK-DAG: %[[SCALES:.*]] = arith.constant dense<{{\[\[}}1.000000e+00], [1.000000e-01]]> : tensor<2x1xf32>
  // CHECK: compress.dequantize %[[CODES]], %[[SCALES]]
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, scale = f32>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Unsigned codes have a zero point, packed like the codes.
// CHECK-LABEL: @asymmetric
func.func @asymmetric(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[-5.0, 10.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 15.0]]> : tensor<2x8xf32>
  // CHECK: %[[CODES:.*]] = compress.unpack %{{.*}} : tensor<8xi8> -> tensor<2x8xui4>
  // CHECK: %[[SCALES:.*]] = arith.constant dense<1.000000e+00> : tensor<2x1xf16>
  // CHECK: %[[ZBYTES:.*]] = arith.constant dense<5> : tensor<1xi8>
  // CHECK: %[[ZEROS:.*]] = compress.unpack %[[ZBYTES]] : tensor<1xi8> -> tensor<2x1xui4>
  // CHECK: compress.dequantize %[[CODES]], %[[SCALES]], %[[ZEROS]]
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = ui4>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Large constants are resources named after the weight; blocks run along the input channels.
// CHECK-LABEL: @conv
func.func @conv(%x: tensor<1x64x4x4xf32>) -> tensor<1x2x2x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x64x3x3xf32>
  // CHECK: arith.constant dense_resource<conv.weight.codes> : tensor<576xi8>
  // CHECK: arith.constant dense_resource<conv.weight.scales> : tensor<2x2x3x3xf16>
  // CHECK: compress.dequantize %{{.*}} : (tensor<2x64x3x3xi4>, tensor<2x2x3x3xf16>) -> tensor<2x64x3x3xf32>
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64,
      layout = #nn.layout<nchw>, compress.weight = #compress.quantize<storage = i4, block = 32>}
      : (tensor<1x64x4x4xf32>, tensor<2x64x3x3xf32>) -> tensor<1x2x2x2xf32> loc("conv")
  return %y : tensor<1x2x2x2xf32>
}

// -----

// ragged = shrink: 84 into blocks of 28; 34 has no divisor between 16 and 32 but 17; 7 has none.
// CHECK-LABEL: @shrink
// CHECK: (tensor<4x84xi4>, tensor<4x3xf16>)
// CHECK: (tensor<4x34xi4>, tensor<4x2xf16>)
// CHECK: (tensor<4x7xi4>, tensor<4x1xf16>)
func.func @shrink(%x: tensor<?x84xf32>, %y: tensor<?x34xf32>, %z: tensor<?x7xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %u = arith.constant dense<1.0> : tensor<4x84xf32>
  %v = arith.constant dense<1.0> : tensor<4x34xf32>
  %w = arith.constant dense<1.0> : tensor<4x7xf32>
  %0 = nn.linear %x, %u {compress.weight = #compress.quantize<storage = i4, block = 32, ragged = shrink>} : (tensor<?x84xf32>, tensor<4x84xf32>) -> tensor<?x4xf32>
  %1 = nn.linear %y, %v {compress.weight = #compress.quantize<storage = i4, block = 32, ragged = shrink>} : (tensor<?x34xf32>, tensor<4x34xf32>) -> tensor<?x4xf32>
  %2 = nn.linear %z, %w {compress.weight = #compress.quantize<storage = i4, block = 32, ragged = shrink>} : (tensor<?x7xf32>, tensor<4x7xf32>) -> tensor<?x4xf32>
  return %0, %1, %2 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// One scale per tensor; a matmul's channels are the columns; a table's the rows; f16 weights.
// CHECK-LABEL: @dimensions
// CHECK: (tensor<4x8xf8E4M3FN>, tensor<1x1xf16>) -> tensor<4x8xf16>
// CHECK: (tensor<8x4xi8>, tensor<1x4xf16>)
// CHECK: (tensor<6x8xi8>, tensor<6x1xf16>)
func.func @dimensions(%x: tensor<?x8xf16>, %y: tensor<?x8xf32>, %ids: tensor<?xi64>) -> (tensor<?x4xf16>, tensor<?x4xf32>, tensor<?x8xf32>) {
  %u = arith.constant dense<1.0> : tensor<4x8xf16>
  %v = arith.constant dense<1.0> : tensor<8x4xf32>
  %w = arith.constant dense<1.0> : tensor<6x8xf32>
  %0 = nn.linear %x, %u {compress.weight = #compress.quantize<storage = f8E4M3FN, block = -1>} : (tensor<?x8xf16>, tensor<4x8xf16>) -> tensor<?x4xf16>
  %1 = nn.matmul %y, %v {compress.weight = #compress.quantize<storage = i8>} : (tensor<?x8xf32>, tensor<8x4xf32>) -> tensor<?x4xf32>
  %2 = nn.embedding %ids, %w {compress.weight = #compress.quantize<storage = i8>} : (tensor<?xi64>, tensor<6x8xf32>) -> tensor<?x8xf32>
  return %0, %1, %2 : tensor<?x4xf16>, tensor<?x4xf32>, tensor<?x8xf32>
}

// -----

// Layers with the same weight and scheme share the expression; with two schemes there are two.
// CHECK-LABEL: @shared
// CHECK-COUNT-2: compress.dequantize
// CHECK-NOT: compress.dequantize
func.func @shared(%x: tensor<?x64xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %w = arith.constant dense<1.0> : tensor<4x64xf32>
  %0 = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4>} : (tensor<?x64xf32>, tensor<4x64xf32>) -> tensor<?x4xf32>
  %1 = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4>} : (tensor<?x64xf32>, tensor<4x64xf32>) -> tensor<?x4xf32>
  %2 = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8>} : (tensor<?x64xf32>, tensor<4x64xf32>) -> tensor<?x4xf32>
  return %0, %1, %2 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// A transpose between constant and layer stays; the scales follow the constant's own dimensions.
// CHECK-LABEL: @transposed
// CHECK: %[[W:.*]] = compress.dequantize %{{.*}} : (tensor<16x64xi4>, tensor<16x2xf16>) -> tensor<16x64xf32>
// CHECK: %[[T:.*]] = nn.transpose %[[W]]
// CHECK: nn.matmul %arg0, %[[T]]
func.func @transposed(%x: tensor<?x64xf32>) -> tensor<?x16xf32> {
  %w = arith.constant dense<1.0> : tensor<16x64xf32>
  %t = nn.transpose %w {permutation = array<i64: 1, 0>} : tensor<16x64xf32> -> tensor<64x16xf32>
  %y = nn.matmul %x, %t {compress.weight = #compress.quantize<storage = i4, block = 32>} : (tensor<?x64xf32>, tensor<64x16xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

// squant: rounding 0.4 to nearest five times would lose 2.0; two of the codes become 1.
// CHECK-LABEL: @balanced
// CHECK: arith.constant dense<{{\[\[}}127, 1, 1, 0, 0, 0, 0, 0]]> : tensor<1x8xi8>
func.func @balanced(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[127.0, 0.4, 0.4, 0.4, 0.4, 0.4, 0.0, 0.0]]> : tensor<1x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, scale = f32, algorithm = squant>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
