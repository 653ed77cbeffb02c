// RUN: condense-opt %s --codegen-drop-unit-dims | FileCheck %s

// CHECK: #[[IMAGE:.*]] = affine_map<(d0, d1, d2) -> (d0 * 4 + d2, d1)>

// CHECK-LABEL: func @batch_of_one
// CHECK:         linalg.generic {{.*}} ins(%{{.*}} : tensor<5x3xf32>) outs(%{{.*}} : tensor<5x3xf32>)
func.func @batch_of_one(%x: tensor<1x5x3xf32>) -> tensor<1x5x3xf32> {
  %empty = tensor.empty() : tensor<1x5x3xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(n, i, j) -> (n, i, j)>, affine_map<(n, i, j) -> (n, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x5x3xf32>) outs(%empty : tensor<1x5x3xf32>) {
  ^bb0(%a: f32, %out: f32):
    %1 = arith.negf %a : f32
    linalg.yield %1 : f32
  } -> tensor<1x5x3xf32>
  return %0 : tensor<1x5x3xf32>
}

// The only row of windows has four of the image's five rows.
// CHECK-LABEL: func @row_left_over
// CHECK:         linalg.generic {indexing_maps = [#[[IMAGE]]
func.func @row_left_over(%x: tensor<1x5x3xf32>, %window: tensor<4xf32>, %y: tensor<1x1x3xf32>) -> tensor<1x1x3xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(n, oh, c, kh) -> (n, oh * 4 + kh, c)>, affine_map<(n, oh, c, kh) -> (kh)>, affine_map<(n, oh, c, kh) -> (n, oh, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %window : tensor<1x5x3xf32>, tensor<4xf32>) outs(%y : tensor<1x1x3xf32>) {
  ^bb0(%a: f32, %w: f32, %acc: f32):
    %1 = arith.addf %acc, %a : f32
    linalg.yield %1 : f32
  } -> tensor<1x1x3xf32>
  return %0 : tensor<1x1x3xf32>
}
