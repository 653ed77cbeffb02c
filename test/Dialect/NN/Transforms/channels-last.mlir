// RUN: condense-opt %s --nn-channels-last --split-input-file | FileCheck %s

// Between two convolutions, through relu and a bias, no transpose is left.
// CHECK-LABEL: @chain
// CHECK: nn.transpose %arg0 {permutation = array<i64: 0, 2, 3, 1>}
// CHECK: nn.transpose %arg1 {permutation = array<i64: 0, 2, 3, 1>}
// CHECK: nn.conv2d {{.*}} layout = {{.*}}nhwc
// CHECK-NEXT: nn.add {{.*}} tensor<1x1x1x4xf32>
// CHECK-NEXT: %[[RELU:.*]] = nn.relu
// CHECK: nn.conv2d %[[RELU]]
// CHECK: nn.max_pool2d {{.*}} tensor<1x8x8x4xf32> -> tensor<1x4x4x4xf32>
// CHECK: nn.transpose %{{.*}} {permutation = array<i64: 0, 3, 1, 2>}
func.func @chain(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x1x1xf32>, %v: tensor<4x4x1x1xf32>) -> tensor<1x4x4x4xf32> {
  %b = arith.constant dense<[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]> : tensor<4x1x1xf32>
  %0 = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = nn.add %0, %b : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %2 = nn.relu %1 : tensor<1x4x8x8xf32>
  %3 = nn.conv2d %2, %v {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %4 = nn.max_pool2d %3 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nchw>} : tensor<1x4x8x8xf32> -> tensor<1x4x4x4xf32>
  return %4 : tensor<1x4x4x4xf32>
}

// -----

// CHECK-LABEL: @global_pool
// CHECK: nn.reduce_mean %{{.*}} {axes = array<i64: 1, 2>} : tensor<1x4x4x4xf32> -> tensor<1x4xf32>
// CHECK-NEXT: return
func.func @global_pool(%x: tensor<1x4x8x8xf32>) -> tensor<1x4xf32> {
  %0 = nn.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nchw>} : tensor<1x4x8x8xf32> -> tensor<1x4x4x4xf32>
  %1 = nn.reduce_mean %0 {axes = array<i64: 2, 3>} : tensor<1x4x4x4xf32> -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// -----

// CHECK-LABEL: @residual_concat_pad
// CHECK: nn.concat {{.*}} {axis = 3 : i64}
// CHECK: nn.pad {{.*}}high = array<i64: 0, 1, 2, 0>, low = array<i64: 0, 0, 0, 3>
// CHECK: nn.transpose
// CHECK-NEXT: return
func.func @residual_concat_pad(%x: tensor<1x4x8x8xf32>) -> tensor<1x11x5x6xf32> {
  %0 = nn.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nchw>} : tensor<1x4x8x8xf32> -> tensor<1x4x4x4xf32>
  %1 = nn.relu %0 : tensor<1x4x4x4xf32>
  %2 = nn.add %0, %1 : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %3 = nn.concat %1, %2 {axis = 1 : i64} : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x8x4x4xf32>
  %4 = nn.pad %3 {low = array<i64: 0, 3, 0, 0>, high = array<i64: 0, 0, 1, 2>, mode = #nn.pad_mode<constant>}
    : tensor<1x8x4x4xf32> -> tensor<1x11x5x6xf32>
  return %4 : tensor<1x11x5x6xf32>
}

// -----

// A transpose that the model itself has is not moved.
// CHECK-LABEL: @other_transpose
// CHECK: nn.transpose
// CHECK-NEXT: nn.relu
func.func @other_transpose(%x: tensor<1x4x8x16xf32>) -> tensor<1x8x4x16xf32> {
  %0 = nn.transpose %x {permutation = array<i64: 0, 2, 1, 3>} : tensor<1x4x8x16xf32> -> tensor<1x8x4x16xf32>
  %1 = nn.relu %0 : tensor<1x8x4x16xf32>
  return %1 : tensor<1x8x4x16xf32>
}

// -----

// Rows of channels c and pixels p were c0p0 c0p1 c1p0 c1p1, now c0p0 c1p0 c0p1 c1p1.
// CHECK-LABEL: @flatten
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00, 2.000000e+00, 4.000000e+00]]>
// CHECK: %[[POOL:.*]] = nn.max_pool2d {{.*}} -> tensor<?x1x2x2xf32>
// CHECK-NEXT: %[[ROWS:.*]] = nn.reshape %[[POOL]]
// CHECK-NEXT: nn.linear %[[ROWS]], %[[W]]
func.func @flatten(%x: tensor<?x2x2x4xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
  %0 = nn.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nchw>} : tensor<?x2x2x4xf32> -> tensor<?x2x1x2xf32>
  %1 = nn.reshape %0 {shape = array<i64: 0, 4>} : tensor<?x2x1x2xf32> -> tensor<?x4xf32>
  %2 = nn.linear %1, %w : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x1xf32>
  return %2 : tensor<?x1xf32>
}
