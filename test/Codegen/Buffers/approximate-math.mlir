// RUN: condense-opt %s --codegen-approximate-math | FileCheck %s

// CHECK-LABEL: @approximated
// CHECK-NOT: math.exp
// CHECK-NOT: math.tanh
// CHECK: return
func.func @approximated(%a: f32, %v: vector<8xf32>, %h: f16) -> (f32, vector<8xf32>, f16) {
  %0 = math.exp %a : f32
  %1 = math.tanh %v : vector<8xf32>
  %2 = math.exp %h : f16
  return %0, %1, %2 : f32, vector<8xf32>, f16
}

// One polynomial, without a division.
// CHECK-LABEL: @erf
// CHECK-COUNT-15: math.fma {{.*}} : vector<16xf32>
// CHECK-NOT: arith.divf
// CHECK: return
func.func @erf(%v: vector<16xf32>) -> vector<16xf32> {
  %0 = math.erf %v : vector<16xf32>
  return %0 : vector<16xf32>
}

// CHECK-LABEL: @left_to_the_library
// CHECK: math.exp %{{.*}} : f64
// CHECK: math.sin %{{.*}} : f32
func.func @left_to_the_library(%a: f64, %b: f32) -> (f64, f32) {
  %0 = math.exp %a : f64
  %1 = math.sin %b : f32
  return %0, %1 : f64, f32
}
