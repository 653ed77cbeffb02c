// RUN: %lower_nn %s | %run_main | FileCheck %s
// Matrix products of floats and integers against sums computed by hand.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @plain(%0: tensor<3x5xf32>, %1: tensor<5x2xf32>) -> tensor<3x2xf32> {
  %y = nn.matmul %0, %1 : (tensor<3x5xf32>, tensor<5x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

func.func private @plain_dynamic(%0: tensor<?x?xf32>, %1: tensor<5x?xf32>) -> tensor<?x?xf32> {
  %y = nn.matmul %0, %1 : (tensor<?x?xf32>, tensor<5x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @dot(%0: tensor<5xf32>, %1: tensor<5xf32>) -> tensor<f32> {
  %y = nn.matmul %0, %1 : (tensor<5xf32>, tensor<5xf32>) -> tensor<f32>
  return %y : tensor<f32>
}

func.func private @row(%0: tensor<3xf32>, %1: tensor<3x2xf32>) -> tensor<2xf32> {
  %y = nn.matmul %0, %1 : (tensor<3xf32>, tensor<3x2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func private @column(%0: tensor<2x3xf32>, %1: tensor<3xf32>) -> tensor<2xf32> {
  %y = nn.matmul %0, %1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func private @batched(%0: tensor<2x3x2xf32>, %1: tensor<2x2x3xf32>) -> tensor<2x3x3xf32> {
  %y = nn.matmul %0, %1 : (tensor<2x3x2xf32>, tensor<2x2x3xf32>) -> tensor<2x3x3xf32>
  return %y : tensor<2x3x3xf32>
}

func.func private @batched_dynamic(%0: tensor<?x3x2xf32>, %1: tensor<?x2x3xf32>) -> tensor<?x?x?xf32> {
  %y = nn.matmul %0, %1 : (tensor<?x3x2xf32>, tensor<?x2x3xf32>) -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

func.func private @shared_rhs(%0: tensor<2x2x3xf32>, %1: tensor<3x2xf32>) -> tensor<2x2x2xf32> {
  %y = nn.matmul %0, %1 : (tensor<2x2x3xf32>, tensor<3x2xf32>) -> tensor<2x2x2xf32>
  return %y : tensor<2x2x2xf32>
}

func.func private @one_batch_at_run_time(%0: tensor<?x2x3xf32>, %1: tensor<?x3x2xf32>) -> tensor<?x?x?xf32> {
  %y = nn.matmul %0, %1 : (tensor<?x2x3xf32>, tensor<?x3x2xf32>) -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

func.func private @broadcast_batches(%0: tensor<2x1x2x3xf32>, %1: tensor<2x3x2xf32>) -> tensor<2x2x2x2xf32> {
  %y = nn.matmul %0, %1 : (tensor<2x1x2x3xf32>, tensor<2x3x2xf32>) -> tensor<2x2x2x2xf32>
  return %y : tensor<2x2x2x2xf32>
}

func.func private @row_of_batches(%0: tensor<3xf32>, %1: tensor<2x3x2xf32>) -> tensor<2x2xf32> {
  %y = nn.matmul %0, %1 : (tensor<3xf32>, tensor<2x3x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

func.func @main() {
  // plain
  %i0_0 = arith.constant dense<[[1.0, 0.0, 2.0, 4.0, -3.0], [1.0, -1.0, -1.0, -2.0, -4.0], [-1.0, 3.0, -4.0, -1.0,
      4.0]]> : tensor<3x5xf32>
  %i0_1 = arith.constant dense<[[4.0, -3.0], [-4.0, 2.0], [-4.0, -2.0], [0.0, 3.0], [-4.0, 1.0]]> : tensor<5x2xf32>
  %o0 = call @plain(%i0_0, %i0_1) : (tensor<3x5xf32>, tensor<5x2xf32>) -> tensor<3x2xf32>
  %u0 = tensor.cast %o0 : tensor<3x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}8,  2],
  // CHECK-NEXT: [28,  -13],
  // CHECK-NEXT: [-16,  18]]

  // plain_dynamic
  %i1_0 = arith.constant dense<[[0.0, -3.0, 3.0, 3.0, 0.0], [4.0, 1.0, 4.0, 4.0, 1.0], [-2.0, -3.0, 1.0, -3.0, 2.0]]>
      : tensor<3x5xf32>
  %d1_0 = tensor.cast %i1_0 : tensor<3x5xf32> to tensor<?x?xf32>
  %i1_1 = arith.constant dense<[[4.0, -2.0], [0.0, -4.0], [-3.0, -1.0], [3.0, 4.0], [1.0, 1.0]]> : tensor<5x2xf32>
  %d1_1 = tensor.cast %i1_1 : tensor<5x2xf32> to tensor<5x?xf32>
  %o1 = call @plain_dynamic(%d1_0, %d1_1) : (tensor<?x?xf32>, tensor<5x?xf32>) -> tensor<?x?xf32>
  %u1 = tensor.cast %o1 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}{{-?}}0,  21],
  // CHECK-NEXT: [17,  1],
  // CHECK-NEXT: [-18,  5]]

  // dot
  %i2_0 = arith.constant dense<[1.0, -4.0, -1.0, 4.0, -1.0]> : tensor<5xf32>
  %i2_1 = arith.constant dense<[-3.0, -2.0, 2.0, -4.0, 4.0]> : tensor<5xf32>
  %o2 = call @dot(%i2_0, %i2_1) : (tensor<5xf32>, tensor<5xf32>) -> tensor<f32>
  %u2 = tensor.cast %o2 : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [] {{.*}} data =
  // CHECK-NEXT: [-17]

  // row
  %i3_0 = arith.constant dense<[3.0, 1.0, 0.0]> : tensor<3xf32>
  %i3_1 = arith.constant dense<[[2.0, 0.0], [0.0, -2.0], [0.0, 2.0]]> : tensor<3x2xf32>
  %o3 = call @row(%i3_0, %i3_1) : (tensor<3xf32>, tensor<3x2xf32>) -> tensor<2xf32>
  %u3 = tensor.cast %o3 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [6,  -2]

  // column
  %i4_0 = arith.constant dense<[[-4.0, -4.0, 2.0], [-1.0, 3.0, -4.0]]> : tensor<2x3xf32>
  %i4_1 = arith.constant dense<[4.0, -3.0, -1.0]> : tensor<3xf32>
  %o4 = call @column(%i4_0, %i4_1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2xf32>
  %u4 = tensor.cast %o4 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [-6,  -9]

  // batched
  %i5_0 = arith.constant dense<[[[4.0, -4.0], [1.0, 2.0], [-1.0, -4.0]], [[0.0, -1.0], [3.0, 2.0], [-1.0, -4.0]]]> :
      tensor<2x3x2xf32>
  %i5_1 = arith.constant dense<[[[1.0, -2.0, 2.0], [3.0, -1.0, 4.0]], [[0.0, 0.0, 2.0], [3.0, 4.0, 4.0]]]> :
      tensor<2x2x3xf32>
  %o5 = call @batched(%i5_0, %i5_1) : (tensor<2x3x2xf32>, tensor<2x2x3xf32>) -> tensor<2x3x3xf32>
  %u5 = tensor.cast %o5 : tensor<2x3x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-8,  -4,  -8],
  // CHECK-NEXT: [7,  -4,  10],
  // CHECK-NEXT: [-13,  6,  -18]],
  // CHECK-NEXT: {{\[\[}}-3,  -4,  -4],
  // CHECK-NEXT: [6,  8,  14],
  // CHECK-NEXT: [-12,  -16,  -18]]]

  // batched_dynamic
  %i6_0 = arith.constant dense<[[[-3.0, -1.0], [4.0, -2.0], [-4.0, 1.0]], [[2.0, 2.0], [3.0, 1.0], [-3.0, 3.0]]]> :
      tensor<2x3x2xf32>
  %d6_0 = tensor.cast %i6_0 : tensor<2x3x2xf32> to tensor<?x3x2xf32>
  %i6_1 = arith.constant dense<[[[-1.0, 3.0, 3.0], [4.0, -4.0, 3.0]], [[1.0, 0.0, 3.0], [4.0, 0.0, -4.0]]]> :
      tensor<2x2x3xf32>
  %d6_1 = tensor.cast %i6_1 : tensor<2x2x3xf32> to tensor<?x2x3xf32>
  %o6 = call @batched_dynamic(%d6_0, %d6_1) : (tensor<?x3x2xf32>, tensor<?x2x3xf32>) -> tensor<?x?x?xf32>
  %u6 = tensor.cast %o6 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-1,  -5,  -12],
  // CHECK-NEXT: [-12,  20,  6],
  // CHECK-NEXT: [8,  -16,  -9]],
  // CHECK-NEXT: {{\[\[}}10,  {{-?}}0,  -2],
  // CHECK-NEXT: [7,  {{-?}}0,  5],
  // CHECK-NEXT: [9,  {{-?}}0,  -21]]]

  // shared_rhs
  %i7_0 = arith.constant dense<[[[2.0, -2.0, -2.0], [-3.0, -3.0, 4.0]], [[-1.0, -4.0, -3.0], [-1.0, -1.0, -2.0]]]> :
      tensor<2x2x3xf32>
  %i7_1 = arith.constant dense<[[4.0, 3.0], [1.0, 4.0], [-1.0, -3.0]]> : tensor<3x2xf32>
  %o7 = call @shared_rhs(%i7_0, %i7_1) : (tensor<2x2x3xf32>, tensor<3x2xf32>) -> tensor<2x2x2xf32>
  %u7 = tensor.cast %o7 : tensor<2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}8,  4],
  // CHECK-NEXT: [-19,  -33]],
  // CHECK-NEXT: {{\[\[}}-5,  -10],
  // CHECK-NEXT: [-3,  -1]]]

  // one_batch_at_run_time
  %i8_0 = arith.constant dense<[[[-2.0, -4.0, 4.0], [-3.0, 0.0, -3.0]]]> : tensor<1x2x3xf32>
  %d8_0 = tensor.cast %i8_0 : tensor<1x2x3xf32> to tensor<?x2x3xf32>
  %i8_1 = arith.constant dense<[[[4.0, -3.0], [0.0, 4.0], [0.0, 4.0]], [[4.0, 2.0], [2.0, 1.0], [1.0, 3.0]]]> :
      tensor<2x3x2xf32>
  %d8_1 = tensor.cast %i8_1 : tensor<2x3x2xf32> to tensor<?x3x2xf32>
  %o8 = call @one_batch_at_run_time(%d8_0, %d8_1) : (tensor<?x2x3xf32>, tensor<?x3x2xf32>) -> tensor<?x?x?xf32>
  %u8 = tensor.cast %o8 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-8,  6],
  // CHECK-NEXT: [-12,  -3]],
  // CHECK-NEXT: {{\[\[}}-12,  4],
  // CHECK-NEXT: [-15,  -15]]]

  // broadcast_batches
  %i9_0 = arith.constant dense<[[[[-1.0, 4.0, 3.0], [-1.0, -1.0, 2.0]]], [[[4.0, -4.0, -4.0], [-2.0, -1.0, -3.0]]]]>
      : tensor<2x1x2x3xf32>
  %i9_1 = arith.constant dense<[[[0.0, 0.0], [4.0, 2.0], [-2.0, 3.0]], [[3.0, 2.0], [2.0, -2.0], [2.0, -3.0]]]> :
      tensor<2x3x2xf32>
  %o9 = call @broadcast_batches(%i9_0, %i9_1) : (tensor<2x1x2x3xf32>, tensor<2x3x2xf32>) -> tensor<2x2x2x2xf32>
  %u9 = tensor.cast %o9 : tensor<2x2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}10,  17],
  // CHECK-NEXT: [-8,  4]],
  // CHECK-NEXT: {{\[\[}}11,  -19],
  // CHECK-NEXT: [-1,  -6]]],
  // CHECK-NEXT: {{\[\[\[}}-8,  -20],
  // CHECK-NEXT: [2,  -11]],
  // CHECK-NEXT: {{\[\[}}-4,  28],
  // CHECK-NEXT: [-14,  7]]]]

  // row_of_batches
  %i10_0 = arith.constant dense<[1.0, 4.0, 4.0]> : tensor<3xf32>
  %i10_1 = arith.constant dense<[[[-2.0, -2.0], [1.0, -1.0], [2.0, -3.0]], [[-3.0, -4.0], [0.0, -3.0], [-2.0, 4.0]]]>
      : tensor<2x3x2xf32>
  %o10 = call @row_of_batches(%i10_0, %i10_1) : (tensor<3xf32>, tensor<2x3x2xf32>) -> tensor<2x2xf32>
  %u10 = tensor.cast %o10 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}10,  -18],
  // CHECK-NEXT: [-11,  {{-?}}0]]
  return
}
