// RUN: %lower_nn %s | %run_main | FileCheck %s
// Functions of two operands, comparisons and choices.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @div(%0: tensor<2x3xf32>, %1: tensor<3xf32>) -> tensor<2x3xf32> {
  %y = nn.div %0, %1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @max_nan(%0: tensor<3xf32>, %1: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.max %0, %1 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

func.func private @min_nan(%0: tensor<3xf32>, %1: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.min %0, %1 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

func.func private @rem(%0: tensor<3xf32>, %1: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.rem %0, %1 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

func.func private @prelu(%0: tensor<2x3x2xf32>, %1: tensor<3x1xf32>) -> tensor<2x3x2xf32> {
  %y = nn.prelu %0, %1 : (tensor<2x3x2xf32>, tensor<3x1xf32>) -> tensor<2x3x2xf32>
  return %y : tensor<2x3x2xf32>
}

func.func private @pow(%0: tensor<3xf32>, %1: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.pow %0, %1 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %z = nn.round %s : tensor<3xf32>
  return %z : tensor<3xf32>
}

func.func private @pow_two(%0: tensor<3xf32>) -> tensor<3xf32> {
  %c = arith.constant dense<2.0> : tensor<f32>
  %y = nn.pow %0, %c : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

func.func private @compare_lt(%0: tensor<4xf32>, %1: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.compare lt %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @compare_le(%0: tensor<4xf32>, %1: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.compare le %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @compare_gt(%0: tensor<4xf32>, %1: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.compare gt %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @compare_ge(%0: tensor<4xf32>, %1: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.compare ge %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @compare_eq(%0: tensor<4xf32>, %1: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.compare eq %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @compare_ne(%0: tensor<4xf32>, %1: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.compare ne %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %f = nn.cast %y to f32 : tensor<4xi1> -> tensor<4xf32>
  return %f : tensor<4xf32>
}

func.func private @select(%0: tensor<2x1xi1>, %1: tensor<2x3xf32>, %2: tensor<3xf32>) -> tensor<2x3xf32> {
  %y = nn.select %0, %1, %2 : (tensor<2x1xi1>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @select_dynamic(%0: tensor<?x?xi1>, %1: tensor<?x3xf32>, %2: tensor<3xf32>) -> tensor<?x?xf32> {
  %y = nn.select %0, %1, %2 : (tensor<?x?xi1>, tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func @main() {
  // div
  %i0_0 = arith.constant dense<[[-4.0, -2.0, 0.0], [2.0, 0.0, 1.0]]> : tensor<2x3xf32>
  %i0_1 = arith.constant dense<[2.0, 4.0, -8.0]> : tensor<3xf32>
  %o0 = call @div(%i0_0, %i0_1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %u0 = tensor.cast %o0 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-2,  -0.5,  {{-?}}0],
  // CHECK-NEXT: [1,  {{-?}}0,  -0.125]]

  // max_nan
  %i1_0 = arith.constant dense<[0x7FC00000, 1.0, 0xFF800000]> : tensor<3xf32>
  %i1_1 = arith.constant dense<[1.0, 0x7FC00000, -3.0]> : tensor<3xf32>
  %o1 = call @max_nan(%i1_0, %i1_1) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %u1 = tensor.cast %o1 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}},  {{-?nan}},  -3]

  // min_nan
  %i2_0 = arith.constant dense<[0x7FC00000, 1.0, 0xFF800000]> : tensor<3xf32>
  %i2_1 = arith.constant dense<[1.0, 0x7FC00000, -3.0]> : tensor<3xf32>
  %o2 = call @min_nan(%i2_0, %i2_1) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %u2 = tensor.cast %o2 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}},  {{-?nan}},  -inf]

  // rem
  %i3_0 = arith.constant dense<[5.5, -5.5, 5.5]> : tensor<3xf32>
  %i3_1 = arith.constant dense<[2.0, 2.0, -2.0]> : tensor<3xf32>
  %o3 = call @rem(%i3_0, %i3_1) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %u3 = tensor.cast %o3 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [1.5,  -1.5,  1.5]

  // prelu
  %i4_0 = arith.constant dense<[[[3.0, 2.0], [-1.0, 1.0], [1.0, -4.0]], [[-4.0, 1.0], [-1.0, 1.0], [-2.0, -2.0]]]> :
      tensor<2x3x2xf32>
  %i4_1 = arith.constant dense<[[-3.0], [-1.0], [3.0]]> : tensor<3x1xf32>
  %o4 = call @prelu(%i4_0, %i4_1) : (tensor<2x3x2xf32>, tensor<3x1xf32>) -> tensor<2x3x2xf32>
  %u4 = tensor.cast %o4 : tensor<2x3x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}3,  2],
  // CHECK-NEXT: [1,  1],
  // CHECK-NEXT: [1,  -12]],
  // CHECK-NEXT: {{\[\[}}12,  1],
  // CHECK-NEXT: [1,  1],
  // CHECK-NEXT: [-6,  -6]]]

  // pow
  %i5_0 = arith.constant dense<[2.0, 3.0, 0.5]> : tensor<3xf32>
  %i5_1 = arith.constant dense<[0.5, 2.0, -3.0]> : tensor<3xf32>
  %o5 = call @pow(%i5_0, %i5_1) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %u5 = tensor.cast %o5 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [1414,  9000,  8000]

  // pow_two
  %i6_0 = arith.constant dense<[-2.0, 3.0, 0.5]> : tensor<3xf32>
  %o6 = call @pow_two(%i6_0) : (tensor<3xf32>) -> tensor<3xf32>
  %u6 = tensor.cast %o6 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3] {{.*}} data =
  // CHECK-NEXT: [4,  9,  0.25]

  // compare_lt
  %i7_0 = arith.constant dense<[1.0, 2.0, 3.0, 0x7FC00000]> : tensor<4xf32>
  %i7_1 = arith.constant dense<[2.0, 2.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  %o7 = call @compare_lt(%i7_0, %i7_1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %u7 = tensor.cast %o7 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [1,  0,  0,  0]

  // compare_le
  %i8_0 = arith.constant dense<[1.0, 2.0, 3.0, 0x7FC00000]> : tensor<4xf32>
  %i8_1 = arith.constant dense<[2.0, 2.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  %o8 = call @compare_le(%i8_0, %i8_1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %u8 = tensor.cast %o8 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [1,  1,  0,  0]

  // compare_gt
  %i9_0 = arith.constant dense<[1.0, 2.0, 3.0, 0x7FC00000]> : tensor<4xf32>
  %i9_1 = arith.constant dense<[2.0, 2.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  %o9 = call @compare_gt(%i9_0, %i9_1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %u9 = tensor.cast %o9 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [0,  0,  1,  0]

  // compare_ge
  %i10_0 = arith.constant dense<[1.0, 2.0, 3.0, 0x7FC00000]> : tensor<4xf32>
  %i10_1 = arith.constant dense<[2.0, 2.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  %o10 = call @compare_ge(%i10_0, %i10_1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %u10 = tensor.cast %o10 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [0,  1,  1,  0]

  // compare_eq
  %i11_0 = arith.constant dense<[1.0, 2.0, 3.0, 0x7FC00000]> : tensor<4xf32>
  %i11_1 = arith.constant dense<[2.0, 2.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  %o11 = call @compare_eq(%i11_0, %i11_1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %u11 = tensor.cast %o11 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [0,  1,  0,  0]

  // compare_ne
  %i12_0 = arith.constant dense<[1.0, 2.0, 3.0, 0x7FC00000]> : tensor<4xf32>
  %i12_1 = arith.constant dense<[2.0, 2.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  %o12 = call @compare_ne(%i12_0, %i12_1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %u12 = tensor.cast %o12 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4] {{.*}} data =
  // CHECK-NEXT: [1,  0,  1,  1]

  // select
  %i13_0 = arith.constant dense<[[true], [false]]> : tensor<2x1xi1>
  %i13_1 = arith.constant dense<[[-1.0, -1.0, 1.0], [4.0, -1.0, 1.0]]> : tensor<2x3xf32>
  %i13_2 = arith.constant dense<[-1.0, 1.0, 0.0]> : tensor<3xf32>
  %o13 = call @select(%i13_0, %i13_1, %i13_2) : (tensor<2x1xi1>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %u13 = tensor.cast %o13 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-1,  -1,  1],
  // CHECK-NEXT: [-1,  1,  0]]

  // select_dynamic
  %i14_0 = arith.constant dense<[[true], [false]]> : tensor<2x1xi1>
  %d14_0 = tensor.cast %i14_0 : tensor<2x1xi1> to tensor<?x?xi1>
  %i14_1 = arith.constant dense<[[-1.0, -1.0, 1.0], [4.0, -1.0, 1.0]]> : tensor<2x3xf32>
  %d14_1 = tensor.cast %i14_1 : tensor<2x3xf32> to tensor<?x3xf32>
  %i14_2 = arith.constant dense<[-1.0, 1.0, 0.0]> : tensor<3xf32>
  %o14 = call @select_dynamic(%d14_0, %d14_1, %i14_2) : (tensor<?x?xi1>, tensor<?x3xf32>, tensor<3xf32>) ->
      tensor<?x?xf32>
  %u14 = tensor.cast %o14 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-1,  -1,  1],
  // CHECK-NEXT: [-1,  1,  0]]
  return
}
