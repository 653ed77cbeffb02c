// RUN: condense-opt %s --codegen-outline-constants="file=%t.bin coded-file=%t.coded" --remarks-filter=".*" 2>&1 | FileCheck %s
// RUN: od -An -v -c -N8 %t.coded | FileCheck %s --check-prefix=CODED
// RUN: od -An -v -t u1 -w8 %t.bin | FileCheck %s --check-prefix=BYTES

// What becomes smaller goes to an array of its own, which is decoded at load.
// CHECK: remark: {{.*}}decode-placement{{.*}}BytesAfter={{[0-9]+}}, BytesBefore=4096, Constants=1, Placement=load
// CHECK-DAG: memref.global constant @condense_weights : memref<72xi8> {alignment = 64 : i64}
// CHECK-DAG: memref.global constant @condense_decoded_weights : memref<4096xi8> {alignment = 64 : i64}
// CODED: C N D A R R A Y
// BYTES: 1 2 3 4 5 6 7 8
memref.global "private" constant @twos : memref<32x32xf32> = dense<2.0>
memref.global "private" constant @same : memref<1024xf32> = dense<2.0>
memref.global "private" constant @few : memref<72xi8> = dense<"0x0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748">

// CHECK-LABEL: @uses
func.func @uses() -> (memref<32x32xf32>, memref<1024xf32>, memref<72xi8>) {
  // CHECK: %[[DECODED:.*]] = memref.get_global @condense_decoded_weights : memref<4096xi8>
  // CHECK: memref.view %[[DECODED]][%{{.*}}][] : memref<4096xi8> to memref<32x32xf32>
  %0 = memref.get_global @twos : memref<32x32xf32>
  // CHECK: memref.view %{{.*}}[%{{.*}}][] : memref<4096xi8> to memref<1024xf32>
  %1 = memref.get_global @same : memref<1024xf32>
  // CHECK: %[[STORED:.*]] = memref.get_global @condense_weights : memref<72xi8>
  // CHECK: memref.view %[[STORED]]
  %2 = memref.get_global @few : memref<72xi8>
  return %0, %1, %2 : memref<32x32xf32>, memref<1024xf32>, memref<72xi8>
}
