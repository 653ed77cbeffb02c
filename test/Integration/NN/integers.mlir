// RUN: %lower_nn %s | %run_main | FileCheck %s
// Signed and unsigned integers of one operand.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @abs_signed(%0: tensor<6xi8>) -> tensor<6xf32> {
  %y = nn.abs %0 : tensor<6xi8>
  %f = nn.cast %y to f32 : tensor<6xi8> -> tensor<6xf32>
  return %f : tensor<6xf32>
}

func.func private @sign_signed(%0: tensor<6xi8>) -> tensor<6xf32> {
  %y = nn.sign %0 : tensor<6xi8>
  %f = nn.cast %y to f32 : tensor<6xi8> -> tensor<6xf32>
  return %f : tensor<6xf32>
}

func.func private @sign_unsigned(%0: tensor<6xui8>) -> tensor<6xf32> {
  %y = nn.sign %0 : tensor<6xui8>
  %f = nn.cast %y to f32 : tensor<6xui8> -> tensor<6xf32>
  return %f : tensor<6xf32>
}

func.func private @relu_signed(%0: tensor<6xi8>) -> tensor<6xf32> {
  %y = nn.relu %0 : tensor<6xi8>
  %f = nn.cast %y to f32 : tensor<6xi8> -> tensor<6xf32>
  return %f : tensor<6xf32>
}

func.func private @not_unsigned(%0: tensor<6xui8>) -> tensor<6xf32> {
  %y = nn.not %0 : tensor<6xui8>
  %f = nn.cast %y to f32 : tensor<6xui8> -> tensor<6xf32>
  return %f : tensor<6xf32>
}

func.func private @clamp_unsigned(%0: tensor<6xui8>) -> tensor<6xf32> {
  %y = nn.clamp %0 {low = 3 : ui8, high = 201 : ui8} : tensor<6xui8>
  %f = nn.cast %y to f32 : tensor<6xui8> -> tensor<6xf32>
  return %f : tensor<6xf32>
}

func.func @main() {
  // abs_signed
  %i0_0 = arith.constant dense<[-128, -7, -1, 0, 5, 127]> : tensor<6xi8>
  %o0 = call @abs_signed(%i0_0) : (tensor<6xi8>) -> tensor<6xf32>
  %u0 = tensor.cast %o0 : tensor<6xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [-128,  7,  1,  0,  5,  127]

  // sign_signed
  %i1_0 = arith.constant dense<[-128, -7, -1, 0, 5, 127]> : tensor<6xi8>
  %o1 = call @sign_signed(%i1_0) : (tensor<6xi8>) -> tensor<6xf32>
  %u1 = tensor.cast %o1 : tensor<6xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [-1,  -1,  -1,  0,  1,  1]

  // sign_unsigned
  %i2_0 = arith.constant dense<[0, 1, 127, 128, 200, 255]> : tensor<6xui8>
  %o2 = call @sign_unsigned(%i2_0) : (tensor<6xui8>) -> tensor<6xf32>
  %u2 = tensor.cast %o2 : tensor<6xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [0,  1,  1,  1,  1,  1]

  // relu_signed
  %i3_0 = arith.constant dense<[-128, -7, -1, 0, 5, 127]> : tensor<6xi8>
  %o3 = call @relu_signed(%i3_0) : (tensor<6xi8>) -> tensor<6xf32>
  %u3 = tensor.cast %o3 : tensor<6xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [0,  0,  0,  0,  5,  127]

  // not_unsigned
  %i4_0 = arith.constant dense<[0, 1, 127, 128, 200, 255]> : tensor<6xui8>
  %o4 = call @not_unsigned(%i4_0) : (tensor<6xui8>) -> tensor<6xf32>
  %u4 = tensor.cast %o4 : tensor<6xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [255,  254,  128,  127,  55,  0]

  // clamp_unsigned
  %i5_0 = arith.constant dense<[0, 1, 127, 128, 200, 255]> : tensor<6xui8>
  %o5 = call @clamp_unsigned(%i5_0) : (tensor<6xui8>) -> tensor<6xf32>
  %u5 = tensor.cast %o5 : tensor<6xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [6] {{.*}} data =
  // CHECK-NEXT: [3,  3,  127,  128,  200,  201]
  return
}
