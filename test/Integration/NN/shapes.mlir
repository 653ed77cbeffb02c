// RUN: %lower_nn %s | %run_main | FileCheck %s
// Transposition, broadcast, concatenation, repetition and triangles.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @transpose(%0: tensor<2x3x2xf32>) -> tensor<3x2x2xf32> {
  %y = nn.transpose %0 {permutation = array<i64: 1, 0, 2>} : tensor<2x3x2xf32> -> tensor<3x2x2xf32>
  return %y : tensor<3x2x2xf32>
}

func.func private @transpose_dynamic(%0: tensor<?x3x?xf32>) -> tensor<?x?x?xf32> {
  %y = nn.transpose %0 {permutation = array<i64: 1, 0, 2>} : tensor<?x3x?xf32> -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

func.func private @transpose_2(%0: tensor<2x3x2xf32>) -> tensor<2x2x3xf32> {
  %y = nn.transpose %0 {permutation = array<i64: 2, 0, 1>} : tensor<2x3x2xf32> -> tensor<2x2x3xf32>
  return %y : tensor<2x2x3xf32>
}

func.func private @transpose_dynamic_2(%0: tensor<?x3x?xf32>) -> tensor<?x?x?xf32> {
  %y = nn.transpose %0 {permutation = array<i64: 2, 0, 1>} : tensor<?x3x?xf32> -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

func.func private @broadcast(%0: tensor<3x1xf32>) -> tensor<2x3x2xf32> {
  %y = nn.broadcast_to %0 {shape = array<i64: 2, 3, 2>} : tensor<3x1xf32> -> tensor<2x3x2xf32>
  return %y : tensor<2x3x2xf32>
}

func.func private @broadcast_of_larger(%0: tensor<3x1xf32>) -> tensor<3x2xf32> {
  %y = nn.broadcast_to %0 {shape = array<i64: 2>} : tensor<3x1xf32> -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

func.func private @broadcast_scalar(%0: tensor<f32>) -> tensor<2x2xf32> {
  %y = nn.broadcast_to %0 {shape = array<i64: 2, 2>} : tensor<f32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

func.func private @broadcast_dynamic(%0: tensor<?x1xf32>) -> tensor<?x?x?xf32> {
  %y = nn.broadcast_to %0 {shape = array<i64: 2, 1, 3>} : tensor<?x1xf32> -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

func.func private @broadcast_one_at_run_time(%0: tensor<?x3xf32>) -> tensor<?x?xf32> {
  %y = nn.broadcast_to %0 {shape = array<i64: 2, 3>} : tensor<?x3xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @concat_columns(%0: tensor<2x2xf32>, %1: tensor<2x1xf32>, %2: tensor<2x3xf32>) -> tensor<2x6xf32> {
  %y = nn.concat %0, %1, %2 {axis = 1 : i64} : (tensor<2x2xf32>, tensor<2x1xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  return %y : tensor<2x6xf32>
}

func.func private @concat_rows_dynamic(%0: tensor<?x?xf32>, %1: tensor<1x3xf32>) -> tensor<?x?xf32> {
  %y = nn.concat %0, %1 {axis = 0 : i64} : (tensor<?x?xf32>, tensor<1x3xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @tile(%0: tensor<2x2xf32>) -> tensor<2x4xf32> {
  %y = nn.tile %0 {repeats = array<i64: 1, 2>} : tensor<2x2xf32> -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

func.func private @tile_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.tile %0 {repeats = array<i64: 1, 2>} : tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @tile_2(%0: tensor<2x2xf32>) -> tensor<4x2xf32> {
  %y = nn.tile %0 {repeats = array<i64: 2, 1>} : tensor<2x2xf32> -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

func.func private @tile_dynamic_2(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.tile %0 {repeats = array<i64: 2, 1>} : tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @tile_3(%0: tensor<2x2xf32>) -> tensor<4x4xf32> {
  %y = nn.tile %0 {repeats = array<i64: 2, 2>} : tensor<2x2xf32> -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}

func.func private @tile_dynamic_3(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.tile %0 {repeats = array<i64: 2, 2>} : tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @upper(%0: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %y = nn.trilu %0 {diagonal = -1 : i64, upper} : tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

func.func private @lower(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.trilu %0 {diagonal = -1 : i64} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @upper_2(%0: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %y = nn.trilu %0 {diagonal = 0 : i64, upper} : tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

func.func private @lower_2(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.trilu %0 {diagonal = 0 : i64} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @upper_3(%0: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %y = nn.trilu %0 {diagonal = 2 : i64, upper} : tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

func.func private @lower_3(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.trilu %0 {diagonal = 2 : i64} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func @main() {
  // transpose
  %i0_0 = arith.constant dense<[[[-4.0, -3.0], [3.0, -4.0], [2.0, -3.0]], [[-2.0, -2.0], [0.0, 1.0], [1.0, 1.0]]]> :
      tensor<2x3x2xf32>
  %o0 = call @transpose(%i0_0) : (tensor<2x3x2xf32>) -> tensor<3x2x2xf32>
  %u0 = tensor.cast %o0 : tensor<3x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-4,  -3],
  // CHECK-NEXT: [-2,  -2]],
  // CHECK-NEXT: {{\[\[}}3,  -4],
  // CHECK-NEXT: [{{-?}}0,  1]],
  // CHECK-NEXT: {{\[\[}}2,  -3],
  // CHECK-NEXT: [1,  1]]]

  // transpose_dynamic
  %i1_0 = arith.constant dense<[[[-4.0, -3.0], [3.0, -4.0], [2.0, -3.0]], [[-2.0, -2.0], [0.0, 1.0], [1.0, 1.0]]]> :
      tensor<2x3x2xf32>
  %d1_0 = tensor.cast %i1_0 : tensor<2x3x2xf32> to tensor<?x3x?xf32>
  %o1 = call @transpose_dynamic(%d1_0) : (tensor<?x3x?xf32>) -> tensor<?x?x?xf32>
  %u1 = tensor.cast %o1 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-4,  -3],
  // CHECK-NEXT: [-2,  -2]],
  // CHECK-NEXT: {{\[\[}}3,  -4],
  // CHECK-NEXT: [{{-?}}0,  1]],
  // CHECK-NEXT: {{\[\[}}2,  -3],
  // CHECK-NEXT: [1,  1]]]

  // transpose_2
  %i2_0 = arith.constant dense<[[[-4.0, -3.0], [3.0, -4.0], [2.0, -3.0]], [[-2.0, -2.0], [0.0, 1.0], [1.0, 1.0]]]> :
      tensor<2x3x2xf32>
  %o2 = call @transpose_2(%i2_0) : (tensor<2x3x2xf32>) -> tensor<2x2x3xf32>
  %u2 = tensor.cast %o2 : tensor<2x2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-4,  3,  2],
  // CHECK-NEXT: [-2,  {{-?}}0,  1]],
  // CHECK-NEXT: {{\[\[}}-3,  -4,  -3],
  // CHECK-NEXT: [-2,  1,  1]]]

  // transpose_dynamic_2
  %i3_0 = arith.constant dense<[[[-4.0, -3.0], [3.0, -4.0], [2.0, -3.0]], [[-2.0, -2.0], [0.0, 1.0], [1.0, 1.0]]]> :
      tensor<2x3x2xf32>
  %d3_0 = tensor.cast %i3_0 : tensor<2x3x2xf32> to tensor<?x3x?xf32>
  %o3 = call @transpose_dynamic_2(%d3_0) : (tensor<?x3x?xf32>) -> tensor<?x?x?xf32>
  %u3 = tensor.cast %o3 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-4,  3,  2],
  // CHECK-NEXT: [-2,  {{-?}}0,  1]],
  // CHECK-NEXT: {{\[\[}}-3,  -4,  -3],
  // CHECK-NEXT: [-2,  1,  1]]]

  // broadcast
  %i4_0 = arith.constant dense<[[-3.0], [1.0], [-4.0]]> : tensor<3x1xf32>
  %o4 = call @broadcast(%i4_0) : (tensor<3x1xf32>) -> tensor<2x3x2xf32>
  %u4 = tensor.cast %o4 : tensor<2x3x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-3,  -3],
  // CHECK-NEXT: [1,  1],
  // CHECK-NEXT: [-4,  -4]],
  // CHECK-NEXT: {{\[\[}}-3,  -3],
  // CHECK-NEXT: [1,  1],
  // CHECK-NEXT: [-4,  -4]]]

  // broadcast_of_larger
  %i5_0 = arith.constant dense<[[3.0], [-4.0], [-4.0]]> : tensor<3x1xf32>
  %o5 = call @broadcast_of_larger(%i5_0) : (tensor<3x1xf32>) -> tensor<3x2xf32>
  %u5 = tensor.cast %o5 : tensor<3x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}3,  3],
  // CHECK-NEXT: [-4,  -4],
  // CHECK-NEXT: [-4,  -4]]

  // broadcast_scalar
  %i6_0 = arith.constant dense<-3.0> : tensor<f32>
  %o6 = call @broadcast_scalar(%i6_0) : (tensor<f32>) -> tensor<2x2xf32>
  %u6 = tensor.cast %o6 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-3,  -3],
  // CHECK-NEXT: [-3,  -3]]

  // broadcast_dynamic
  %i7_0 = arith.constant dense<[[-1.0], [3.0]]> : tensor<2x1xf32>
  %d7_0 = tensor.cast %i7_0 : tensor<2x1xf32> to tensor<?x1xf32>
  %o7 = call @broadcast_dynamic(%d7_0) : (tensor<?x1xf32>) -> tensor<?x?x?xf32>
  %u7 = tensor.cast %o7 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-1,  -1,  -1],
  // CHECK-NEXT: [3,  3,  3]],
  // CHECK-NEXT: {{\[\[}}-1,  -1,  -1],
  // CHECK-NEXT: [3,  3,  3]]]

  // broadcast_one_at_run_time
  %i8_0 = arith.constant dense<[[-4.0, -3.0, -1.0]]> : tensor<1x3xf32>
  %d8_0 = tensor.cast %i8_0 : tensor<1x3xf32> to tensor<?x3xf32>
  %o8 = call @broadcast_one_at_run_time(%d8_0) : (tensor<?x3xf32>) -> tensor<?x?xf32>
  %u8 = tensor.cast %o8 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-4,  -3,  -1],
  // CHECK-NEXT: [-4,  -3,  -1]]

  // concat_columns
  %i9_0 = arith.constant dense<[[-2.0, -4.0], [1.0, -4.0]]> : tensor<2x2xf32>
  %i9_1 = arith.constant dense<[[2.0], [-4.0]]> : tensor<2x1xf32>
  %i9_2 = arith.constant dense<[[-1.0, -1.0, 2.0], [2.0, 0.0, -2.0]]> : tensor<2x3xf32>
  %o9 = call @concat_columns(%i9_0, %i9_1, %i9_2) : (tensor<2x2xf32>, tensor<2x1xf32>, tensor<2x3xf32>) ->
      tensor<2x6xf32>
  %u9 = tensor.cast %o9 : tensor<2x6xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 6] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-2,  -4,  2,  -1,  -1,  2],
  // CHECK-NEXT: [1,  -4,  -4,  2,  {{-?}}0,  -2]]

  // concat_rows_dynamic
  %i10_0 = arith.constant dense<[[3.0, 2.0, -2.0], [-2.0, 3.0, -2.0]]> : tensor<2x3xf32>
  %d10_0 = tensor.cast %i10_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %i10_1 = arith.constant dense<[[-3.0, 0.0, 1.0]]> : tensor<1x3xf32>
  %o10 = call @concat_rows_dynamic(%d10_0, %i10_1) : (tensor<?x?xf32>, tensor<1x3xf32>) -> tensor<?x?xf32>
  %u10 = tensor.cast %o10 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}3,  2,  -2],
  // CHECK-NEXT: [-2,  3,  -2],
  // CHECK-NEXT: [-3,  {{-?}}0,  1]]

  // tile
  %i11_0 = arith.constant dense<[[-4.0, 4.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %o11 = call @tile(%i11_0) : (tensor<2x2xf32>) -> tensor<2x4xf32>
  %u11 = tensor.cast %o11 : tensor<2x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-4,  4,  -4,  4],
  // CHECK-NEXT: [{{-?}}0,  1,  {{-?}}0,  1]]

  // tile_dynamic
  %i12_0 = arith.constant dense<[[-4.0, 4.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %d12_0 = tensor.cast %i12_0 : tensor<2x2xf32> to tensor<?x?xf32>
  %o12 = call @tile_dynamic(%d12_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u12 = tensor.cast %o12 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-4,  4,  -4,  4],
  // CHECK-NEXT: [{{-?}}0,  1,  {{-?}}0,  1]]

  // tile_2
  %i13_0 = arith.constant dense<[[-4.0, 4.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %o13 = call @tile_2(%i13_0) : (tensor<2x2xf32>) -> tensor<4x2xf32>
  %u13 = tensor.cast %o13 : tensor<4x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-4,  4],
  // CHECK-NEXT: [{{-?}}0,  1],
  // CHECK-NEXT: [-4,  4],
  // CHECK-NEXT: [{{-?}}0,  1]]

  // tile_dynamic_2
  %i14_0 = arith.constant dense<[[-4.0, 4.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %d14_0 = tensor.cast %i14_0 : tensor<2x2xf32> to tensor<?x?xf32>
  %o14 = call @tile_dynamic_2(%d14_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u14 = tensor.cast %o14 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-4,  4],
  // CHECK-NEXT: [{{-?}}0,  1],
  // CHECK-NEXT: [-4,  4],
  // CHECK-NEXT: [{{-?}}0,  1]]

  // tile_3
  %i15_0 = arith.constant dense<[[-4.0, 4.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %o15 = call @tile_3(%i15_0) : (tensor<2x2xf32>) -> tensor<4x4xf32>
  %u15 = tensor.cast %o15 : tensor<4x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u15) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-4,  4,  -4,  4],
  // CHECK-NEXT: [{{-?}}0,  1,  {{-?}}0,  1],
  // CHECK-NEXT: [-4,  4,  -4,  4],
  // CHECK-NEXT: [{{-?}}0,  1,  {{-?}}0,  1]]

  // tile_dynamic_3
  %i16_0 = arith.constant dense<[[-4.0, 4.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %d16_0 = tensor.cast %i16_0 : tensor<2x2xf32> to tensor<?x?xf32>
  %o16 = call @tile_dynamic_3(%d16_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u16 = tensor.cast %o16 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u16) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-4,  4,  -4,  4],
  // CHECK-NEXT: [{{-?}}0,  1,  {{-?}}0,  1],
  // CHECK-NEXT: [-4,  4,  -4,  4],
  // CHECK-NEXT: [{{-?}}0,  1,  {{-?}}0,  1]]

  // upper
  %i17_0 = arith.constant dense<[[5.0, 8.0, 7.0, 4.0], [1.0, 6.0, 7.0, 7.0], [5.0, 5.0, 5.0, 2.0]]> : tensor<3x4xf32>
  %o17 = call @upper(%i17_0) : (tensor<3x4xf32>) -> tensor<3x4xf32>
  %u17 = tensor.cast %o17 : tensor<3x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u17) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  8,  7,  4],
  // CHECK-NEXT: [1,  6,  7,  7],
  // CHECK-NEXT: [{{-?}}0,  5,  5,  2]]

  // lower
  %i18_0 = arith.constant dense<[[5.0, 8.0, 7.0, 4.0], [1.0, 6.0, 7.0, 7.0], [5.0, 5.0, 5.0, 2.0]]> : tensor<3x4xf32>
  %d18_0 = tensor.cast %i18_0 : tensor<3x4xf32> to tensor<?x?xf32>
  %o18 = call @lower(%d18_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u18 = tensor.cast %o18 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u18) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  {{-?}}0,  {{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [1,  {{-?}}0,  {{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [5,  5,  {{-?}}0,  {{-?}}0]]

  // upper_2
  %i19_0 = arith.constant dense<[[5.0, 8.0, 7.0, 4.0], [1.0, 6.0, 7.0, 7.0], [5.0, 5.0, 5.0, 2.0]]> : tensor<3x4xf32>
  %o19 = call @upper_2(%i19_0) : (tensor<3x4xf32>) -> tensor<3x4xf32>
  %u19 = tensor.cast %o19 : tensor<3x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u19) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  8,  7,  4],
  // CHECK-NEXT: [{{-?}}0,  6,  7,  7],
  // CHECK-NEXT: [{{-?}}0,  {{-?}}0,  5,  2]]

  // lower_2
  %i20_0 = arith.constant dense<[[5.0, 8.0, 7.0, 4.0], [1.0, 6.0, 7.0, 7.0], [5.0, 5.0, 5.0, 2.0]]> : tensor<3x4xf32>
  %d20_0 = tensor.cast %i20_0 : tensor<3x4xf32> to tensor<?x?xf32>
  %o20 = call @lower_2(%d20_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u20 = tensor.cast %o20 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u20) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  {{-?}}0,  {{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [1,  6,  {{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [5,  5,  5,  {{-?}}0]]

  // upper_3
  %i21_0 = arith.constant dense<[[5.0, 8.0, 7.0, 4.0], [1.0, 6.0, 7.0, 7.0], [5.0, 5.0, 5.0, 2.0]]> : tensor<3x4xf32>
  %o21 = call @upper_3(%i21_0) : (tensor<3x4xf32>) -> tensor<3x4xf32>
  %u21 = tensor.cast %o21 : tensor<3x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u21) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  {{-?}}0,  7,  4],
  // CHECK-NEXT: [{{-?}}0,  {{-?}}0,  {{-?}}0,  7],
  // CHECK-NEXT: [{{-?}}0,  {{-?}}0,  {{-?}}0,  {{-?}}0]]

  // lower_3
  %i22_0 = arith.constant dense<[[5.0, 8.0, 7.0, 4.0], [1.0, 6.0, 7.0, 7.0], [5.0, 5.0, 5.0, 2.0]]> : tensor<3x4xf32>
  %d22_0 = tensor.cast %i22_0 : tensor<3x4xf32> to tensor<?x?xf32>
  %o22 = call @lower_3(%d22_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u22 = tensor.cast %o22 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u22) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  8,  7,  {{-?}}0],
  // CHECK-NEXT: [1,  6,  7,  7],
  // CHECK-NEXT: [5,  5,  5,  2]]
  return
}
