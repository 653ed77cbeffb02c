// RUN: %lower_nn %s | %run_main | FileCheck %s
// Reductions over several dimensions, of integers, and of nothing.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @sum(%0: tensor<2x3x2xf32>) -> tensor<2x2xf32> {
  %y = nn.reduce_sum %0 {axes = array<i64: 1>} : tensor<2x3x2xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

func.func private @sum_outer_kept(%0: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %y = nn.reduce_sum %0 {axes = array<i64: 0, 2>, keep_dims} : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

func.func private @sum_all(%0: tensor<2x3x2xf32>) -> tensor<f32> {
  %y = nn.reduce_sum %0 {axes = array<i64: 0, 1, 2>} : tensor<2x3x2xf32> -> tensor<f32>
  return %y : tensor<f32>
}

func.func private @mean(%0: tensor<2x3x2xf32>) -> tensor<2x2xf32> {
  %y = nn.reduce_mean %0 {axes = array<i64: 1>} : tensor<2x3x2xf32> -> tensor<2x2xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<2x2xf32>, tensor<f32>) -> tensor<2x2xf32>
  %z = nn.round %s : tensor<2x2xf32>
  return %z : tensor<2x2xf32>
}

func.func private @mean_outer_kept(%0: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %y = nn.reduce_mean %0 {axes = array<i64: 0, 2>, keep_dims} : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?x?x?xf32>, tensor<f32>) -> tensor<?x?x?xf32>
  %z = nn.round %s : tensor<?x?x?xf32>
  return %z : tensor<?x?x?xf32>
}

func.func private @mean_all(%0: tensor<2x3x2xf32>) -> tensor<f32> {
  %y = nn.reduce_mean %0 {axes = array<i64: 0, 1, 2>} : tensor<2x3x2xf32> -> tensor<f32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %z = nn.round %s : tensor<f32>
  return %z : tensor<f32>
}

func.func private @prod(%0: tensor<2x3x2xf32>) -> tensor<2x2xf32> {
  %y = nn.reduce_prod %0 {axes = array<i64: 1>} : tensor<2x3x2xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

func.func private @prod_outer_kept(%0: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %y = nn.reduce_prod %0 {axes = array<i64: 0, 2>, keep_dims} : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

func.func private @prod_all(%0: tensor<2x3x2xf32>) -> tensor<f32> {
  %y = nn.reduce_prod %0 {axes = array<i64: 0, 1, 2>} : tensor<2x3x2xf32> -> tensor<f32>
  return %y : tensor<f32>
}

func.func private @max(%0: tensor<2x3x2xf32>) -> tensor<2x2xf32> {
  %y = nn.reduce_max %0 {axes = array<i64: 1>} : tensor<2x3x2xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

func.func private @max_outer_kept(%0: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %y = nn.reduce_max %0 {axes = array<i64: 0, 2>, keep_dims} : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

func.func private @max_all(%0: tensor<2x3x2xf32>) -> tensor<f32> {
  %y = nn.reduce_max %0 {axes = array<i64: 0, 1, 2>} : tensor<2x3x2xf32> -> tensor<f32>
  return %y : tensor<f32>
}

func.func private @min(%0: tensor<2x3x2xf32>) -> tensor<2x2xf32> {
  %y = nn.reduce_min %0 {axes = array<i64: 1>} : tensor<2x3x2xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

func.func private @min_outer_kept(%0: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %y = nn.reduce_min %0 {axes = array<i64: 0, 2>, keep_dims} : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

func.func private @min_all(%0: tensor<2x3x2xf32>) -> tensor<f32> {
  %y = nn.reduce_min %0 {axes = array<i64: 0, 1, 2>} : tensor<2x3x2xf32> -> tensor<f32>
  return %y : tensor<f32>
}

// No axis: the identity.
func.func private @sum_of_nothing(%0: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %y = nn.reduce_sum %0 {axes = array<i64>} : tensor<2x2xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// Sums of narrow integers wrap.
func.func private @sum_unsigned(%0: tensor<1x2xui8>) -> tensor<1xf32> {
  %y = nn.reduce_sum %0 {axes = array<i64: 1>} : tensor<1x2xui8> -> tensor<1xui8>
  %f = nn.cast %y to f32 : tensor<1xui8> -> tensor<1xf32>
  return %f : tensor<1xf32>
}

func.func private @mean_signed(%0: tensor<1x2xi32>) -> tensor<1xf32> {
  %y = nn.reduce_mean %0 {axes = array<i64: 1>} : tensor<1x2xi32> -> tensor<1xi32>
  %f = nn.cast %y to f32 : tensor<1xi32> -> tensor<1xf32>
  return %f : tensor<1xf32>
}

func.func private @max_unsigned(%0: tensor<1x2xui8>) -> tensor<1xf32> {
  %y = nn.reduce_max %0 {axes = array<i64: 1>} : tensor<1x2xui8> -> tensor<1xui8>
  %f = nn.cast %y to f32 : tensor<1xui8> -> tensor<1xf32>
  return %f : tensor<1xf32>
}

func.func private @min_signed(%0: tensor<1x2xi8>) -> tensor<1xf32> {
  %y = nn.reduce_min %0 {axes = array<i64: 1>} : tensor<1x2xi8> -> tensor<1xi8>
  %f = nn.cast %y to f32 : tensor<1xi8> -> tensor<1xf32>
  return %f : tensor<1xf32>
}

func.func private @max_nan(%0: tensor<1x3xf32>) -> tensor<1xf32> {
  %y = nn.reduce_max %0 {axes = array<i64: 1>} : tensor<1x3xf32> -> tensor<1xf32>
  return %y : tensor<1xf32>
}

// In f16 the sum would stay at 2048.
func.func private @sum_half(%0: tensor<1x3000xf16>) -> tensor<1xf32> {
  %y = nn.reduce_sum %0 {axes = array<i64: 1>} : tensor<1x3000xf16> -> tensor<1xf16>
  %f = nn.cast %y to f32 : tensor<1xf16> -> tensor<1xf32>
  return %f : tensor<1xf32>
}

func.func @main() {
  // sum
  %i0_0 = arith.constant dense<[[[1.0, -2.0], [-4.0, 3.0], [-3.0, -4.0]], [[4.0, -2.0], [-4.0, -3.0], [-1.0, 0.0]]]>
      : tensor<2x3x2xf32>
  %o0 = call @sum(%i0_0) : (tensor<2x3x2xf32>) -> tensor<2x2xf32>
  %u0 = tensor.cast %o0 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-6,  -3],
  // CHECK-NEXT: [-1,  -5]]

  // sum_outer_kept
  %i1_0 = arith.constant dense<[[[1.0, -2.0], [-4.0, 3.0], [-3.0, -4.0]], [[4.0, -2.0], [-4.0, -3.0], [-1.0, 0.0]]]>
      : tensor<2x3x2xf32>
  %d1_0 = tensor.cast %i1_0 : tensor<2x3x2xf32> to tensor<?x?x?xf32>
  %o1 = call @sum_outer_kept(%d1_0) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %u1 = tensor.cast %o1 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}1],
  // CHECK-NEXT: [-8],
  // CHECK-NEXT: [-8]]]

  // sum_all
  %i2_0 = arith.constant dense<[[[1.0, -2.0], [-4.0, 3.0], [-3.0, -4.0]], [[4.0, -2.0], [-4.0, -3.0], [-1.0, 0.0]]]>
      : tensor<2x3x2xf32>
  %o2 = call @sum_all(%i2_0) : (tensor<2x3x2xf32>) -> tensor<f32>
  %u2 = tensor.cast %o2 : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [] {{.*}} data =
  // CHECK-NEXT: [-15]

  // mean
  %i3_0 = arith.constant dense<[[[0.0, -1.0], [1.0, -1.0], [-1.0, 3.0]], [[0.0, 1.0], [-2.0, 1.0], [1.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %o3 = call @mean(%i3_0) : (tensor<2x3x2xf32>) -> tensor<2x2xf32>
  %u3 = tensor.cast %o3 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  333],
  // CHECK-NEXT: [-333,  333]]

  // mean_outer_kept
  %i4_0 = arith.constant dense<[[[0.0, -1.0], [1.0, -1.0], [-1.0, 3.0]], [[0.0, 1.0], [-2.0, 1.0], [1.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %d4_0 = tensor.cast %i4_0 : tensor<2x3x2xf32> to tensor<?x?x?xf32>
  %o4 = call @mean_outer_kept(%d4_0) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %u4 = tensor.cast %o4 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}{{-?}}0],
  // CHECK-NEXT: [-250],
  // CHECK-NEXT: [500]]]

  // mean_all
  %i5_0 = arith.constant dense<[[[0.0, -1.0], [1.0, -1.0], [-1.0, 3.0]], [[0.0, 1.0], [-2.0, 1.0], [1.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %o5 = call @mean_all(%i5_0) : (tensor<2x3x2xf32>) -> tensor<f32>
  %u5 = tensor.cast %o5 : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [] {{.*}} data =
  // CHECK-NEXT: [83]

  // prod
  %i6_0 = arith.constant dense<[[[0.0, 3.0], [-2.0, 0.0], [-4.0, 2.0]], [[-3.0, 4.0], [-1.0, 1.0], [2.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %o6 = call @prod(%i6_0) : (tensor<2x3x2xf32>) -> tensor<2x2xf32>
  %u6 = tensor.cast %o6 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [6,  -4]]

  // prod_outer_kept
  %i7_0 = arith.constant dense<[[[0.0, 3.0], [-2.0, 0.0], [-4.0, 2.0]], [[-3.0, 4.0], [-1.0, 1.0], [2.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %d7_0 = tensor.cast %i7_0 : tensor<2x3x2xf32> to tensor<?x?x?xf32>
  %o7 = call @prod_outer_kept(%d7_0) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %u7 = tensor.cast %o7 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}{{-?}}0],
  // CHECK-NEXT: [{{-?}}0],
  // CHECK-NEXT: [16]]]

  // prod_all
  %i8_0 = arith.constant dense<[[[0.0, 3.0], [-2.0, 0.0], [-4.0, 2.0]], [[-3.0, 4.0], [-1.0, 1.0], [2.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %o8 = call @prod_all(%i8_0) : (tensor<2x3x2xf32>) -> tensor<f32>
  %u8 = tensor.cast %o8 : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0]

  // max
  %i9_0 = arith.constant dense<[[[-3.0, -2.0], [1.0, 4.0], [3.0, 2.0]], [[3.0, 3.0], [-1.0, -3.0], [3.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %o9 = call @max(%i9_0) : (tensor<2x3x2xf32>) -> tensor<2x2xf32>
  %u9 = tensor.cast %o9 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}3,  4],
  // CHECK-NEXT: [3,  3]]

  // max_outer_kept
  %i10_0 = arith.constant dense<[[[-3.0, -2.0], [1.0, 4.0], [3.0, 2.0]], [[3.0, 3.0], [-1.0, -3.0], [3.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %d10_0 = tensor.cast %i10_0 : tensor<2x3x2xf32> to tensor<?x?x?xf32>
  %o10 = call @max_outer_kept(%d10_0) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %u10 = tensor.cast %o10 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}3],
  // CHECK-NEXT: [4],
  // CHECK-NEXT: [3]]]

  // max_all
  %i11_0 = arith.constant dense<[[[-3.0, -2.0], [1.0, 4.0], [3.0, 2.0]], [[3.0, 3.0], [-1.0, -3.0], [3.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %o11 = call @max_all(%i11_0) : (tensor<2x3x2xf32>) -> tensor<f32>
  %u11 = tensor.cast %o11 : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [] {{.*}} data =
  // CHECK-NEXT: [4]

  // min
  %i12_0 = arith.constant dense<[[[1.0, 3.0], [3.0, -2.0], [4.0, 3.0]], [[-4.0, 0.0], [-4.0, -3.0], [1.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %o12 = call @min(%i12_0) : (tensor<2x3x2xf32>) -> tensor<2x2xf32>
  %u12 = tensor.cast %o12 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}1,  -2],
  // CHECK-NEXT: [-4,  -3]]

  // min_outer_kept
  %i13_0 = arith.constant dense<[[[1.0, 3.0], [3.0, -2.0], [4.0, 3.0]], [[-4.0, 0.0], [-4.0, -3.0], [1.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %d13_0 = tensor.cast %i13_0 : tensor<2x3x2xf32> to tensor<?x?x?xf32>
  %o13 = call @min_outer_kept(%d13_0) : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %u13 = tensor.cast %o13 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-4],
  // CHECK-NEXT: [-4],
  // CHECK-NEXT: [-1]]]

  // min_all
  %i14_0 = arith.constant dense<[[[1.0, 3.0], [3.0, -2.0], [4.0, 3.0]], [[-4.0, 0.0], [-4.0, -3.0], [1.0, -1.0]]]> :
      tensor<2x3x2xf32>
  %o14 = call @min_all(%i14_0) : (tensor<2x3x2xf32>) -> tensor<f32>
  %u14 = tensor.cast %o14 : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [] {{.*}} data =
  // CHECK-NEXT: [-4]

  // sum_of_nothing
  %i15_0 = arith.constant dense<[[1.0, -4.0], [-3.0, 2.0]]> : tensor<2x2xf32>
  %o15 = call @sum_of_nothing(%i15_0) : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %u15 = tensor.cast %o15 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u15) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}1,  -4],
  // CHECK-NEXT: [-3,  2]]

  // sum_unsigned
  %i16_0 = arith.constant dense<[[200, 100]]> : tensor<1x2xui8>
  %o16 = call @sum_unsigned(%i16_0) : (tensor<1x2xui8>) -> tensor<1xf32>
  %u16 = tensor.cast %o16 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u16) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1] {{.*}} data =
  // CHECK-NEXT: [44]

  // mean_signed
  %i17_0 = arith.constant dense<[[-3, -4]]> : tensor<1x2xi32>
  %o17 = call @mean_signed(%i17_0) : (tensor<1x2xi32>) -> tensor<1xf32>
  %u17 = tensor.cast %o17 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u17) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1] {{.*}} data =
  // CHECK-NEXT: [-3]

  // max_unsigned
  %i18_0 = arith.constant dense<[[200, 100]]> : tensor<1x2xui8>
  %o18 = call @max_unsigned(%i18_0) : (tensor<1x2xui8>) -> tensor<1xf32>
  %u18 = tensor.cast %o18 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u18) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1] {{.*}} data =
  // CHECK-NEXT: [200]

  // min_signed
  %i19_0 = arith.constant dense<[[-56, 100]]> : tensor<1x2xi8>
  %o19 = call @min_signed(%i19_0) : (tensor<1x2xi8>) -> tensor<1xf32>
  %u19 = tensor.cast %o19 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u19) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1] {{.*}} data =
  // CHECK-NEXT: [-56]

  // max_nan
  %i20_0 = arith.constant dense<[[1.0, 0x7FC00000, 2.0]]> : tensor<1x3xf32>
  %o20 = call @max_nan(%i20_0) : (tensor<1x3xf32>) -> tensor<1xf32>
  %u20 = tensor.cast %o20 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u20) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}}]

  // sum_half
  %i21_0 = arith.constant dense<1.0> : tensor<1x3000xf16>
  %o21 = call @sum_half(%i21_0) : (tensor<1x3000xf16>) -> tensor<1xf32>
  %u21 = tensor.cast %o21 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u21) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1] {{.*}} data =
  // CHECK-NEXT: [3000]
  return
}
