// RUN: %lower_nn %s | %run_main | FileCheck %s
// Functions of one operand, in thousandths where the result is no integer.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @exp(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.exp %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @erf(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.erf %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @sin(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.sin %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @cos(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.cos %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @tan(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.tan %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @atan(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.atan %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @sinh(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.sinh %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @cosh(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.cosh %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @asinh(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.asinh %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @tanh(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.tanh %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func @main() {
  // exp
  %i0_0 = arith.constant dense<[-2.5, -0.4000000059604645, 0.0, 1.5, 3.25]> : tensor<5xf32>
  %d0_0 = tensor.cast %i0_0 : tensor<5xf32> to tensor<?xf32>
  %o0 = call @exp(%d0_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u0 = tensor.cast %o0 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [82,  670,  1000,  4482,  25790]

  // erf
  %i1_0 = arith.constant dense<[-2.5, -0.4000000059604645, 0.0, 1.5, 3.25]> : tensor<5xf32>
  %d1_0 = tensor.cast %i1_0 : tensor<5xf32> to tensor<?xf32>
  %o1 = call @erf(%d1_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u1 = tensor.cast %o1 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-1000,  -428,  {{-?}}0,  966,  1000]

  // sin
  %i2_0 = arith.constant dense<[-2.5, -0.4000000059604645, 0.0, 1.5, 3.25]> : tensor<5xf32>
  %d2_0 = tensor.cast %i2_0 : tensor<5xf32> to tensor<?xf32>
  %o2 = call @sin(%d2_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u2 = tensor.cast %o2 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-598,  -389,  {{-?}}0,  997,  -108]

  // cos
  %i3_0 = arith.constant dense<[-2.5, -0.4000000059604645, 0.0, 1.5, 3.25]> : tensor<5xf32>
  %d3_0 = tensor.cast %i3_0 : tensor<5xf32> to tensor<?xf32>
  %o3 = call @cos(%d3_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u3 = tensor.cast %o3 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-801,  921,  1000,  71,  -994]

  // tan
  %i4_0 = arith.constant dense<[-2.5, -0.4000000059604645, 0.0, 1.5, 3.25]> : tensor<5xf32>
  %d4_0 = tensor.cast %i4_0 : tensor<5xf32> to tensor<?xf32>
  %o4 = call @tan(%d4_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u4 = tensor.cast %o4 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [747,  -423,  {{-?}}0,  14101,  109]

  // atan
  %i5_0 = arith.constant dense<[-2.5, -0.4000000059604645, 0.0, 1.5, 3.25]> : tensor<5xf32>
  %d5_0 = tensor.cast %i5_0 : tensor<5xf32> to tensor<?xf32>
  %o5 = call @atan(%d5_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u5 = tensor.cast %o5 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-1190,  -381,  {{-?}}0,  983,  1272]

  // sinh
  %i6_0 = arith.constant dense<[-2.5, -0.4000000059604645, 0.0, 1.5, 3.25]> : tensor<5xf32>
  %d6_0 = tensor.cast %i6_0 : tensor<5xf32> to tensor<?xf32>
  %o6 = call @sinh(%d6_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u6 = tensor.cast %o6 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-6050,  -411,  {{-?}}0,  2129,  12876]

  // cosh
  %i7_0 = arith.constant dense<[-2.5, -0.4000000059604645, 0.0, 1.5, 3.25]> : tensor<5xf32>
  %d7_0 = tensor.cast %i7_0 : tensor<5xf32> to tensor<?xf32>
  %o7 = call @cosh(%d7_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u7 = tensor.cast %o7 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [6132,  1081,  1000,  2352,  12915]

  // asinh
  %i8_0 = arith.constant dense<[-2.5, -0.4000000059604645, 0.0, 1.5, 3.25]> : tensor<5xf32>
  %d8_0 = tensor.cast %i8_0 : tensor<5xf32> to tensor<?xf32>
  %o8 = call @asinh(%d8_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u8 = tensor.cast %o8 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-1647,  -390,  {{-?}}0,  1195,  1895]

  // tanh
  %i9_0 = arith.constant dense<[-2.5, -0.4000000059604645, 0.0, 1.5, 3.25]> : tensor<5xf32>
  %d9_0 = tensor.cast %i9_0 : tensor<5xf32> to tensor<?xf32>
  %o9 = call @tanh(%d9_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u9 = tensor.cast %o9 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-987,  -380,  {{-?}}0,  905,  997]
  return
}
