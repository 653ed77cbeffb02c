// RUN: %lower_nn %s | %run_main | FileCheck %s
// Conversions: floats truncate, integers wrap, NaN is 0 as an integer.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @float_to_i8(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.cast %0 to i8 : tensor<5xf32> -> tensor<5xi8>
  %f = nn.cast %y to f32 : tensor<5xi8> -> tensor<5xf32>
  return %f : tensor<5xf32>
}

func.func private @float_to_ui8(%0: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.cast %0 to ui8 : tensor<3xf32> -> tensor<3xui8>
  %f = nn.cast %y to f32 : tensor<3xui8> -> tensor<3xf32>
  return %f : tensor<3xf32>
}

// Numbers beyond 32 bits are limited.
func.func private @float_to_i32(%0: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.cast %0 to i32 : tensor<4xf32> -> tensor<4xi32>
  %f = nn.cast %y to f32 : tensor<4xi32> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @float_to_i64(%0: tensor<2xf32>) -> tensor<2xf32> {
  %y = nn.cast %0 to i64 : tensor<2xf32> -> tensor<2xi64>
  %f = nn.cast %y to f32 : tensor<2xi64> -> tensor<2xf32>
  return %f : tensor<2xf32>
}

func.func private @float_to_ui64(%0: tensor<2xf32>) -> tensor<2xf32> {
  %y = nn.cast %0 to ui64 : tensor<2xf32> -> tensor<2xui64>
  %f = nn.cast %y to f32 : tensor<2xui64> -> tensor<2xf32>
  return %f : tensor<2xf32>
}

func.func private @float_to_boolean(%0: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.cast %0 to i1 : tensor<4xf32> -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @ui8_to_float(%0: tensor<2xui8>) -> tensor<2xf32> {
  %y = nn.cast %0 to f32 : tensor<2xui8> -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func private @i8_to_float(%0: tensor<2xi8>) -> tensor<2xf32> {
  %y = nn.cast %0 to f32 : tensor<2xi8> -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func private @boolean_to_float(%0: tensor<2xi1>) -> tensor<2xf32> {
  %y = nn.cast %0 to f32 : tensor<2xi1> -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func private @ui8_to_i32(%0: tensor<2xui8>) -> tensor<2xf32> {
  %y = nn.cast %0 to i32 : tensor<2xui8> -> tensor<2xi32>
  %f = nn.cast %y to f32 : tensor<2xi32> -> tensor<2xf32>
  return %f : tensor<2xf32>
}

func.func private @i8_to_i32(%0: tensor<2xi8>) -> tensor<2xf32> {
  %y = nn.cast %0 to i32 : tensor<2xi8> -> tensor<2xi32>
  %f = nn.cast %y to f32 : tensor<2xi32> -> tensor<2xf32>
  return %f : tensor<2xf32>
}

func.func private @ui8_to_i8(%0: tensor<2xui8>) -> tensor<2xf32> {
  %y = nn.cast %0 to i8 : tensor<2xui8> -> tensor<2xi8>
  %f = nn.cast %y to f32 : tensor<2xi8> -> tensor<2xf32>
  return %f : tensor<2xf32>
}

func.func private @integer_to_boolean(%0: tensor<3xi32>) -> tensor<3xf32> {
  %y = nn.cast %0 to i1 : tensor<3xi32> -> tensor<3xi1>
  %f = nn.cast %y to f32 : tensor<3xi1> -> tensor<3xf32>
  return %f : tensor<3xf32>
}

func.func private @float_to_half(%0: tensor<2xf32>) -> tensor<2xf32> {
  %y = nn.cast %0 to f16 : tensor<2xf32> -> tensor<2xf16>
  %f = nn.cast %y to f32 : tensor<2xf16> -> tensor<2xf32>
  return %f : tensor<2xf32>
}

func.func private @float_to_bfloat(%0: tensor<2xf32>) -> tensor<2xf32> {
  %y = nn.cast %0 to bf16 : tensor<2xf32> -> tensor<2xbf16>
  %f = nn.cast %y to f32 : tensor<2xbf16> -> tensor<2xf32>
  return %f : tensor<2xf32>
}

func.func private @is_nan(%0: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.is_nan %0 : tensor<4xf32> -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @is_inf(%0: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.is_inf %0 {positive, negative} : tensor<4xf32> -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @is_negative_inf(%0: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.is_inf %0 {negative} : tensor<4xf32> -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func @main() {
  // float_to_i8
  %i0_0 = arith.constant dense<[-1.899999976158142, 1.899999976158142, 127.0, 200.0, 0x7FC00000]> : tensor<5xf32>
  %o0 = call @float_to_i8(%i0_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u0 = tensor.cast %o0 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-1,  1,  127,  -56,  0]

  // float_to_ui8
  %i1_0 = arith.constant dense<[1.899999976158142, 255.5, 256.0]> : tensor<3xf32>
  %o1 = call @float_to_ui8(%i1_0) : (tensor<3xf32>) -> tensor<3xf32>
  %u1 = tensor.cast %o1 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [1,  255,  0]

  // float_to_i32
  %i2_0 = arith.constant dense<[-2.5, 1000000.0, 10000000000.0, 0x7FC00000]> : tensor<4xf32>
  %o2 = call @float_to_i32(%i2_0) : (tensor<4xf32>) -> tensor<4xf32>
  %u2 = tensor.cast %o2 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [-2,  1e+06,  2.14748e+09,  0]

  // float_to_i64
  %i3_0 = arith.constant dense<[-2.5, 10000000000.0]> : tensor<2xf32>
  %o3 = call @float_to_i64(%i3_0) : (tensor<2xf32>) -> tensor<2xf32>
  %u3 = tensor.cast %o3 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [-2,  1e+10]

  // float_to_ui64
  %i4_0 = arith.constant dense<[2.5, 9.999999980506448e+18]> : tensor<2xf32>
  %o4 = call @float_to_ui64(%i4_0) : (tensor<2xf32>) -> tensor<2xf32>
  %u4 = tensor.cast %o4 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [2,  1e+19]

  // float_to_boolean
  %i5_0 = arith.constant dense<[0.0, -0.0, 0.10000000149011612, 0x7FC00000]> : tensor<4xf32>
  %o5 = call @float_to_boolean(%i5_0) : (tensor<4xf32>) -> tensor<4xf32>
  %u5 = tensor.cast %o5 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [0,  0,  1,  1]

  // ui8_to_float
  %i6_0 = arith.constant dense<[1, 200]> : tensor<2xui8>
  %o6 = call @ui8_to_float(%i6_0) : (tensor<2xui8>) -> tensor<2xf32>
  %u6 = tensor.cast %o6 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [1,  200]

  // i8_to_float
  %i7_0 = arith.constant dense<[1, -56]> : tensor<2xi8>
  %o7 = call @i8_to_float(%i7_0) : (tensor<2xi8>) -> tensor<2xf32>
  %u7 = tensor.cast %o7 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [1,  -56]

  // boolean_to_float
  %i8_0 = arith.constant dense<[true, false]> : tensor<2xi1>
  %o8 = call @boolean_to_float(%i8_0) : (tensor<2xi1>) -> tensor<2xf32>
  %u8 = tensor.cast %o8 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [1,  0]

  // ui8_to_i32
  %i9_0 = arith.constant dense<[1, 200]> : tensor<2xui8>
  %o9 = call @ui8_to_i32(%i9_0) : (tensor<2xui8>) -> tensor<2xf32>
  %u9 = tensor.cast %o9 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [1,  200]

  // i8_to_i32
  %i10_0 = arith.constant dense<[1, -56]> : tensor<2xi8>
  %o10 = call @i8_to_i32(%i10_0) : (tensor<2xi8>) -> tensor<2xf32>
  %u10 = tensor.cast %o10 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [1,  -56]

  // ui8_to_i8
  %i11_0 = arith.constant dense<[1, 200]> : tensor<2xui8>
  %o11 = call @ui8_to_i8(%i11_0) : (tensor<2xui8>) -> tensor<2xf32>
  %u11 = tensor.cast %o11 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [1,  -56]

  // integer_to_boolean
  %i12_0 = arith.constant dense<[0, 256, -1]> : tensor<3xi32>
  %o12 = call @integer_to_boolean(%i12_0) : (tensor<3xi32>) -> tensor<3xf32>
  %u12 = tensor.cast %o12 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [0,  1,  1]

  // float_to_half
  %i13_0 = arith.constant dense<[2049.0, 0.0010000000474974513]> : tensor<2xf32>
  %o13 = call @float_to_half(%i13_0) : (tensor<2xf32>) -> tensor<2xf32>
  %u13 = tensor.cast %o13 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [2048,  0.0010004]

  // float_to_bfloat
  %i14_0 = arith.constant dense<[257.0, 1.5]> : tensor<2xf32>
  %o14 = call @float_to_bfloat(%i14_0) : (tensor<2xf32>) -> tensor<2xf32>
  %u14 = tensor.cast %o14 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [256,  1.5]

  // is_nan
  %i15_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5]> : tensor<4xf32>
  %o15 = call @is_nan(%i15_0) : (tensor<4xf32>) -> tensor<4xf32>
  %u15 = tensor.cast %o15 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u15) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [1,  0,  0,  0]

  // is_inf
  %i16_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5]> : tensor<4xf32>
  %o16 = call @is_inf(%i16_0) : (tensor<4xf32>) -> tensor<4xf32>
  %u16 = tensor.cast %o16 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u16) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [0,  1,  1,  0]

  // is_negative_inf
  %i17_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5]> : tensor<4xf32>
  %o17 = call @is_negative_inf(%i17_0) : (tensor<4xf32>) -> tensor<4xf32>
  %u17 = tensor.cast %o17 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u17) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [0,  0,  1,  0]
  return
}
