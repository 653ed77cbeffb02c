// RUN: condense-opt %s --compress-quantize-activations --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-quantize-activations --compress-quantize-activations --split-input-file | FileCheck %s

// Two layers share the pair of the same scheme; a layer with another scheme has its own.
// CHECK-LABEL: @shared
// CHECK: compress.quantize %arg0, %{{.*}} : (tensor<?x4xf32>, tensor<1x1xf32>) -> tensor<?x4xi8>
// CHECK: %[[S:.*]] = arith.constant dense<0.00999999977> : tensor<1x1xf32>
// CHECK: %[[Z:.*]] = arith.constant dense<100> : tensor<1x1xui8>
// CHECK: %[[Q:.*]] = compress.quantize %arg0, %[[S]], %[[Z]] : (tensor<?x4xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x4xui8>
// CHECK: %[[X:.*]] = compress.dequantize %[[Q]], %[[S]], %[[Z]]
// CHECK-NOT: compress.activation
func.func @shared(%x: tensor<?x4xf32>, %w: tensor<2x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) {
  // CHECK: nn.linear %[[X]], %arg1 :
  %0 = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = ui8, low = -1.0 : f32, high = 1.55 : f32>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  // CHECK: nn.linear %[[X]], %arg1 :
  %1 = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = ui8, low = -1.0 : f32, high = 1.55 : f32>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  // CHECK: nn.linear %{{.*}}, %arg1 :
  %2 = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = i8, low = -2.54 : f32, high = 1.0 : f32>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %0, %1, %2 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// Symmetric codes have no zero point.
// CHECK-LABEL: @symmetric
// CHECK: compress.quantize %{{.*}}, %{{.*}} : (tensor<?x8x4xf32>, tensor<1x1x1xf32>) -> tensor<?x8x4xi8>
func.func @symmetric(%x: tensor<?x8x4xf32>, %w: tensor<2x4xf32>) -> tensor<?x8x2xf32> {
  %y = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = i8, low = 0.0 : f32, high = 0.0 : f32>} : (tensor<?x8x4xf32>, tensor<2x4xf32>) -> tensor<?x8x2xf32>
  return %y : tensor<?x8x2xf32>
}

// -----

// Scales are computed: one per row. Layers that read one value share them.
// CHECK-LABEL: @dynamic
// CHECK-SAME: %[[X:.*]]: tensor<?x?x4xf32>
// CHECK: %[[A:.*]] = nn.abs %[[X]]
// CHECK: %[[M:.*]] = nn.reduce_max %[[A]] {axes = array<i64: 2>, keep_dims} : tensor<?x?x4xf32> -> tensor<?x?x1xf32>
// CHECK: %[[F:.*]] = arith.constant dense<0.00787401571> : tensor<f32>
// CHECK: %[[D:.*]] = nn.mul %[[M]], %[[F]]
// CHECK: %[[L:.*]] = arith.constant dense<1.17549435E-38> : tensor<f32>
// CHECK: %[[S:.*]] = nn.max %[[D]], %[[L]]
// CHECK: %[[Q:.*]] = compress.quantize %[[X]], %[[S]] {compress.fits} : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xi8>
// CHECK: %[[Y:.*]] = compress.dequantize %[[Q]], %[[S]]
// CHECK: nn.linear %[[Y]], %{{.*}} :
// CHECK: nn.matmul %[[Y]], %{{.*}} :
func.func @dynamic(%x: tensor<?x?x4xf32>, %w: tensor<2x4xf32>, %v: tensor<4x3xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x3xf32>) {
  %0 = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic>} : (tensor<?x?x4xf32>, tensor<2x4xf32>) -> tensor<?x?x2xf32>
  %1 = nn.matmul %x, %v {compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic>} : (tensor<?x?x4xf32>, tensor<4x3xf32>) -> tensor<?x?x3xf32>
  return %0, %1 : tensor<?x?x2xf32>, tensor<?x?x3xf32>
}

// -----

// One for some elements of a row; halves are scaled in f32.
// CHECK-LABEL: @dynamic_blocks
// CHECK: %[[B:.*]] = nn.reshape %arg0 {shape = array<i64: 0, 3, 2>} : tensor<?x6xf16> -> tensor<?x3x2xf16>
// CHECK: nn.reduce_max {{.*}}array<i64: 2>} : tensor<?x3x2xf16> -> tensor<?x3xf16>
// CHECK: nn.cast {{.*}} to f32
// CHECK: compress.quantize %arg0, %{{.*}} : (tensor<?x6xf16>, tensor<?x3xf32>) -> tensor<?x6xi8>
func.func @dynamic_blocks(%x: tensor<?x6xf16>, %w: tensor<2x6xf16>) -> tensor<?x2xf16> {
  %0 = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic, block = 2>} : (tensor<?x6xf16>, tensor<2x6xf16>) -> tensor<?x2xf16>
  return %0 : tensor<?x2xf16>
}

// -----

// One for each sample of a batch of images.
// CHECK-LABEL: @dynamic_images
// CHECK: nn.reduce_max {{.*}} {axes = array<i64: 1, 2, 3>, keep_dims} : tensor<?x1x4x4xf32> -> tensor<?x1x1x1xf32>
// CHECK: compress.quantize %arg0, %{{.*}} : (tensor<?x1x4x4xf32>, tensor<?x1x1x1xf32>) -> tensor<?x1x4x4xi8>
func.func @dynamic_images(%x: tensor<?x1x4x4xf32>, %w: tensor<2x1x1x1xf32>) -> tensor<?x2x4x4xf32> {
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    groups = 1 : i64, layout = #nn.layout<nchw>, compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic>}
    : (tensor<?x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<?x2x4x4xf32>
  return %y : tensor<?x2x4x4xf32>
}
