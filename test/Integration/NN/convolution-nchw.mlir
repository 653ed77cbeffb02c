// RUN: %lower_nn %s | %run_main | FileCheck %s
// Convolutions in the layout nchw: odd sizes, strides, dilations, padding and groups.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @plain(%0: tensor<1x2x4x3xf32>, %1: tensor<2x2x3x2xf32>, %2: tensor<2xf32>) -> tensor<1x2x2x2xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<1x2x4x3xf32>, tensor<2x2x3x2xf32>, tensor<2xf32>) ->
      tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

func.func private @strided_and_padded(%0: tensor<2x1x5x4xf32>, %1: tensor<2x1x3x3xf32>, %2: tensor<2xf32>) ->
      tensor<2x2x3x3xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 0, 2, 1>,
      groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<2x1x5x4xf32>, tensor<2x1x3x3xf32>, tensor<2xf32>) ->
      tensor<2x2x3x3xf32>
  return %y : tensor<2x2x3x3xf32>
}

func.func private @dilated(%0: tensor<1x1x7x5xf32>, %1: tensor<1x1x3x2xf32>) -> tensor<1x1x4x2xf32> {
  %y = nn.conv2d %0, %1 {strides = array<i64: 1, 2>, dilations = array<i64: 2, 3>, pads = array<i64: 0, 1, 1, 0>,
      groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<1x1x7x5xf32>, tensor<1x1x3x2xf32>) -> tensor<1x1x4x2xf32>
  return %y : tensor<1x1x4x2xf32>
}

func.func private @pointwise(%0: tensor<1x3x2x2xf32>, %1: tensor<2x3x1x1xf32>) -> tensor<1x2x2x2xf32> {
  %y = nn.conv2d %0, %1 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<1x3x2x2xf32>, tensor<2x3x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

func.func private @grouped(%0: tensor<1x4x3x4xf32>, %1: tensor<6x2x2x2xf32>, %2: tensor<6xf32>) ->
      tensor<1x6x2x2xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 2 : i64, layout = #nn.layout<nchw>} : (tensor<1x4x3x4xf32>, tensor<6x2x2x2xf32>, tensor<6xf32>) ->
      tensor<1x6x2x2xf32>
  return %y : tensor<1x6x2x2xf32>
}

func.func private @depthwise(%0: tensor<1x3x4x4xf32>, %1: tensor<3x1x3x3xf32>, %2: tensor<3xf32>) ->
      tensor<1x3x4x4xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 3 : i64, layout = #nn.layout<nchw>} : (tensor<1x3x4x4xf32>, tensor<3x1x3x3xf32>, tensor<3xf32>) ->
      tensor<1x3x4x4xf32>
  return %y : tensor<1x3x4x4xf32>
}

func.func private @depthwise_multiplied(%0: tensor<1x2x3x3xf32>, %1: tensor<4x1x2x2xf32>) -> tensor<1x4x2x2xf32> {
  %y = nn.conv2d %0, %1 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 2 : i64, layout = #nn.layout<nchw>} : (tensor<1x2x3x3xf32>, tensor<4x1x2x2xf32>) -> tensor<1x4x2x2xf32>
  return %y : tensor<1x4x2x2xf32>
}

func.func private @dynamic(%0: tensor<?x1x?x?xf32>, %1: tensor<2x1x3x3xf32>, %2: tensor<2xf32>) ->
      tensor<?x?x?x?xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<?x1x?x?xf32>, tensor<2x1x3x3xf32>, tensor<2xf32>) ->
      tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

func.func private @dynamic_groups(%0: tensor<?x?x?x?xf32>, %1: tensor<4x1x2x2xf32>, %2: tensor<4xf32>) ->
      tensor<?x?x?x?xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 2 : i64, layout = #nn.layout<nchw>} : (tensor<?x?x?x?xf32>, tensor<4x1x2x2xf32>, tensor<4xf32>) ->
      tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

func.func private @mixed_bytes(%0: tensor<1x2x3x3xui8>, %1: tensor<2x2x2x2xi8>, %2: tensor<2xi32>) ->
      tensor<1x2x2x2xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<1x2x3x3xui8>, tensor<2x2x2x2xi8>, tensor<2xi32>) ->
      tensor<1x2x2x2xi32>
  %f = nn.cast %y to f32 : tensor<1x2x2x2xi32> -> tensor<1x2x2x2xf32>
  return %f : tensor<1x2x2x2xf32>
}

func.func private @depthwise_bytes(%0: tensor<1x2x3x3xi8>, %1: tensor<2x1x2x2xi8>) -> tensor<1x2x2x2xf32> {
  %y = nn.conv2d %0, %1 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 2 : i64, layout = #nn.layout<nchw>} : (tensor<1x2x3x3xi8>, tensor<2x1x2x2xi8>) -> tensor<1x2x2x2xi32>
  %f = nn.cast %y to f32 : tensor<1x2x2x2xi32> -> tensor<1x2x2x2xf32>
  return %f : tensor<1x2x2x2xf32>
}

func.func private @half(%0: tensor<1x2x2x2xf16>, %1: tensor<1x2x2x2xf16>, %2: tensor<1xf16>) -> tensor<1x1x1x1xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<1x2x2x2xf16>, tensor<1x2x2x2xf16>, tensor<1xf16>) ->
      tensor<1x1x1x1xf16>
  %f = nn.cast %y to f32 : tensor<1x1x1x1xf16> -> tensor<1x1x1x1xf32>
  return %f : tensor<1x1x1x1xf32>
}

func.func @main() {
  // plain
  %i0_0 = arith.constant dense<[[[[-3.0, -3.0, 3.0], [0.0, 1.0, 1.0], [2.0, -4.0, 0.0], [-3.0, -1.0, 4.0]], [[0.0,
      -4.0, 0.0], [-3.0, 2.0, 4.0], [4.0, 1.0, 3.0], [-1.0, -3.0, 0.0]]]]> : tensor<1x2x4x3xf32>
  %i0_1 = arith.constant dense<[[[[-1.0, 1.0], [4.0, -2.0], [3.0, -3.0]], [[-1.0, 3.0], [-2.0, 2.0], [0.0, 0.0]]],
      [[[4.0, 3.0], [3.0, 0.0], [4.0, 4.0]], [[-3.0, -3.0], [-2.0, 0.0], [3.0, 0.0]]]]> : tensor<2x2x3x2xf32>
  %i0_2 = arith.constant dense<[4.0, -1.0]> : tensor<2xf32>
  %o0 = call @plain(%i0_0, %i0_1, %i0_2) : (tensor<1x2x4x3xf32>, tensor<2x2x3x2xf32>, tensor<2xf32>) ->
      tensor<1x2x2x2xf32>
  %u0 = tensor.cast %o0 : tensor<1x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}18,  8],
  // CHECK-NEXT: [18,  -13]],
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  -6],
  // CHECK-NEXT: [-16,  -23]]]]

  // strided_and_padded
  %i1_0 = arith.constant dense<[[[[4.0, 1.0, 2.0, -2.0], [1.0, 3.0, 3.0, 3.0], [4.0, -3.0, 3.0, 0.0], [2.0, -2.0,
      -4.0, -4.0], [4.0, 4.0, -2.0, -1.0]]], [[[-2.0, -3.0, 3.0, 2.0], [-4.0, -3.0, 1.0, 4.0], [4.0, -3.0, 1.0,
      -4.0], [-3.0, -3.0, -1.0, -1.0], [2.0, 0.0, -1.0, 4.0]]]]> : tensor<2x1x5x4xf32>
  %i1_1 = arith.constant dense<[[[[1.0, 2.0, 2.0], [-1.0, 4.0, -4.0], [-2.0, -3.0, -4.0]]], [[[4.0, -4.0, 0.0], [3.0,
      2.0, 3.0], [-4.0, 0.0, -4.0]]]]> : tensor<2x1x3x3xf32>
  %i1_2 = arith.constant dense<[-3.0, 3.0]> : tensor<2xf32>
  %o1 = call @strided_and_padded(%i1_0, %i1_1, %i1_2) : (tensor<2x1x5x4xf32>, tensor<2x1x3x3xf32>, tensor<2xf32>) ->
      tensor<2x2x3x3xf32>
  %u1 = tensor.cast %o1 : tensor<2x2x3x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 3, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-34,  -15,  -28],
  // CHECK-NEXT: [{{-?}}0,  59,  23],
  // CHECK-NEXT: [7,  -29,  -17]],
  // CHECK-NEXT: {{\[\[}}7,  -20,  -7],
  // CHECK-NEXT: [18,  24,  28],
  // CHECK-NEXT: [33,  16,  -5]]],
  // CHECK-NEXT: {{\[\[\[}}-12,  -9,  -12],
  // CHECK-NEXT: [-12,  40,  -6],
  // CHECK-NEXT: [-12,  -30,  11]],
  // CHECK-NEXT: {{\[\[}}12,  2,  12],
  // CHECK-NEXT: [24,  -16,  -10],
  // CHECK-NEXT: [6,  5,  8]]]]

  // dilated
  %i2_0 = arith.constant dense<[[[[-4.0, 1.0, -4.0, -2.0, 4.0], [-2.0, -2.0, -4.0, 2.0, -3.0], [0.0, -4.0, -4.0, 3.0,
      -4.0], [0.0, -1.0, -3.0, 1.0, 2.0], [4.0, -3.0, 4.0, -4.0, -3.0], [1.0, 3.0, 4.0, 2.0, -4.0], [-1.0, 3.0, 0.0,
      -3.0, 2.0]]]]> : tensor<1x1x7x5xf32>
  %i2_1 = arith.constant dense<[[[[-4.0, 2.0], [-4.0, -1.0], [-2.0, 4.0]]]]> : tensor<1x1x3x2xf32>
  %o2 = call @dilated(%i2_0, %i2_1) : (tensor<1x1x7x5xf32>, tensor<1x1x3x2xf32>) -> tensor<1x1x4x2xf32>
  %u2 = tensor.cast %o2 : tensor<1x1x4x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1, 4, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}12,  18],
  // CHECK-NEXT: [11,  -18],
  // CHECK-NEXT: [-12,  25],
  // CHECK-NEXT: [-10,  {{-?}}0]]]]

  // pointwise
  %i3_0 = arith.constant dense<[[[[2.0, 1.0], [0.0, -2.0]], [[3.0, 4.0], [-3.0, -2.0]], [[-2.0, 0.0], [-2.0,
      -1.0]]]]> : tensor<1x3x2x2xf32>
  %i3_1 = arith.constant dense<[[[[4.0]], [[-1.0]], [[4.0]]], [[[0.0]], [[-1.0]], [[4.0]]]]> : tensor<2x3x1x1xf32>
  %o3 = call @pointwise(%i3_0, %i3_1) : (tensor<1x3x2x2xf32>, tensor<2x3x1x1xf32>) -> tensor<1x2x2x2xf32>
  %u3 = tensor.cast %o3 : tensor<1x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-3,  {{-?}}0],
  // CHECK-NEXT: [-5,  -10]],
  // CHECK-NEXT: {{\[\[}}-11,  -4],
  // CHECK-NEXT: [-5,  -2]]]]

  // grouped
  %i4_0 = arith.constant dense<[[[[-1.0, 2.0, -2.0, 4.0], [2.0, 3.0, -4.0, -4.0], [-4.0, 0.0, -1.0, 4.0]], [[-2.0,
      -3.0, 3.0, -2.0], [2.0, -2.0, 0.0, -4.0], [1.0, 4.0, 2.0, 3.0]], [[3.0, 1.0, 4.0, 0.0], [-3.0, 1.0, 1.0, -3.0],
      [-3.0, 1.0, -1.0, 0.0]], [[3.0, 2.0, 4.0, -3.0], [2.0, 0.0, -4.0, -4.0], [-1.0, 1.0, -3.0, 0.0]]]]> :
      tensor<1x4x3x4xf32>
  %i4_1 = arith.constant dense<[[[[4.0, -3.0], [-3.0, 4.0]], [[-2.0, 3.0], [-1.0, 2.0]]], [[[-4.0, 1.0], [3.0,
      -1.0]], [[1.0, -3.0], [-3.0, -4.0]]], [[[0.0, 0.0], [-4.0, -2.0]], [[1.0, -1.0], [-2.0, -4.0]]], [[[-4.0, 1.0],
      [-3.0, 3.0]], [[0.0, -2.0], [1.0, -3.0]]], [[[-2.0, 0.0], [1.0, -3.0]], [[-1.0, -4.0], [-3.0, -2.0]]], [[[-2.0,
      4.0], [-1.0, -4.0]], [[4.0, 1.0], [-3.0, -4.0]]]]> : tensor<6x2x2x2xf32>
  %i4_2 = arith.constant dense<[-4.0, 4.0, 1.0, 2.0, 4.0, -1.0]> : tensor<6xf32>
  %o4 = call @grouped(%i4_0, %i4_1, %i4_2) : (tensor<1x4x3x4xf32>, tensor<6x2x2x2xf32>, tensor<6xf32>) ->
      tensor<1x6x2x2xf32>
  %u4 = tensor.cast %o4 : tensor<1x6x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 6, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-19,  -48],
  // CHECK-NEXT: [4,  3]],
  // CHECK-NEXT: {{\[\[}}22,  33],
  // CHECK-NEXT: [-24,  3]],
  // CHECK-NEXT: {{\[\[}}-8,  46],
  // CHECK-NEXT: [3,  -15]],
  // CHECK-NEXT: {{\[\[}}1,  -12],
  // CHECK-NEXT: [23,  3]],
  // CHECK-NEXT: {{\[\[}}-25,  34],
  // CHECK-NEXT: [3,  30]],
  // CHECK-NEXT: {{\[\[}}4,  43],
  // CHECK-NEXT: [15,  -25]]]]

  // depthwise
  %i5_0 = arith.constant dense<[[[[4.0, -1.0, 2.0, 3.0], [-4.0, 2.0, 3.0, 4.0], [2.0, 0.0, -3.0, 2.0], [0.0, 3.0,
      -4.0, -1.0]], [[3.0, 1.0, 2.0, 1.0], [3.0, 3.0, 2.0, 1.0], [-2.0, -4.0, 3.0, -1.0], [-2.0, -4.0, -3.0, -4.0]],
      [[-1.0, -2.0, 0.0, 1.0], [-2.0, 0.0, 1.0, 2.0], [1.0, -4.0, -2.0, 3.0], [1.0, -2.0, -1.0, 4.0]]]]> :
      tensor<1x3x4x4xf32>
  %i5_1 = arith.constant dense<[[[[2.0, -1.0, -2.0], [-3.0, 3.0, 1.0], [-1.0, 2.0, 0.0]]], [[[0.0, 2.0, 2.0], [0.0,
      -1.0, -2.0], [-2.0, 4.0, -3.0]]], [[[-4.0, 1.0, -2.0], [-4.0, 0.0, 2.0], [-4.0, 0.0, -3.0]]]]> :
      tensor<3x1x3x3xf32>
  %i5_2 = arith.constant dense<[1.0, 3.0, 3.0]> : tensor<3xf32>
  %o5 = call @depthwise(%i5_0, %i5_1, %i5_2) : (tensor<1x3x4x4xf32>, tensor<3x1x3x3xf32>, tensor<3xf32>) ->
      tensor<1x3x4x4xf32>
  %u5 = tensor.cast %o5 : tensor<1x3x4x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3, 4, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}4,  -4,  17,  9],
  // CHECK-NEXT: [-7,  25,  -8,  12],
  // CHECK-NEXT: [7,  -18,  -24,  20],
  // CHECK-NEXT: [2,  16,  -22,  2]],
  // CHECK-NEXT: {{\[\[}}1,  -2,  -2,  2],
  // CHECK-NEXT: [6,  -19,  28,  -6],
  // CHECK-NEXT: [29,  8,  16,  -4],
  // CHECK-NEXT: [1,  11,  18,  5]],
  // CHECK-NEXT: {{\[\[}}-1,  12,  7,  -1],
  // CHECK-NEXT: [18,  17,  20,  8],
  // CHECK-NEXT: [-1,  {{-?}}0,  18,  13],
  // CHECK-NEXT: [8,  -7,  27,  18]]]]

  // depthwise_multiplied
  %i6_0 = arith.constant dense<[[[[3.0, -2.0, 1.0], [1.0, 4.0, 2.0], [2.0, -4.0, -2.0]], [[-1.0, 1.0, 3.0], [-1.0,
      0.0, 2.0], [-3.0, -1.0, -3.0]]]]> : tensor<1x2x3x3xf32>
  %i6_1 = arith.constant dense<[[[[-3.0, 2.0], [3.0, -3.0]]], [[[2.0, 2.0], [2.0, 2.0]]], [[[1.0, -3.0], [3.0,
      -3.0]]], [[[0.0, 4.0], [1.0, -2.0]]]]> : tensor<4x1x2x2xf32>
  %o6 = call @depthwise_multiplied(%i6_0, %i6_1) : (tensor<1x2x3x3xf32>, tensor<4x1x2x2xf32>) -> tensor<1x4x2x2xf32>
  %u6 = tensor.cast %o6 : tensor<1x4x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 4, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-22,  14],
  // CHECK-NEXT: [23,  -14]],
  // CHECK-NEXT: {{\[\[}}12,  10],
  // CHECK-NEXT: [6,  {{-?}}0]],
  // CHECK-NEXT: {{\[\[}}-7,  -14],
  // CHECK-NEXT: [-7,  {{-?}}0]],
  // CHECK-NEXT: {{\[\[}}3,  8],
  // CHECK-NEXT: [-1,  13]]]]

  // dynamic
  %i7_0 = arith.constant dense<[[[[-4.0, -2.0, 0.0], [3.0, 3.0, -3.0], [2.0, 1.0, 3.0], [0.0, 0.0, -1.0]]], [[[3.0,
      0.0, -4.0], [0.0, 3.0, 3.0], [-1.0, 3.0, -4.0], [2.0, 1.0, -4.0]]]]> : tensor<2x1x4x3xf32>
  %d7_0 = tensor.cast %i7_0 : tensor<2x1x4x3xf32> to tensor<?x1x?x?xf32>
  %i7_1 = arith.constant dense<[[[[0.0, -1.0, -1.0], [-2.0, 3.0, 3.0], [-3.0, 2.0, 1.0]]], [[[-3.0, -1.0, -2.0],
      [0.0, -3.0, 0.0], [-3.0, -3.0, 3.0]]]]> : tensor<2x1x3x3xf32>
  %i7_2 = arith.constant dense<[0.0, -2.0]> : tensor<2xf32>
  %o7 = call @dynamic(%d7_0, %i7_1, %i7_2) : (tensor<?x1x?x?xf32>, tensor<2x1x3x3xf32>, tensor<2xf32>) ->
      tensor<?x?x?x?xf32>
  %u7 = tensor.cast %o7 : tensor<?x?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-9,  -4,  -11],
  // CHECK-NEXT: [3,  7,  8]],
  // CHECK-NEXT: {{\[\[}}10,  -23,  -2],
  // CHECK-NEXT: [-17,  -14,  -14]]],
  // CHECK-NEXT: {{\[\[\[}}12,  -9,  -15],
  // CHECK-NEXT: [8,  -15,  -32]],
  // CHECK-NEXT: {{\[\[}}-2,  -2,  -8],
  // CHECK-NEXT: [-8,  -41,  7]]]]

  // dynamic_groups
  %i8_0 = arith.constant dense<[[[[3.0, -1.0, -3.0], [4.0, -4.0, 4.0], [-4.0, 3.0, 0.0]], [[-3.0, 4.0, -1.0], [-4.0,
      2.0, 4.0], [-3.0, 0.0, 4.0]]]]> : tensor<1x2x3x3xf32>
  %d8_0 = tensor.cast %i8_0 : tensor<1x2x3x3xf32> to tensor<?x?x?x?xf32>
  %i8_1 = arith.constant dense<[[[[-3.0, 3.0], [-1.0, -4.0]]], [[[-3.0, 3.0], [2.0, 3.0]]], [[[0.0, -3.0], [-2.0,
      -2.0]]], [[[-2.0, -4.0], [3.0, -4.0]]]]> : tensor<4x1x2x2xf32>
  %i8_2 = arith.constant dense<[2.0, 2.0, -1.0, 1.0]> : tensor<4xf32>
  %o8 = call @dynamic_groups(%d8_0, %i8_1, %i8_2) : (tensor<?x?x?x?xf32>, tensor<4x1x2x2xf32>, tensor<4xf32>) ->
      tensor<?x?x?x?xf32>
  %u8 = tensor.cast %o8 : tensor<?x?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 4, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}2,  -16],
  // CHECK-NEXT: [-30,  23]],
  // CHECK-NEXT: {{\[\[}}-14,  {{-?}}0],
  // CHECK-NEXT: [-21,  32]],
  // CHECK-NEXT: {{\[\[}}-9,  -10],
  // CHECK-NEXT: [-1,  -21]],
  // CHECK-NEXT: {{\[\[}}-29,  -13],
  // CHECK-NEXT: [-8,  -35]]]]

  // mixed_bytes
  %i9_0 = arith.constant dense<[[[[222, 229, 241], [225, 254, 247], [204, 250, 208]], [[211, 220, 245], [228, 242,
      203], [241, 202, 213]]]]> : tensor<1x2x3x3xui8>
  %i9_1 = arith.constant dense<[[[[-72, 85], [-30, 69]], [[61, 49], [28, 93]]], [[[-121, 42], [-117, 32]], [[-13,
      121], [95, -113]]]]> : tensor<2x2x2x2xi8>
  %i9_2 = arith.constant dense<[829, -637]> : tensor<2xi32>
  %o9 = call @mixed_bytes(%i9_0, %i9_1, %i9_2) : (tensor<1x2x3x3xui8>, tensor<2x2x2x2xi8>, tensor<2xi32>) ->
      tensor<1x2x2x2xf32>
  %u9 = tensor.cast %o9 : tensor<1x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}67627,  65329],
  // CHECK-NEXT: [68649,  60562]],
  // CHECK-NEXT: {{\[\[}}-17887,  -13202],
  // CHECK-NEXT: [-6675,  -27053]]]]

  // depthwise_bytes
  %i10_0 = arith.constant dense<[[[[-35, 8, 99], [-40, 109, -52], [-24, 109, 62]], [[45, -35, -126], [-89, -48, 19],
      [95, -106, -114]]]]> : tensor<1x2x3x3xi8>
  %i10_1 = arith.constant dense<[[[[41, -67], [79, 20]]], [[[106, -13], [-14, 71]]]]> : tensor<2x1x2x2xi8>
  %o10 = call @depthwise_bytes(%i10_0, %i10_1) : (tensor<1x2x3x3xi8>, tensor<2x1x2x2xi8>) -> tensor<1x2x2x2xf32>
  %u10 = tensor.cast %o10 : tensor<1x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-2951,  1266],
  // CHECK-NEXT: [-8659,  17804]],
  // CHECK-NEXT: {{\[\[}}3063,  -51],
  // CHECK-NEXT: [-17666,  -11945]]]]

  // half
  %i11_0 = arith.constant dense<[[[[-3.0, -3.0], [4.0, -3.0]], [[3.0, 2.0], [4.0, -2.0]]]]> : tensor<1x2x2x2xf16>
  %i11_1 = arith.constant dense<[[[[1.0, -4.0], [2.0, -4.0]], [[-1.0, -2.0], [-3.0, 0.0]]]]> : tensor<1x2x2x2xf16>
  %i11_2 = arith.constant dense<[-2.0]> : tensor<1xf16>
  %o11 = call @half(%i11_0, %i11_1, %i11_2) : (tensor<1x2x2x2xf16>, tensor<1x2x2x2xf16>, tensor<1xf16>) ->
      tensor<1x1x1x1xf32>
  %u11 = tensor.cast %o11 : tensor<1x1x1x1xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1, 1, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}8]]]]
  return
}
