// RUN: condense-opt %s --codegen-expand-copies | FileCheck %s

// CHECK-LABEL: @strided
// CHECK-NOT: memref.copy
// CHECK: linalg.generic
func.func @strided(%a: memref<4x4xf32, strided<[8, 1], offset: ?>>, %b: memref<4x4xf32>) {
  memref.copy %a, %b : memref<4x4xf32, strided<[8, 1], offset: ?>> to memref<4x4xf32>
  return
}

// CHECK-LABEL: @contiguous
// CHECK-COUNT-2: memref.copy
func.func @contiguous(%a: memref<?x4xf32>, %b: memref<?x4xf32>, %c: memref<2x4xf32, strided<[4, 1], offset: 8>>, %d: memref<2x4xf32>) {
  memref.copy %a, %b : memref<?x4xf32> to memref<?x4xf32>
  memref.copy %c, %d : memref<2x4xf32, strided<[4, 1], offset: 8>> to memref<2x4xf32>
  return
}

// CHECK-LABEL: @rows
// CHECK: scf.for %[[I:.*]] =
// CHECK: scf.for %[[J:.*]] =
// CHECK: %[[FROM:.*]] = memref.subview %{{.*}}[%[[I]], %[[J]], 0, 0] [1, 1, 4, 8] [1, 1, 1, 1] : memref<?x6x4x8xf32> to memref<4x8xf32, strided<[8, 1], offset: ?>>
// CHECK: memref.copy %[[FROM]], %{{.*}} : memref<4x8xf32, strided<[8, 1], offset: ?>> to memref<4x8xf32, strided<[8, 1], offset: ?>>
func.func @rows(%a: memref<?x6x4x8xf32>, %b: memref<?x6x4x8xf32, strided<[512, 64, 8, 1], offset: 64>>) {
  memref.copy %a, %b : memref<?x6x4x8xf32> to memref<?x6x4x8xf32, strided<[512, 64, 8, 1], offset: 64>>
  return
}
