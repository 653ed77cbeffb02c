// RUN: condense-opt %s --condense-lower-to-linalg | FileCheck %s

// CHECK-LABEL: @tosa
// CHECK-NOT: tosa.
// CHECK: linalg.conv_2d_nhwc_fhwc
// CHECK-NOT: tosa.
// CHECK: return
func.func @tosa(%x: tensor<1x8x8x3xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x8x8x4xf32> {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>}
    : (tensor<1x8x8x3xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x8x8x4xf32>
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %1 : tensor<1x8x8x4xf32>
}

// CHECK-LABEL: @nn_with_quantized_weight
// CHECK-NOT: nn.
// CHECK-NOT: compress.
// CHECK: linalg.
// CHECK: return
func.func @nn_with_quantized_weight(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %codes = arith.constant dense<[[1, 2, 3, 4], [5, 6, 7, -8]]> : tensor<2x4xi8>
  %scales = arith.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %w = compress.dequantize %codes, %scales : (tensor<2x4xi8>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %0 = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}
