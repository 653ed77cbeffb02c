// RUN: %lower_nn %s | %run_main | FileCheck %s
// Convolutions in the layout nhwc: odd sizes, strides, dilations, padding and groups.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @plain(%0: tensor<1x4x3x2xf32>, %1: tensor<2x3x2x2xf32>, %2: tensor<2xf32>) -> tensor<1x2x2x2xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 1 : i64, layout = #nn.layout<nhwc>} : (tensor<1x4x3x2xf32>, tensor<2x3x2x2xf32>, tensor<2xf32>) ->
      tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

func.func private @strided_and_padded(%0: tensor<2x5x4x1xf32>, %1: tensor<2x3x3x1xf32>, %2: tensor<2xf32>) ->
      tensor<2x3x3x2xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 0, 2, 1>,
      groups = 1 : i64, layout = #nn.layout<nhwc>} : (tensor<2x5x4x1xf32>, tensor<2x3x3x1xf32>, tensor<2xf32>) ->
      tensor<2x3x3x2xf32>
  return %y : tensor<2x3x3x2xf32>
}

func.func private @dilated(%0: tensor<1x7x5x1xf32>, %1: tensor<1x3x2x1xf32>) -> tensor<1x4x2x1xf32> {
  %y = nn.conv2d %0, %1 {strides = array<i64: 1, 2>, dilations = array<i64: 2, 3>, pads = array<i64: 0, 1, 1, 0>,
      groups = 1 : i64, layout = #nn.layout<nhwc>} : (tensor<1x7x5x1xf32>, tensor<1x3x2x1xf32>) -> tensor<1x4x2x1xf32>
  return %y : tensor<1x4x2x1xf32>
}

func.func private @pointwise(%0: tensor<1x2x2x3xf32>, %1: tensor<2x1x1x3xf32>) -> tensor<1x2x2x2xf32> {
  %y = nn.conv2d %0, %1 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 1 : i64, layout = #nn.layout<nhwc>} : (tensor<1x2x2x3xf32>, tensor<2x1x1x3xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

func.func private @grouped(%0: tensor<1x3x4x4xf32>, %1: tensor<6x2x2x2xf32>, %2: tensor<6xf32>) ->
      tensor<1x2x2x6xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 2 : i64, layout = #nn.layout<nhwc>} : (tensor<1x3x4x4xf32>, tensor<6x2x2x2xf32>, tensor<6xf32>) ->
      tensor<1x2x2x6xf32>
  return %y : tensor<1x2x2x6xf32>
}

func.func private @depthwise(%0: tensor<1x4x4x3xf32>, %1: tensor<3x3x3x1xf32>, %2: tensor<3xf32>) ->
      tensor<1x4x4x3xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 3 : i64, layout = #nn.layout<nhwc>} : (tensor<1x4x4x3xf32>, tensor<3x3x3x1xf32>, tensor<3xf32>) ->
      tensor<1x4x4x3xf32>
  return %y : tensor<1x4x4x3xf32>
}

func.func private @depthwise_multiplied(%0: tensor<1x3x3x2xf32>, %1: tensor<4x2x2x1xf32>) -> tensor<1x2x2x4xf32> {
  %y = nn.conv2d %0, %1 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 2 : i64, layout = #nn.layout<nhwc>} : (tensor<1x3x3x2xf32>, tensor<4x2x2x1xf32>) -> tensor<1x2x2x4xf32>
  return %y : tensor<1x2x2x4xf32>
}

func.func private @dynamic(%0: tensor<?x?x?x1xf32>, %1: tensor<2x3x3x1xf32>, %2: tensor<2xf32>) ->
      tensor<?x?x?x?xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 1 : i64, layout = #nn.layout<nhwc>} : (tensor<?x?x?x1xf32>, tensor<2x3x3x1xf32>, tensor<2xf32>) ->
      tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

func.func private @dynamic_groups(%0: tensor<?x?x?x?xf32>, %1: tensor<4x2x2x1xf32>, %2: tensor<4xf32>) ->
      tensor<?x?x?x?xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 2 : i64, layout = #nn.layout<nhwc>} : (tensor<?x?x?x?xf32>, tensor<4x2x2x1xf32>, tensor<4xf32>) ->
      tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

func.func private @mixed_bytes(%0: tensor<1x3x3x2xui8>, %1: tensor<2x2x2x2xi8>, %2: tensor<2xi32>) ->
      tensor<1x2x2x2xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 1 : i64, layout = #nn.layout<nhwc>} : (tensor<1x3x3x2xui8>, tensor<2x2x2x2xi8>, tensor<2xi32>) ->
      tensor<1x2x2x2xi32>
  %f = nn.cast %y to f32 : tensor<1x2x2x2xi32> -> tensor<1x2x2x2xf32>
  return %f : tensor<1x2x2x2xf32>
}

func.func private @depthwise_bytes(%0: tensor<1x3x3x2xi8>, %1: tensor<2x2x2x1xi8>) -> tensor<1x2x2x2xf32> {
  %y = nn.conv2d %0, %1 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 2 : i64, layout = #nn.layout<nhwc>} : (tensor<1x3x3x2xi8>, tensor<2x2x2x1xi8>) -> tensor<1x2x2x2xi32>
  %f = nn.cast %y to f32 : tensor<1x2x2x2xi32> -> tensor<1x2x2x2xf32>
  return %f : tensor<1x2x2x2xf32>
}

func.func private @half(%0: tensor<1x2x2x2xf16>, %1: tensor<1x2x2x2xf16>, %2: tensor<1xf16>) -> tensor<1x1x1x1xf32> {
  %y = nn.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 1 : i64, layout = #nn.layout<nhwc>} : (tensor<1x2x2x2xf16>, tensor<1x2x2x2xf16>, tensor<1xf16>) ->
      tensor<1x1x1x1xf16>
  %f = nn.cast %y to f32 : tensor<1x1x1x1xf16> -> tensor<1x1x1x1xf32>
  return %f : tensor<1x1x1x1xf32>
}

func.func @main() {
  // plain
  %i0_0 = arith.constant dense<[[[[-4.0, 4.0], [2.0, -3.0], [-3.0, -2.0]], [[-2.0, 0.0], [-2.0, -2.0], [2.0, -3.0]],
      [[2.0, -3.0], [0.0, 4.0], [-4.0, 2.0]], [[0.0, 0.0], [2.0, 1.0], [4.0, -2.0]]]]> : tensor<1x4x3x2xf32>
  %i0_1 = arith.constant dense<[[[[0.0, 0.0], [-3.0, -3.0]], [[-4.0, 3.0], [1.0, -4.0]], [[1.0, 0.0], [-1.0, -1.0]]],
      [[[3.0, 0.0], [1.0, 4.0]], [[-3.0, -1.0], [0.0, 4.0]], [[1.0, 4.0], [4.0, 3.0]]]]> : tensor<2x3x2x2xf32>
  %i0_2 = arith.constant dense<[3.0, 0.0]> : tensor<2xf32>
  %o0 = call @plain(%i0_0, %i0_1, %i0_2) : (tensor<1x4x3x2xf32>, tensor<2x3x2x2xf32>, tensor<2xf32>) ->
      tensor<1x2x2x2xf32>
  %u0 = tensor.cast %o0 : tensor<1x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}18,  -22],
  // CHECK-NEXT: [36,  -3]],
  // CHECK-NEXT: {{\[\[}}-21,  8],
  // CHECK-NEXT: [6,  4]]]]

  // strided_and_padded
  %i1_0 = arith.constant dense<[[[[4.0], [0.0], [1.0], [-1.0]], [[1.0], [-1.0], [1.0], [-4.0]], [[-4.0], [3.0],
      [3.0], [-2.0]], [[-4.0], [-4.0], [3.0], [0.0]], [[-2.0], [2.0], [0.0], [-1.0]]], [[[-4.0], [-1.0], [2.0],
      [1.0]], [[0.0], [-3.0], [1.0], [-4.0]], [[4.0], [1.0], [2.0], [0.0]], [[-1.0], [3.0], [-4.0], [-1.0]], [[2.0],
      [3.0], [-2.0], [-4.0]]]]> : tensor<2x5x4x1xf32>
  %i1_1 = arith.constant dense<[[[[4.0], [-4.0], [3.0]], [[1.0], [-4.0], [-2.0]], [[-3.0], [-4.0], [1.0]]], [[[-3.0],
      [-1.0], [-1.0]], [[-4.0], [-1.0], [1.0]], [[1.0], [0.0], [3.0]]]]> : tensor<2x3x3x1xf32>
  %i1_2 = arith.constant dense<[-3.0, -1.0]> : tensor<2xf32>
  %o1 = call @strided_and_padded(%i1_0, %i1_1, %i1_2) : (tensor<2x5x4x1xf32>, tensor<2x3x3x1xf32>, tensor<2xf32>) ->
      tensor<2x3x3x2xf32>
  %u1 = tensor.cast %o1 : tensor<2x3x3x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}1,  -12],
  // CHECK-NEXT: [-10,  -16],
  // CHECK-NEXT: [15,  -3]],
  // CHECK-NEXT: {{\[\[}}17,  17],
  // CHECK-NEXT: [-28,  -16],
  // CHECK-NEXT: [19,  -7]],
  // CHECK-NEXT: {{\[\[}}-4,  18],
  // CHECK-NEXT: [-27,  -1],
  // CHECK-NEXT: [13,  -9]]],
  // CHECK-NEXT: {{\[\[\[}}6,  21],
  // CHECK-NEXT: [-13,  -13],
  // CHECK-NEXT: [8,  -9]],
  // CHECK-NEXT: {{\[\[}}-5,  -27],
  // CHECK-NEXT: [-32,  5],
  // CHECK-NEXT: [35,  -12]],
  // CHECK-NEXT: {{\[\[}}-37,  -10],
  // CHECK-NEXT: [41,  -19],
  // CHECK-NEXT: [-1,  24]]]]

  // dilated
  %i2_0 = arith.constant dense<[[[[2.0], [-3.0], [-2.0], [1.0], [2.0]], [[-4.0], [-1.0], [-1.0], [-2.0], [-2.0]],
      [[3.0], [-1.0], [1.0], [-4.0], [2.0]], [[0.0], [-1.0], [1.0], [2.0], [2.0]], [[3.0], [4.0], [2.0], [-1.0],
      [2.0]], [[1.0], [-2.0], [-1.0], [-4.0], [-3.0]], [[-3.0], [4.0], [4.0], [2.0], [-2.0]]]]> : tensor<1x7x5x1xf32>
  %i2_1 = arith.constant dense<[[[[4.0], [-2.0]], [[3.0], [2.0]], [[4.0], [2.0]]]]> : tensor<1x3x2x1xf32>
  %o2 = call @dilated(%i2_0, %i2_1) : (tensor<1x7x5x1xf32>, tensor<1x3x2x1xf32>) -> tensor<1x4x2x1xf32>
  %u2 = tensor.cast %o2 : tensor<1x4x2x1xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 4, 2, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}10],
  // CHECK-NEXT: [5]],
  // CHECK-NEXT: {{\[\[}}2],
  // CHECK-NEXT: [-13]],
  // CHECK-NEXT: {{\[\[}}10],
  // CHECK-NEXT: [20]],
  // CHECK-NEXT: {{\[\[}}-4],
  // CHECK-NEXT: [-20]]]]

  // pointwise
  %i3_0 = arith.constant dense<[[[[-3.0, -3.0, 2.0], [-4.0, 3.0, -4.0]], [[-4.0, -1.0, -1.0], [4.0, 3.0, 2.0]]]]> :
      tensor<1x2x2x3xf32>
  %i3_1 = arith.constant dense<[[[[0.0, -3.0, 2.0]]], [[[2.0, -4.0, -3.0]]]]> : tensor<2x1x1x3xf32>
  %o3 = call @pointwise(%i3_0, %i3_1) : (tensor<1x2x2x3xf32>, tensor<2x1x1x3xf32>) -> tensor<1x2x2x2xf32>
  %u3 = tensor.cast %o3 : tensor<1x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}13,  {{-?}}0],
  // CHECK-NEXT: [-17,  -8]],
  // CHECK-NEXT: {{\[\[}}1,  -1],
  // CHECK-NEXT: [-5,  -10]]]]

  // grouped
  %i4_0 = arith.constant dense<[[[[2.0, -2.0, 3.0, -2.0], [-3.0, -1.0, 4.0, 4.0], [-4.0, 3.0, -3.0, -1.0], [-1.0,
      -4.0, 4.0, 1.0]], [[-2.0, -2.0, 4.0, -4.0], [-1.0, 2.0, 1.0, 2.0], [2.0, -4.0, -3.0, -1.0], [-2.0, 1.0, 1.0,
      1.0]], [[2.0, -2.0, -2.0, -4.0], [1.0, 0.0, -1.0, -3.0], [-1.0, -4.0, 1.0, -2.0], [-3.0, -2.0, -3.0, -3.0]]]]>
      : tensor<1x3x4x4xf32>
  %i4_1 = arith.constant dense<[[[[4.0, -2.0], [0.0, -2.0]], [[-2.0, 2.0], [-2.0, 0.0]]], [[[3.0, -1.0], [3.0, 3.0]],
      [[-2.0, 2.0], [-2.0, 0.0]]], [[[3.0, -3.0], [1.0, 1.0]], [[1.0, -3.0], [2.0, -4.0]]], [[[2.0, 4.0], [-4.0,
      -4.0]], [[2.0, 3.0], [-3.0, 4.0]]], [[[-1.0, 4.0], [4.0, -2.0]], [[-3.0, 2.0], [3.0, 2.0]]], [[[1.0, -1.0],
      [-4.0, -2.0]], [[2.0, -1.0], [-4.0, 4.0]]]]> : tensor<6x2x2x2xf32>
  %i4_2 = arith.constant dense<[1.0, -1.0, 0.0, 2.0, 2.0, 3.0]> : tensor<6xf32>
  %o4 = call @grouped(%i4_0, %i4_1, %i4_2) : (tensor<1x3x4x4xf32>, tensor<6x2x2x2xf32>, tensor<6xf32>) ->
      tensor<1x2x2x6xf32>
  %u4 = tensor.cast %o4 : tensor<1x2x2x6xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 6] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}17,  -3,  2,  -31,  -14,  {{-?}}0],
  // CHECK-NEXT: [-21,  -39,  -20,  -36,  27,  -22]],
  // CHECK-NEXT: {{\[\[}}-17,  -12,  11,  -43,  -29,  -5],
  // CHECK-NEXT: [15,  6,  30,  -23,  -19,  -1]]]]

  // depthwise
  %i5_0 = arith.constant dense<[[[[4.0, 0.0, 3.0], [4.0, -4.0, 3.0], [3.0, 0.0, 0.0], [1.0, 1.0, -2.0]], [[-1.0, 3.0,
      4.0], [-1.0, 1.0, 4.0], [-1.0, 3.0, -3.0], [0.0, 0.0, 2.0]], [[4.0, -3.0, 0.0], [1.0, 2.0, 3.0], [-1.0, 1.0,
      -2.0], [3.0, 0.0, 0.0]], [[3.0, 1.0, 1.0], [-3.0, -3.0, 1.0], [-4.0, -3.0, 1.0], [-1.0, -2.0, -2.0]]]]> :
      tensor<1x4x4x3xf32>
  %i5_1 = arith.constant dense<[[[[0.0], [4.0], [-2.0]], [[-2.0], [0.0], [0.0]], [[-1.0], [4.0], [4.0]]], [[[-4.0],
      [0.0], [1.0]], [[0.0], [4.0], [-2.0]], [[4.0], [-2.0], [3.0]]], [[[4.0], [-2.0], [-2.0]], [[-4.0], [3.0],
      [-3.0]], [[1.0], [-2.0], [4.0]]]]> : tensor<3x3x3x1xf32>
  %i5_2 = arith.constant dense<[1.0, -3.0, 2.0]> : tensor<3xf32>
  %o5 = call @depthwise(%i5_0, %i5_1, %i5_2) : (tensor<1x4x4x3xf32>, tensor<3x3x3x1xf32>, tensor<3xf32>) ->
      tensor<1x4x4x3xf32>
  %u5 = tensor.cast %o5 : tensor<1x4x4x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 4, 4, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-7,  2,  10],
  // CHECK-NEXT: [-14,  {{-?}}0,  -17],
  // CHECK-NEXT: [-10,  -7,  14],
  // CHECK-NEXT: [-4,  13,  -11]],
  // CHECK-NEXT: {{\[\[}}29,  15,  2],
  // CHECK-NEXT: [9,  -18,  -1],
  // CHECK-NEXT: [20,  32,  -6],
  // CHECK-NEXT: [20,  1,  22]],
  // CHECK-NEXT: {{\[\[}}-1,  -29,  -21],
  // CHECK-NEXT: [-40,  -5,  34],
  // CHECK-NEXT: [-22,  -15,  -7],
  // CHECK-NEXT: [3,  -23,  -1]],
  // CHECK-NEXT: {{\[\[}}15,  9,  -4],
  // CHECK-NEXT: [1,  4,  -4],
  // CHECK-NEXT: [-3,  -19,  23],
  // CHECK-NEXT: [21,  -15,  -16]]]]

  // depthwise_multiplied
  %i6_0 = arith.constant dense<[[[[4.0, 1.0], [1.0, 0.0], [2.0, 1.0]], [[2.0, 1.0], [1.0, -3.0], [3.0, -2.0]], [[2.0,
      2.0], [-3.0, -4.0], [2.0, -3.0]]]]> : tensor<1x3x3x2xf32>
  %i6_1 = arith.constant dense<[[[[2.0], [-3.0]], [[0.0], [3.0]]], [[[4.0], [3.0]], [[-2.0], [-2.0]]], [[[3.0],
      [3.0]], [[4.0], [2.0]]], [[[4.0], [-1.0]], [[4.0], [-2.0]]]]> : tensor<4x2x2x1xf32>
  %o6 = call @depthwise_multiplied(%i6_0, %i6_1) : (tensor<1x3x3x2xf32>, tensor<4x2x2x1xf32>) -> tensor<1x2x2x4xf32>
  %u6 = tensor.cast %o6 : tensor<1x2x2x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}8,  13,  1,  14],
  // CHECK-NEXT: [5,  2,  -13,  -9]],
  // CHECK-NEXT: {{\[\[}}-8,  13,  -6,  23],
  // CHECK-NEXT: [-1,  15,  -37,  -20]]]]

  // dynamic
  %i7_0 = arith.constant dense<[[[[-3.0], [0.0], [-3.0]], [[-4.0], [-2.0], [-1.0]], [[-1.0], [-4.0], [-3.0]],
      [[-3.0], [-3.0], [2.0]]], [[[-4.0], [-2.0], [4.0]], [[-1.0], [-1.0], [2.0]], [[1.0], [-2.0], [0.0]], [[0.0],
      [2.0], [-1.0]]]]> : tensor<2x4x3x1xf32>
  %d7_0 = tensor.cast %i7_0 : tensor<2x4x3x1xf32> to tensor<?x?x?x1xf32>
  %i7_1 = arith.constant dense<[[[[3.0], [-1.0], [-1.0]], [[-2.0], [0.0], [0.0]], [[-4.0], [-1.0], [-2.0]]], [[[0.0],
      [-2.0], [3.0]], [[-2.0], [0.0], [-2.0]], [[1.0], [1.0], [-1.0]]]]> : tensor<2x3x3x1xf32>
  %i7_2 = arith.constant dense<[-2.0, 2.0]> : tensor<2xf32>
  %o7 = call @dynamic(%d7_0, %i7_1, %i7_2) : (tensor<?x?x?x1xf32>, tensor<2x3x3x1xf32>, tensor<2xf32>) ->
      tensor<?x?x?x?xf32>
  %u7 = tensor.cast %o7 : tensor<?x?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}6,  {{-?}}0],
  // CHECK-NEXT: [24,  9],
  // CHECK-NEXT: [7,  -1]],
  // CHECK-NEXT: {{\[\[}}13,  12],
  // CHECK-NEXT: [2,  3],
  // CHECK-NEXT: [11,  11]]],
  // CHECK-NEXT: {{\[\[\[}}1,  6],
  // CHECK-NEXT: [7,  -2],
  // CHECK-NEXT: [4,  7]],
  // CHECK-NEXT: {{\[\[}}-4,  3],
  // CHECK-NEXT: [-8,  11],
  // CHECK-NEXT: [-10,  3]]]]

  // dynamic_groups
  %i8_0 = arith.constant dense<[[[[-2.0, -3.0], [0.0, 3.0], [3.0, 0.0]], [[-4.0, 1.0], [-4.0, -3.0], [0.0, 2.0]],
      [[-4.0, -3.0], [1.0, 4.0], [-4.0, -4.0]]]]> : tensor<1x3x3x2xf32>
  %d8_0 = tensor.cast %i8_0 : tensor<1x3x3x2xf32> to tensor<?x?x?x?xf32>
  %i8_1 = arith.constant dense<[[[[-3.0], [4.0]], [[4.0], [-3.0]]], [[[-2.0], [4.0]], [[0.0], [2.0]]], [[[2.0],
      [1.0]], [[3.0], [-3.0]]], [[[-2.0], [-3.0]], [[0.0], [-4.0]]]]> : tensor<4x2x2x1xf32>
  %i8_2 = arith.constant dense<[-4.0, -2.0, -2.0, 3.0]> : tensor<4xf32>
  %o8 = call @dynamic_groups(%d8_0, %i8_1, %i8_2) : (tensor<?x?x?x?xf32>, tensor<4x2x2x1xf32>, tensor<4xf32>) ->
      tensor<?x?x?x?xf32>
  %u8 = tensor.cast %o8 : tensor<?x?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-2,  -6,  7,  12],
  // CHECK-NEXT: [-8,  10,  -11,  -11]],
  // CHECK-NEXT: {{\[\[}}-27,  -8,  -24,  -6],
  // CHECK-NEXT: [24,  -2,  18,  19]]]]

  // mixed_bytes
  %i9_0 = arith.constant dense<[[[[254, 210], [217, 218], [250, 247]], [[247, 254], [232, 206], [229, 225]], [[244,
      250], [205, 208], [250, 227]]]]> : tensor<1x3x3x2xui8>
  %i9_1 = arith.constant dense<[[[[7, 49], [-124, 86]], [[23, 43], [-15, 110]]], [[[-118, 107], [85, 25]], [[35, 43],
      [115, 16]]]]> : tensor<2x2x2x2xi8>
  %i9_2 = arith.constant dense<[950, -653]> : tensor<2xi32>
  %o9 = call @mixed_bytes(%i9_0, %i9_1, %i9_2) : (tensor<1x3x3x2xui8>, tensor<2x2x2x2xi8>, tensor<2xi32>) ->
      tensor<1x2x2x2xf32>
  %u9 = tensor.cast %o9 : tensor<1x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}40641,  65283],
  // CHECK-NEXT: [38902,  71405]],
  // CHECK-NEXT: {{\[\[}}40240,  68442],
  // CHECK-NEXT: [38501,  67604]]]]

  // depthwise_bytes
  %i10_0 = arith.constant dense<[[[[2, -85], [91, 96], [79, -7]], [[-27, -46], [-93, -106], [-44, 31]], [[101, -14],
      [-52, 88], [-17, 116]]]]> : tensor<1x3x3x2xi8>
  %i10_1 = arith.constant dense<[[[[54], [-95]], [[30], [95]]], [[[120], [-47]], [[-106], [-75]]]]> :
      tensor<2x2x2x1xi8>
  %o10 = call @depthwise_bytes(%i10_0, %i10_1) : (tensor<1x3x3x2xi8>, tensor<2x2x2x1xi8>) -> tensor<1x2x2x2xf32>
  %u10 = tensor.cast %o10 : tensor<1x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-18182,  -1886],
  // CHECK-NEXT: [-9561,  20760]],
  // CHECK-NEXT: {{\[\[}}5467,  -5654],
  // CHECK-NEXT: [-4017,  -32205]]]]

  // half
  %i11_0 = arith.constant dense<[[[[-4.0, 4.0], [1.0, -3.0]], [[0.0, 2.0], [0.0, 4.0]]]]> : tensor<1x2x2x2xf16>
  %i11_1 = arith.constant dense<[[[[-2.0, 0.0], [0.0, 2.0]], [[-4.0, 0.0], [-1.0, 3.0]]]]> : tensor<1x2x2x2xf16>
  %i11_2 = arith.constant dense<[0.0]> : tensor<1xf16>
  %o11 = call @half(%i11_0, %i11_1, %i11_2) : (tensor<1x2x2x2xf16>, tensor<1x2x2x2xf16>, tensor<1xf16>) ->
      tensor<1x1x1x1xf32>
  %u11 = tensor.cast %o11 : tensor<1x1x1x1xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1, 1, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}14]]]]
  return
}
