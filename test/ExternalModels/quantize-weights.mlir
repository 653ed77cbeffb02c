// The passes compress layers of linalg and TOSA as they are.
// RUN: condense-opt %s --compress-annotate-weights="storage=i4 block=8 ragged=shrink" --compress-quantize-weights --compress-verify | FileCheck %s
// RUN: mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin %s \
// RUN:   --pass-pipeline="builtin.module(compress-annotate-weights{storage=i4 block=8 ragged=shrink},compress-quantize-weights,compress-verify)" | FileCheck %s

// CHECK-LABEL: @linalg_matmul_behind_transpose
// CHECK: %[[W:.*]] = compress.dequantize %{{.*}} : (tensor<4x16xi4>, tensor<4x2xf16>) -> tensor<4x16xf32>
// CHECK: linalg.transpose ins(%[[W]]
func.func @linalg_matmul_behind_transpose(%x: tensor<1x16xf32>, %y: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %w = arith.constant dense<0.5> : tensor<4x16xf32>
  %e = tensor.empty() : tensor<16x4xf32>
  %t = linalg.transpose ins(%w : tensor<4x16xf32>) outs(%e : tensor<16x4xf32>) permutation = [1, 0]
  %r = linalg.matmul ins(%x, %t : tensor<1x16xf32>, tensor<16x4xf32>) outs(%y : tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @linalg_conv
// CHECK: compress.dequantize %{{.*}} : (tensor<3x3x16x4xi4>, tensor<3x3x2x4xf16>)
func.func @linalg_conv(%x: tensor<1x6x6x16xf32>, %y: tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> {
  %w = arith.constant dense<0.5> : tensor<3x3x16x4xf32>
  %r = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x6x6x16xf32>, tensor<3x3x16x4xf32>) outs(%y : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  return %r : tensor<1x4x4x4xf32>
}

// CHECK-LABEL: @linalg_generic_contraction
// CHECK: compress.dequantize %{{.*}} : (tensor<4x16xi4>, tensor<4x2xf16>)
func.func @linalg_generic_contraction(%x: tensor<2x16xf32>, %y: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = arith.constant dense<0.5> : tensor<4x16xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<2x16xf32>, tensor<4x16xf32>) outs(%y : tensor<2x4xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %c, %p : f32
    linalg.yield %s : f32
  } -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// CHECK-LABEL: @tosa_conv
// CHECK: compress.dequantize %{{.*}} : (tensor<4x3x3x16xi4>, tensor<4x3x3x2xf16>)
func.func @tosa_conv(%x: tensor<1x6x6x16xf32>, %b: tensor<4xf32>) -> tensor<1x4x4x4xf32> {
  %w = "tosa.const"() <{values = dense<0.5> : tensor<4x3x3x16xf32>}> : () -> tensor<4x3x3x16xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %r = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x6x6x16xf32>, tensor<4x3x3x16xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x4xf32>
  return %r : tensor<1x4x4x4xf32>
}

// The kernel is all that a depthwise convolution sums over.
// CHECK-LABEL: @tosa_depthwise
// CHECK: compress.dequantize %{{.*}} : (tensor<3x3x16x1xi4>, tensor<1x1x16x1xf16>)
func.func @tosa_depthwise(%x: tensor<1x6x6x16xf32>, %b: tensor<16xf32>) -> tensor<1x4x4x16xf32> {
  %w = "tosa.const"() <{values = dense<0.5> : tensor<3x3x16x1xf32>}> : () -> tensor<3x3x16x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %r = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x6x6x16xf32>, tensor<3x3x16x1xf32>, tensor<16xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x16xf32>
  return %r : tensor<1x4x4x16xf32>
}

// CHECK-LABEL: @tosa_matmul
// CHECK: compress.dequantize %{{.*}} : (tensor<1x16x4xi4>, tensor<1x2x4xf16>)
func.func @tosa_matmul(%x: tensor<1x2x16xf32>) -> tensor<1x2x4xf32> {
  %w = "tosa.const"() <{values = dense<0.5> : tensor<1x16x4xf32>}> : () -> tensor<1x16x4xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %r = tosa.matmul %x, %w, %z, %z : (tensor<1x2x16xf32>, tensor<1x16x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x4xf32>
  return %r : tensor<1x2x4xf32>
}
