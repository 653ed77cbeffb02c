// RUN: condense-opt %s --nn-raise-silu --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: @forms
// CHECK: nn.silu %arg0 : tensor<?x4xf32>
// CHECK: nn.silu %arg0 : tensor<?x4xf32>
// CHECK-NEXT: return
func.func @forms(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %one = arith.constant dense<1.0> : tensor<f32>
  %s = nn.sigmoid %x : tensor<?x4xf32>
  %y = nn.mul %s, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %n = nn.neg %x : tensor<?x4xf32>
  %e = nn.exp %n : tensor<?x4xf32>
  %d = nn.add %one, %e : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %z = nn.div %x, %d : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y, %z : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// The sigmoid of a multiple, a gate of something else, and 2 + exp(-x).
// CHECK-LABEL: @left_alone
// CHECK-NOT: nn.silu
// CHECK: return
func.func @left_alone(%x: tensor<4xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %k = arith.constant dense<1.702> : tensor<f32>
  %two = arith.constant dense<2.0> : tensor<f32>
  %u = nn.mul %x, %k : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %s = nn.sigmoid %u : tensor<4xf32>
  %a = nn.mul %x, %s : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %t = nn.sigmoid %x : tensor<4xf32>
  %b = nn.mul %z, %t : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %n = nn.neg %x : tensor<4xf32>
  %e = nn.exp %n : tensor<4xf32>
  %d = nn.add %two, %e : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  %c = nn.div %x, %d : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %a, %b, %c : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
