// RUN: %lower_nn %s | %run_main | FileCheck %s
// Pooling: padding is never the maximum, and counts in a mean only if asked to.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @max(%0: tensor<1x2x4x5xf32>) -> tensor<1x2x2x2xf32> {
  %y = nn.max_pool2d %0 {kernel = array<i64: 2, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads =
      array<i64: 0, 0, 0, 0>, layout = #nn.layout<nchw>} : tensor<1x2x4x5xf32> -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

func.func private @max_of_negatives(%0: tensor<1x1x3x3xf32>) -> tensor<1x1x4x4xf32> {
  %y = nn.max_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads =
      array<i64: 1, 1, 1, 1>, layout = #nn.layout<nchw>} : tensor<1x1x3x3xf32> -> tensor<1x1x4x4xf32>
  return %y : tensor<1x1x4x4xf32>
}

func.func private @max_dilated(%0: tensor<1x5x5x1xf32>) -> tensor<1x2x2x1xf32> {
  %y = nn.max_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 1, 2>, dilations = array<i64: 3, 2>, pads =
      array<i64: 0, 1, 0, 0>, layout = #nn.layout<nhwc>} : tensor<1x5x5x1xf32> -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}

func.func private @max_dynamic(%0: tensor<?x?x?x1xf32>) -> tensor<?x?x?x?xf32> {
  %y = nn.max_pool2d %0 {kernel = array<i64: 3, 2>, strides = array<i64: 1, 2>, dilations = array<i64: 1, 1>, pads =
      array<i64: 1, 0, 1, 0>, layout = #nn.layout<nhwc>} : tensor<?x?x?x1xf32> -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

func.func private @max_unsigned(%0: tensor<1x1x2x3xui8>) -> tensor<1x1x2x3xf32> {
  %y = nn.max_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads =
      array<i64: 1, 1, 0, 0>, layout = #nn.layout<nchw>} : tensor<1x1x2x3xui8> -> tensor<1x1x2x3xui8>
  %f = nn.cast %y to f32 : tensor<1x1x2x3xui8> -> tensor<1x1x2x3xf32>
  return %f : tensor<1x1x2x3xf32>
}

func.func private @max_signed(%0: tensor<1x1x2x3xi8>) -> tensor<1x1x2x3xf32> {
  %y = nn.max_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads =
      array<i64: 1, 1, 0, 0>, layout = #nn.layout<nchw>} : tensor<1x1x2x3xi8> -> tensor<1x1x2x3xi8>
  %f = nn.cast %y to f32 : tensor<1x1x2x3xi8> -> tensor<1x1x2x3xf32>
  return %f : tensor<1x1x2x3xf32>
}

func.func private @mean(%0: tensor<1x2x4x5xf32>) -> tensor<1x2x2x2xf32> {
  %y = nn.avg_pool2d %0 {kernel = array<i64: 2, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads =
      array<i64: 0, 0, 0, 0>, ceil_pads = array<i64: 0, 0>, layout = #nn.layout<nchw>} : tensor<1x2x4x5xf32> ->
      tensor<1x2x2x2xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<1x2x2x2xf32>, tensor<f32>) -> tensor<1x2x2x2xf32>
  %z = nn.round %s : tensor<1x2x2x2xf32>
  return %z : tensor<1x2x2x2xf32>
}

func.func private @mean_of_inner(%0: tensor<1x1x3x3xf32>) -> tensor<1x1x2x2xf32> {
  %y = nn.avg_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads =
      array<i64: 1, 1, 1, 1>, ceil_pads = array<i64: 0, 0>, layout = #nn.layout<nchw>} : tensor<1x1x3x3xf32> ->
      tensor<1x1x2x2xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<1x1x2x2xf32>, tensor<f32>) -> tensor<1x1x2x2xf32>
  %z = nn.round %s : tensor<1x1x2x2xf32>
  return %z : tensor<1x1x2x2xf32>
}

func.func private @mean_with_padding(%0: tensor<1x1x3x3xf32>) -> tensor<1x1x2x2xf32> {
  %y = nn.avg_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads =
      array<i64: 1, 1, 1, 1>, ceil_pads = array<i64: 0, 0>, count_include_pad, layout = #nn.layout<nchw>} :
      tensor<1x1x3x3xf32> -> tensor<1x1x2x2xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<1x1x2x2xf32>, tensor<f32>) -> tensor<1x1x2x2xf32>
  %z = nn.round %s : tensor<1x1x2x2xf32>
  return %z : tensor<1x1x2x2xf32>
}

func.func private @mean_rounded_up(%0: tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32> {
  %y = nn.avg_pool2d %0 {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads =
      array<i64: 0, 0, 0, 0>, ceil_pads = array<i64: 1, 1>, layout = #nn.layout<nchw>} : tensor<1x1x4x4xf32> ->
      tensor<1x1x2x2xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<1x1x2x2xf32>, tensor<f32>) -> tensor<1x1x2x2xf32>
  %z = nn.round %s : tensor<1x1x2x2xf32>
  return %z : tensor<1x1x2x2xf32>
}

// What rounding up adds does not count, what padding adds does.
func.func private @mean_rounded_up_with_padding(%0: tensor<1x1x3x3xf32>) -> tensor<1x1x2x2xf32> {
  %y = nn.avg_pool2d %0 {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads =
      array<i64: 1, 1, 0, 0>, ceil_pads = array<i64: 1, 1>, count_include_pad, layout = #nn.layout<nchw>} :
      tensor<1x1x3x3xf32> -> tensor<1x1x2x2xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<1x1x2x2xf32>, tensor<f32>) -> tensor<1x1x2x2xf32>
  %z = nn.round %s : tensor<1x1x2x2xf32>
  return %z : tensor<1x1x2x2xf32>
}

func.func private @mean_dilated(%0: tensor<1x5x4x1xf32>) -> tensor<1x3x3x1xf32> {
  %y = nn.avg_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 1>, dilations = array<i64: 2, 3>, pads =
      array<i64: 1, 1, 1, 1>, ceil_pads = array<i64: 0, 0>, layout = #nn.layout<nhwc>} : tensor<1x5x4x1xf32> ->
      tensor<1x3x3x1xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<1x3x3x1xf32>, tensor<f32>) -> tensor<1x3x3x1xf32>
  %z = nn.round %s : tensor<1x3x3x1xf32>
  return %z : tensor<1x3x3x1xf32>
}

func.func private @mean_dynamic(%0: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %y = nn.avg_pool2d %0 {kernel = array<i64: 3, 2>, strides = array<i64: 1, 2>, dilations = array<i64: 1, 1>, pads =
      array<i64: 1, 0, 1, 0>, ceil_pads = array<i64: 0, 0>, layout = #nn.layout<nhwc>} : tensor<?x?x?x?xf32> ->
      tensor<?x?x?x?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?x?x?x?xf32>, tensor<f32>) -> tensor<?x?x?x?xf32>
  %z = nn.round %s : tensor<?x?x?x?xf32>
  return %z : tensor<?x?x?x?xf32>
}

func.func @main() {
  // max
  %i0_0 = arith.constant dense<[[[[-3.0, 1.0, -3.0, -2.0, 3.0], [3.0, 3.0, -2.0, 2.0, -4.0], [2.0, -1.0, -3.0, 4.0,
      0.0], [-3.0, 2.0, -2.0, 2.0, 4.0]], [[-1.0, -1.0, -3.0, 3.0, -1.0], [-4.0, -1.0, 3.0, -3.0, -2.0], [4.0, -3.0,
      -4.0, 2.0, -4.0], [4.0, 3.0, 4.0, 2.0, 2.0]]]]> : tensor<1x2x4x5xf32>
  %o0 = call @max(%i0_0) : (tensor<1x2x4x5xf32>) -> tensor<1x2x2x2xf32>
  %u0 = tensor.cast %o0 : tensor<1x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}3,  3],
  // CHECK-NEXT: [2,  4]],
  // CHECK-NEXT: {{\[\[}}3,  3],
  // CHECK-NEXT: [4,  4]]]]

  // max_of_negatives
  %i1_0 = arith.constant dense<[[[[-9.0, -6.0, -6.0], [-6.0, -7.0, -7.0], [-9.0, -9.0, -7.0]]]]> : tensor<1x1x3x3xf32>
  %o1 = call @max_of_negatives(%i1_0) : (tensor<1x1x3x3xf32>) -> tensor<1x1x4x4xf32>
  %u1 = tensor.cast %o1 : tensor<1x1x4x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1, 4, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-9,  -6,  -6,  -6],
  // CHECK-NEXT: [-6,  -6,  -6,  -6],
  // CHECK-NEXT: [-6,  -6,  -7,  -7],
  // CHECK-NEXT: [-9,  -9,  -7,  -7]]]]

  // max_dilated
  %i2_0 = arith.constant dense<[[[[3.0], [2.0], [-1.0], [1.0], [-2.0]], [[-4.0], [0.0], [4.0], [-4.0], [-2.0]],
      [[-4.0], [-1.0], [-2.0], [-3.0], [1.0]], [[3.0], [2.0], [3.0], [4.0], [3.0]], [[3.0], [-4.0], [4.0], [-4.0],
      [1.0]]]]> : tensor<1x5x5x1xf32>
  %o2 = call @max_dilated(%i2_0) : (tensor<1x5x5x1xf32>) -> tensor<1x2x2x1xf32>
  %u2 = tensor.cast %o2 : tensor<1x2x2x1xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}2],
  // CHECK-NEXT: [4]],
  // CHECK-NEXT: {{\[\[}}{{-?}}0],
  // CHECK-NEXT: [{{-?}}0]]]]

  // max_dynamic
  %i3_0 = arith.constant dense<[[[[4.0], [2.0], [2.0], [1.0]], [[-2.0], [-4.0], [1.0], [-4.0]], [[0.0], [2.0],
      [-3.0], [-3.0]]], [[[4.0], [3.0], [2.0], [0.0]], [[4.0], [-4.0], [-2.0], [1.0]], [[-4.0], [-1.0], [0.0],
      [-4.0]]]]> : tensor<2x3x4x1xf32>
  %d3_0 = tensor.cast %i3_0 : tensor<2x3x4x1xf32> to tensor<?x?x?x1xf32>
  %o3 = call @max_dynamic(%d3_0) : (tensor<?x?x?x1xf32>) -> tensor<?x?x?x?xf32>
  %u3 = tensor.cast %o3 : tensor<?x?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 2, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}4],
  // CHECK-NEXT: [2]],
  // CHECK-NEXT: {{\[\[}}4],
  // CHECK-NEXT: [2]],
  // CHECK-NEXT: {{\[\[}}2],
  // CHECK-NEXT: [1]]],
  // CHECK-NEXT: {{\[\[\[}}4],
  // CHECK-NEXT: [2]],
  // CHECK-NEXT: {{\[\[}}4],
  // CHECK-NEXT: [2]],
  // CHECK-NEXT: {{\[\[}}4],
  // CHECK-NEXT: [1]]]]

  // max_unsigned
  %i4_0 = arith.constant dense<[[[[44, 66, 245], [78, 165, 88]]]]> : tensor<1x1x2x3xui8>
  %o4 = call @max_unsigned(%i4_0) : (tensor<1x1x2x3xui8>) -> tensor<1x1x2x3xf32>
  %u4 = tensor.cast %o4 : tensor<1x1x2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1, 2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}44,  66,  245],
  // CHECK-NEXT: [78,  165,  245]]]]

  // max_signed
  %i5_0 = arith.constant dense<[[[[-91, -38, -24], [-107, -107, -72]]]]> : tensor<1x1x2x3xi8>
  %o5 = call @max_signed(%i5_0) : (tensor<1x1x2x3xi8>) -> tensor<1x1x2x3xf32>
  %u5 = tensor.cast %o5 : tensor<1x1x2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1, 2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-91,  -38,  -24],
  // CHECK-NEXT: [-91,  -38,  -24]]]]

  // mean
  %i6_0 = arith.constant dense<[[[[0.0, 1.0, 2.0, 4.0, 4.0], [-3.0, -3.0, -4.0, 4.0, -3.0], [1.0, -3.0, -3.0, -3.0,
      4.0], [-4.0, 3.0, -3.0, -4.0, -2.0]], [[-1.0, 0.0, 1.0, 1.0, 1.0], [-1.0, -2.0, -3.0, -1.0, -4.0], [0.0, -2.0,
      1.0, -3.0, 1.0], [0.0, 0.0, 3.0, -1.0, 2.0]]]]> : tensor<1x2x4x5xf32>
  %o6 = call @mean(%i6_0) : (tensor<1x2x4x5xf32>) -> tensor<1x2x2x2xf32>
  %u6 = tensor.cast %o6 : tensor<1x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-1167,  1167],
  // CHECK-NEXT: [-1500,  -1833]],
  // CHECK-NEXT: {{\[\[}}-1000,  -833],
  // CHECK-NEXT: [333,  500]]]]

  // mean_of_inner
  %i7_0 = arith.constant dense<[[[[-4.0, -3.0, 1.0], [-4.0, 4.0, -4.0], [2.0, -1.0, 3.0]]]]> : tensor<1x1x3x3xf32>
  %o7 = call @mean_of_inner(%i7_0) : (tensor<1x1x3x3xf32>) -> tensor<1x1x2x2xf32>
  %u7 = tensor.cast %o7 : tensor<1x1x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-4000,  -1000],
  // CHECK-NEXT: [-1000,  500]]]]

  // mean_with_padding
  %i8_0 = arith.constant dense<[[[[-1.0, 4.0, 2.0], [-4.0, -4.0, -2.0], [-2.0, 3.0, 2.0]]]]> : tensor<1x1x3x3xf32>
  %o8 = call @mean_with_padding(%i8_0) : (tensor<1x1x3x3xf32>) -> tensor<1x1x2x2xf32>
  %u8 = tensor.cast %o8 : tensor<1x1x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-250,  1500],
  // CHECK-NEXT: [-1500,  -250]]]]

  // mean_rounded_up
  %i9_0 = arith.constant dense<[[[[3.0, 1.0, -3.0, 0.0], [2.0, 4.0, -1.0, -3.0], [-2.0, -3.0, -2.0, 1.0], [1.0, 1.0,
      -4.0, 4.0]]]]> : tensor<1x1x4x4xf32>
  %o9 = call @mean_rounded_up(%i9_0) : (tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32>
  %u9 = tensor.cast %o9 : tensor<1x1x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-111,  -1333],
  // CHECK-NEXT: [-1500,  -250]]]]

  // mean_rounded_up_with_padding
  %i10_0 = arith.constant dense<[[[[-2.0, 4.0, -4.0], [1.0, 2.0, 2.0], [3.0, 2.0, -3.0]]]]> : tensor<1x1x3x3xf32>
  %o10 = call @mean_rounded_up_with_padding(%i10_0) : (tensor<1x1x3x3xf32>) -> tensor<1x1x2x2xf32>
  %u10 = tensor.cast %o10 : tensor<1x1x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}556,  667],
  // CHECK-NEXT: [1333,  750]]]]

  // mean_dilated
  %i11_0 = arith.constant dense<[[[[-3.0], [1.0], [1.0], [0.0]], [[-2.0], [-3.0], [-1.0], [-1.0]], [[-3.0], [-4.0],
      [-4.0], [1.0]], [[3.0], [1.0], [2.0], [-2.0]], [[2.0], [2.0], [-2.0], [-4.0]]]]> : tensor<1x5x4x1xf32>
  %o11 = call @mean_dilated(%i11_0) : (tensor<1x5x4x1xf32>) -> tensor<1x3x3x1xf32>
  %u11 = tensor.cast %o11 : tensor<1x3x3x1xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3, 3, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}-1000],
  // CHECK-NEXT: [-1500],
  // CHECK-NEXT: [-3000]],
  // CHECK-NEXT: {{\[\[}}500],
  // CHECK-NEXT: [-500],
  // CHECK-NEXT: [-1000]],
  // CHECK-NEXT: {{\[\[}}2000],
  // CHECK-NEXT: [500],
  // CHECK-NEXT: [1000]]]]

  // mean_dynamic
  %i12_0 = arith.constant dense<[[[[-1.0], [3.0], [-3.0], [-2.0]], [[1.0], [-2.0], [3.0], [-1.0]], [[3.0], [-3.0],
      [4.0], [-1.0]]], [[[-2.0], [-1.0], [2.0], [-2.0]], [[-3.0], [3.0], [0.0], [4.0]], [[-4.0], [2.0], [0.0],
      [2.0]]]]> : tensor<2x3x4x1xf32>
  %d12_0 = tensor.cast %i12_0 : tensor<2x3x4x1xf32> to tensor<?x?x?x?xf32>
  %o12 = call @mean_dynamic(%d12_0) : (tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %u12 = tensor.cast %o12 : tensor<?x?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 2, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}250],
  // CHECK-NEXT: [-750]],
  // CHECK-NEXT: {{\[\[}}167],
  // CHECK-NEXT: [{{-?}}0]],
  // CHECK-NEXT: {{\[\[}}-250],
  // CHECK-NEXT: [1250]]],
  // CHECK-NEXT: {{\[\[\[}}-750],
  // CHECK-NEXT: [1000]],
  // CHECK-NEXT: {{\[\[}}-833],
  // CHECK-NEXT: [1000]],
  // CHECK-NEXT: {{\[\[}}-500],
  // CHECK-NEXT: [1500]]]]
  return
}
