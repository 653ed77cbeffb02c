// RUN: %lower_nn %s | %run_main | FileCheck %s
// Activation functions, in thousandths; overflow of exp does not show.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @sigmoid(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.sigmoid %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @silu(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.silu %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @softplus(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.softplus %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @softsign(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.softsign %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @mish(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.mish %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @hard_swish(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.hard_swish %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @gelu(%0: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.gelu %0 : tensor<?xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %z = nn.round %s : tensor<?xf32>
  return %z : tensor<?xf32>
}

func.func private @gelu_tanh(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.gelu %0 {tanh} : tensor<5xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  %z = nn.round %s : tensor<5xf32>
  return %z : tensor<5xf32>
}

func.func private @leaky_relu(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.leaky_relu %0 {alpha = 0.1 : f64} : tensor<5xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  %z = nn.round %s : tensor<5xf32>
  return %z : tensor<5xf32>
}

func.func private @elu(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.elu %0 {alpha = 0.1 : f64} : tensor<5xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  %z = nn.round %s : tensor<5xf32>
  return %z : tensor<5xf32>
}

func.func private @celu(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.celu %0 {alpha = 0.7 : f64} : tensor<5xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  %z = nn.round %s : tensor<5xf32>
  return %z : tensor<5xf32>
}

func.func private @thresholded_relu(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.thresholded_relu %0 {alpha = 1.0 : f64} : tensor<5xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  %z = nn.round %s : tensor<5xf32>
  return %z : tensor<5xf32>
}

func.func private @hard_sigmoid(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.hard_sigmoid %0 {alpha = 0.2 : f64, beta = 0.5 : f64} : tensor<5xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  %z = nn.round %s : tensor<5xf32>
  return %z : tensor<5xf32>
}

func.func private @selu(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.selu %0 {alpha = 1.67 : f64, beta = 1.05 : f64} : tensor<5xf32>
  %k = arith.constant dense<1000.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  %z = nn.round %s : tensor<5xf32>
  return %z : tensor<5xf32>
}

func.func private @clamp(%0: tensor<5xf32>) -> tensor<5xf32> {
  %y = nn.clamp %0 {low = -1.0 : f32, high = 0.5 : f32} : tensor<5xf32>
  %k = arith.constant dense<10.0> : tensor<f32>
  %s = nn.mul %y, %k : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  %z = nn.round %s : tensor<5xf32>
  return %z : tensor<5xf32>
}

func.func @main() {
  // sigmoid
  %i0_0 = arith.constant dense<[-100.0, -2.5, -0.4000000059604645, 0.0, 1.5, 100.0]> : tensor<6xf32>
  %d0_0 = tensor.cast %i0_0 : tensor<6xf32> to tensor<?xf32>
  %o0 = call @sigmoid(%d0_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u0 = tensor.cast %o0 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  76,  401,  500,  818,  1000]

  // silu
  %i1_0 = arith.constant dense<[-100.0, -2.5, -0.4000000059604645, 0.0, 1.5, 100.0]> : tensor<6xf32>
  %d1_0 = tensor.cast %i1_0 : tensor<6xf32> to tensor<?xf32>
  %o1 = call @silu(%d1_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u1 = tensor.cast %o1 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  -190,  -161,  {{-?}}0,  1226,  100000]

  // softplus
  %i2_0 = arith.constant dense<[-100.0, -2.5, -0.4000000059604645, 0.0, 1.5, 100.0]> : tensor<6xf32>
  %d2_0 = tensor.cast %i2_0 : tensor<6xf32> to tensor<?xf32>
  %o2 = call @softplus(%d2_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u2 = tensor.cast %o2 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  79,  513,  693,  1701,  100000]

  // softsign
  %i3_0 = arith.constant dense<[-100.0, -2.5, -0.4000000059604645, 0.0, 1.5, 100.0]> : tensor<6xf32>
  %d3_0 = tensor.cast %i3_0 : tensor<6xf32> to tensor<?xf32>
  %o3 = call @softsign(%d3_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u3 = tensor.cast %o3 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [-990,  -714,  -286,  {{-?}}0,  600,  990]

  // mish
  %i4_0 = arith.constant dense<[-100.0, -2.5, -0.4000000059604645, 0.0, 1.5, 100.0]> : tensor<6xf32>
  %d4_0 = tensor.cast %i4_0 : tensor<6xf32> to tensor<?xf32>
  %o4 = call @mish(%d4_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u4 = tensor.cast %o4 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  -197,  -189,  {{-?}}0,  1403,  100000]

  // hard_swish
  %i5_0 = arith.constant dense<[-100.0, -2.5, -0.4000000059604645, 0.0, 1.5, 100.0]> : tensor<6xf32>
  %d5_0 = tensor.cast %i5_0 : tensor<6xf32> to tensor<?xf32>
  %o5 = call @hard_swish(%d5_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u5 = tensor.cast %o5 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  -208,  -173,  {{-?}}0,  1125,  100000]

  // gelu
  %i6_0 = arith.constant dense<[-100.0, -2.5, -0.4000000059604645, 0.0, 1.5, 100.0]> : tensor<6xf32>
  %d6_0 = tensor.cast %i6_0 : tensor<6xf32> to tensor<?xf32>
  %o6 = call @gelu(%d6_0) : (tensor<?xf32>) -> tensor<?xf32>
  %u6 = tensor.cast %o6 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  -16,  -138,  {{-?}}0,  1400,  100000]

  // gelu_tanh
  %i7_0 = arith.constant dense<[-3.0, -0.4000000059604645, 0.0, 0.699999988079071, 2.200000047683716]> : tensor<5xf32>
  %o7 = call @gelu_tanh(%i7_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u7 = tensor.cast %o7 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-4,  -138,  {{-?}}0,  531,  2170]

  // leaky_relu
  %i8_0 = arith.constant dense<[-3.0, -0.4000000059604645, 0.0, 0.699999988079071, 2.200000047683716]> : tensor<5xf32>
  %o8 = call @leaky_relu(%i8_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u8 = tensor.cast %o8 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-300,  -40,  {{-?}}0,  700,  2200]

  // elu
  %i9_0 = arith.constant dense<[-3.0, -0.4000000059604645, 0.0, 0.699999988079071, 2.200000047683716]> : tensor<5xf32>
  %o9 = call @elu(%i9_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u9 = tensor.cast %o9 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u9) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-95,  -33,  {{-?}}0,  700,  2200]

  // celu
  %i10_0 = arith.constant dense<[-3.0, -0.4000000059604645, 0.0, 0.699999988079071, 2.200000047683716]> :
      tensor<5xf32>
  %o10 = call @celu(%i10_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u10 = tensor.cast %o10 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u10) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-690,  -305,  {{-?}}0,  700,  2200]

  // thresholded_relu
  %i11_0 = arith.constant dense<[-3.0, -0.4000000059604645, 0.0, 0.699999988079071, 2.200000047683716]> :
      tensor<5xf32>
  %o11 = call @thresholded_relu(%i11_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u11 = tensor.cast %o11 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u11) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  {{-?}}0,  {{-?}}0,  {{-?}}0,  2200]

  // hard_sigmoid
  %i12_0 = arith.constant dense<[-3.0, -0.4000000059604645, 0.0, 0.699999988079071, 2.200000047683716]> :
      tensor<5xf32>
  %o12 = call @hard_sigmoid(%i12_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u12 = tensor.cast %o12 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u12) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [{{-?}}0,  420,  500,  640,  940]

  // selu
  %i13_0 = arith.constant dense<[-3.0, -0.4000000059604645, 0.0, 0.699999988079071, 2.200000047683716]> :
      tensor<5xf32>
  %o13 = call @selu(%i13_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u13 = tensor.cast %o13 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u13) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [-1666,  -578,  {{-?}}0,  735,  2310]

  // clamp
  %i14_0 = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, -0.5, 2.5]> : tensor<5xf32>
  %o14 = call @clamp(%i14_0) : (tensor<5xf32>) -> tensor<5xf32>
  %u14 = tensor.cast %o14 : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%u14) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [5] {{.*}} data =
  // CHECK-NEXT: [{{-?nan}},  5,  -10,  -5,  5]
  return
}
