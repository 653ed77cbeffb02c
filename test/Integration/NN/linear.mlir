// RUN: %lower_nn %s | %run_main | FileCheck %s
// Products of narrow types, and dense layers with a bias.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @signed_bytes(%0: tensor<2x3xi8>, %1: tensor<3x2xi8>) -> tensor<2x2xf32> {
  %y = nn.matmul %0, %1 : (tensor<2x3xi8>, tensor<3x2xi8>) -> tensor<2x2xi32>
  %f = nn.cast %y to f32 : tensor<2x2xi32> -> tensor<2x2xf32>
  return %f : tensor<2x2xf32>
}

func.func private @mixed_bytes(%0: tensor<2x3xui8>, %1: tensor<3x2xi8>) -> tensor<2x2xf32> {
  %y = nn.matmul %0, %1 : (tensor<2x3xui8>, tensor<3x2xi8>) -> tensor<2x2xi32>
  %f = nn.cast %y to f32 : tensor<2x2xi32> -> tensor<2x2xf32>
  return %f : tensor<2x2xf32>
}

func.func private @half(%0: tensor<2x3xf16>, %1: tensor<3x2xf16>) -> tensor<2x2xf32> {
  %y = nn.matmul %0, %1 : (tensor<2x3xf16>, tensor<3x2xf16>) -> tensor<2x2xf16>
  %f = nn.cast %y to f32 : tensor<2x2xf16> -> tensor<2x2xf32>
  return %f : tensor<2x2xf32>
}

func.func private @double(%0: tensor<2x3xf64>, %1: tensor<3x2xf64>) -> tensor<2x2xf32> {
  %y = nn.matmul %0, %1 : (tensor<2x3xf64>, tensor<3x2xf64>) -> tensor<2x2xf64>
  %f = nn.cast %y to f32 : tensor<2x2xf64> -> tensor<2x2xf32>
  return %f : tensor<2x2xf32>
}

func.func private @linear(%0: tensor<2x3xf32>, %1: tensor<4x3xf32>, %2: tensor<4xf32>) -> tensor<2x4xf32> {
  %y = nn.linear %0, %1, %2 : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

func.func private @linear_dynamic(%0: tensor<?x3xf32>, %1: tensor<4x3xf32>, %2: tensor<4xf32>) -> tensor<?x4xf32> {
  %y = nn.linear %0, %1, %2 : (tensor<?x3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

func.func private @linear_of_sequence(%0: tensor<2x2x3xf32>, %1: tensor<4x3xf32>) -> tensor<2x2x4xf32> {
  %y = nn.linear %0, %1 : (tensor<2x2x3xf32>, tensor<4x3xf32>) -> tensor<2x2x4xf32>
  return %y : tensor<2x2x4xf32>
}

func.func private @linear_of_vector(%0: tensor<3xf32>, %1: tensor<4x3xf32>, %2: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.linear %0, %1, %2 : (tensor<3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func private @linear_bytes(%0: tensor<2x3xui8>, %1: tensor<2x3xi8>, %2: tensor<2xi32>) -> tensor<2x2xf32> {
  %y = nn.linear %0, %1, %2 : (tensor<2x3xui8>, tensor<2x3xi8>, tensor<2xi32>) -> tensor<2x2xi32>
  %f = nn.cast %y to f32 : tensor<2x2xi32> -> tensor<2x2xf32>
  return %f : tensor<2x2xf32>
}

// In f16 the sum would stay at 2048.
func.func private @half_accumulates_in_float(%0: tensor<1x5000xf16>, %1: tensor<1x5000xf16>) -> tensor<1x1xf32> {
  %y = nn.linear %0, %1 : (tensor<1x5000xf16>, tensor<1x5000xf16>) -> tensor<1x1xf16>
  %f = nn.cast %y to f32 : tensor<1x1xf16> -> tensor<1x1xf32>
  return %f : tensor<1x1xf32>
}

func.func @main() {
  // signed_bytes
  %i0_0 = arith.constant dense<[[80, 87, 23], [-100, 63, 26]]> : tensor<2x3xi8>
  %i0_1 = arith.constant dense<[[104, -6], [-84, 24], [-12, 40]]> : tensor<3x2xi8>
  %o0 = call @signed_bytes(%i0_0, %i0_1) : (tensor<2x3xi8>, tensor<3x2xi8>) -> tensor<2x2xf32>
  %u0 = tensor.cast %o0 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}736,  2528],
  // CHECK-NEXT: [-16004,  3152]]

  // mixed_bytes
  %i1_0 = arith.constant dense<[[221, 217, 207], [253, 242, 226]]> : tensor<2x3xui8>
  %i1_1 = arith.constant dense<[[-122, -111], [-117, -111], [-126, -123]]> : tensor<3x2xi8>
  %o1 = call @mixed_bytes(%i1_0, %i1_1) : (tensor<2x3xui8>, tensor<3x2xi8>) -> tensor<2x2xf32>
  %u1 = tensor.cast %o1 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-78433,  -74079],
  // CHECK-NEXT: [-87656,  -82743]]

  // half
  %i2_0 = arith.constant dense<[[2.0, -4.0, 2.0], [-1.0, -4.0, 2.0]]> : tensor<2x3xf16>
  %i2_1 = arith.constant dense<[[2.0, 3.0], [4.0, 2.0], [3.0, -3.0]]> : tensor<3x2xf16>
  %o2 = call @half(%i2_0, %i2_1) : (tensor<2x3xf16>, tensor<3x2xf16>) -> tensor<2x2xf32>
  %u2 = tensor.cast %o2 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-6,  -8],
  // CHECK-NEXT: [-12,  -17]]

  // double
  %i3_0 = arith.constant dense<[[4.0, 4.0, 2.0], [3.0, 2.0, 3.0]]> : tensor<2x3xf64>
  %i3_1 = arith.constant dense<[[4.0, 0.0], [3.0, 4.0], [-2.0, -4.0]]> : tensor<3x2xf64>
  %o3 = call @double(%i3_0, %i3_1) : (tensor<2x3xf64>, tensor<3x2xf64>) -> tensor<2x2xf32>
  %u3 = tensor.cast %o3 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}24,  8],
  // CHECK-NEXT: [12,  -4]]

  // linear
  %i4_0 = arith.constant dense<[[-3.0, -4.0, -1.0], [-4.0, -2.0, -2.0]]> : tensor<2x3xf32>
  %i4_1 = arith.constant dense<[[2.0, -2.0, 4.0], [-3.0, 4.0, 1.0], [-2.0, -4.0, -2.0], [1.0, -4.0, -3.0]]> :
      tensor<4x3xf32>
  %i4_2 = arith.constant dense<[-3.0, 2.0, -4.0, -4.0]> : tensor<4xf32>
  %o4 = call @linear(%i4_0, %i4_1, %i4_2) : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %u4 = tensor.cast %o4 : tensor<2x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-5,  -6,  20,  12],
  // CHECK-NEXT: [-15,  4,  16,  6]]

  // linear_dynamic
  %i5_0 = arith.constant dense<[[-3.0, -4.0, -1.0], [-4.0, -2.0, -2.0]]> : tensor<2x3xf32>
  %d5_0 = tensor.cast %i5_0 : tensor<2x3xf32> to tensor<?x3xf32>
  %i5_1 = arith.constant dense<[[2.0, -2.0, 4.0], [-3.0, 4.0, 1.0], [-2.0, -4.0, -2.0], [1.0, -4.0, -3.0]]> :
      tensor<4x3xf32>
  %i5_2 = arith.constant dense<[-3.0, 2.0, -4.0, -4.0]> : tensor<4xf32>
  %o5 = call @linear_dynamic(%d5_0, %i5_1, %i5_2) : (tensor<?x3xf32>, tensor<4x3xf32>, tensor<4xf32>) ->
      tensor<?x4xf32>
  %u5 = tensor.cast %o5 : tensor<?x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-5,  -6,  20,  12],
  // CHECK-NEXT: [-15,  4,  16,  6]]

  // linear_of_sequence
  %i6_0 = arith.constant dense<[[[0.0, -2.0, 1.0], [4.0, 3.0, 0.0]], [[1.0, 3.0, -1.0], [1.0, -3.0, 1.0]]]> :
      tensor<2x2x3xf32>
  %i6_1 = arith.constant dense<[[2.0, -2.0, 4.0], [-3.0, 4.0, 1.0], [-2.0, -4.0, -2.0], [1.0, -4.0, -3.0]]> :
      tensor<4x3xf32>
  %o6 = call @linear_of_sequence(%i6_0, %i6_1) : (tensor<2x2x3xf32>, tensor<4x3xf32>) -> tensor<2x2x4xf32>
  %u6 = tensor.cast %o6 : tensor<2x2x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}8,  -7,  6,  5],
  // CHECK-NEXT: [2,  {{-?}}0,  -20,  -8]],
  // CHECK-NEXT: {{\[\[}}-8,  8,  -12,  -8],
  // CHECK-NEXT: [12,  -14,  8,  10]]]

  // linear_of_vector
  %i7_0 = arith.constant dense<[-2.0, -3.0, 2.0]> : tensor<3xf32>
  %i7_1 = arith.constant dense<[[2.0, -2.0, 4.0], [-3.0, 4.0, 1.0], [-2.0, -4.0, -2.0], [1.0, -4.0, -3.0]]> :
      tensor<4x3xf32>
  %i7_2 = arith.constant dense<[-3.0, 2.0, -4.0, -4.0]> : tensor<4xf32>
  %o7 = call @linear_of_vector(%i7_0, %i7_1, %i7_2) : (tensor<3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<4xf32>
  %u7 = tensor.cast %o7 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [7,  -2,  8,  {{-?}}0]

  // linear_bytes
  %i8_0 = arith.constant dense<[[232, 221, 202], [213, 244, 226]]> : tensor<2x3xui8>
  %i8_1 = arith.constant dense<[[117, 102, 90], [-124, -116, 20]]> : tensor<2x3xi8>
  %i8_2 = arith.constant dense<[-323, 683]> : tensor<2xi32>
  %o8 = call @linear_bytes(%i8_0, %i8_1, %i8_2) : (tensor<2x3xui8>, tensor<2x3xi8>, tensor<2xi32>) -> tensor<2x2xf32>
  %u8 = tensor.cast %o8 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}67543,  -49681],
  // CHECK-NEXT: [69826,  -49513]]

  // half_accumulates_in_float
  %i9_0 = arith.constant dense<1.0> : tensor<1x5000xf16>
  %i9_1 = arith.constant dense<1.0> : tensor<1x5000xf16>
  %o9 = call @half_accumulates_in_float(%i9_0, %i9_1) : (tensor<1x5000xf16>, tensor<1x5000xf16>) -> tensor<1x1xf32>
  %u9 = tensor.cast %o9 : tensor<1x1xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5000]]
  return
}
