// RUN: %lower_nn %s | %run_main | FileCheck %s
// Reshapes of known and unknown sizes.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @collapse(%0: tensor<2x3x4xf32>) -> tensor<2x12xf32> {
  %y = nn.reshape %0 {shape = array<i64: 0, -1>} : tensor<2x3x4xf32> -> tensor<2x12xf32>
  return %y : tensor<2x12xf32>
}

func.func private @expand(%0: tensor<2x3x4xf32>) -> tensor<2x3x2x2xf32> {
  %y = nn.reshape %0 {shape = array<i64: 2, 3, 2, 2>} : tensor<2x3x4xf32> -> tensor<2x3x2x2xf32>
  return %y : tensor<2x3x2x2xf32>
}

func.func private @both(%0: tensor<2x3x4xf32>) -> tensor<6x4xf32> {
  %y = nn.reshape %0 {shape = array<i64: 6, 4>} : tensor<2x3x4xf32> -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}

func.func private @crossing(%0: tensor<2x3x4xf32>) -> tensor<4x6xf32> {
  %y = nn.reshape %0 {shape = array<i64: 4, 6>} : tensor<2x3x4xf32> -> tensor<4x6xf32>
  return %y : tensor<4x6xf32>
}

func.func private @flatten(%0: tensor<2x3x4xf32>) -> tensor<24xf32> {
  %y = nn.reshape %0 {shape = array<i64: -1>} : tensor<2x3x4xf32> -> tensor<24xf32>
  return %y : tensor<24xf32>
}

func.func private @unit_dims(%0: tensor<2x3x4xf32>) -> tensor<1x2x3x4x1xf32> {
  %y = nn.reshape %0 {shape = array<i64: 1, 2, 3, 4, 1>} : tensor<2x3x4xf32> -> tensor<1x2x3x4x1xf32>
  return %y : tensor<1x2x3x4x1xf32>
}

func.func private @dynamic_prefix(%0: tensor<?x3x4xf32>) -> tensor<?x?xf32> {
  %y = nn.reshape %0 {shape = array<i64: 0, -1>} : tensor<?x3x4xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @dynamic_suffix(%0: tensor<?x?x4xf32>) -> tensor<?x?xf32> {
  %y = nn.reshape %0 {shape = array<i64: -1, 4>} : tensor<?x?x4xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @dynamic_crossing(%0: tensor<?x?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.reshape %0 {shape = array<i64: 4, -1>} : tensor<?x?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @dynamic_split(%0: tensor<?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %y = nn.reshape %0 {shape = array<i64: 0, 0, 2, -1>} : tensor<?x?x?xf32> -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

func.func private @dynamic_merge_and_split(%0: tensor<?x3x4xf32>) -> tensor<?x?x?x?xf32> {
  %y = nn.reshape %0 {shape = array<i64: -1, 3, 2, 2>} : tensor<?x3x4xf32> -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

func.func private @known_afterwards(%0: tensor<?x3x4xf32>) -> tensor<2x12xf32> {
  %y = nn.reshape %0 {shape = array<i64: -1, 12>} : tensor<?x3x4xf32> -> tensor<2x12xf32>
  return %y : tensor<2x12xf32>
}

func.func private @scalar_to_vector(%0: tensor<f32>) -> tensor<1xf32> {
  %y = nn.reshape %0 {shape = array<i64: 1>} : tensor<f32> -> tensor<1xf32>
  return %y : tensor<1xf32>
}

func.func private @to_scalar(%0: tensor<1x1xf32>) -> tensor<f32> {
  %y = nn.reshape %0 {shape = array<i64>} : tensor<1x1xf32> -> tensor<f32>
  return %y : tensor<f32>
}

func.func private @dynamic_to_scalar(%0: tensor<?x?xf32>) -> tensor<f32> {
  %y = nn.reshape %0 {shape = array<i64>} : tensor<?x?xf32> -> tensor<f32>
  return %y : tensor<f32>
}

func.func private @bytes(%0: tensor<2x3xui8>) -> tensor<3x2xf32> {
  %y = nn.reshape %0 {shape = array<i64: 3, -1>} : tensor<2x3xui8> -> tensor<3x2xui8>
  %f = nn.cast %y to f32 : tensor<3x2xui8> -> tensor<3x2xf32>
  return %f : tensor<3x2xf32>
}

func.func @main() {
  // collapse
  %i0_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %o0 = call @collapse(%i0_0) : (tensor<2x3x4xf32>) -> tensor<2x12xf32>
  %u0 = tensor.cast %o0 : tensor<2x12xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 12] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,  11],
  // CHECK-NEXT: [12,  13,  14,  15,  16,  17,  18,  19,  20,  21,  22,  23]]

  // expand
  %i1_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %o1 = call @expand(%i1_0) : (tensor<2x3x4xf32>) -> tensor<2x3x2x2xf32>
  %u1 = tensor.cast %o1 : tensor<2x3x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}{{-?}}0,  1],
  // CHECK-NEXT: [2,  3]],
  // CHECK-NEXT: {{\[\[}}4,  5],
  // CHECK-NEXT: [6,  7]],
  // CHECK-NEXT: {{\[\[}}8,  9],
  // CHECK-NEXT: [10,  11]]],
  // CHECK-NEXT: {{\[\[\[}}12,  13],
  // CHECK-NEXT: [14,  15]],
  // CHECK-NEXT: {{\[\[}}16,  17],
  // CHECK-NEXT: [18,  19]],
  // CHECK-NEXT: {{\[\[}}20,  21],
  // CHECK-NEXT: [22,  23]]]]

  // both
  %i2_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %o2 = call @both(%i2_0) : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %u2 = tensor.cast %o2 : tensor<6x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  1,  2,  3],
  // CHECK-NEXT: [4,  5,  6,  7],
  // CHECK-NEXT: [8,  9,  10,  11],
  // CHECK-NEXT: [12,  13,  14,  15],
  // CHECK-NEXT: [16,  17,  18,  19],
  // CHECK-NEXT: [20,  21,  22,  23]]

  // crossing
  %i3_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %o3 = call @crossing(%i3_0) : (tensor<2x3x4xf32>) -> tensor<4x6xf32>
  %u3 = tensor.cast %o3 : tensor<4x6xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 6] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  1,  2,  3,  4,  5],
  // CHECK-NEXT: [6,  7,  8,  9,  10,  11],
  // CHECK-NEXT: [12,  13,  14,  15,  16,  17],
  // CHECK-NEXT: [18,  19,  20,  21,  22,  23]]

  // flatten
  %i4_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %o4 = call @flatten(%i4_0) : (tensor<2x3x4xf32>) -> tensor<24xf32>
  %u4 = tensor.cast %o4 : tensor<24xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [24] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,  11,  12,  13,  14,  15,  16,  17,  18,  19,  20,  21,  22,  23]

  // unit_dims
  %i5_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %o5 = call @unit_dims(%i5_0) : (tensor<2x3x4xf32>) -> tensor<1x2x3x4x1xf32>
  %u5 = tensor.cast %o5 : tensor<1x2x3x4x1xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 3, 4, 1] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[\[}}{{-?}}0],
  // CHECK-NEXT: [1],
  // CHECK-NEXT: [2],
  // CHECK-NEXT: [3]],
  // CHECK-NEXT: {{\[\[}}4],
  // CHECK-NEXT: [5],
  // CHECK-NEXT: [6],
  // CHECK-NEXT: [7]],
  // CHECK-NEXT: {{\[\[}}8],
  // CHECK-NEXT: [9],
  // CHECK-NEXT: [10],
  // CHECK-NEXT: [11]]],
  // CHECK-NEXT: {{\[\[\[}}12],
  // CHECK-NEXT: [13],
  // CHECK-NEXT: [14],
  // CHECK-NEXT: [15]],
  // CHECK-NEXT: {{\[\[}}16],
  // CHECK-NEXT: [17],
  // CHECK-NEXT: [18],
  // CHECK-NEXT: [19]],
  // CHECK-NEXT: {{\[\[}}20],
  // CHECK-NEXT: [21],
  // CHECK-NEXT: [22],
  // CHECK-NEXT: [23]]]]]

  // dynamic_prefix
  %i6_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %d6_0 = tensor.cast %i6_0 : tensor<2x3x4xf32> to tensor<?x3x4xf32>
  %o6 = call @dynamic_prefix(%d6_0) : (tensor<?x3x4xf32>) -> tensor<?x?xf32>
  %u6 = tensor.cast %o6 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 12] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,  11],
  // CHECK-NEXT: [12,  13,  14,  15,  16,  17,  18,  19,  20,  21,  22,  23]]

  // dynamic_suffix
  %i7_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %d7_0 = tensor.cast %i7_0 : tensor<2x3x4xf32> to tensor<?x?x4xf32>
  %o7 = call @dynamic_suffix(%d7_0) : (tensor<?x?x4xf32>) -> tensor<?x?xf32>
  %u7 = tensor.cast %o7 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  1,  2,  3],
  // CHECK-NEXT: [4,  5,  6,  7],
  // CHECK-NEXT: [8,  9,  10,  11],
  // CHECK-NEXT: [12,  13,  14,  15],
  // CHECK-NEXT: [16,  17,  18,  19],
  // CHECK-NEXT: [20,  21,  22,  23]]

  // dynamic_crossing
  %i8_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %d8_0 = tensor.cast %i8_0 : tensor<2x3x4xf32> to tensor<?x?x?xf32>
  %o8 = call @dynamic_crossing(%d8_0) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
  %u8 = tensor.cast %o8 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 6] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  1,  2,  3,  4,  5],
  // CHECK-NEXT: [6,  7,  8,  9,  10,  11],
  // CHECK-NEXT: [12,  13,  14,  15,  16,  17],
  // CHECK-NEXT: [18,  19,  20,  21,  22,  23]]

  // dynamic_split
  %i9_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %d9_0 = tensor.cast %i9_0 : tensor<2x3x4xf32> to tensor<?x?x?xf32>
  %o9 = call @dynamic_split(%d9_0) : (tensor<?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %u9 = tensor.cast %o9 : tensor<?x?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}{{-?}}0,  1],
  // CHECK-NEXT: [2,  3]],
  // CHECK-NEXT: {{\[\[}}4,  5],
  // CHECK-NEXT: [6,  7]],
  // CHECK-NEXT: {{\[\[}}8,  9],
  // CHECK-NEXT: [10,  11]]],
  // CHECK-NEXT: {{\[\[\[}}12,  13],
  // CHECK-NEXT: [14,  15]],
  // CHECK-NEXT: {{\[\[}}16,  17],
  // CHECK-NEXT: [18,  19]],
  // CHECK-NEXT: {{\[\[}}20,  21],
  // CHECK-NEXT: [22,  23]]]]

  // dynamic_merge_and_split
  %i10_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %d10_0 = tensor.cast %i10_0 : tensor<2x3x4xf32> to tensor<?x3x4xf32>
  %o10 = call @dynamic_merge_and_split(%d10_0) : (tensor<?x3x4xf32>) -> tensor<?x?x?x?xf32>
  %u10 = tensor.cast %o10 : tensor<?x?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}{{-?}}0,  1],
  // CHECK-NEXT: [2,  3]],
  // CHECK-NEXT: {{\[\[}}4,  5],
  // CHECK-NEXT: [6,  7]],
  // CHECK-NEXT: {{\[\[}}8,  9],
  // CHECK-NEXT: [10,  11]]],
  // CHECK-NEXT: {{\[\[\[}}12,  13],
  // CHECK-NEXT: [14,  15]],
  // CHECK-NEXT: {{\[\[}}16,  17],
  // CHECK-NEXT: [18,  19]],
  // CHECK-NEXT: {{\[\[}}20,  21],
  // CHECK-NEXT: [22,  23]]]]

  // known_afterwards
  %i11_0 = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]], [[12.0, 13.0,
      14.0, 15.0], [16.0, 17.0, 18.0, 19.0], [20.0, 21.0, 22.0, 23.0]]]> : tensor<2x3x4xf32>
  %d11_0 = tensor.cast %i11_0 : tensor<2x3x4xf32> to tensor<?x3x4xf32>
  %o11 = call @known_afterwards(%d11_0) : (tensor<?x3x4xf32>) -> tensor<2x12xf32>
  %u11 = tensor.cast %o11 : tensor<2x12xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 12] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,  11],
  // CHECK-NEXT: [12,  13,  14,  15,  16,  17,  18,  19,  20,  21,  22,  23]]

  // scalar_to_vector
  %i12_0 = arith.constant dense<7.0> : tensor<f32>
  %o12 = call @scalar_to_vector(%i12_0) : (tensor<f32>) -> tensor<1xf32>
  %u12 = tensor.cast %o12 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1] {{.*}} data =
  // CHECK-NEXT: [7]

  // to_scalar
  %i13_0 = arith.constant dense<[[7.0]]> : tensor<1x1xf32>
  %o13 = call @to_scalar(%i13_0) : (tensor<1x1xf32>) -> tensor<f32>
  %u13 = tensor.cast %o13 : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [] {{.*}} data =
  // CHECK-NEXT: [7]

  // dynamic_to_scalar
  %i14_0 = arith.constant dense<[[7.0]]> : tensor<1x1xf32>
  %d14_0 = tensor.cast %i14_0 : tensor<1x1xf32> to tensor<?x?xf32>
  %o14 = call @dynamic_to_scalar(%d14_0) : (tensor<?x?xf32>) -> tensor<f32>
  %u14 = tensor.cast %o14 : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [] {{.*}} data =
  // CHECK-NEXT: [7]

  // bytes
  %i15_0 = arith.constant dense<[[1, 200, 3], [4, 5, 255]]> : tensor<2x3xui8>
  %o15 = call @bytes(%i15_0) : (tensor<2x3xui8>) -> tensor<3x2xf32>
  %u15 = tensor.cast %o15 : tensor<3x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u15) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}1,  200],
  // CHECK-NEXT: [3,  4],
  // CHECK-NEXT: [5,  255]]
  return
}
