// RUN: condense-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @like
func.func @like(%s: tensor<f32>, %x: tensor<?x4xf32>, %y: tensor<3x?x4xf32>, %v: tensor<?xf32>) {
  // CHECK: nn.broadcast_like %{{.*}}, %{{.*}} : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %0 = nn.broadcast_like %s, %x : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK: nn.sum_like %{{.*}}, %{{.*}} : (tensor<3x?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = nn.sum_like %y, %x : (tensor<3x?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK: nn.reshape_like %{{.*}}, %{{.*}} : (tensor<?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = nn.reshape_like %v, %x : (tensor<?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}

// CHECK-LABEL: @images
func.func @images(%dy: tensor<?x16x16x8xf32>, %w: tensor<8x3x3x4xf32>, %x: tensor<?x32x32x4xf32>, %z: tensor<?x32x32x8xf32>) {
  // CHECK: nn.conv2d_input_gradient %{{.*}}, %{{.*}}, %{{.*}} {
  %0 = nn.conv2d_input_gradient %dy, %w, %x {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64, layout = #nn.layout<nhwc>}
      : (tensor<?x16x16x8xf32>, tensor<8x3x3x4xf32>, tensor<?x32x32x4xf32>) -> tensor<?x32x32x4xf32>
  // CHECK: nn.conv2d_filter_gradient %{{.*}}, %{{.*}}, %{{.*}} {
  %1 = nn.conv2d_filter_gradient %dy, %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64, layout = #nn.layout<nhwc>}
      : (tensor<?x16x16x8xf32>, tensor<?x32x32x4xf32>, tensor<8x3x3x4xf32>) -> tensor<8x3x3x4xf32>
  // CHECK: nn.max_pool2d_gradient %{{.*}}, %{{.*}}, %{{.*}} {
  %2 = nn.max_pool2d_gradient %dy, %z, %dy {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
      dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nhwc>}
      : (tensor<?x16x16x8xf32>, tensor<?x32x32x8xf32>, tensor<?x16x16x8xf32>) -> tensor<?x32x32x8xf32>
  // CHECK: nn.avg_pool2d_gradient %{{.*}}, %{{.*}} {
  %3 = nn.avg_pool2d_gradient %dy, %z {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
      dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, ceil_pads = array<i64: 0, 0>, layout = #nn.layout<nhwc>}
      : (tensor<?x16x16x8xf32>, tensor<?x32x32x8xf32>) -> tensor<?x32x32x8xf32>
  return
}

// CHECK-LABEL: @statistics
func.func @statistics(%x: tensor<?x4xf32>, %s: tensor<4xf32>) {
  // CHECK: nn.batch_norm_training %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64, epsilon = 1.000000e-05 : f64}
  %y, %m, %v = nn.batch_norm_training %x, %s, %s {axis = 1 : i64, epsilon = 1.0e-5 : f64}
      : (tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}

// CHECK-LABEL: @gathering
func.func @gathering(%rows: tensor<?x16x64xf32>, %ids: tensor<?x16xi64>, %t: tensor<512x64xf32>, %e: tensor<4x2xf32>,
    %i: tensor<4x2xi64>, %x: tensor<4x8xf32>, %part: tensor<4x3xf32>) {
  // CHECK: nn.gather_gradient %{{.*}}, %{{.*}}, %{{.*}} {axis = 0 : i64, clamped}
  %0 = nn.gather_gradient %rows, %ids, %t {axis = 0 : i64, clamped}
      : (tensor<?x16x64xf32>, tensor<?x16xi64>, tensor<512x64xf32>) -> tensor<512x64xf32>
  // CHECK: nn.gather_elements_gradient %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64}
  %1 = nn.gather_elements_gradient %e, %i, %x {axis = 1 : i64}
      : (tensor<4x2xf32>, tensor<4x2xi64>, tensor<4x8xf32>) -> tensor<4x8xf32>
  // CHECK: nn.slice_gradient %{{.*}}, %{{.*}} {
  %2 = nn.slice_gradient %part, %x {starts = array<i64: 0, 1>, ends = array<i64: 4, 7>, steps = array<i64: 1, 2>}
      : (tensor<4x3xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}
