// RUN: condense-opt %s --codegen-outline-constants=file=%t.bin | FileCheck %s
// RUN: od -An -v -t u1 -w8 %t.bin | FileCheck %s --check-prefix=BYTES
// RUN: condense-opt %s --codegen-outline-constants | FileCheck %s --check-prefix=KEPT

// CHECK: memref.global constant @condense_weights : memref<200xi8> {alignment = 64 : i64}
// CHECK-NOT: memref.global {{.*}}@bools
// CHECK-NOT: memref.global {{.*}}@twos
// CHECK: memref.global "private" constant @small : memref<2xf32>
// CHECK: memref.global "private" @variable : memref<80xi8>
// KEPT-NOT: condense_weights
// KEPT: memref.global "private" constant @bools

// 72 bools of one byte, then from offset 128 on 32 numbers of two bytes, stored once.
// BYTES: 1 0 1 1 1 1 1 1
// BYTES: 0 0 0 0 0 0 0 0
// BYTES: 2 0 2 0 2 0 2 0
memref.global "private" constant @bools : memref<72xi1> = dense<"0xFDFFFFFFFFFFFFFFFF">
memref.global "private" constant @twos : memref<4x9xi16> = dense<2>
memref.global "private" constant @same : memref<4x9xi16> = dense<2>
memref.global "private" constant @small : memref<2xf32> = dense<[1.0, 2.0]>
memref.global "private" @variable : memref<80xi8> = dense<1>

// CHECK-LABEL: @uses
func.func @uses() -> (memref<72xi1>, memref<4x9xi16>, memref<4x9xi16>, memref<2xf32>) {
  // CHECK: %[[ARRAY:.*]] = memref.get_global @condense_weights : memref<200xi8>
  // CHECK: %[[ZERO:.*]] = arith.constant 0 : index
  // CHECK: memref.view %[[ARRAY]][%[[ZERO]]][] : memref<200xi8> to memref<72xi1>
  %0 = memref.get_global @bools : memref<72xi1>
  // CHECK: %[[OFFSET:.*]] = arith.constant 128 : index
  // CHECK: memref.view %{{.*}}[%[[OFFSET]]][] : memref<200xi8> to memref<4x9xi16>
  %1 = memref.get_global @twos : memref<4x9xi16>
  // CHECK: %[[AGAIN:.*]] = arith.constant 128 : index
  // CHECK: memref.view %{{.*}}[%[[AGAIN]]][] : memref<200xi8> to memref<4x9xi16>
  %2 = memref.get_global @same : memref<4x9xi16>
  // CHECK: memref.get_global @small
  %3 = memref.get_global @small : memref<2xf32>
  return %0, %1, %2, %3 : memref<72xi1>, memref<4x9xi16>, memref<4x9xi16>, memref<2xf32>
}
