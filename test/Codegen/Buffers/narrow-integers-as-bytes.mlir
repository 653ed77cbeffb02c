// RUN: condense-opt %s --codegen-narrow-integers-as-bytes | FileCheck %s

// CHECK-LABEL: @read_and_write
// CHECK: %[[IN:.*]] = builtin.unrealized_conversion_cast %{{.*}} : memref<?xi1> to memref<?xi8>
// CHECK: %[[BYTES:.*]] = vector.transfer_read %[[IN]][%{{.*}}], %{{.*}} : memref<?xi8>, vector<16xi8>
// CHECK: %[[BOOLS:.*]] = arith.cmpi ne, %[[BYTES]]
// CHECK: %[[WIDE:.*]] = arith.extui %[[BOOLS]] : vector<16xi1> to vector<16xi8>
// CHECK: vector.transfer_write %[[WIDE]], %{{.*}} : vector<16xi8>, memref<?xi8>
func.func @read_and_write(%a: memref<?xi1>, %b: memref<?xi1>, %i: index) {
  %false = arith.constant false
  %0 = vector.transfer_read %a[%i], %false : memref<?xi1>, vector<16xi1>
  vector.transfer_write %0, %b[%i] : vector<16xi1>, memref<?xi1>
  return
}

// CHECK-LABEL: @load_and_store
// CHECK: vector.load %{{.*}} : memref<?xi8>, vector<16xi8>
// CHECK: vector.store %{{.*}} : memref<?xi8>, vector<16xi8>
func.func @load_and_store(%a: memref<?xi1>, %b: memref<?xi1>, %i: index) {
  %0 = vector.load %a[%i] : memref<?xi1>, vector<16xi1>
  vector.store %0, %b[%i] : memref<?xi1>, vector<16xi1>
  return
}

// CHECK-LABEL: @nibbles
// CHECK: vector.transfer_read %{{.*}} : memref<?xi8>, vector<16xi8>
// CHECK: arith.trunci %{{.*}} : vector<16xi8> to vector<16xi4>
func.func @nibbles(%a: memref<?xi4>, %i: index) -> vector<16xi4> {
  %zero = arith.constant 0 : i4
  %0 = vector.transfer_read %a[%i], %zero : memref<?xi4>, vector<16xi4>
  return %0 : vector<16xi4>
}

// CHECK-LABEL: @others
// CHECK-NOT: unrealized_conversion_cast
func.func @others(%a: memref<?xf32>, %b: memref<?xf32>, %i: index) {
  %zero = arith.constant 0.0 : f32
  %0 = vector.transfer_read %a[%i], %zero : memref<?xf32>, vector<16xf32>
  vector.transfer_write %0, %b[%i] : vector<16xf32>, memref<?xf32>
  return
}
