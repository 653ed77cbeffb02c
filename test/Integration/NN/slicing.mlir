// RUN: %lower_nn %s | %run_main | FileCheck %s
// Slices in both directions and paddings of each mode.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @every_second(%0: tensor<4x5xf32>) -> tensor<4x2xf32> {
  %y = nn.slice %0 {starts = array<i64: 0, 1>, ends = array<i64: 9223372036854775807, 5>, steps = array<i64: 1, 2>} :
      tensor<4x5xf32> -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

func.func private @from_the_end(%0: tensor<4x5xf32>) -> tensor<2x2xf32> {
  %y = nn.slice %0 {starts = array<i64: -3, -100>, ends = array<i64: -1, 100>, steps = array<i64: 1, 3>} :
      tensor<4x5xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

func.func private @backwards(%0: tensor<4x5xf32>) -> tensor<4x3xf32> {
  %y = nn.slice %0 {starts = array<i64: 3, 4>, ends = array<i64: -9223372036854775808, -9223372036854775808>, steps =
      array<i64: -1, -2>} : tensor<4x5xf32> -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

func.func private @beyond_the_end(%0: tensor<4x5xf32>) -> tensor<2x3xf32> {
  %y = nn.slice %0 {starts = array<i64: 100, -2>, ends = array<i64: 0, -5>, steps = array<i64: -2, -1>} :
      tensor<4x5xf32> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @long_step(%0: tensor<4x5xf32>) -> tensor<1x3xf32> {
  %y = nn.slice %0 {starts = array<i64: 1, 0>, ends = array<i64: 9223372036854775807, 9223372036854775807>, steps =
      array<i64: 9223372036854775807, 2>} : tensor<4x5xf32> -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

func.func private @every_second_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.slice %0 {starts = array<i64: 0, 1>, ends = array<i64: 9223372036854775807, 5>, steps = array<i64: 1, 2>} :
      tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @from_the_end_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.slice %0 {starts = array<i64: -3, -100>, ends = array<i64: -1, 100>, steps = array<i64: 1, 3>} :
      tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @backwards_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.slice %0 {starts = array<i64: 3, 4>, ends = array<i64: -9223372036854775808, -9223372036854775808>, steps =
      array<i64: -1, -2>} : tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @beyond_the_end_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.slice %0 {starts = array<i64: 100, -2>, ends = array<i64: 0, -5>, steps = array<i64: -2, -1>} :
      tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @long_step_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.slice %0 {starts = array<i64: 1, 0>, ends = array<i64: 9223372036854775807, 9223372036854775807>, steps =
      array<i64: 9223372036854775807, 2>} : tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @pad(%0: tensor<2x3xf32>) -> tensor<3x5xf32> {
  %y = nn.pad %0 {low = array<i64: 1, 0>, high = array<i64: 0, 2>, mode = #nn.pad_mode<constant>, value = 1.5 : f32}
      : tensor<2x3xf32> -> tensor<3x5xf32>
  return %y : tensor<3x5xf32>
}

func.func private @pad_and_cut(%0: tensor<2x3xf32>) -> tensor<3x4xf32> {
  %y = nn.pad %0 {low = array<i64: 1, -1>, high = array<i64: 0, 2>, mode = #nn.pad_mode<constant>} : tensor<2x3xf32>
      -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

func.func private @reflect(%0: tensor<2x3xf32>) -> tensor<3x7xf32> {
  %y = nn.pad %0 {low = array<i64: 1, 2>, high = array<i64: 0, 2>, mode = #nn.pad_mode<reflect>} : tensor<2x3xf32> ->
      tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func private @edge(%0: tensor<2x3xf32>) -> tensor<5x5xf32> {
  %y = nn.pad %0 {low = array<i64: 1, 0>, high = array<i64: 2, 2>, mode = #nn.pad_mode<edge>} : tensor<2x3xf32> ->
      tensor<5x5xf32>
  return %y : tensor<5x5xf32>
}

func.func private @wrap(%0: tensor<2x3xf32>) -> tensor<5x8xf32> {
  %y = nn.pad %0 {low = array<i64: 3, 1>, high = array<i64: 0, 4>, mode = #nn.pad_mode<wrap>} : tensor<2x3xf32> ->
      tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}

func.func private @pad_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.pad %0 {low = array<i64: 1, 0>, high = array<i64: 0, 2>, mode = #nn.pad_mode<constant>, value = 1.5 : f32}
      : tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @pad_and_cut_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.pad %0 {low = array<i64: 1, -1>, high = array<i64: 0, 2>, mode = #nn.pad_mode<constant>} : tensor<?x?xf32>
      -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @reflect_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.pad %0 {low = array<i64: 1, 2>, high = array<i64: 0, 2>, mode = #nn.pad_mode<reflect>} : tensor<?x?xf32> ->
      tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @edge_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.pad %0 {low = array<i64: 1, 0>, high = array<i64: 2, 2>, mode = #nn.pad_mode<edge>} : tensor<?x?xf32> ->
      tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @wrap_dynamic(%0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.pad %0 {low = array<i64: 3, 1>, high = array<i64: 0, 4>, mode = #nn.pad_mode<wrap>} : tensor<?x?xf32> ->
      tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @pad_unsigned(%0: tensor<1x2xui8>) -> tensor<2x3xf32> {
  %y = nn.pad %0 {low = array<i64: 0, 1>, high = array<i64: 1, 0>, mode = #nn.pad_mode<constant>, value = 255 : ui8}
      : tensor<1x2xui8> -> tensor<2x3xui8>
  %f = nn.cast %y to f32 : tensor<2x3xui8> -> tensor<2x3xf32>
  return %f : tensor<2x3xf32>
}

func.func @main() {
  // every_second
  %i0_0 = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0], [10.0, 11.0, 12.0, 13.0, 14.0],
      [15.0, 16.0, 17.0, 18.0, 19.0]]> : tensor<4x5xf32>
  %o0 = call @every_second(%i0_0) : (tensor<4x5xf32>) -> tensor<4x2xf32>
  %u0 = tensor.cast %o0 : tensor<4x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}1,  3],
  // CHECK-NEXT: [6,  8],
  // CHECK-NEXT: [11,  13],
  // CHECK-NEXT: [16,  18]]

  // from_the_end
  %i1_0 = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0], [10.0, 11.0, 12.0, 13.0, 14.0],
      [15.0, 16.0, 17.0, 18.0, 19.0]]> : tensor<4x5xf32>
  %o1 = call @from_the_end(%i1_0) : (tensor<4x5xf32>) -> tensor<2x2xf32>
  %u1 = tensor.cast %o1 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  8],
  // CHECK-NEXT: [10,  13]]

  // backwards
  %i2_0 = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0], [10.0, 11.0, 12.0, 13.0, 14.0],
      [15.0, 16.0, 17.0, 18.0, 19.0]]> : tensor<4x5xf32>
  %o2 = call @backwards(%i2_0) : (tensor<4x5xf32>) -> tensor<4x3xf32>
  %u2 = tensor.cast %o2 : tensor<4x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}19,  17,  15],
  // CHECK-NEXT: [14,  12,  10],
  // CHECK-NEXT: [9,  7,  5],
  // CHECK-NEXT: [4,  2,  {{-?}}0]]

  // beyond_the_end
  %i3_0 = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0], [10.0, 11.0, 12.0, 13.0, 14.0],
      [15.0, 16.0, 17.0, 18.0, 19.0]]> : tensor<4x5xf32>
  %o3 = call @beyond_the_end(%i3_0) : (tensor<4x5xf32>) -> tensor<2x3xf32>
  %u3 = tensor.cast %o3 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}18,  17,  16],
  // CHECK-NEXT: [8,  7,  6]]

  // long_step
  %i4_0 = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0], [10.0, 11.0, 12.0, 13.0, 14.0],
      [15.0, 16.0, 17.0, 18.0, 19.0]]> : tensor<4x5xf32>
  %o4 = call @long_step(%i4_0) : (tensor<4x5xf32>) -> tensor<1x3xf32>
  %u4 = tensor.cast %o4 : tensor<1x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  7,  9]]

  // every_second_dynamic
  %i5_0 = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0], [10.0, 11.0, 12.0, 13.0, 14.0],
      [15.0, 16.0, 17.0, 18.0, 19.0]]> : tensor<4x5xf32>
  %d5_0 = tensor.cast %i5_0 : tensor<4x5xf32> to tensor<?x?xf32>
  %o5 = call @every_second_dynamic(%d5_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u5 = tensor.cast %o5 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}1,  3],
  // CHECK-NEXT: [6,  8],
  // CHECK-NEXT: [11,  13],
  // CHECK-NEXT: [16,  18]]

  // from_the_end_dynamic
  %i6_0 = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0], [10.0, 11.0, 12.0, 13.0, 14.0],
      [15.0, 16.0, 17.0, 18.0, 19.0]]> : tensor<4x5xf32>
  %d6_0 = tensor.cast %i6_0 : tensor<4x5xf32> to tensor<?x?xf32>
  %o6 = call @from_the_end_dynamic(%d6_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u6 = tensor.cast %o6 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  8],
  // CHECK-NEXT: [10,  13]]

  // backwards_dynamic
  %i7_0 = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0], [10.0, 11.0, 12.0, 13.0, 14.0],
      [15.0, 16.0, 17.0, 18.0, 19.0]]> : tensor<4x5xf32>
  %d7_0 = tensor.cast %i7_0 : tensor<4x5xf32> to tensor<?x?xf32>
  %o7 = call @backwards_dynamic(%d7_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u7 = tensor.cast %o7 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}19,  17,  15],
  // CHECK-NEXT: [14,  12,  10],
  // CHECK-NEXT: [9,  7,  5],
  // CHECK-NEXT: [4,  2,  {{-?}}0]]

  // beyond_the_end_dynamic
  %i8_0 = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0], [10.0, 11.0, 12.0, 13.0, 14.0],
      [15.0, 16.0, 17.0, 18.0, 19.0]]> : tensor<4x5xf32>
  %d8_0 = tensor.cast %i8_0 : tensor<4x5xf32> to tensor<?x?xf32>
  %o8 = call @beyond_the_end_dynamic(%d8_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u8 = tensor.cast %o8 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}18,  17,  16],
  // CHECK-NEXT: [8,  7,  6]]

  // long_step_dynamic
  %i9_0 = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0], [10.0, 11.0, 12.0, 13.0, 14.0],
      [15.0, 16.0, 17.0, 18.0, 19.0]]> : tensor<4x5xf32>
  %d9_0 = tensor.cast %i9_0 : tensor<4x5xf32> to tensor<?x?xf32>
  %o9 = call @long_step_dynamic(%d9_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u9 = tensor.cast %o9 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  7,  9]]

  // pad
  %i10_0 = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>
  %o10 = call @pad(%i10_0) : (tensor<2x3xf32>) -> tensor<3x5xf32>
  %u10 = tensor.cast %o10 : tensor<3x5xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 5] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}1.5,  1.5,  1.5,  1.5,  1.5],
  // CHECK-NEXT: [{{-?}}0,  1,  2,  1.5,  1.5],
  // CHECK-NEXT: [3,  4,  5,  1.5,  1.5]]

  // pad_and_cut
  %i11_0 = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>
  %o11 = call @pad_and_cut(%i11_0) : (tensor<2x3xf32>) -> tensor<3x4xf32>
  %u11 = tensor.cast %o11 : tensor<3x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  {{-?}}0,  {{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [1,  2,  {{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [4,  5,  {{-?}}0,  {{-?}}0]]

  // reflect
  %i12_0 = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>
  %o12 = call @reflect(%i12_0) : (tensor<2x3xf32>) -> tensor<3x7xf32>
  %u12 = tensor.cast %o12 : tensor<3x7xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 7] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  4,  3,  4,  5,  4,  3],
  // CHECK-NEXT: [2,  1,  {{-?}}0,  1,  2,  1,  {{-?}}0],
  // CHECK-NEXT: [5,  4,  3,  4,  5,  4,  3]]

  // edge
  %i13_0 = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>
  %o13 = call @edge(%i13_0) : (tensor<2x3xf32>) -> tensor<5x5xf32>
  %u13 = tensor.cast %o13 : tensor<5x5xf32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5, 5] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  1,  2,  2,  2],
  // CHECK-NEXT: [{{-?}}0,  1,  2,  2,  2],
  // CHECK-NEXT: [3,  4,  5,  5,  5],
  // CHECK-NEXT: [3,  4,  5,  5,  5],
  // CHECK-NEXT: [3,  4,  5,  5,  5]]

  // wrap
  %i14_0 = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>
  %o14 = call @wrap(%i14_0) : (tensor<2x3xf32>) -> tensor<5x8xf32>
  %u14 = tensor.cast %o14 : tensor<5x8xf32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5, 8] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  3,  4,  5,  3,  4,  5,  3],
  // CHECK-NEXT: [2,  {{-?}}0,  1,  2,  {{-?}}0,  1,  2,  {{-?}}0],
  // CHECK-NEXT: [5,  3,  4,  5,  3,  4,  5,  3],
  // CHECK-NEXT: [2,  {{-?}}0,  1,  2,  {{-?}}0,  1,  2,  {{-?}}0],
  // CHECK-NEXT: [5,  3,  4,  5,  3,  4,  5,  3]]

  // pad_dynamic
  %i15_0 = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>
  %d15_0 = tensor.cast %i15_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o15 = call @pad_dynamic(%d15_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u15 = tensor.cast %o15 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u15) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 5] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}1.5,  1.5,  1.5,  1.5,  1.5],
  // CHECK-NEXT: [{{-?}}0,  1,  2,  1.5,  1.5],
  // CHECK-NEXT: [3,  4,  5,  1.5,  1.5]]

  // pad_and_cut_dynamic
  %i16_0 = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>
  %d16_0 = tensor.cast %i16_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o16 = call @pad_and_cut_dynamic(%d16_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u16 = tensor.cast %o16 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u16) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  {{-?}}0,  {{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [1,  2,  {{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [4,  5,  {{-?}}0,  {{-?}}0]]

  // reflect_dynamic
  %i17_0 = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>
  %d17_0 = tensor.cast %i17_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o17 = call @reflect_dynamic(%d17_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u17 = tensor.cast %o17 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u17) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 7] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  4,  3,  4,  5,  4,  3],
  // CHECK-NEXT: [2,  1,  {{-?}}0,  1,  2,  1,  {{-?}}0],
  // CHECK-NEXT: [5,  4,  3,  4,  5,  4,  3]]

  // edge_dynamic
  %i18_0 = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>
  %d18_0 = tensor.cast %i18_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o18 = call @edge_dynamic(%d18_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u18 = tensor.cast %o18 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u18) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5, 5] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  1,  2,  2,  2],
  // CHECK-NEXT: [{{-?}}0,  1,  2,  2,  2],
  // CHECK-NEXT: [3,  4,  5,  5,  5],
  // CHECK-NEXT: [3,  4,  5,  5,  5],
  // CHECK-NEXT: [3,  4,  5,  5,  5]]

  // wrap_dynamic
  %i19_0 = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>
  %d19_0 = tensor.cast %i19_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %o19 = call @wrap_dynamic(%d19_0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u19 = tensor.cast %o19 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u19) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5, 8] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  3,  4,  5,  3,  4,  5,  3],
  // CHECK-NEXT: [2,  {{-?}}0,  1,  2,  {{-?}}0,  1,  2,  {{-?}}0],
  // CHECK-NEXT: [5,  3,  4,  5,  3,  4,  5,  3],
  // CHECK-NEXT: [2,  {{-?}}0,  1,  2,  {{-?}}0,  1,  2,  {{-?}}0],
  // CHECK-NEXT: [5,  3,  4,  5,  3,  4,  5,  3]]

  // pad_unsigned
  %i20_0 = arith.constant dense<[[1, 200]]> : tensor<1x2xui8>
  %o20 = call @pad_unsigned(%i20_0) : (tensor<1x2xui8>) -> tensor<2x3xf32>
  %u20 = tensor.cast %o20 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u20) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}255,  1,  200],
  // CHECK-NEXT: [255,  255,  255]]
  return
}
