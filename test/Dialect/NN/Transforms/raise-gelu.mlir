// RUN: condense-opt %s --nn-raise-gelu --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: @erf
// CHECK: %[[Y:.*]] = nn.gelu %arg0 : tensor<?x4xf32>
// CHECK-NEXT: return %[[Y]]
func.func @erf(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %root = arith.constant dense<1.41421354> : tensor<f32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %half = arith.constant dense<0.5> : tensor<f32>
  %u = nn.div %x, %root : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %e = nn.erf %u : tensor<?x4xf32>
  %g = nn.add %e, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %p = nn.mul %x, %g : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = nn.mul %p, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// The factors in another order, and x itself a product.
// CHECK-LABEL: @orders
// CHECK: %[[X:.*]] = nn.mul %arg0, %arg1
// CHECK: %[[A:.*]] = nn.gelu %[[X]] : tensor<3x4xf32>
// CHECK: %[[B:.*]] = nn.gelu %[[X]] : tensor<3x4xf32>
// CHECK-NEXT: return %[[A]], %[[B]]
func.func @orders(%a: tensor<3x4xf32>, %b: tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %root = arith.constant dense<0.707106769> : tensor<1xf32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %two = arith.constant dense<2.0> : tensor<f32>
  %half = arith.constant dense<0.5> : tensor<f32>
  %x = nn.mul %a, %b : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %u = nn.mul %root, %x : (tensor<1xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %e = nn.erf %u : tensor<3x4xf32>
  %g = nn.add %one, %e : (tensor<f32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %h = nn.mul %half, %x : (tensor<f32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %y = nn.mul %g, %h : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %d = nn.div %g, %two : (tensor<3x4xf32>, tensor<f32>) -> tensor<3x4xf32>
  %z = nn.mul %x, %d : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return %y, %z : tensor<3x4xf32>, tensor<3x4xf32>
}

// -----

// Two ways to write the polynomial.
// CHECK-LABEL: @tanh
// CHECK: nn.gelu %arg0 {tanh} : tensor<?xf32>
// CHECK: nn.gelu %arg0 {tanh} : tensor<?xf32>
// CHECK-NEXT: return
func.func @tanh(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %k = arith.constant dense<0.797884583> : tensor<f32>
  %c = arith.constant dense<0.044715> : tensor<f32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %half = arith.constant dense<0.5> : tensor<f32>
  %three = arith.constant dense<3.0> : tensor<f32>
  %p = nn.pow %x, %three : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %q = nn.mul %c, %p : (tensor<f32>, tensor<?xf32>) -> tensor<?xf32>
  %r = nn.add %x, %q : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %u = nn.mul %k, %r : (tensor<f32>, tensor<?xf32>) -> tensor<?xf32>
  %t = nn.tanh %u : tensor<?xf32>
  %g = nn.add %t, %one : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %h = nn.mul %x, %half : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %y = nn.mul %h, %g : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %q1 = nn.mul %x, %c : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %q2 = nn.mul %q1, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %q3 = nn.add %q2, %one : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %q4 = nn.mul %x, %k : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %q5 = nn.mul %q4, %q3 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %t1 = nn.tanh %q5 : tensor<?xf32>
  %g1 = nn.add %one, %t1 : (tensor<f32>, tensor<?xf32>) -> tensor<?xf32>
  %h1 = nn.mul %half, %g1 : (tensor<f32>, tensor<?xf32>) -> tensor<?xf32>
  %z = nn.mul %x, %h1 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %y, %z : tensor<?xf32>, tensor<?xf32>
}

// -----

// Another coefficient, no factor of one half, and a factor that is not what erf is applied to.
// CHECK-LABEL: @left_alone
// CHECK-NOT: nn.gelu
// CHECK: return
func.func @left_alone(%x: tensor<4xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %root = arith.constant dense<1.41421354> : tensor<f32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %half = arith.constant dense<0.5> : tensor<f32>
  %other = nn.div %x, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %e = nn.erf %other : tensor<4xf32>
  %g = nn.add %e, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %p = nn.mul %x, %g : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %a = nn.mul %p, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %u = nn.div %x, %root : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %e1 = nn.erf %u : tensor<4xf32>
  %g1 = nn.add %e1, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %b = nn.mul %x, %g1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %p2 = nn.mul %z, %g1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %c = nn.mul %p2, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %a, %b, %c : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
