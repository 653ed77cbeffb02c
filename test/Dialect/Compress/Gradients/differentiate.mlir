// RUN: condense-opt %s --split-input-file --pass-pipeline='builtin.module(nn-differentiate,canonicalize,cse)' | FileCheck %s

// The sum over each block; codes have no adjoint.
// CHECK-LABEL: @loss_gradient(
// CHECK-SAME:  -> (tensor<f32>, tensor<2x2xf16>)
// CHECK:       %[[CODES:.*]] = nn.cast %{{.*}} to f32 : tensor<2x8xi4> -> tensor<2x8xf32>
// CHECK:       nn.reduce_sum %{{.*}} {axes = array<i64: 1, 3>} : tensor<2x1x2x4xf32> -> tensor<2x2xf32>
// CHECK:       nn.cast %{{.*}} to f16
func.func @loss(%codes: tensor<2x8xi4>, %scales: tensor<2x2xf16>) -> tensor<f32> {
  %w = compress.dequantize %codes, %scales : (tensor<2x8xi4>, tensor<2x2xf16>) -> tensor<2x8xf32>
  %s = nn.mul %w, %w : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %l = nn.reduce_sum %s {axes = array<i64: 0, 1>} : tensor<2x8xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// Entries are summed where they were read.
// CHECK-LABEL: @loss_gradient(
// CHECK:       nn.gather_gradient {{.*}} {axis = 0 : i64, clamped} : (tensor<16xf32>, tensor<16xi32>, tensor<32xf32>) -> tensor<32xf32>
func.func @loss(%codes: tensor<2x8xi4>, %book: tensor<2x1x16xf32>) -> tensor<f32> {
  %w = compress.lookup %codes, %book : (tensor<2x8xi4>, tensor<2x1x16xf32>) -> tensor<2x8xf32>
  %s = nn.mul %w, %w : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %l = nn.reduce_sum %s {axes = array<i64: 0, 1>} : tensor<2x8xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// The places of a constant mask are found at once: bits 0, 3 and 9.
// CHECK-LABEL: @loss_gradient(
// CHECK:       %[[PLACES:.*]] = arith.constant dense<[0, 3, 9]> : tensor<3xi32>
// CHECK:       nn.gather %{{.*}}, %[[PLACES]] {axis = 0 : i64} : (tensor<16xf32>, tensor<3xi32>) -> tensor<3xf32>
func.func @loss(%values: tensor<3xf32>) -> tensor<f32> {
  %bits = arith.constant dense<[9, 2]> : tensor<2xi8>
  %w = compress.scatter %values, %bits <format = bitmap> : (tensor<3xf32>, tensor<2xi8>) -> tensor<2x8xf32>
  %s = nn.mul %w, %w : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %l = nn.reduce_sum %s {axes = array<i64: 0, 1>} : tensor<2x8xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// Rounding is a step: the activation gets no adjoint through it, its scale does.
// CHECK-LABEL: @loss_gradient(
// CHECK-DAG:   %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<2x4xf32>
// CHECK:       return %{{.*}}, %[[ZERO]], %{{.*}}
func.func @loss(%x: tensor<2x4xf32>, %scale: tensor<1x1xf32>) -> tensor<f32> {
  %q = compress.quantize %x, %scale : (tensor<2x4xf32>, tensor<1x1xf32>) -> tensor<2x4xi8>
  %y = compress.dequantize %q, %scale : (tensor<2x4xi8>, tensor<1x1xf32>) -> tensor<2x4xf32>
  %l = nn.reduce_sum %y {axes = array<i64: 0, 1>} : tensor<2x4xf32> -> tensor<f32>
  return %l : tensor<f32>
}
