// RUN: condense-opt %s --convert-nn-to-linalg --canonicalize | FileCheck %s
// The forms of the adjoints of images; what they compute is executed in Integration/Gradients.

// With stride 2, one convolution of stride 1 for each of the four phases, the filter's parts being 2x2, 2x1, 1x2 and 1x1.
// CHECK-LABEL: @phases
// CHECK-COUNT-4: arith.mulf
// CHECK-NOT:     arith.mulf
// CHECK:         return
func.func @phases(%dy: tensor<1x4x4x8xf32>, %w: tensor<8x3x3x4xf32>, %x: tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> {
  %0 = nn.conv2d_input_gradient %dy, %w, %x {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64, layout = #nn.layout<nhwc>}
      : (tensor<1x4x4x8xf32>, tensor<8x3x3x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %0 : tensor<1x8x8x4xf32>
}

// A 1x1 filter meets one phase only; the others stay zero.
// CHECK-LABEL: @one_phase
// CHECK:         linalg.fill
// CHECK-COUNT-1: arith.mulf
// CHECK-NOT:     arith.mulf
// CHECK:         return
func.func @one_phase(%dy: tensor<1x4x4x8xf32>, %w: tensor<8x1x1x4xf32>, %x: tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> {
  %0 = nn.conv2d_input_gradient %dy, %w, %x {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64, layout = #nn.layout<nhwc>}
      : (tensor<1x4x4x8xf32>, tensor<8x1x1x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %0 : tensor<1x8x8x4xf32>
}

// Long strides are one convolution of the adjoint with zeros in between.
// CHECK-LABEL: @long_strides
// CHECK-COUNT-1: arith.mulf
// CHECK-NOT:     arith.mulf
// CHECK:         return
func.func @long_strides(%dy: tensor<1x2x2x8xf32>, %w: tensor<8x8x8x3xf32>, %x: tensor<1x16x16x3xf32>) -> tensor<1x16x16x3xf32> {
  %0 = nn.conv2d_input_gradient %dy, %w, %x {strides = array<i64: 8, 8>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64, layout = #nn.layout<nhwc>}
      : (tensor<1x2x2x8xf32>, tensor<8x8x8x3xf32>, tensor<1x16x16x3xf32>) -> tensor<1x16x16x3xf32>
  return %0 : tensor<1x16x16x3xf32>
}

// One contraction; with few inputs, the outputs are innermost and moved afterwards.
// CHECK-LABEL: @filter
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]
// CHECK:           -> tensor<3x3x3x16xf32>
// CHECK:         linalg.transpose {{.*}} permutation = [3, 0, 1, 2]
// CHECK-NOT:     arith.mulf
// CHECK:         return
func.func @filter(%dy: tensor<1x8x8x16xf32>, %x: tensor<1x8x8x3xf32>, %w: tensor<16x3x3x3xf32>) -> tensor<16x3x3x3xf32> {
  %0 = nn.conv2d_filter_gradient %dy, %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64, layout = #nn.layout<nhwc>}
      : (tensor<1x8x8x16xf32>, tensor<1x8x8x3xf32>, tensor<16x3x3x3xf32>) -> tensor<16x3x3x3xf32>
  return %0 : tensor<16x3x3x3xf32>
}

// Large windows are loops.
// CHECK-LABEL: @windows
// CHECK:         scf.for
// CHECK:           scf.for
func.func @windows(%dy: tensor<1x8x8x4xf32>, %x: tensor<1x12x12x4xf32>) -> tensor<1x12x12x4xf32> {
  %0 = nn.avg_pool2d_gradient %dy, %x {kernel = array<i64: 5, 5>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>, ceil_pads = array<i64: 0, 0>, layout = #nn.layout<nhwc>}
      : (tensor<1x8x8x4xf32>, tensor<1x12x12x4xf32>) -> tensor<1x12x12x4xf32>
  return %0 : tensor<1x12x12x4xf32>
}
