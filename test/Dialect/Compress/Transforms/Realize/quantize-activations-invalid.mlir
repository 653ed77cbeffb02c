// RUN: condense-opt %s --compress-quantize-activations --split-input-file --verify-diagnostics

func.func @no_range(%x: tensor<?x4xf32>, %w: tensor<2x4xf32>) -> tensor<?x2xf32> {
  // expected-error@+1 {{the activation to be quantized has no range: calibrate, then run compress-apply-ranges}}
  %0 = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = ui8>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

func.func @ragged(%x: tensor<?x6xf32>, %w: tensor<2x6xf32>) -> tensor<?x2xf32> {
  // expected-error@+1 {{a dynamic scale for each 4 elements needs rows of a multiple of that: request a divisor, or block = 0 for one scale for each row}}
  %0 = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic, block = 4>} : (tensor<?x6xf32>, tensor<2x6xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

func.func @image_blocks(%x: tensor<1x1x4x4xf32>, %w: tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32> {
  // expected-error@+1 {{a convolution's activation has one dynamic scale for each sample: request block = 0}}
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    groups = 1 : i64, layout = #nn.layout<nchw>, compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic, block = 2>}
    : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %y : tensor<1x2x4x4xf32>
}

// -----

func.func @other_operation(%x: tensor<3x6xf32>, %w: tensor<6x2xf32>, %y: tensor<3x2xf32>) -> tensor<3x2xf32> {
  // expected-error@+1 {{dynamic quantization is for nn.linear, nn.matmul and nn.conv2d: request a calibration for this layer}}
  %0 = linalg.matmul {compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic>} ins(%x, %w : tensor<3x6xf32>, tensor<6x2xf32>) outs(%y : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
