// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-expand-float8))' | FileCheck %s

// CHECK-LABEL: func @widen
// CHECK:         arith.bitcast %arg0 : f8E4M3FN to i8
// CHECK:         arith.bitcast %{{.*}} : i16 to f16
// CHECK:         arith.bitcast %arg1 : f8E5M2 to i8
// CHECK:         arith.bitcast %{{.*}} : i16 to f16
// CHECK:         arith.bitcast %arg2 : f8E8M0FNU to i8
// CHECK:         arith.bitcast %{{.*}} : i32 to f32
// CHECK-NOT:     arith.extf %arg
func.func @widen(%a: f8E4M3FN, %b: f8E5M2, %c: f8E8M0FNU) -> (f32, f16, f32) {
  %0 = arith.extf %a : f8E4M3FN to f32
  %1 = arith.extf %b : f8E5M2 to f16
  %2 = arith.extf %c : f8E8M0FNU to f32
  return %0, %1, %2 : f32, f16, f32
}

// Other floats, and bits that only move, are left alone.
// CHECK-LABEL: func @other
// CHECK:         arith.extf %arg0 : f16 to f32
// CHECK:         arith.bitcast %arg1 : f8E5M2 to i8
func.func @other(%a: f16, %b: f8E5M2) -> (f32, i8) {
  %0 = arith.extf %a : f16 to f32
  %1 = arith.bitcast %b : f8E5M2 to i8
  return %0, %1 : f32, i8
}
