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
