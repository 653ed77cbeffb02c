// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-map-to-threads{min-work=1000}))' | FileCheck %s

// Only the first dimension with several iterations is distributed.
// CHECK-LABEL: @large
// CHECK: scf.parallel (%[[J:.*]]) = (%c0) to (%c100) step (%c1)
// CHECK: %[[I:.*]] = %c0 to %c1
// CHECK: scf.for %[[K:.*]] = %c0 to %c100
// CHECK: memref.store %{{.*}}, %{{.*}}[%[[I]], %[[J]], %[[K]]]
func.func @large(%a: memref<1x100x100xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c100 = arith.constant 100 : index
  scf.parallel (%i, %j, %k) = (%c0, %c0, %c0) to (%c1, %c100, %c100) step (%c1, %c1, %c1) {
    %y = arith.addf %x, %x : f32
    memref.store %y, %a[%i, %j, %k] : memref<1x100x100xf32>
    scf.reduce
  }
  return
}

// CHECK-LABEL: @small
// CHECK-NOT: scf.parallel
// CHECK: scf.for
func.func @small(%a: memref<100xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c100 = arith.constant 100 : index
  scf.parallel (%i) = (%c0) to (%c100) step (%c1) {
    memref.store %x, %a[%i] : memref<100xf32>
    scf.reduce
  }
  return
}

// A vector counts as its elements; an unknown size as 16; loops inside are sequential.
// CHECK-LABEL: @vectors_and_nesting
// CHECK: scf.parallel
// CHECK-NOT: scf.parallel
// CHECK: scf.for
// CHECK: return
func.func @vectors_and_nesting(%a: memref<?x?xf32>, %n: index, %v: vector<16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    scf.parallel (%j) = (%c0) to (%n) step (%c1) {
      %w = arith.addf %v, %v : vector<16xf32>
      vector.store %w, %a[%i, %j] : memref<?x?xf32>, vector<16xf32>
      scf.reduce
    }
    scf.reduce
  }
  return
}
