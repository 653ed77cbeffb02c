// What is known to touch no memory can be removed.
// RUN: condense-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: @unused
// CHECK-NOT:     vpdpbusd
// CHECK:         llvm.call_intrinsic "llvm.prefetch"
// CHECK:         llvm.call_intrinsic "llvm.x86.rdtsc"
func.func @unused(%a: vector<16xi32>, %b: vector<64xi8>, %p: !llvm.ptr) {
  %zero = llvm.mlir.constant(0 : i32) : i32
  %one = llvm.mlir.constant(1 : i32) : i32
  %0 = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%a, %b, %b) : (vector<16xi32>, vector<64xi8>, vector<64xi8>) -> vector<16xi32>
  llvm.call_intrinsic "llvm.prefetch"(%p, %zero, %one, %one) : (!llvm.ptr, i32, i32, i32) -> ()
  %1 = llvm.call_intrinsic "llvm.x86.rdtsc"() : () -> i64
  return
}
