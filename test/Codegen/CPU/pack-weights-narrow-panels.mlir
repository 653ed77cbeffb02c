// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-pack-weights))' --mlir-elide-resource-strings-if-larger=16 | FileCheck %s

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>

// 64 columns of 2100 would take more than half of the level-2 cache, and each of the rows reads them.
// CHECK-LABEL: func @long
// CHECK:         linalg.generic
// CHECK-SAME:      tensor<2x2100x32xf32>
func.func @long(%x: tensor<?x2100xf32>, %y: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %w = arith.constant dense<1.0> : tensor<64x2100xf32>
  %0 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<?x2100xf32>, tensor<64x2100xf32>) outs(%y : tensor<?x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

// One row reads them once.
// CHECK-LABEL: func @one_row
// CHECK:         linalg.generic
// CHECK-SAME:      tensor<2100x64xf32>
func.func @one_row(%x: tensor<1x2100xf32>, %y: tensor<1x64xf32>) -> tensor<1x64xf32> {
  %w = arith.constant dense<1.0> : tensor<64x2100xf32>
  %0 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<1x2100xf32>, tensor<64x2100xf32>) outs(%y : tensor<1x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<1x64xf32>
  return %0 : tensor<1x64xf32>
}
