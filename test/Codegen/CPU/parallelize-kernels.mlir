// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-parallelize-kernels))' | FileCheck %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-parallelize-kernels,codegen-parallelize-kernels))' | FileCheck %s

// CHECK-LABEL: func @marked
// CHECK:         scf.parallel
// CHECK:           memref.store
func.func @marked(%m: memref<8xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %x, %m[%i] : memref<8xf32>
  } {condense.parallel}
  return
}

// CHECK-LABEL: func @not_marked
// CHECK:         scf.for
func.func @not_marked(%m: memref<8xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %x, %m[%i] : memref<8xf32>
  }
  return
}

// A loop that still carries a value stays as it is.
// CHECK-LABEL: func @carries
// CHECK:         scf.for
// CHECK-NOT:     condense.parallel
func.func @carries(%x: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %0 = scf.for %i = %c0 to %c8 step %c1 iter_args(%a = %x) -> f32 {
    %1 = arith.addf %a, %x : f32
    scf.yield %1 : f32
  } {condense.parallel}
  return %0 : f32
}
