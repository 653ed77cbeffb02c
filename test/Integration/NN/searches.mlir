// RUN: %lower_nn %s | %run_main | FileCheck %s
// Positions of extreme elements, and running sums.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @argmax(%0: tensor<2x3xf32>) -> tensor<2xf32> {
  %y = nn.argmax %0 {axis = 1 : i64} : tensor<2x3xf32> -> tensor<2xi64>
  %f = nn.cast %y to f32 : tensor<2xi64> -> tensor<2xf32>
  return %f : tensor<2xf32>
}

func.func private @argmax_last(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.argmax %0 {axis = 1 : i64, keep_dims, last} : tensor<?x?xf32> -> tensor<?x?xi64>
  %f = nn.cast %y to f32 : tensor<?x?xi64> -> tensor<?x?xf32>
  return %f : tensor<?x?xf32>
}

func.func private @argmax_first_dim(%0: tensor<2x3xf32>) -> tensor<3xf32> {
  %y = nn.argmax %0 {axis = 0 : i64} : tensor<2x3xf32> -> tensor<3xi64>
  %f = nn.cast %y to f32 : tensor<3xi64> -> tensor<3xf32>
  return %f : tensor<3xf32>
}

func.func private @argmin(%0: tensor<2x3xf32>) -> tensor<2xf32> {
  %y = nn.argmin %0 {axis = 1 : i64} : tensor<2x3xf32> -> tensor<2xi64>
  %f = nn.cast %y to f32 : tensor<2xi64> -> tensor<2xf32>
  return %f : tensor<2xf32>
}

func.func private @argmin_last(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.argmin %0 {axis = 1 : i64, keep_dims, last} : tensor<?x?xf32> -> tensor<?x?xi64>
  %f = nn.cast %y to f32 : tensor<?x?xi64> -> tensor<?x?xf32>
  return %f : tensor<?x?xf32>
}

func.func private @argmin_first_dim(%0: tensor<2x3xf32>) -> tensor<3xf32> {
  %y = nn.argmin %0 {axis = 0 : i64} : tensor<2x3xf32> -> tensor<3xi64>
  %f = nn.cast %y to f32 : tensor<3xi64> -> tensor<3xf32>
  return %f : tensor<3xf32>
}

func.func private @argmax_unsigned(%0: tensor<1x3xui8>) -> tensor<1xf32> {
  %y = nn.argmax %0 {axis = 1 : i64} : tensor<1x3xui8> -> tensor<1xi64>
  %f = nn.cast %y to f32 : tensor<1xi64> -> tensor<1xf32>
  return %f : tensor<1xf32>
}

func.func private @argmax_of_infinities(%0: tensor<1x3xf32>) -> tensor<1xf32> {
  %y = nn.argmax %0 {axis = 1 : i64} : tensor<1x3xf32> -> tensor<1xi64>
  %f = nn.cast %y to f32 : tensor<1xi64> -> tensor<1xf32>
  return %f : tensor<1xf32>
}

func.func private @cumsum(%0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = nn.cumsum %0 {axis = 1 : i64} : tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @cumsum_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.cumsum %0 {axis = 1 : i64} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @cumsum_first_dim(%0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = nn.cumsum %0 {axis = 0 : i64} : tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @cumsum_first_dim_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.cumsum %0 {axis = 0 : i64} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @cumsum_exclusive(%0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = nn.cumsum %0 {axis = 1 : i64, exclusive} : tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @cumsum_exclusive_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.cumsum %0 {axis = 1 : i64, exclusive} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @cumsum_reverse(%0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = nn.cumsum %0 {axis = 1 : i64, reverse} : tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @cumsum_reverse_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.cumsum %0 {axis = 1 : i64, reverse} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @cumsum_both(%0: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = nn.cumsum %0 {axis = 1 : i64, exclusive, reverse} : tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @cumsum_both_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.cumsum %0 {axis = 1 : i64, exclusive, reverse} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func @main() {
  // argmax
  %i0_0 = arith.constant dense<[[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]]> : tensor<2x3xf32>
  %o0 = call @argmax(%i0_0) : (tensor<2x3xf32>) -> tensor<2xf32>
  %u0 = tensor.cast %o0 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [1,  0]

  // argmax_last
  %i1_0 = arith.constant dense<[[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]]> : tensor<2x3xf32>
  %d1_0 = tensor.cast %i1_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o1 = call @argmax_last(%d1_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u1 = tensor.cast %o1 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}2],
  // CHECK-NEXT: [1]]

  // argmax_first_dim
  %i2_0 = arith.constant dense<[[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]]> : tensor<2x3xf32>
  %o2 = call @argmax_first_dim(%i2_0) : (tensor<2x3xf32>) -> tensor<3xf32>
  %u2 = tensor.cast %o2 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [1,  0,  0]

  // argmin
  %i3_0 = arith.constant dense<[[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]]> : tensor<2x3xf32>
  %o3 = call @argmin(%i3_0) : (tensor<2x3xf32>) -> tensor<2xf32>
  %u3 = tensor.cast %o3 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [0,  2]

  // argmin_last
  %i4_0 = arith.constant dense<[[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]]> : tensor<2x3xf32>
  %d4_0 = tensor.cast %i4_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o4 = call @argmin_last(%d4_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u4 = tensor.cast %o4 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}0],
  // CHECK-NEXT: [2]]

  // argmin_first_dim
  %i5_0 = arith.constant dense<[[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]]> : tensor<2x3xf32>
  %o5 = call @argmin_first_dim(%i5_0) : (tensor<2x3xf32>) -> tensor<3xf32>
  %u5 = tensor.cast %o5 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [0,  1,  1]

  // argmax_unsigned
  %i6_0 = arith.constant dense<[[100, 200, 150]]> : tensor<1x3xui8>
  %o6 = call @argmax_unsigned(%i6_0) : (tensor<1x3xui8>) -> tensor<1xf32>
  %u6 = tensor.cast %o6 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1] {{.*}} data =
  // CHECK-NEXT: [1]

  // argmax_of_infinities
  %i7_0 = arith.constant dense<0xFF800000> : tensor<1x3xf32>
  %o7 = call @argmax_of_infinities(%i7_0) : (tensor<1x3xf32>) -> tensor<1xf32>
  %u7 = tensor.cast %o7 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1] {{.*}} data =
  // CHECK-NEXT: [0]

  // cumsum
  %i8_0 = arith.constant dense<[[-3.0, 2.0, -2.0], [-4.0, -4.0, -2.0]]> : tensor<2x3xf32>
  %o8 = call @cumsum(%i8_0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u8 = tensor.cast %o8 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-3,  -1,  -3],
  // CHECK-NEXT: [-4,  -8,  -10]]

  // cumsum_dynamic
  %i9_0 = arith.constant dense<[[-3.0, 2.0, -2.0], [-4.0, -4.0, -2.0]]> : tensor<2x3xf32>
  %d9_0 = tensor.cast %i9_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o9 = call @cumsum_dynamic(%d9_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u9 = tensor.cast %o9 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-3,  -1,  -3],
  // CHECK-NEXT: [-4,  -8,  -10]]

  // cumsum_first_dim
  %i10_0 = arith.constant dense<[[-3.0, 2.0, -2.0], [-4.0, -4.0, -2.0]]> : tensor<2x3xf32>
  %o10 = call @cumsum_first_dim(%i10_0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u10 = tensor.cast %o10 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-3,  2,  -2],
  // CHECK-NEXT: [-7,  -2,  -4]]

  // cumsum_first_dim_dynamic
  %i11_0 = arith.constant dense<[[-3.0, 2.0, -2.0], [-4.0, -4.0, -2.0]]> : tensor<2x3xf32>
  %d11_0 = tensor.cast %i11_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o11 = call @cumsum_first_dim_dynamic(%d11_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u11 = tensor.cast %o11 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-3,  2,  -2],
  // CHECK-NEXT: [-7,  -2,  -4]]

  // cumsum_exclusive
  %i12_0 = arith.constant dense<[[-3.0, 2.0, -2.0], [-4.0, -4.0, -2.0]]> : tensor<2x3xf32>
  %o12 = call @cumsum_exclusive(%i12_0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u12 = tensor.cast %o12 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  -3,  -1],
  // CHECK-NEXT: [{{-?}}0,  -4,  -8]]

  // cumsum_exclusive_dynamic
  %i13_0 = arith.constant dense<[[-3.0, 2.0, -2.0], [-4.0, -4.0, -2.0]]> : tensor<2x3xf32>
  %d13_0 = tensor.cast %i13_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o13 = call @cumsum_exclusive_dynamic(%d13_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u13 = tensor.cast %o13 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  -3,  -1],
  // CHECK-NEXT: [{{-?}}0,  -4,  -8]]

  // cumsum_reverse
  %i14_0 = arith.constant dense<[[-3.0, 2.0, -2.0], [-4.0, -4.0, -2.0]]> : tensor<2x3xf32>
  %o14 = call @cumsum_reverse(%i14_0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u14 = tensor.cast %o14 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-3,  {{-?}}0,  -2],
  // CHECK-NEXT: [-10,  -6,  -2]]

  // cumsum_reverse_dynamic
  %i15_0 = arith.constant dense<[[-3.0, 2.0, -2.0], [-4.0, -4.0, -2.0]]> : tensor<2x3xf32>
  %d15_0 = tensor.cast %i15_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o15 = call @cumsum_reverse_dynamic(%d15_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u15 = tensor.cast %o15 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u15) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-3,  {{-?}}0,  -2],
  // CHECK-NEXT: [-10,  -6,  -2]]

  // cumsum_both
  %i16_0 = arith.constant dense<[[-3.0, 2.0, -2.0], [-4.0, -4.0, -2.0]]> : tensor<2x3xf32>
  %o16 = call @cumsum_both(%i16_0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u16 = tensor.cast %o16 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u16) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  -2,  {{-?}}0],
  // CHECK-NEXT: [-6,  -2,  {{-?}}0]]

  // cumsum_both_dynamic
  %i17_0 = arith.constant dense<[[-3.0, 2.0, -2.0], [-4.0, -4.0, -2.0]]> : tensor<2x3xf32>
  %d17_0 = tensor.cast %i17_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o17 = call @cumsum_both_dynamic(%d17_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u17 = tensor.cast %o17 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u17) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  -2,  {{-?}}0],
  // CHECK-NEXT: [-6,  -2,  {{-?}}0]]
  return
}
