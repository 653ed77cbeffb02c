// RUN: %lower_nn %s | %run_main | FileCheck %s
// Look-ups, with indices from the end and out of range.

func.func private @printMemrefF32(tensor<*xf32>)

// 9 and -5 read the nearest row.
func.func private @embedding(%0: tensor<2x2xi64>, %1: tensor<4x2xf32>) -> tensor<2x2x2xf32> {
  %y = nn.embedding %0, %1 : (tensor<2x2xi64>, tensor<4x2xf32>) -> tensor<2x2x2xf32>
  return %y : tensor<2x2x2xf32>
}

func.func private @embedding_dynamic(%0: tensor<?xi32>, %1: tensor<4x2xf32>) -> tensor<?x?xf32> {
  %y = nn.embedding %0, %1 : (tensor<?xi32>, tensor<4x2xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @gather(%0: tensor<2x3x2xf32>, %1: tensor<1x2xi64>) -> tensor<1x2x3x2xf32> {
  %y = nn.gather %0, %1 {axis = 0 : i64} : (tensor<2x3x2xf32>, tensor<1x2xi64>) -> tensor<1x2x3x2xf32>
  return %y : tensor<1x2x3x2xf32>
}

func.func private @gather_2(%0: tensor<2x3x2xf32>, %1: tensor<1x2xi64>) -> tensor<2x1x2x2xf32> {
  %y = nn.gather %0, %1 {axis = 1 : i64} : (tensor<2x3x2xf32>, tensor<1x2xi64>) -> tensor<2x1x2x2xf32>
  return %y : tensor<2x1x2x2xf32>
}

func.func private @gather_3(%0: tensor<2x3x2xf32>, %1: tensor<1x2xi64>) -> tensor<2x3x1x2xf32> {
  %y = nn.gather %0, %1 {axis = 2 : i64} : (tensor<2x3x2xf32>, tensor<1x2xi64>) -> tensor<2x3x1x2xf32>
  return %y : tensor<2x3x1x2xf32>
}

func.func private @gather_one(%0: tensor<2x?x2xf32>, %1: tensor<i64>) -> tensor<2x2xf32> {
  %y = nn.gather %0, %1 {axis = 1 : i64} : (tensor<2x?x2xf32>, tensor<i64>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

func.func private @gather_unsigned(%0: tensor<2x3x2xf32>, %1: tensor<?xui8>) -> tensor<?x?x?xf32> {
  %y = nn.gather %0, %1 {axis = 1 : i64} : (tensor<2x3x2xf32>, tensor<?xui8>) -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

func.func private @gather_elements_first(%0: tensor<2x3xf32>, %1: tensor<1x3xi64>) -> tensor<1x3xf32> {
  %y = nn.gather_elements %0, %1 {axis = 0 : i64} : (tensor<2x3xf32>, tensor<1x3xi64>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

func.func private @gather_elements_last(%0: tensor<2x3xf32>, %1: tensor<2x2xi32>) -> tensor<2x2xf32> {
  %y = nn.gather_elements %0, %1 {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x2xi32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

func.func private @one_hot(%0: tensor<?xi64>, %1: tensor<f32>, %2: tensor<f32>) -> tensor<?x?xf32> {
  %y = nn.one_hot %0, %1, %2 {axis = 0 : i64, depth = 3 : i64} : (tensor<?xi64>, tensor<f32>, tensor<f32>) ->
      tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @one_hot_2(%0: tensor<?xi64>, %1: tensor<f32>, %2: tensor<f32>) -> tensor<?x?xf32> {
  %y = nn.one_hot %0, %1, %2 {axis = 1 : i64, depth = 3 : i64} : (tensor<?xi64>, tensor<f32>, tensor<f32>) ->
      tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func @main() {
  // embedding
  %i0_0 = arith.constant dense<[[0, 3], [2, 9]]> : tensor<2x2xi64>
  %i0_1 = arith.constant dense<[[0.0, 7.0], [0.0, 2.0], [6.0, 5.0], [5.0, 8.0]]> : tensor<4x2xf32>
  %o0 = call @embedding(%i0_0, %i0_1) : (tensor<2x2xi64>, tensor<4x2xf32>) -> tensor<2x2x2xf32>
  %u0 = tensor.cast %o0 : tensor<2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}0,  7],
  // CHECK-NEXT: [5,  8]],
  // CHECK-NEXT: {{\[\[}}6,  5],
  // CHECK-NEXT: [5,  8]]]

  // embedding_dynamic
  %i1_0 = arith.constant dense<[1, -5, 0]> : tensor<3xi32>
  %d1_0 = tensor.cast %i1_0 : tensor<3xi32> to tensor<?xi32>
  %i1_1 = arith.constant dense<[[0.0, 7.0], [0.0, 2.0], [6.0, 5.0], [5.0, 8.0]]> : tensor<4x2xf32>
  %o1 = call @embedding_dynamic(%d1_0, %i1_1) : (tensor<?xi32>, tensor<4x2xf32>) -> tensor<?x?xf32>
  %u1 = tensor.cast %o1 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}0,  2],
  // CHECK-NEXT: [0,  7],
  // CHECK-NEXT: [0,  7]]

  // gather
  %i2_0 = arith.constant dense<[[[6.0, 5.0], [2.0, 1.0], [9.0, 9.0]], [[6.0, 7.0], [4.0, 5.0], [6.0, 3.0]]]> :
      tensor<2x3x2xf32>
  %i2_1 = arith.constant dense<[[0, -1]]> : tensor<1x2xi64>
  %o2 = call @gather(%i2_0, %i2_1) : (tensor<2x3x2xf32>, tensor<1x2xi64>) -> tensor<1x2x3x2xf32>
  %u2 = tensor.cast %o2 : tensor<1x2x3x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 2, 3, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}6,  5],
  // CHECK-NEXT: [2,  1],
  // CHECK-NEXT: [9,  9]],
  // CHECK-NEXT: {{\[\[}}6,  7],
  // CHECK-NEXT: [4,  5],
  // CHECK-NEXT: [6,  3]]]]

  // gather_2
  %i3_0 = arith.constant dense<[[[6.0, 5.0], [2.0, 1.0], [9.0, 9.0]], [[6.0, 7.0], [4.0, 5.0], [6.0, 3.0]]]> :
      tensor<2x3x2xf32>
  %i3_1 = arith.constant dense<[[0, -1]]> : tensor<1x2xi64>
  %o3 = call @gather_2(%i3_0, %i3_1) : (tensor<2x3x2xf32>, tensor<1x2xi64>) -> tensor<2x1x2x2xf32>
  %u3 = tensor.cast %o3 : tensor<2x1x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 1, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}6,  5],
  // CHECK-NEXT: [9,  9]]],
  // CHECK-NEXT: {{\[\[\[}}6,  7],
  // CHECK-NEXT: [6,  3]]]]

  // gather_3
  %i4_0 = arith.constant dense<[[[6.0, 5.0], [2.0, 1.0], [9.0, 9.0]], [[6.0, 7.0], [4.0, 5.0], [6.0, 3.0]]]> :
      tensor<2x3x2xf32>
  %i4_1 = arith.constant dense<[[0, -1]]> : tensor<1x2xi64>
  %o4 = call @gather_3(%i4_0, %i4_1) : (tensor<2x3x2xf32>, tensor<1x2xi64>) -> tensor<2x3x1x2xf32>
  %u4 = tensor.cast %o4 : tensor<2x3x1x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 1, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[\[}}6,  5]],
  // CHECK-NEXT: {{\[\[}}2,  1]],
  // CHECK-NEXT: {{\[\[}}9,  9]]],
  // CHECK-NEXT: {{\[\[\[}}6,  7]],
  // CHECK-NEXT: {{\[\[}}4,  5]],
  // CHECK-NEXT: {{\[\[}}6,  3]]]]

  // gather_one
  %i5_0 = arith.constant dense<[[[6.0, 5.0], [2.0, 1.0], [9.0, 9.0]], [[6.0, 7.0], [4.0, 5.0], [6.0, 3.0]]]> :
      tensor<2x3x2xf32>
  %d5_0 = tensor.cast %i5_0 : tensor<2x3x2xf32> to tensor<2x?x2xf32>
  %i5_1 = arith.constant dense<1> : tensor<i64>
  %o5 = call @gather_one(%d5_0, %i5_1) : (tensor<2x?x2xf32>, tensor<i64>) -> tensor<2x2xf32>
  %u5 = tensor.cast %o5 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}2,  1],
  // CHECK-NEXT: [4,  5]]

  // gather_unsigned
  %i6_0 = arith.constant dense<[[[6.0, 5.0], [2.0, 1.0], [9.0, 9.0]], [[6.0, 7.0], [4.0, 5.0], [6.0, 3.0]]]> :
      tensor<2x3x2xf32>
  %i6_1 = arith.constant dense<[2, 1]> : tensor<2xui8>
  %d6_1 = tensor.cast %i6_1 : tensor<2xui8> to tensor<?xui8>
  %o6 = call @gather_unsigned(%i6_0, %d6_1) : (tensor<2x3x2xf32>, tensor<?xui8>) -> tensor<?x?x?xf32>
  %u6 = tensor.cast %o6 : tensor<?x?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}9,  9],
  // CHECK-NEXT: [2,  1]],
  // CHECK-NEXT: {{\[\[}}6,  3],
  // CHECK-NEXT: [4,  5]]]

  // gather_elements_first
  %i7_0 = arith.constant dense<[[4.0, 5.0, 8.0], [3.0, 0.0, 1.0]]> : tensor<2x3xf32>
  %i7_1 = arith.constant dense<[[0, -1, 1]]> : tensor<1x3xi64>
  %o7 = call @gather_elements_first(%i7_0, %i7_1) : (tensor<2x3xf32>, tensor<1x3xi64>) -> tensor<1x3xf32>
  %u7 = tensor.cast %o7 : tensor<1x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [1, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}4,  {{-?}}0,  1]]

  // gather_elements_last
  %i8_0 = arith.constant dense<[[4.0, 5.0, 8.0], [3.0, 0.0, 1.0]]> : tensor<2x3xf32>
  %i8_1 = arith.constant dense<[[2, -3], [0, 1]]> : tensor<2x2xi32>
  %o8 = call @gather_elements_last(%i8_0, %i8_1) : (tensor<2x3xf32>, tensor<2x2xi32>) -> tensor<2x2xf32>
  %u8 = tensor.cast %o8 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 2] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}8,  4],
  // CHECK-NEXT: [3,  {{-?}}0]]

  // one_hot
  %i9_0 = arith.constant dense<[0, 2, -1, 7]> : tensor<4xi64>
  %d9_0 = tensor.cast %i9_0 : tensor<4xi64> to tensor<?xi64>
  %i9_1 = arith.constant dense<5.0> : tensor<f32>
  %i9_2 = arith.constant dense<-1.0> : tensor<f32>
  %o9 = call @one_hot(%d9_0, %i9_1, %i9_2) : (tensor<?xi64>, tensor<f32>, tensor<f32>) -> tensor<?x?xf32>
  %u9 = tensor.cast %o9 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [3, 4] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  -1,  -1,  -1],
  // CHECK-NEXT: [-1,  -1,  -1,  -1],
  // CHECK-NEXT: [-1,  5,  5,  -1]]

  // one_hot_2
  %i10_0 = arith.constant dense<[0, 2, -1, 7]> : tensor<4xi64>
  %d10_0 = tensor.cast %i10_0 : tensor<4xi64> to tensor<?xi64>
  %i10_1 = arith.constant dense<5.0> : tensor<f32>
  %i10_2 = arith.constant dense<-1.0> : tensor<f32>
  %o10 = call @one_hot_2(%d10_0, %i10_1, %i10_2) : (tensor<?xi64>, tensor<f32>, tensor<f32>) -> tensor<?x?xf32>
  %u10 = tensor.cast %o10 : tensor<?x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [4, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}5,  -1,  -1],
  // CHECK-NEXT: [-1,  -1,  5],
  // CHECK-NEXT: [-1,  -1,  5],
  // CHECK-NEXT: [-1,  -1,  -1]]
  return
}
