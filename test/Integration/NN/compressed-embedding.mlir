// RUN: condense-opt %s --convert-nn-to-linalg --convert-compress-to-linalg | %lower_nn | %run_main | FileCheck %s
// RUN: condense-opt %s --condense-lower-to-linalg | %lower_nn | %run_main | FileCheck %s
// Rows of a compressed table: from the whole table, and from the codes of those rows alone.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @packed(%ids: tensor<?x3xi64>) -> tensor<?x3x8xf32> {
  %bytes = arith.constant dense<[66, 72, 15, -62, -121, -20, -31, -118, -120, 122, 43, -76, -20, 124, 106, 84]> :
      tensor<16xi8>
  %scales = arith.constant dense<[[0.5, 2.0], [1.0, 0.25], [4.0, 1.0], [2.0, 0.5]]> : tensor<4x2xf16>
  %codes = compress.unpack %bytes : tensor<16xi8> -> tensor<4x8xi4>
  %table = compress.dequantize %codes, %scales : (tensor<4x8xi4>, tensor<4x2xf16>) -> tensor<4x8xf32>
  %0 = nn.embedding %ids, %table : (tensor<?x3xi64>, tensor<4x8xf32>) -> tensor<?x3x8xf32>
  return %0 : tensor<?x3x8xf32>
}

func.func private @asymmetric(%ids: tensor<?x3xi64>) -> tensor<?x3x3xf32> {
  %codes = arith.constant dense<[[29, 100, 160], [126, 170, 173], [169, 15, 245], [142, 231, 69]]> : tensor<4x3xui8>
  %scales = arith.constant dense<[[0.5], [1.0], [2.0], [0.25]]> : tensor<4x1xf32>
  %zeros = arith.constant dense<[[128], [3], [0], [255]]> : tensor<4x1xui8>
  %table = compress.dequantize %codes, %scales, %zeros : (tensor<4x3xui8>, tensor<4x1xf32>, tensor<4x1xui8>) -> tensor<4x3xf32>
  %0 = nn.embedding %ids, %table : (tensor<?x3xi64>, tensor<4x3xf32>) -> tensor<?x3x3xf32>
  return %0 : tensor<?x3x3xf32>
}

func.func @main() {
  %i = arith.constant dense<[[3, 0, 1], [2, 2, 9]]> : tensor<2x3xi64>
  %ids = tensor.cast %i : tensor<2x3xi64> to tensor<?x3xi64>
  %y0 = call @packed(%ids) : (tensor<?x3xi64>) -> tensor<?x3x8xf32>
  %u0 = tensor.cast %y0 : tensor<?x3x8xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 8] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-8,  -4,  -8,  14,  -3,  3,  2,  2.5],
  // CHECK-NEXT: [1,  2,  -4,  2,  -2,  {{-?}}0,  4,  -8],
  // CHECK-NEXT: [7,  -8,  -4,  -2,  0.25,  -0.5,  -1.5,  -2]],
  // CHECK-NEXT: {{\[\[}}-32,  -32,  -24,  28,  -5,  2,  4,  -5],
  // CHECK-NEXT: [-32,  -32,  -24,  28,  -5,  2,  4,  -5],
  // CHECK-NEXT: [-8,  -4,  -8,  14,  -3,  3,  2,  2.5]]]
  %y1 = call @asymmetric(%ids) : (tensor<?x3xi64>) -> tensor<?x3x3xf32>
  %u1 = tensor.cast %y1 : tensor<?x3x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 3, 3] {{.*}} data =
  // CHECK-NEXT: {{\[\[\[}}-28.25,  -6,  -46.5],
  // CHECK-NEXT: [-49.5,  -14,  16],
  // CHECK-NEXT: [123,  167,  170]],
  // CHECK-NEXT: {{\[\[}}338,  30,  490],
  // CHECK-NEXT: [338,  30,  490],
  // CHECK-NEXT: [-28.25,  -6,  -46.5]]]
  return
}
