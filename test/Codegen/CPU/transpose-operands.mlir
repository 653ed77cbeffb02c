// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-transpose-operands))' | FileCheck %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-transpose-operands,codegen-transpose-operands))' | FileCheck %s

#q = affine_map<(h, i, j, d) -> (h, i, d)>
#k = affine_map<(h, i, j, d) -> (h, j, d)>
#s = affine_map<(h, i, j, d) -> (h, i, j)>

// CHECK: #[[T:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>

// CHECK-LABEL: func @scores
// CHECK:         %[[KT:.*]] = linalg.transpose ins(%arg1 : tensor<4x?x8xf32>) outs(%{{.*}} : tensor<4x8x?xf32>) permutation = [0, 2, 1]
// CHECK-NOT:     linalg.transpose
// CHECK:         linalg.generic {indexing_maps = [#{{.*}}, #[[T]], #{{.*}}]{{.*}} ins(%arg0, %[[KT]] :
func.func @scores(%q: tensor<4x?x8xf32>, %k: tensor<4x?x8xf32>, %s: tensor<4x?x?xf32>) -> tensor<4x?x?xf32> {
  %0 = linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %k : tensor<4x?x8xf32>, tensor<4x?x8xf32>) outs(%s : tensor<4x?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %acc: f32):
    %1 = arith.mulf %a, %b : f32
    %2 = arith.addf %acc, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<4x?x?xf32>
  return %0 : tensor<4x?x?xf32>
}

// Two queries do not pay for moving the keys.
// CHECK-LABEL: func @few_queries
// CHECK-NOT:     linalg.transpose
func.func @few_queries(%q: tensor<4x2x8xf32>, %k: tensor<4x?x8xf32>, %s: tensor<4x2x?xf32>) -> tensor<4x2x?xf32> {
  %0 = linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %k : tensor<4x2x8xf32>, tensor<4x?x8xf32>) outs(%s : tensor<4x2x?xf32>) {
  ^bb0(%a: f32, %b: f32, %acc: f32):
    %1 = arith.mulf %a, %b : f32
    %2 = arith.addf %acc, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<4x2x?xf32>
  return %0 : tensor<4x2x?xf32>
}
