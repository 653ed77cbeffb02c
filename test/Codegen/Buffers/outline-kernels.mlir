// RUN: condense-opt %s --codegen-outline-kernels='min-operations=4 min-nests=1' | FileCheck %s
// RUN: condense-opt %s --codegen-outline-kernels='min-operations=4 min-nests=1' --codegen-outline-kernels='min-operations=4 min-nests=1' | FileCheck %s
// RUN: condense-opt %s --codegen-outline-kernels=min-nests=1 | FileCheck %s --check-prefix=SMALL
// RUN: condense-opt %s --codegen-outline-kernels='min-operations=4 min-nests=3' | FileCheck %s --check-prefix=SMALL

// SMALL-NOT: call

memref.global constant @w : memref<16xf32>

// Two layers that differ in buffers and weights share a function.
// CHECK-LABEL: func @layers(
// CHECK-SAME:    %[[X:.*]]: memref<4xf32>)
// CHECK:         %[[A:.*]] = memref.alloc() : memref<4xf32>
// CHECK:         call @[[KERNEL:kernel[_0-9]*]](%{{.*}}, %[[X]], %[[A]]) : (memref<4xf32>, memref<4xf32>, memref<4xf32>) -> ()
// CHECK:         %[[B:.*]] = memref.alloc() : memref<4xf32>
// CHECK:         call @[[KERNEL]](%{{.*}}, %[[A]], %[[B]])
// CHECK-NOT:     scf.for
func.func @layers(%x: memref<4xf32>) -> memref<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %w = memref.get_global @w : memref<16xf32>
  %w0 = memref.subview %w[0] [4] [1] : memref<16xf32> to memref<4xf32, strided<[1]>>
  %w1 = memref.subview %w[4] [4] [1] : memref<16xf32> to memref<4xf32, strided<[1], offset: 4>>
  %v0 = memref.reinterpret_cast %w0 to offset: [0], sizes: [4], strides: [1] : memref<4xf32, strided<[1]>> to memref<4xf32>
  %v1 = memref.reinterpret_cast %w1 to offset: [0], sizes: [4], strides: [1] : memref<4xf32, strided<[1], offset: 4>> to memref<4xf32>
  %a = memref.alloc() : memref<4xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    %p = memref.load %v0[%i] : memref<4xf32>
    %q = memref.load %x[%i] : memref<4xf32>
    %r = arith.mulf %p, %q : f32
    memref.store %r, %a[%i] : memref<4xf32>
  }
  %b = memref.alloc() : memref<4xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    %p = memref.load %v1[%i] : memref<4xf32>
    %q = memref.load %a[%i] : memref<4xf32>
    %r = arith.mulf %p, %q : f32
    memref.store %r, %b[%i] : memref<4xf32>
  }
  return %b : memref<4xf32>
}

// Constants are no arguments, and neither are weights where only one nest uses the function. What is written in place
// may be what is read: there is no promise.
// CHECK-LABEL: func @in_place(
// CHECK-SAME:    %[[X:.*]]: memref<8xf32>)
// CHECK:         %[[A:.*]] = memref.alloc() : memref<8xf32>
// CHECK:         %[[LOW:.*]] = memref.subview %[[A]][0]
// CHECK:         %[[HIGH:.*]] = memref.subview %[[A]][4]
// CHECK:         call @[[INPLACE:kernel[_0-9]*]](%[[LOW]], %[[HIGH]])
func.func @in_place(%x: memref<8xf32>) -> memref<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %w = memref.get_global @w : memref<16xf32>
  %a = memref.alloc() : memref<8xf32>
  %low = memref.subview %a[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %high = memref.subview %a[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %p = memref.load %w[%i] : memref<16xf32>
    %q = memref.load %low[%i] : memref<4xf32, strided<[1]>>
    %r = arith.mulf %p, %q : f32
    memref.store %r, %high[%i] : memref<4xf32, strided<[1], offset: 4>>
    scf.reduce
  }
  return %a : memref<8xf32>
}

// Sizes that are not known are passed beside the pointer.
// CHECK-LABEL: func @dynamic(
// CHECK:         %[[PX:.*]], %{{.*}}, %[[SX:.*]], %{{.*}} = memref.extract_strided_metadata %{{.*}} : memref<?xf32>
// CHECK:         call @[[DYNAMIC:kernel[_0-9]*]](%{{.*}}, %[[PX]], %[[SX]], %{{.*}}) : (index, memref<f32>, index, memref<f32>, index) -> ()
func.func @dynamic(%x: memref<?xf32>, %n: index) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc(%n) : memref<?xf32>
  scf.for %i = %c0 to %n step %c1 {
    %p = memref.load %x[%i] : memref<?xf32>
    %q = arith.negf %p : f32
    memref.store %q, %a[%i] : memref<?xf32>
  }
  return %a : memref<?xf32>
}

// A loop with results, a buffer of unknown origin: left alone, no promise.
// CHECK-LABEL: func @left_alone(
// CHECK:         scf.for
// CHECK:         return
func.func @left_alone(%x: memref<4xf32>, %s: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%t = %s) -> f32 {
    %p = memref.load %x[%i] : memref<4xf32>
    %q = arith.addf %p, %t : f32
    %u = arith.mulf %q, %t : f32
    scf.yield %u : f32
  }
  return %r : f32
}

// CHECK-LABEL: func @unknown(
// CHECK:         call @[[UNKNOWN:kernel[_0-9]*]](
func.func @unknown(%x: memref<4xf32>, %y: memref<4xf32>, %c: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %s = arith.select %c, %x, %y : memref<4xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    %p = memref.load %x[%i] : memref<4xf32>
    %q = arith.addf %p, %p : f32
    memref.store %q, %s[%i] : memref<4xf32>
  }
  return
}

// CHECK:      func private @[[KERNEL]](%{{.*}}: memref<4xf32> {llvm.noalias}, %{{.*}}: memref<4xf32> {llvm.noalias}, %{{.*}}: memref<4xf32> {llvm.noalias}) attributes {llvm.bareptr, passthrough = ["noinline"]} {
// CHECK:        scf.for
// CHECK:      func private @[[INPLACE]](%{{.*}}: memref<4xf32, strided<[1]>>, %{{.*}}: memref<4xf32, strided<[1], offset: 4>>) attributes
// CHECK:        memref.get_global @w
// CHECK:        scf.parallel
// CHECK:      func private @[[DYNAMIC]](%[[N:.*]]: index, %[[P:.*]]: memref<f32> {llvm.noalias}, %[[S:.*]]: index, %{{.*}}: memref<f32> {llvm.noalias}, %{{.*}}: index)
// CHECK:        memref.reinterpret_cast %[[P]] to offset: [0], sizes: [%[[S]]], strides: [1] : memref<f32> to memref<?xf32>
// CHECK:      func private @[[UNKNOWN]](%{{.*}}: memref<4xf32>, %{{.*}}: memref<4xf32>) attributes
