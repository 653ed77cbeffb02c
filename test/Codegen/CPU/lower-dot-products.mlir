// RUN: condense-opt %s --codegen-lower-dot-products=instruction=usdot | FileCheck %s --check-prefixes=USDOT,COMMON
// RUN: condense-opt %s --codegen-lower-dot-products=instruction=sdot | FileCheck %s --check-prefixes=SDOT,COMMON
// RUN: condense-opt %s --codegen-lower-dot-products=instruction=pmaddwd | FileCheck %s --check-prefixes=PAIRS,COMMON
// RUN: not condense-opt %s --codegen-lower-dot-products=instruction=vdot 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: error: unknown instruction 'vdot'; there are pmaddwd, usdot and sdot

// COMMON-LABEL: func @product(
// COMMON-SAME:    %[[SUM:.*]]: vector<4xi32>, %[[U:.*]]: vector<16xi8>, %[[S:.*]]: vector<16xi8>)
// USDOT:          %[[R:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.usdot.v4i32.v16i8"(%[[SUM]], %[[U]], %[[S]])
// USDOT:          return %[[R]]
// SDOT:           %[[C:.*]] = arith.xori %[[U]], %{{.*}} : vector<16xi8>
// SDOT:           %[[A:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"(%[[SUM]], %[[C]], %[[S]])
// SDOT:           %[[B:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"(%[[A]], %[[H:.*]], %[[S]])
// SDOT:           %[[R:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"(%[[B]], %[[H]], %[[S]])
// SDOT:           return %[[R]]
// PAIRS-COUNT-2:  llvm.call_intrinsic "llvm.x86.sse2.pmadd.wd"
// PAIRS:          return
// COMMON-NOT:     vpdpbusd
func.func @product(%sum: vector<4xi32>, %u: vector<16xi8>, %s: vector<16xi8>) -> vector<4xi32> {
  %r = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.128"(%sum, %u, %s) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
  return %r : vector<4xi32>
}
