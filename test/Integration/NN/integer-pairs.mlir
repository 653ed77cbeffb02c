// RUN: %lower_nn %s | %run_main | FileCheck %s
// Signed and unsigned integers of two operands, including those on which processors trap.

func.func private @printMemrefF32(tensor<*xf32>)

// Truncates; -128 / -1 wraps, and division by zero gives 0.
func.func private @div_signed(%0: tensor<6xi8>, %1: tensor<6xi8>) -> tensor<6xf32> {
  %y = nn.div %0, %1 : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xi8>
  %f = nn.cast %y to f32 : tensor<6xi8> -> tensor<6xf32>
  return %f : tensor<6xf32>
}

// The sign is that of the dividend.
func.func private @rem_signed(%0: tensor<6xi8>, %1: tensor<6xi8>) -> tensor<6xf32> {
  %y = nn.rem %0, %1 : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xi8>
  %f = nn.cast %y to f32 : tensor<6xi8> -> tensor<6xf32>
  return %f : tensor<6xf32>
}

// The sign is that of the divisor.
func.func private @mod_signed(%0: tensor<6xi8>, %1: tensor<6xi8>) -> tensor<6xf32> {
  %y = nn.mod %0, %1 : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xi8>
  %f = nn.cast %y to f32 : tensor<6xi8> -> tensor<6xf32>
  return %f : tensor<6xf32>
}

func.func private @div_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.div %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = nn.cast %y to f32 : tensor<4xui8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @mod_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.mod %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = nn.cast %y to f32 : tensor<4xui8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @max_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.max %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = nn.cast %y to f32 : tensor<4xui8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @min_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.min %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = nn.cast %y to f32 : tensor<4xui8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

// Sums wrap.
func.func private @add_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.add %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = nn.cast %y to f32 : tensor<4xui8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @compare_lt_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.compare lt %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @compare_ge_signed(%0: tensor<6xi8>, %1: tensor<6xi8>) -> tensor<6xf32> {
  %y = nn.compare ge %0, %1 : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xi1>
  %f = nn.cast %y to f32 : tensor<6xi1> -> tensor<6xf32>
  return %f : tensor<6xf32>
}

func.func private @and_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.and %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = nn.cast %y to f32 : tensor<4xui8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @or_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.or %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = nn.cast %y to f32 : tensor<4xui8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @xor_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.xor %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = nn.cast %y to f32 : tensor<4xui8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

// A shift by the width or more gives 0.
func.func private @shift_left_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.shift_left %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = nn.cast %y to f32 : tensor<4xui8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @shift_right_unsigned(%0: tensor<4xui8>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.shift_right %0, %1 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = nn.cast %y to f32 : tensor<4xui8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

// The sign remains.
func.func private @shift_right_signed(%0: tensor<4xi8>, %1: tensor<4xi8>) -> tensor<4xf32> {
  %y = nn.shift_right %0, %1 : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  %f = nn.cast %y to f32 : tensor<4xi8> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @pow_integers(%0: tensor<4xi32>, %1: tensor<4xui8>) -> tensor<4xf32> {
  %y = nn.pow %0, %1 : (tensor<4xi32>, tensor<4xui8>) -> tensor<4xi32>
  %f = nn.cast %y to f32 : tensor<4xi32> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @pow_unsigned_float(%0: tensor<3xui8>, %1: tensor<f32>) -> tensor<3xf32> {
  %y = nn.pow %0, %1 : (tensor<3xui8>, tensor<f32>) -> tensor<3xui8>
  %f = nn.cast %y to f32 : tensor<3xui8> -> tensor<3xf32>
  return %f : tensor<3xf32>
}

func.func private @not_boolean(%0: tensor<2xi1>) -> tensor<2xf32> {
  %y = nn.not %0 : tensor<2xi1>
  %f = nn.cast %y to f32 : tensor<2xi1> -> tensor<2xf32>
  return %f : tensor<2xf32>
}

func.func @main() {
  // div_signed
  %i0_0 = arith.constant dense<[-128, -7, 7, -7, 7, 9]> : tensor<6xi8>
  %i0_1 = arith.constant dense<[-1, 2, -2, -2, 2, 0]> : tensor<6xi8>
  %o0 = call @div_signed(%i0_0, %i0_1) : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xf32>
  %u0 = tensor.cast %o0 : tensor<6xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [-128,  -3,  -3,  3,  3,  0]

  // rem_signed
  %i1_0 = arith.constant dense<[-128, -7, 7, -7, 7, 9]> : tensor<6xi8>
  %i1_1 = arith.constant dense<[-1, 2, -2, -2, 2, 0]> : tensor<6xi8>
  %o1 = call @rem_signed(%i1_0, %i1_1) : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xf32>
  %u1 = tensor.cast %o1 : tensor<6xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [0,  -1,  1,  -1,  1,  0]

  // mod_signed
  %i2_0 = arith.constant dense<[-128, -7, 7, -7, 7, 9]> : tensor<6xi8>
  %i2_1 = arith.constant dense<[-1, 2, -2, -2, 2, 0]> : tensor<6xi8>
  %o2 = call @mod_signed(%i2_0, %i2_1) : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xf32>
  %u2 = tensor.cast %o2 : tensor<6xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [0,  1,  -1,  -1,  1,  0]

  // div_unsigned
  %i3_0 = arith.constant dense<[200, 255, 7, 9]> : tensor<4xui8>
  %i3_1 = arith.constant dense<[3, 255, 200, 0]> : tensor<4xui8>
  %o3 = call @div_unsigned(%i3_0, %i3_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u3 = tensor.cast %o3 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [66,  1,  0,  0]

  // mod_unsigned
  %i4_0 = arith.constant dense<[200, 255, 7, 9]> : tensor<4xui8>
  %i4_1 = arith.constant dense<[3, 255, 200, 0]> : tensor<4xui8>
  %o4 = call @mod_unsigned(%i4_0, %i4_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u4 = tensor.cast %o4 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [2,  0,  7,  0]

  // max_unsigned
  %i5_0 = arith.constant dense<[200, 255, 7, 9]> : tensor<4xui8>
  %i5_1 = arith.constant dense<[3, 255, 200, 0]> : tensor<4xui8>
  %o5 = call @max_unsigned(%i5_0, %i5_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u5 = tensor.cast %o5 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [200,  255,  200,  9]

  // min_unsigned
  %i6_0 = arith.constant dense<[200, 255, 7, 9]> : tensor<4xui8>
  %i6_1 = arith.constant dense<[3, 255, 200, 0]> : tensor<4xui8>
  %o6 = call @min_unsigned(%i6_0, %i6_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u6 = tensor.cast %o6 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [3,  255,  7,  0]

  // add_unsigned
  %i7_0 = arith.constant dense<[200, 255, 7, 9]> : tensor<4xui8>
  %i7_1 = arith.constant dense<[3, 255, 200, 0]> : tensor<4xui8>
  %o7 = call @add_unsigned(%i7_0, %i7_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u7 = tensor.cast %o7 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [203,  254,  207,  9]

  // compare_lt_unsigned
  %i8_0 = arith.constant dense<[200, 255, 7, 9]> : tensor<4xui8>
  %i8_1 = arith.constant dense<[3, 255, 200, 0]> : tensor<4xui8>
  %o8 = call @compare_lt_unsigned(%i8_0, %i8_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u8 = tensor.cast %o8 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [0,  0,  1,  0]

  // compare_ge_signed
  %i9_0 = arith.constant dense<[-128, -7, 7, -7, 7, 9]> : tensor<6xi8>
  %i9_1 = arith.constant dense<[-1, 2, -2, -2, 2, 0]> : tensor<6xi8>
  %o9 = call @compare_ge_signed(%i9_0, %i9_1) : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xf32>
  %u9 = tensor.cast %o9 : tensor<6xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [0,  0,  1,  0,  1,  1]

  // and_unsigned
  %i10_0 = arith.constant dense<[200, 255, 7, 9]> : tensor<4xui8>
  %i10_1 = arith.constant dense<[3, 255, 200, 0]> : tensor<4xui8>
  %o10 = call @and_unsigned(%i10_0, %i10_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u10 = tensor.cast %o10 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [0,  255,  0,  0]

  // or_unsigned
  %i11_0 = arith.constant dense<[200, 255, 7, 9]> : tensor<4xui8>
  %i11_1 = arith.constant dense<[3, 255, 200, 0]> : tensor<4xui8>
  %o11 = call @or_unsigned(%i11_0, %i11_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u11 = tensor.cast %o11 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [203,  255,  207,  9]

  // xor_unsigned
  %i12_0 = arith.constant dense<[200, 255, 7, 9]> : tensor<4xui8>
  %i12_1 = arith.constant dense<[3, 255, 200, 0]> : tensor<4xui8>
  %o12 = call @xor_unsigned(%i12_0, %i12_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u12 = tensor.cast %o12 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [203,  0,  207,  9]

  // shift_left_unsigned
  %i13_0 = arith.constant dense<[1, 241, 128, 255]> : tensor<4xui8>
  %i13_1 = arith.constant dense<[0, 3, 7, 8]> : tensor<4xui8>
  %o13 = call @shift_left_unsigned(%i13_0, %i13_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u13 = tensor.cast %o13 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [1,  136,  0,  0]

  // shift_right_unsigned
  %i14_0 = arith.constant dense<[1, 241, 128, 255]> : tensor<4xui8>
  %i14_1 = arith.constant dense<[0, 3, 7, 8]> : tensor<4xui8>
  %o14 = call @shift_right_unsigned(%i14_0, %i14_1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xf32>
  %u14 = tensor.cast %o14 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [1,  30,  1,  0]

  // shift_right_signed
  %i15_0 = arith.constant dense<[1, -15, -128, -5]> : tensor<4xi8>
  %i15_1 = arith.constant dense<[0, 3, 7, 9]> : tensor<4xi8>
  %o15 = call @shift_right_signed(%i15_0, %i15_1) : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xf32>
  %u15 = tensor.cast %o15 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u15) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [1,  -2,  -1,  -1]

  // pow_integers
  %i16_0 = arith.constant dense<[2, -3, 0, 1]> : tensor<4xi32>
  %i16_1 = arith.constant dense<[10, 3, 0, 200]> : tensor<4xui8>
  %o16 = call @pow_integers(%i16_0, %i16_1) : (tensor<4xi32>, tensor<4xui8>) -> tensor<4xf32>
  %u16 = tensor.cast %o16 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u16) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [1024,  -27,  1,  1]

  // pow_unsigned_float
  %i17_0 = arith.constant dense<[3, 15, 1]> : tensor<3xui8>
  %i17_1 = arith.constant dense<2.0> : tensor<f32>
  %o17 = call @pow_unsigned_float(%i17_0, %i17_1) : (tensor<3xui8>, tensor<f32>) -> tensor<3xf32>
  %u17 = tensor.cast %o17 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u17) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [9,  225,  1]

  // not_boolean
  %i18_0 = arith.constant dense<[true, false]> : tensor<2xi1>
  %o18 = call @not_boolean(%i18_0) : (tensor<2xi1>) -> tensor<2xf32>
  %u18 = tensor.cast %o18 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u18) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [0,  1]
  return
}
