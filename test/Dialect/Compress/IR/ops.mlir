// RUN: condense-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @per_block
func.func @per_block(%codes: tensor<1536x384xi4>, %scales: tensor<1536x12xf16>) -> tensor<1536x384xf32> {
  // CHECK: compress.dequantize %{{.*}}, %{{.*}} : (tensor<1536x384xi4>, tensor<1536x12xf16>) -> tensor<1536x384xf32>
  %w = compress.dequantize %codes, %scales : (tensor<1536x384xi4>, tensor<1536x12xf16>) -> tensor<1536x384xf32>
  return %w : tensor<1536x384xf32>
}

// CHECK-LABEL: @per_tensor_activation
func.func @per_tensor_activation(%x: tensor<?x64xf32>, %scale: tensor<1x1xf32>, %zero: tensor<1x1xui8>) -> tensor<?x64xf32> {
  // CHECK: compress.quantize %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x64xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x64xui8>
  %q = compress.quantize %x, %scale, %zero : (tensor<?x64xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x64xui8>
  // CHECK: compress.dequantize
  %y = compress.dequantize %q, %scale, %zero : (tensor<?x64xui8>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @packed
func.func @packed(%bytes: tensor<8xi8>) -> tensor<3x7xi3> {
  // CHECK: compress.unpack %{{.*}} : tensor<8xi8> -> tensor<3x7xi3>
  %codes = compress.unpack %bytes : tensor<8xi8> -> tensor<3x7xi3>
  return %codes : tensor<3x7xi3>
}

// CHECK-LABEL: @observed
func.func @observed(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // CHECK: compress.observe %{{.*}}, "conv1.input" : tensor<?x3xf32>
  %y = compress.observe %x, "conv1.input" : tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// CHECK-LABEL: @sparse
func.func @sparse(%values: tensor<20xf32>, %bits: tensor<8xi8>, %codes: tensor<32xi4>, %places: tensor<32xui2>,
                  %gaps: tensor<20xui4>, %blocks: tensor<2xi16>, %wide: tensor<20xi32>) {
  // CHECK: compress.scatter %{{.*}}, %{{.*}} <format = bitmap> : (tensor<20xf32>, tensor<8xi8>) -> tensor<8x8xf32>
  %a = compress.scatter %values, %bits <format = bitmap> : (tensor<20xf32>, tensor<8xi8>) -> tensor<8x8xf32>
  // CHECK: compress.scatter %{{.*}}, %{{.*}} <format = n_m, n = 2, m = 4> : (tensor<32xi4>, tensor<32xui2>) -> tensor<8x2x4xi4>
  %b = compress.scatter %codes, %places <format = n_m, n = 2, m = 4> : (tensor<32xi4>, tensor<32xui2>) -> tensor<8x2x4xi4>
  // CHECK: compress.scatter %{{.*}}, %{{.*}} <format = relative> : (tensor<20xf32>, tensor<20xui4>) -> tensor<8x8xf32>
  %c = compress.scatter %values, %gaps <format = relative> : (tensor<20xf32>, tensor<20xui4>) -> tensor<8x8xf32>
  // CHECK: compress.scatter %{{.*}}, %{{.*}} <format = list, block = [2, 5]> : (tensor<20xf32>, tensor<2xi16>) -> tensor<8x8xf32>
  %d = compress.scatter %values, %blocks <format = list, block = [2, 5]> : (tensor<20xf32>, tensor<2xi16>) -> tensor<8x8xf32>
  // CHECK: compress.scatter %{{.*}}, %{{.*}} <format = list> : (tensor<20xf32>, tensor<20xi32>) -> tensor<64xf32>
  %e = compress.scatter %values, %wide <format = list> : (tensor<20xf32>, tensor<20xi32>) -> tensor<64xf32>
  return
}

// CHECK-LABEL: @schemes
// CHECK-SAME: #compress.quantize<storage = i4, block = 32, algorithm = mse, ragged = shrink>
// CHECK-SAME: #compress.quantize_activation<storage = ui8, low = -1.500000e+00 : f32, high = 6.000000e+00 : f32>
// CHECK-SAME: #compress.quantize_activation<storage = i8, calibration = dynamic, block = 32>
func.func private @schemes() attributes {
  a = #compress.quantize<storage = i4, block = 32, scale = f16, algorithm = mse, ragged = shrink>,
  b = #compress.quantize_activation<storage = ui8, low = -1.5 : f32, high = 6.0 : f32>,
  c = #compress.quantize_activation<storage = i8, calibration = dynamic, block = 32>}

// Scales of rows, of which nobody knows how many there are.
// CHECK-LABEL: @rows
// CHECK: compress.quantize %{{.*}}, %{{.*}} : (tensor<?x64xf32>, tensor<?x2xf32>) -> tensor<?x64xi8>
// CHECK: compress.dequantize %{{.*}}, %{{.*}} : (tensor<?x64xi8>, tensor<?x2xf32>) -> tensor<?x64xf32>
func.func @rows(%x: tensor<?x64xf32>, %s: tensor<?x2xf32>) -> tensor<?x64xf32> {
  %q = compress.quantize %x, %s : (tensor<?x64xf32>, tensor<?x2xf32>) -> tensor<?x64xi8>
  %y = compress.dequantize %q, %s : (tensor<?x64xi8>, tensor<?x2xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @codebooks
func.func @codebooks(%indices: tensor<8x6xui4>, %book: tensor<1x1x16xf16>, %books: tensor<4x2x13xf32>) -> (tensor<8x6xf32>, tensor<8x6xf32>) {
  // CHECK: compress.lookup %{{.*}}, %{{.*}} : (tensor<8x6xui4>, tensor<1x1x16xf16>) -> tensor<8x6xf32>
  %0 = compress.lookup %indices, %book : (tensor<8x6xui4>, tensor<1x1x16xf16>) -> tensor<8x6xf32>
  // CHECK: compress.lookup %{{.*}}, %{{.*}} : (tensor<8x6xui4>, tensor<4x2x13xf32>) -> tensor<8x6xf32>
  %1 = compress.lookup %indices, %books : (tensor<8x6xui4>, tensor<4x2x13xf32>) -> tensor<8x6xf32>
  return %0, %1 : tensor<8x6xf32>, tensor<8x6xf32>
}

// CHECK-LABEL: @scaled_entries
func.func @scaled_entries(%indices: tensor<8x64xui4>, %book: tensor<1x1x16xf32>, %scales: tensor<8x2xf8E8M0FNU>) -> tensor<8x64xf32> {
  %0 = compress.lookup %indices, %book : (tensor<8x64xui4>, tensor<1x1x16xf32>) -> tensor<8x64xf32>
  // CHECK: compress.dequantize %{{.*}}, %{{.*}} : (tensor<8x64xf32>, tensor<8x2xf8E8M0FNU>) -> tensor<8x64xf32>
  %1 = compress.dequantize %0, %scales : (tensor<8x64xf32>, tensor<8x2xf8E8M0FNU>) -> tensor<8x64xf32>
  return %1 : tensor<8x64xf32>
}

// CHECK-LABEL: @entropy_coded
func.func @entropy_coded(%stream: tensor<100xi8>, %offsets: tensor<2xi32>, %table: tensor<27xi8>, %rans: tensor<9xi8>,
                         %none: tensor<0xi8>) -> (tensor<10x20xi4>, tensor<200xui8>, tensor<200xi8>) {
  // CHECK: compress.entropy_decode %{{.*}}, %{{.*}}, %{{.*}}, huffman, 128 : (tensor<100xi8>, tensor<2xi32>, tensor<27xi8>) -> tensor<10x20xi4>
  %0 = compress.entropy_decode %stream, %offsets, %table, huffman, 128 : (tensor<100xi8>, tensor<2xi32>, tensor<27xi8>) -> tensor<10x20xi4>
  // CHECK: compress.entropy_decode %{{.*}}, %{{.*}}, %{{.*}}, rans, 128
  %1 = compress.entropy_decode %stream, %offsets, %rans, rans, 128 : (tensor<100xi8>, tensor<2xi32>, tensor<9xi8>) -> tensor<200xui8>
  // CHECK: compress.entropy_decode %{{.*}}, %{{.*}}, %{{.*}}, run_length, 128
  %2 = compress.entropy_decode %stream, %offsets, %none, run_length, 128 : (tensor<100xi8>, tensor<2xi32>, tensor<0xi8>) -> tensor<200xi8>
  return %0, %1, %2 : tensor<10x20xi4>, tensor<200xui8>, tensor<200xi8>
}

// CHECK-LABEL: @planes
func.func @planes(%high: tensor<8x4xi8>, %low: tensor<8x4xi8>) -> tensor<8x4xbf16> {
  // CHECK: compress.join_planes %{{.*}}, %{{.*}} : (tensor<8x4xi8>, tensor<8x4xi8>) -> tensor<8x4xbf16>
  %w = compress.join_planes %high, %low : (tensor<8x4xi8>, tensor<8x4xi8>) -> tensor<8x4xbf16>
  return %w : tensor<8x4xbf16>
}
