// RUN: %lower_nn %s | %run_main | FileCheck %s
// Normalisations and softmax in thousandths.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @batch_norm(%0: tensor<2x3x2xf32>, %1: tensor<3xf32>, %2: tensor<3xf32>, %3: tensor<3xf32>, %4:
      tensor<3xf32>) -> tensor<2x3x2xf32> {
  %y = nn.batch_norm %0, %1, %2, %3, %4 {axis = 1 : i64, epsilon = 1.0e-2 : f64} : (tensor<2x3x2xf32>, tensor<3xf32>,
      tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3x2xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<2x3x2xf32>, tensor<f32>) -> tensor<2x3x2xf32>
  %z = nn.round %s : tensor<2x3x2xf32>
  return %z : tensor<2x3x2xf32>
}

func.func private @batch_norm_dynamic(%0: tensor<?x3x?xf32>, %1: tensor<3xf32>, %2: tensor<3xf32>, %3: tensor<3xf32>,
      %4: tensor<3xf32>) -> tensor<?x3x?xf32> {
  %y = nn.batch_norm %0, %1, %2, %3, %4 {axis = 1 : i64, epsilon = 1.0e-2 : f64} : (tensor<?x3x?xf32>, tensor<3xf32>,
      tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<?x3x?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?x3x?xf32>, tensor<f32>) -> tensor<?x3x?xf32>
  %z = nn.round %s : tensor<?x3x?xf32>
  return %z : tensor<?x3x?xf32>
}

func.func private @layer_norm(%0: tensor<2x3xf32>, %1: tensor<3xf32>, %2: tensor<3xf32>) -> tensor<2x3xf32> {
  %y = nn.layer_norm %0, %1, %2 {axis = 1 : i64, epsilon = 1.0e-2 : f64} : (tensor<2x3xf32>, tensor<3xf32>,
      tensor<3xf32>) -> tensor<2x3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %z = nn.round %s : tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

func.func private @rms_norm(%0: tensor<2x3xf32>, %1: tensor<3xf32>) -> tensor<2x3xf32> {
  %y = nn.rms_norm %0, %1 {axis = 1 : i64, epsilon = 1.0e-2 : f64} : (tensor<2x3xf32>, tensor<3xf32>) ->
      tensor<2x3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %z = nn.round %s : tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

func.func private @layer_norm_two_dims(%0: tensor<2x2x3xf32>, %1: tensor<2x1xf32>) -> tensor<2x2x3xf32> {
  %y = nn.layer_norm %0, %1 {axis = 1 : i64, epsilon = 1.0e-2 : f64} : (tensor<2x2x3xf32>, tensor<2x1xf32>) ->
      tensor<2x2x3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<2x2x3xf32>, tensor<f32>) -> tensor<2x2x3xf32>
  %z = nn.round %s : tensor<2x2x3xf32>
  return %z : tensor<2x2x3xf32>
}

func.func private @rms_norm_two_dims(%0: tensor<2x2x3xf32>, %1: tensor<2x1xf32>) -> tensor<2x2x3xf32> {
  %y = nn.rms_norm %0, %1 {axis = 1 : i64, epsilon = 1.0e-2 : f64} : (tensor<2x2x3xf32>, tensor<2x1xf32>) ->
      tensor<2x2x3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<2x2x3xf32>, tensor<f32>) -> tensor<2x2x3xf32>
  %z = nn.round %s : tensor<2x2x3xf32>
  return %z : tensor<2x2x3xf32>
}

func.func private @layer_norm_dynamic(%0: tensor<?x?xf32>, %1: tensor<3xf32>, %2: tensor<3xf32>) -> tensor<?x?xf32> {
  %y = nn.layer_norm %0, %1, %2 {axis = 1 : i64, epsilon = 1.0e-2 : f64} : (tensor<?x?xf32>, tensor<3xf32>,
      tensor<3xf32>) -> tensor<?x?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %z = nn.round %s : tensor<?x?xf32>
  return %z : tensor<?x?xf32>
}

func.func private @rms_norm_dynamic(%0: tensor<?x?xf32>, %1: tensor<3xf32>) -> tensor<?x?xf32> {
  %y = nn.rms_norm %0, %1 {axis = 1 : i64, epsilon = 1.0e-2 : f64} : (tensor<?x?xf32>, tensor<3xf32>) ->
      tensor<?x?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %z = nn.round %s : tensor<?x?xf32>
  return %z : tensor<?x?xf32>
}

func.func private @softmax(%0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = nn.softmax %0 {axis = 1 : i64} : tensor<2x3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %z = nn.round %s : tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

func.func private @log_softmax(%0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = nn.log_softmax %0 {axis = 1 : i64} : tensor<2x3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %z = nn.round %s : tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

func.func private @softmax_first(%0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = nn.softmax %0 {axis = 0 : i64} : tensor<2x3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %z = nn.round %s : tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

func.func private @log_softmax_first(%0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = nn.log_softmax %0 {axis = 0 : i64} : tensor<2x3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %z = nn.round %s : tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

func.func private @softmax_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.softmax %0 {axis = 1 : i64} : tensor<?x?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %z = nn.round %s : tensor<?x?xf32>
  return %z : tensor<?x?xf32>
}

func.func private @log_softmax_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.log_softmax %0 {axis = 1 : i64} : tensor<?x?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %z = nn.round %s : tensor<?x?xf32>
  return %z : tensor<?x?xf32>
}

// exp(1000) would be infinite.
func.func private @softmax_of_large(%0: tensor<1x3xf32>) -> tensor<1x3xf32> {
  %y = nn.softmax %0 {axis = 1 : i64} : tensor<1x3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<1x3xf32>, tensor<f32>) -> tensor<1x3xf32>
  %z = nn.round %s : tensor<1x3xf32>
  return %z : tensor<1x3xf32>
}

func.func private @softmax_half(%0: tensor<1x3xf16>) -> tensor<1x3xf32> {
  %y = nn.softmax %0 {axis = 1 : i64} : tensor<1x3xf16>
  %f = nn.cast %y to f32 : tensor<1x3xf16> -> tensor<1x3xf32>
  %k = arith.constant dense<100.0> : tensor<f32>
  %s = nn.mul %f, %k : (tensor<1x3xf32>, tensor<f32>) -> tensor<1x3xf32>
  %z = nn.round %s : tensor<1x3xf32>
  return %z : tensor<1x3xf32>
}

func.func @main() {
  // batch_norm
  %i0_0 = arith.constant dense<[[[0.0, -4.0], [-1.0, 0.0], [-1.0, -2.0]], [[2.0, -4.0], [0.0, 4.0], [-1.0, -4.0]]]> :
      tensor<2x3x2xf32>
  %i0_1 = arith.constant dense<[1.0, 2.0, -1.0]> : tensor<3xf32>
  %i0_2 = arith.constant dense<[0.0, 1.0, 2.0]> : tensor<3xf32>
  %i0_3 = arith.constant dense<[1.0, 0.0, -2.0]> : tensor<3xf32>
  %i0_4 = arith.constant dense<[4.0, 1.0, 9.0]> : tensor<3xf32>
  %o0 = call @batch_norm(%i0_0, %i0_1, %i0_2, %i0_3, %i0_4) : (tensor<2x3x2xf32>, tensor<3xf32>, tensor<3xf32>,
      tensor<3xf32>, tensor<3xf32>) -> tensor<2x3x2xf32>
  %u0 = tensor.cast %o0 : tensor<2x3x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-499,  -2497],
  // CHECK-NEXT: [-990,  1000],
  // CHECK-NEXT: [1667,  2000]],
  // CHECK-NEXT: {{\[\[}}499,  -2497],
  // CHECK-NEXT: [1000,  8960],
  // CHECK-NEXT: [1667,  2666]]]

  // batch_norm_dynamic
  %i1_0 = arith.constant dense<[[[0.0, -4.0], [-1.0, 0.0], [-1.0, -2.0]], [[2.0, -4.0], [0.0, 4.0], [-1.0, -4.0]]]> :
      tensor<2x3x2xf32>
  %d1_0 = tensor.cast %i1_0 : tensor<2x3x2xf32> to tensor<?x3x?xf32>
  %i1_1 = arith.constant dense<[1.0, 2.0, -1.0]> : tensor<3xf32>
  %i1_2 = arith.constant dense<[0.0, 1.0, 2.0]> : tensor<3xf32>
  %i1_3 = arith.constant dense<[1.0, 0.0, -2.0]> : tensor<3xf32>
  %i1_4 = arith.constant dense<[4.0, 1.0, 9.0]> : tensor<3xf32>
  %o1 = call @batch_norm_dynamic(%d1_0, %i1_1, %i1_2, %i1_3, %i1_4) : (tensor<?x3x?xf32>, tensor<3xf32>,
      tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<?x3x?xf32>
  %u1 = tensor.cast %o1 : tensor<?x3x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-499,  -2497],
  // CHECK-NEXT: [-990,  1000],
  // CHECK-NEXT: [1667,  2000]],
  // CHECK-NEXT: {{\[\[}}499,  -2497],
  // CHECK-NEXT: [1000,  8960],
  // CHECK-NEXT: [1667,  2666]]]

  // layer_norm
  %i2_0 = arith.constant dense<[[-3.0, 4.0, -2.0], [-2.0, 3.0, -2.0]]> : tensor<2x3xf32>
  %i2_1 = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %i2_2 = arith.constant dense<[0.0, 1.0, -1.0]> : tensor<3xf32>
  %o2 = call @layer_norm(%i2_0, %i2_1, %i2_2) : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %u2 = tensor.cast %o2 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-862,  3802,  -2617],
  // CHECK-NEXT: [-706,  3826,  -3119]]

  // rms_norm
  %i3_0 = arith.constant dense<[[-3.0, 4.0, -2.0], [-2.0, 3.0, -2.0]]> : tensor<2x3xf32>
  %i3_1 = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %o3 = call @rms_norm(%i3_0, %i3_1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %u3 = tensor.cast %o3 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-964,  2572,  -1929],
  // CHECK-NEXT: [-839,  2518,  -2518]]

  // layer_norm_two_dims
  %i4_0 = arith.constant dense<[[[4.0, -3.0, -1.0], [0.0, 3.0, 1.0]], [[3.0, 4.0, -3.0], [2.0, -2.0, 4.0]]]> :
      tensor<2x2x3xf32>
  %i4_1 = arith.constant dense<[[2.0], [0.0]]> : tensor<2x1xf32>
  %o4 = call @layer_norm_two_dims(%i4_0, %i4_1) : (tensor<2x2x3xf32>, tensor<2x1xf32>) -> tensor<2x2x3xf32>
  %u4 = tensor.cast %o4 : tensor<2x2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}2826,  -3108,  -1413],
  // CHECK-NEXT: [{{-?}}0,  {{-?}}0,  {{-?}}0]],
  // CHECK-NEXT: {{\[\[}}1186,  1898,  -3084],
  // CHECK-NEXT: [{{-?}}0,  {{-?}}0,  {{-?}}0]]]

  // rms_norm_two_dims
  %i5_0 = arith.constant dense<[[[4.0, -3.0, -1.0], [0.0, 3.0, 1.0]], [[3.0, 4.0, -3.0], [2.0, -2.0, 4.0]]]> :
      tensor<2x2x3xf32>
  %i5_1 = arith.constant dense<[[2.0], [0.0]]> : tensor<2x1xf32>
  %o5 = call @rms_norm_two_dims(%i5_0, %i5_1) : (tensor<2x2x3xf32>, tensor<2x1xf32>) -> tensor<2x2x3xf32>
  %u5 = tensor.cast %o5 : tensor<2x2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}3263,  -2447,  -816],
  // CHECK-NEXT: [{{-?}}0,  {{-?}}0,  {{-?}}0]],
  // CHECK-NEXT: {{\[\[}}1929,  2572,  -1929],
  // CHECK-NEXT: [{{-?}}0,  {{-?}}0,  {{-?}}0]]]

  // layer_norm_dynamic
  %i6_0 = arith.constant dense<[[-2.0, 1.0, 4.0], [-3.0, -1.0, 3.0]]> : tensor<2x3xf32>
  %d6_0 = tensor.cast %i6_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %i6_1 = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %i6_2 = arith.constant dense<[0.0, 1.0, -1.0]> : tensor<3xf32>
  %o6 = call @layer_norm_dynamic(%d6_0, %i6_1, %i6_2) : (tensor<?x?xf32>, tensor<3xf32>, tensor<3xf32>) ->
      tensor<?x?xf32>
  %u6 = tensor.cast %o6 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-1224,  1000,  2671],
  // CHECK-NEXT: [-1068,  466,  3006]]

  // rms_norm_dynamic
  %i7_0 = arith.constant dense<[[-2.0, 1.0, 4.0], [-3.0, -1.0, 3.0]]> : tensor<2x3xf32>
  %d7_0 = tensor.cast %i7_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %i7_1 = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %o7 = call @rms_norm_dynamic(%d7_0, %i7_1) : (tensor<?x?xf32>, tensor<3xf32>) -> tensor<?x?xf32>
  %u7 = tensor.cast %o7 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-755,  755,  4532],
  // CHECK-NEXT: [-1191,  -794,  3573]]

  // softmax
  %i8_0 = arith.constant dense<[[2.0, 1.0, 2.0], [-1.0, -3.0, -1.0]]> : tensor<2x3xf32>
  %o8 = call @softmax(%i8_0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u8 = tensor.cast %o8 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}422,  155,  422],
  // CHECK-NEXT: [468,  63,  468]]

  // log_softmax
  %i9_0 = arith.constant dense<[[2.0, 1.0, 2.0], [-1.0, -3.0, -1.0]]> : tensor<2x3xf32>
  %o9 = call @log_softmax(%i9_0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u9 = tensor.cast %o9 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-862,  -1862,  -862],
  // CHECK-NEXT: [-759,  -2759,  -759]]

  // softmax_first
  %i10_0 = arith.constant dense<[[3.0, -3.0, -2.0], [-4.0, -4.0, 1.0]]> : tensor<2x3xf32>
  %o10 = call @softmax_first(%i10_0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u10 = tensor.cast %o10 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}999,  731,  47],
  // CHECK-NEXT: [1,  269,  953]]

  // log_softmax_first
  %i11_0 = arith.constant dense<[[3.0, -3.0, -2.0], [-4.0, -4.0, 1.0]]> : tensor<2x3xf32>
  %o11 = call @log_softmax_first(%i11_0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u11 = tensor.cast %o11 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-1,  -313,  -3049],
  // CHECK-NEXT: [-7001,  -1313,  -49]]

  // softmax_dynamic
  %i12_0 = arith.constant dense<[[-4.0, 3.0, 0.0], [1.0, 1.0, 4.0]]> : tensor<2x3xf32>
  %d12_0 = tensor.cast %i12_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o12 = call @softmax_dynamic(%d12_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u12 = tensor.cast %o12 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}1,  952,  47],
  // CHECK-NEXT: [45,  45,  909]]

  // log_softmax_dynamic
  %i13_0 = arith.constant dense<[[-4.0, 3.0, 0.0], [1.0, 1.0, 4.0]]> : tensor<2x3xf32>
  %d13_0 = tensor.cast %i13_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o13 = call @log_softmax_dynamic(%d13_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u13 = tensor.cast %o13 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-7049,  -49,  -3049],
  // CHECK-NEXT: [-3095,  -3095,  -95]]

  // softmax_of_large
  %i14_0 = arith.constant dense<[[1000.0, 999.0, -1000.0]]> : tensor<1x3xf32>
  %o14 = call @softmax_of_large(%i14_0) : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %u14 = tensor.cast %o14 : tensor<1x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}731,  269,  {{-?}}0]]

  // softmax_half
  %i15_0 = arith.constant dense<[[-2.0, -2.0, 3.0]]> : tensor<1x3xf16>
  %o15 = call @softmax_half(%i15_0) : (tensor<1x3xf16>) -> tensor<1x3xf32>
  %u15 = tensor.cast %o15 : tensor<1x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u15) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}1,  1,  99]]
  return
}
