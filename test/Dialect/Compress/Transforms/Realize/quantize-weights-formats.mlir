// RUN: condense-opt %s --compress-quantize-weights --compress-verify --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-quantize-weights --mlir-disable-threading --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-quantize-weights --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Codes are indices of a codebook, whose entries are multiplied with the scales.
// REMARK: BytesAfter=20, BytesBefore=64, RelativeError=0.000000e+00
// CHECK-LABEL: @codebook
func.func @codebook(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[8.0, -4.0, 0.0, 2.0, 2.0, -4.0, 8.0, 0.0], [-0.5, 1.0, 0.0, 0.25, 1.0, 0.25, -0.5, 1.0]]> : tensor<2x8xf32>
  // CHECK: %[[BYTES:.*]] = arith.constant dense<[-109, 114, -100, -53]> : tensor<4xi8>
  // CHECK: %[[INDICES:.*]] = compress.unpack %[[BYTES]] : tensor<4xi8> -> tensor<2x8xui2>
  // CHECK: %[[BOOK:.*]] = arith.constant dense<{{\[\[\[}}-5.000000e-01, 0.000000e+00, 2.500000e-01, 1.000000e+00]]]> : tensor<1x1x4xf16>
  // CHECK: %[[VALUES:.*]] = compress.lookup %[[INDICES]], %[[BOOK]] : (tensor<2x8xui2>, tensor<1x1x4xf16>) -> tensor<2x8xf32>
  // CHECK: %[[SCALES:.*]] = arith.constant dense<{{\[\[}}8.000000e+00], [1.000000e+00]]> : tensor<2x1xf32>
  // CHECK: compress.dequantize %[[VALUES]], %[[SCALES]] {compress.relative_error = 0.000000e+00 : f64} : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = ui2, scale = f32, codebook = [-0.5, 0.0, 0.25, 1.0]>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// A power of two per block: 2^(floor(log2 3) - 2) and 2^(floor(log2 0.4) - 2); 3 saturates no code.
// CHECK-LABEL: @power_of_two
func.func @power_of_two(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[3.0, -1.0, 0.5, 1.5], [0.4, -0.0625, 0.25, 0.0]]> : tensor<2x4xf32>
  // CHECK-DAG: arith.constant dense<{{\[\[}}5.000000e-01], [6.250000e-02]]> : tensor<2x1xf8E8M0FNU>
  // CHECK: compress.dequantize %{{.*}} : (tensor<2x4xi4>, tensor<2x1xf8E8M0FNU>) -> tensor<2x4xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4, scale = f8E8M0FNU>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Eight scales in ui8 that share one f32 by four; codes are for the scales that result.
// REMARK: BytesAfter=80, BytesBefore=512
// CHECK-LABEL: @quantized_scales
func.func @quantized_scales(%x: tensor<?x16xf32>) -> tensor<?x8xf32> {
  %w = arith.constant dense<3.0> : tensor<8x16xf32>
  // CHECK: %[[SBYTES:.*]] = arith.constant dense<-1> : tensor<8xi8>
  // CHECK: %[[SCODES:.*]] = compress.unpack %[[SBYTES]] : tensor<8xi8> -> tensor<8x1xui8>
  // CHECK: %[[OUTER:.*]] = arith.constant dense<{{.*}}> : tensor<2x1xf32>
  // CHECK: %[[SCALES:.*]] = compress.dequantize %[[SCODES]], %[[OUTER]] : (tensor<8x1xui8>, tensor<2x1xf32>) -> tensor<8x1xf32>
  // CHECK: compress.dequantize %{{.*}}, %[[SCALES]] {{.*}} : (tensor<8x16xi4>, tensor<8x1xf32>) -> tensor<8x16xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4, scale_block = 4>} : (tensor<?x16xf32>, tensor<8x16xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// Two levels: integers up to 16 for blocks, whose products with codes of 4 bits fit a byte, times one f32 per channel.
// CHECK-LABEL: @two_levels
func.func @two_levels(%x: tensor<?x16xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[7.0, -7.0, 1.0, 2.0, 3.0, 4.0, 5.0, 0.0, 3.5, 0.5, -0.5, 1.0, 0.0, 0.0, 0.0, 1.0],
                             [14.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.875, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x16xf32>
  // CHECK: %[[BYTES:.*]] = arith.constant dense<[16, 8, 16, 1]> : tensor<4xi8>
  // CHECK: %[[INTEGERS:.*]] = compress.unpack %[[BYTES]] : tensor<4xi8> -> tensor<2x2xui8>
  // CHECK: %[[OUTER:.*]] = arith.constant dense<{{\[\[}}6.250000e-02], [1.250000e-01]]> : tensor<2x1xf32>
  // CHECK: %[[SCALES:.*]] = compress.dequantize %[[INTEGERS]], %[[OUTER]] : (tensor<2x2xui8>, tensor<2x1xf32>) -> tensor<2x2xf32>
  // CHECK: compress.dequantize %{{.*}}, %[[SCALES]] {compress.relative_error = 0.000000e+00 : f64}
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4, block = 8, scale_block = -1>} : (tensor<?x16xf32>, tensor<2x16xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Widths between.
// CHECK-LABEL: @five_bits
func.func @five_bits(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[15.0, -15.0, 1.0, 2.0, 3.0, 4.0, 5.0, 0.0], [7.5, 0.5, -0.5, 1.0, 0.0, 0.0, 0.0, 1.0]]> : tensor<2x8xf32>
  // CHECK: compress.unpack %{{.*}} : tensor<10xi8> -> tensor<2x8xi5>
  // CHECK: compress.relative_error = 0.000000e+00
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i5>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Of a pruned weight the entries are scattered, not their indices.
// CHECK-LABEL: @pruned
// CHECK: %[[VALUES:.*]] = compress.lookup %{{.*}} : (tensor<8xui2>, tensor<1x4xf16>) -> tensor<8xf32>
// CHECK: %[[W:.*]] = compress.scatter %[[VALUES]], %{{.*}} <format = bitmap> : (tensor<8xf32>, tensor<2xi8>) -> tensor<2x8xf32>
// CHECK: compress.dequantize %[[W]], %{{.*}} {compress.relative_error = 0.000000e+00 : f64} : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
func.func @pruned(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %p = arith.constant dense<[85, 85]> : tensor<2xi8>
  %v = arith.constant dense<[1.0, -1.0, 0.5, 1.0, 2.0, -2.0, 1.0, 1.0]> : tensor<8xf32>
  %w = compress.scatter %v, %p <format = bitmap> : (tensor<8xf32>, tensor<2xi8>) -> tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = ui2, scale = f32, codebook = [-1.0, 0.0, 0.5, 1.0]>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
