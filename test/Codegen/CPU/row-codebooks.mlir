// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-row-codebooks))' --split-input-file | FileCheck %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-row-codebooks,codegen-row-codebooks))' --split-input-file | FileCheck %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-row-codebooks),condense-lower-to-linalg,func.func(codegen-pack-weights{vnni=true},codegen-fuse-elementwise,codegen-vectorize-contractions{permute=true}))' --split-input-file | FileCheck %s --check-prefix=VECTOR

// Code 0 of a row is 2 in the lower half of byte 0, code 16 is 1 in its upper half. 33 columns are padded to 64.
// CHECK-DAG: #[[X:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d2 * 32 + d3 * 16 + d4)>
// CHECK-DAG: #[[BYTES:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d2, d4)>
// CHECK-DAG: #[[TABLE:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0)>
// CHECK-DAG: #[[Y:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d0)>
// CHECK-LABEL: @rows
// CHECK: %[[PAD:.*]] = nn.pad %arg0 {high = array<i64: 0, 31>
// CHECK: %[[INIT:.*]] = linalg.broadcast ins(%arg1
// CHECK: %[[CODES:.*]] = arith.constant dense<{{.*}}18, 0, {{.*}}> : tensor<2x2x16xi8>
// CHECK: %[[TABLES:.*]] = arith.constant dense_resource<{{.*}}> : tensor<2xi512>
// CHECK: linalg.generic {indexing_maps = [#[[X]], #[[BYTES]], #[[TABLE]], #{{.*}}, #[[Y]]], iterator_types = ["parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%[[PAD]], %[[CODES]], %[[TABLES]], %{{.*}}) outs(%[[INIT]]
// CHECK: %[[SHIFTED:.*]] = arith.shrui %{{.*}} : i512
// CHECK: %[[BITS:.*]] = arith.trunci %[[SHIFTED]] : i512 to i32
// CHECK: arith.bitcast %[[BITS]] : i32 to f32
// CHECK-NOT: compress.lookup
// One table for a row of lanes; no integers that no register holds.
// VECTOR-LABEL: @rows
// VECTOR: %[[T:.*]] = vector.bitcast %{{.*}} : vector<1xi512> to vector<16xi32>
// VECTOR: llvm.call_intrinsic "llvm.x86.avx512.permvar.si.512"(%[[T]],
// VECTOR: arith.mulf {{.*}} : vector<16xf32>
// VECTOR-NOT: vector<16xi512>
func.func @rows(%x: tensor<?x33xf32>, %b: tensor<2xf32>) -> tensor<?x2xf32> {
  %bytes = arith.constant dense<"0x0200000000000000010000000000000000000000000000000000000000000000FF"> : tensor<33xi8>
  %c = compress.unpack %bytes : tensor<33xi8> -> tensor<2x33xui4>
  %book = arith.constant dense<1.5> : tensor<2x1x16xf16>
  %w = compress.lookup %c, %book : (tensor<2x33xui4>, tensor<2x1x16xf16>) -> tensor<2x33xf32>
  %y = nn.linear %x, %w, %b : (tensor<?x33xf32>, tensor<2x33xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// One codebook for all channels, one with NaN, and one of 17 entries.
// CHECK-LABEL: @left_alone
// CHECK-COUNT-3: nn.linear
// VECTOR-LABEL: @left_alone
func.func @left_alone(%x: tensor<3x4xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>) {
  %c = arith.constant dense<1> : tensor<2x4xui4>
  %d = arith.constant dense<1> : tensor<2x4xui8>
  %one = arith.constant dense<1.5> : tensor<1x1x16xf32>
  %nan = arith.constant dense<0x7FC00000> : tensor<2x1x16xf32>
  %many = arith.constant dense<1.5> : tensor<2x1x17xf32>
  %u = compress.lookup %c, %one : (tensor<2x4xui4>, tensor<1x1x16xf32>) -> tensor<2x4xf32>
  %v = compress.lookup %c, %nan : (tensor<2x4xui4>, tensor<2x1x16xf32>) -> tensor<2x4xf32>
  %w = compress.lookup %d, %many : (tensor<2x4xui8>, tensor<2x1x17xf32>) -> tensor<2x4xf32>
  %0 = nn.linear %x, %u : (tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<3x2xf32>
  %1 = nn.linear %x, %v : (tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<3x2xf32>
  %2 = nn.linear %x, %w : (tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<3x2xf32>
  return %0, %1, %2 : tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>
}
