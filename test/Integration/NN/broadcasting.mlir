// RUN: %lower_nn %s | %run_main | FileCheck %s
// Operands of several shapes, static, dynamic, and of size 1 only at run time.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @same(%0: tensor<2x3xf32>, %1: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = nn.add %0, %1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @row(%0: tensor<2x3xf32>, %1: tensor<3xf32>) -> tensor<2x3xf32> {
  %y = nn.sub %0, %1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @column_and_row(%0: tensor<2x1xf32>, %1: tensor<1x3xf32>) -> tensor<2x3xf32> {
  %y = nn.mul %0, %1 : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @scalar(%0: tensor<2x3xf32>, %1: tensor<f32>) -> tensor<2x3xf32> {
  %y = nn.add %0, %1 : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

func.func private @inner_one(%0: tensor<2x1x2xf32>, %1: tensor<3x2xf32>) -> tensor<2x3x2xf32> {
  %y = nn.sub %0, %1 : (tensor<2x1x2xf32>, tensor<3x2xf32>) -> tensor<2x3x2xf32>
  return %y : tensor<2x3x2xf32>
}

func.func private @dynamic_row(%0: tensor<?x3xf32>, %1: tensor<3xf32>) -> tensor<?x?xf32> {
  %y = nn.add %0, %1 : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @dynamic_unrelated(%0: tensor<?x?xf32>, %1: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.add %0, %1 : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// The left operand turns out to be a single row.
func.func private @one_at_run_time(%0: tensor<?x3xf32>, %1: tensor<?x3xf32>) -> tensor<?x?xf32> {
  %y = nn.sub %0, %1 : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @both_at_run_time(%0: tensor<?x?xf32>, %1: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = nn.sub %0, %1 : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @one_at_run_time_of_known(%0: tensor<?x3xf32>, %1: tensor<2x3xf32>) -> tensor<?x?xf32> {
  %y = nn.add %0, %1 : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// Both operands have the size of the argument.
func.func private @same_source(%0: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %v = nn.relu %0 : tensor<?x3xf32>
  %w = nn.neg %0 : tensor<?x3xf32>
  %y = nn.add %v, %w : (tensor<?x3xf32>,
      tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

func.func @main() {
  // same
  %i0_0 = arith.constant dense<[[4.0, 1.0, 2.0], [4.0, 1.0, 2.0]]> : tensor<2x3xf32>
  %i0_1 = arith.constant dense<[[3.0, -2.0, -4.0], [-2.0, -2.0, 3.0]]> : tensor<2x3xf32>
  %o0 = call @same(%i0_0, %i0_1) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %u0 = tensor.cast %o0 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}7,  -1,  -2],
  // CHECK-NEXT: [2,  -1,  5]]

  // row
  %i1_0 = arith.constant dense<[[4.0, -4.0, 0.0], [3.0, -3.0, 3.0]]> : tensor<2x3xf32>
  %i1_1 = arith.constant dense<[-3.0, 0.0, 3.0]> : tensor<3xf32>
  %o1 = call @row(%i1_0, %i1_1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %u1 = tensor.cast %o1 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}7,  -4,  -3],
  // CHECK-NEXT: [6,  -3,  {{-?}}0]]

  // column_and_row
  %i2_0 = arith.constant dense<[[-2.0], [-1.0]]> : tensor<2x1xf32>
  %i2_1 = arith.constant dense<[[-2.0, 2.0, -2.0]]> : tensor<1x3xf32>
  %o2 = call @column_and_row(%i2_0, %i2_1) : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %u2 = tensor.cast %o2 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}4,  -4,  4],
  // CHECK-NEXT: [2,  -2,  2]]

  // scalar
  %i3_0 = arith.constant dense<[[4.0, 0.0, 0.0], [0.0, 1.0, 0.0]]> : tensor<2x3xf32>
  %i3_1 = arith.constant dense<0.0> : tensor<f32>
  %o3 = call @scalar(%i3_0, %i3_1) : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %u3 = tensor.cast %o3 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}4,  {{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [{{-?}}0,  1,  {{-?}}0]]

  // inner_one
  %i4_0 = arith.constant dense<[[[4.0, 3.0]], [[3.0, 2.0]]]> : tensor<2x1x2xf32>
  %i4_1 = arith.constant dense<[[1.0, -1.0], [4.0, 0.0], [-3.0, 3.0]]> : tensor<3x2xf32>
  %o4 = call @inner_one(%i4_0, %i4_1) : (tensor<2x1x2xf32>, tensor<3x2xf32>) -> tensor<2x3x2xf32>
  %u4 = tensor.cast %o4 : tensor<2x3x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}3,  4],
  // CHECK-NEXT: [{{-?}}0,  3],
  // CHECK-NEXT: [7,  {{-?}}0]],
  // CHECK-NEXT: {{\[\[}}2,  3],
  // CHECK-NEXT: [-1,  2],
  // CHECK-NEXT: [6,  -1]]]

  // dynamic_row
  %i5_0 = arith.constant dense<[[-3.0, 3.0, 1.0], [-3.0, -4.0, 0.0]]> : tensor<2x3xf32>
  %d5_0 = tensor.cast %i5_0 : tensor<2x3xf32> to tensor<?x3xf32>
  %i5_1 = arith.constant dense<[-4.0, -3.0, 0.0]> : tensor<3xf32>
  %o5 = call @dynamic_row(%d5_0, %i5_1) : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x?xf32>
  %u5 = tensor.cast %o5 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-7,  {{-?}}0,  1],
  // CHECK-NEXT: [-7,  -7,  {{-?}}0]]

  // dynamic_unrelated
  %i6_0 = arith.constant dense<[[4.0, 0.0, 3.0], [4.0, 3.0, 1.0]]> : tensor<2x3xf32>
  %d6_0 = tensor.cast %i6_0 : tensor<2x3xf32> to tensor<?x?xf32>
  %i6_1 = arith.constant dense<[[-1.0, 0.0, -2.0], [0.0, -1.0, -2.0]]> : tensor<2x3xf32>
  %d6_1 = tensor.cast %i6_1 : tensor<2x3xf32> to tensor<?x?xf32>
  %o6 = call @dynamic_unrelated(%d6_0, %d6_1) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %u6 = tensor.cast %o6 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}3,  {{-?}}0,  1],
  // CHECK-NEXT: [4,  2,  -1]]

  // one_at_run_time
  %i7_0 = arith.constant dense<[[4.0, -4.0, -4.0]]> : tensor<1x3xf32>
  %d7_0 = tensor.cast %i7_0 : tensor<1x3xf32> to tensor<?x3xf32>
  %i7_1 = arith.constant dense<[[-3.0, 4.0, 2.0], [3.0, -3.0, 2.0]]> : tensor<2x3xf32>
  %d7_1 = tensor.cast %i7_1 : tensor<2x3xf32> to tensor<?x3xf32>
  %o7 = call @one_at_run_time(%d7_0, %d7_1) : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x?xf32>
  %u7 = tensor.cast %o7 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}7,  -8,  -6],
  // CHECK-NEXT: [1,  -1,  -6]]

  // both_at_run_time
  %i8_0 = arith.constant dense<[[-1.0], [0.0]]> : tensor<2x1xf32>
  %d8_0 = tensor.cast %i8_0 : tensor<2x1xf32> to tensor<?x?xf32>
  %i8_1 = arith.constant dense<[[-4.0, 1.0, 3.0]]> : tensor<1x3xf32>
  %d8_1 = tensor.cast %i8_1 : tensor<1x3xf32> to tensor<?x?xf32>
  %o8 = call @both_at_run_time(%d8_0, %d8_1) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %u8 = tensor.cast %o8 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}3,  -2,  -4],
  // CHECK-NEXT: [4,  -1,  -3]]

  // one_at_run_time_of_known
  %i9_0 = arith.constant dense<[[1.0, -3.0, 0.0]]> : tensor<1x3xf32>
  %d9_0 = tensor.cast %i9_0 : tensor<1x3xf32> to tensor<?x3xf32>
  %i9_1 = arith.constant dense<[[-2.0, 4.0, 3.0], [-3.0, 0.0, 4.0]]> : tensor<2x3xf32>
  %o9 = call @one_at_run_time_of_known(%d9_0, %i9_1) : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x?xf32>
  %u9 = tensor.cast %o9 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-1,  1,  3],
  // CHECK-NEXT: [-2,  -3,  4]]

  // same_source
  %i10_0 = arith.constant dense<[[3.0, 2.0, 1.0], [-4.0, 2.0, 0.0]]> : tensor<2x3xf32>
  %d10_0 = tensor.cast %i10_0 : tensor<2x3xf32> to tensor<?x3xf32>
  %o10 = call @same_source(%d10_0) : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %u10 = tensor.cast %o10 : tensor<?x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  {{-?}}0,  {{-?}}0],
  // CHECK-NEXT: [4,  {{-?}}0,  {{-?}}0]]
  return
}
