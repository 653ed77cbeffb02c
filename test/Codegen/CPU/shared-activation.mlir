// Layers that read one value quantize it once; the sign that the dot product wants flipped is a part of that.
// RUN: condense-opt %s --compress-quantize-activations --compress-integer-arithmetic --condense-lower-to-linalg \
// RUN:   | condense-opt --pass-pipeline="builtin.module(func.func(linalg-generalize-named-ops,codegen-drop-unit-dims,canonicalize,codegen-pack-weights{vnni=true},canonicalize,cse,codegen-fuse-elementwise,canonicalize,cse))" \
// RUN:   | FileCheck %s

// CHECK-LABEL: @main
// one pass finds the largest magnitudes, one makes the codes
// CHECK-COUNT-1: arith.maxsi
// CHECK-NOT: arith.maxsi
// CHECK: math.fma
// CHECK-NEXT: arith.bitcast
// CHECK-NEXT: arith.trunci
// CHECK-NEXT: arith.xori
// CHECK-NOT: math.fma
// CHECK-NOT: arith.xori
// CHECK-COUNT-3: arith.extui
func.func @main(%x: tensor<?x64xf32>) -> (tensor<?x32xf32>, tensor<?x32xf32>, tensor<?x32xf32>) {
  %s = arith.constant dense<0.5> : tensor<1x1xf32>
  %c = arith.constant dense<3> : tensor<32x64xi8>
  %d = arith.constant dense<4> : tensor<32x64xi8>
  %e = arith.constant dense<5> : tensor<32x64xi8>
  %a = compress.dequantize %c, %s : (tensor<32x64xi8>, tensor<1x1xf32>) -> tensor<32x64xf32>
  %b = compress.dequantize %d, %s : (tensor<32x64xi8>, tensor<1x1xf32>) -> tensor<32x64xf32>
  %f = compress.dequantize %e, %s : (tensor<32x64xi8>, tensor<1x1xf32>) -> tensor<32x64xf32>
  %q = nn.linear %x, %a {compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic>} : (tensor<?x64xf32>, tensor<32x64xf32>) -> tensor<?x32xf32>
  %k = nn.linear %x, %b {compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic>} : (tensor<?x64xf32>, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = nn.linear %x, %f {compress.activation = #compress.quantize_activation<storage = i8, calibration = dynamic>} : (tensor<?x64xf32>, tensor<32x64xf32>) -> tensor<?x32xf32>
  return %q, %k, %v : tensor<?x32xf32>, tensor<?x32xf32>, tensor<?x32xf32>
}
