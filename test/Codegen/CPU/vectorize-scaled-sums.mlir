// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions{permute=true}),canonicalize,cse)' | FileCheck %s

// Sums that are scaled after every block are accumulators beside the total: a tile of both fits the registers.
// CHECK-LABEL: func @blocks_of_scales
// CHECK:         %{{.*}}:16 = scf.for {{.*}} = %c0 to %c4 step
// CHECK:           %{{.*}}:16 = scf.for {{.*}} = %c0 to %c32 step
#x = affine_map<(m, n, b, k) -> (m, b, k)>
#q = affine_map<(m, n, b, k) -> (b, k, n)>
#s = affine_map<(m, n, b, k) -> (b, n)>
#y = affine_map<(m, n, b, k) -> (m, n)>
func.func @blocks_of_scales(%x: tensor<64x4x32xf32>, %q: tensor<4x32x64xi8>, %s: tensor<4x64xf32>, %y: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = linalg.generic {indexing_maps = [#x, #q, #s, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %q, %s : tensor<64x4x32xf32>, tensor<4x32x64xi8>, tensor<4x64xf32>) outs(%y : tensor<64x64xf32>) {
  ^bb0(%a: f32, %b: i8, %c: f32, %acc: f32):
    %1 = arith.sitofp %b : i8 to f32
    %2 = arith.mulf %1, %c : f32
    %3 = arith.mulf %a, %2 : f32
    %4 = arith.addf %acc, %3 : f32
    linalg.yield %4 : f32
  } -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
