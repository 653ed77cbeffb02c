// Codes that no four bits hold, of which few are different: numbers of entries that one shuffle looks up in a register.
// RUN: condense-opt %s --pass-pipeline='builtin.module(convert-compress-to-linalg,func.func(codegen-select-codebook-entries),canonicalize,func.func(codegen-pack-weights{vnni=true},canonicalize,cse,codegen-fuse-elementwise,canonicalize,codegen-vectorize-contractions{vnni=true permute=true},canonicalize,cse))' | FileCheck %s

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: @table
// CHECK-DAG: %[[TABLE:.*]] = arith.constant dense<[-100, -7, 0, 99, 120, 0,{{.*}}> : vector<64xi8>
// CHECK-DAG: %[[MASK:.*]] = arith.constant dense<15> : vector<64xi8>
// CHECK: %[[BYTES:.*]] = vector.transfer_read {{.*}} vector<64xi8>
// CHECK: %[[LOW:.*]] = arith.andi %[[BYTES]], %[[MASK]]
// CHECK: %[[FIRST:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pshuf.b.512"(%[[TABLE]], %[[LOW]])
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%{{.*}}, %{{.*}}, %[[FIRST]])
// CHECK: arith.shrui %[[BYTES]]
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.pshuf.b.512"(%[[TABLE]],
func.func @table(%qx: tensor<3x32xi8>, %sx: tensor<3x1xf32>, %init: tensor<3x16xf32>) -> tensor<3x16xf32> {
  %qw = arith.constant dense<"0x01234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401234012340123401"> : tensor<256xi8>
  %c = compress.unpack %qw : tensor<256xi8> -> tensor<16x32xui4>
  %book = arith.constant dense<[[[99.0, -7.0, 0.0, -100.0, 120.0]]]> : tensor<1x1x5xf16>
  %sw = arith.constant dense<1.0> : tensor<1x1xf32>
  %x = compress.dequantize %qx, %sx : (tensor<3x32xi8>, tensor<3x1xf32>) -> tensor<3x32xf32>
  %v = compress.lookup %c, %book : (tensor<16x32xui4>, tensor<1x1x5xf16>) -> tensor<16x32xf32>
  %w = compress.dequantize %v, %sw : (tensor<16x32xf32>, tensor<1x1xf32>) -> tensor<16x32xf32>
  %0 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x32xf32>, tensor<16x32xf32>) outs(%init : tensor<3x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<3x16xf32>
  return %0 : tensor<3x16xf32>
}
