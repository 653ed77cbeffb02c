// RUN: %lower_nn %s | %run_main | FileCheck %s
// Roots, inverse functions, rounding and signs, in thousandths where the result is no integer.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @log(%0: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.log %0 : tensor<3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %z = nn.round %s : tensor<3xf32>
  return %z : tensor<3xf32>
}

func.func private @sqrt(%0: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.sqrt %0 : tensor<3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %z = nn.round %s : tensor<3xf32>
  return %z : tensor<3xf32>
}

func.func private @reciprocal(%0: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.reciprocal %0 : tensor<3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %z = nn.round %s : tensor<3xf32>
  return %z : tensor<3xf32>
}

func.func private @asin(%0: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.asin %0 : tensor<3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %z = nn.round %s : tensor<3xf32>
  return %z : tensor<3xf32>
}

func.func private @acos(%0: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.acos %0 : tensor<3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %z = nn.round %s : tensor<3xf32>
  return %z : tensor<3xf32>
}

func.func private @acosh(%0: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.acosh %0 : tensor<3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %z = nn.round %s : tensor<3xf32>
  return %z : tensor<3xf32>
}

func.func private @atanh(%0: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.atanh %0 : tensor<3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %z = nn.round %s : tensor<3xf32>
  return %z : tensor<3xf32>
}

// NaN stays NaN.
func.func private @abs(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.abs %0 : tensor<5xf32>
  return %y : tensor<5xf32>
}

func.func private @neg(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.neg %0 : tensor<5xf32>
  return %y : tensor<5xf32>
}

func.func private @sign(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.sign %0 : tensor<5xf32>
  return %y : tensor<5xf32>
}

func.func private @relu(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.relu %0 : tensor<5xf32>
  return %y : tensor<5xf32>
}

func.func private @ceil(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.ceil %0 : tensor<5xf32>
  return %y : tensor<5xf32>
}

func.func private @floor(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.floor %0 : tensor<5xf32>
  return %y : tensor<5xf32>
}

func.func private @round(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.round %0 : tensor<5xf32>
  return %y : tensor<5xf32>
}

func.func private @tanh_f16(%0: tensor<3xf16>) -> tensor<3xf32> {
  %y = nn.tanh %0 : tensor<3xf16>
  %f = nn.cast %y to f32 : tensor<3xf16> -> tensor<3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %f, %k : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %z = nn.round %s : tensor<3xf32>
  return %z : tensor<3xf32>
}

func.func private @exp_f64(%0: tensor<3xf64>) -> tensor<3xf32> {
  %y = nn.exp %0 : tensor<3xf64>
  %f = nn.cast %y to f32 : tensor<3xf64> -> tensor<3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %f, %k : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %z = nn.round %s : tensor<3xf32>
  return %z : tensor<3xf32>
}

func.func @main() {
  // log
  %i0_0 = arith.constant dense<[0.5, 1.0, 7.0]> : tensor<3xf32>
  %o0 = call @log(%i0_0) : (tensor<3xf32>) -> tensor<3xf32>
  %u0 = tensor.cast %o0 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [-693,  {{-?}}0,  1946]

  // sqrt
  %i1_0 = arith.constant dense<[0.0, 2.0, 9.0]> : tensor<3xf32>
  %o1 = call @sqrt(%i1_0) : (tensor<3xf32>) -> tensor<3xf32>
  %u1 = tensor.cast %o1 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  1414,  3000]

  // reciprocal
  %i2_0 = arith.constant dense<[-4.0, 0.30000001192092896, 7.0]> : tensor<3xf32>
  %o2 = call @reciprocal(%i2_0) : (tensor<3xf32>) -> tensor<3xf32>
  %u2 = tensor.cast %o2 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [-250,  3333,  143]

  // asin
  %i3_0 = arith.constant dense<[-0.8999999761581421, 0.0, 0.30000001192092896]> : tensor<3xf32>
  %o3 = call @asin(%i3_0) : (tensor<3xf32>) -> tensor<3xf32>
  %u3 = tensor.cast %o3 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [-1120,  {{-?}}0,  305]

  // acos
  %i4_0 = arith.constant dense<[-0.8999999761581421, 0.0, 0.30000001192092896]> : tensor<3xf32>
  %o4 = call @acos(%i4_0) : (tensor<3xf32>) -> tensor<3xf32>
  %u4 = tensor.cast %o4 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [2691,  1571,  1266]

  // acosh
  %i5_0 = arith.constant dense<[1.0, 1.7000000476837158, 9.0]> : tensor<3xf32>
  %o5 = call @acosh(%i5_0) : (tensor<3xf32>) -> tensor<3xf32>
  %u5 = tensor.cast %o5 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  1123,  2887]

  // atanh
  %i6_0 = arith.constant dense<[-0.8999999761581421, 0.0, 0.30000001192092896]> : tensor<3xf32>
  %o6 = call @atanh(%i6_0) : (tensor<3xf32>) -> tensor<3xf32>
  %u6 = tensor.cast %o6 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [-1472,  {{-?}}0,  310]

  // abs
  %i7_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5, 2.5]> : tensor<5xf32>
  %o7 = call @abs(%i7_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u7 = tensor.cast %o7 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}},  inf,  inf,  0.5,  2.5]

  // neg
  %i8_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5, 2.5]> : tensor<5xf32>
  %o8 = call @neg(%i8_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u8 = tensor.cast %o8 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}},  -inf,  inf,  0.5,  -2.5]

  // sign
  %i9_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5, 2.5]> : tensor<5xf32>
  %o9 = call @sign(%i9_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u9 = tensor.cast %o9 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}},  1,  -1,  -1,  1]

  // relu
  %i10_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5, 2.5]> : tensor<5xf32>
  %o10 = call @relu(%i10_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u10 = tensor.cast %o10 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}},  inf,  {{-?}}0,  {{-?}}0,  2.5]

  // ceil
  %i11_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5, 2.5]> : tensor<5xf32>
  %o11 = call @ceil(%i11_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u11 = tensor.cast %o11 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}},  inf,  -inf,  {{-?}}0,  3]

  // floor
  %i12_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5, 2.5]> : tensor<5xf32>
  %o12 = call @floor(%i12_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u12 = tensor.cast %o12 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}},  inf,  -inf,  -1,  2]

  // round
  %i13_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5, 2.5]> : tensor<5xf32>
  %o13 = call @round(%i13_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u13 = tensor.cast %o13 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}},  inf,  -inf,  {{-?}}0,  2]

  // tanh_f16
  %i14_0 = arith.constant dense<[-2.5, 0.25, 3.0]> : tensor<3xf16>
  %o14 = call @tanh_f16(%i14_0) : (tensor<3xf16>) -> tensor<3xf32>
  %u14 = tensor.cast %o14 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [-987,  245,  995]

  // exp_f64
  %i15_0 = arith.constant dense<[-2.5, 0.25, 3.0]> : tensor<3xf64>
  %o15 = call @exp_f64(%i15_0) : (tensor<3xf64>) -> tensor<3xf32>
  %u15 = tensor.cast %o15 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u15) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [82,  1284,  20086]
  return
}
