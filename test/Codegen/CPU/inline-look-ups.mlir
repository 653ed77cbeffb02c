// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-inline-look-ups),canonicalize)' | FileCheck %s

#table = affine_map<(i, b, j) -> (i, b, j)>
#scale = affine_map<(i, b, j) -> (i, b)>

// The table disappears: each element is made from a code and a scale.
// CHECK-LABEL: func @dequantized_table
// CHECK-DAG:     %[[CODES:.*]] = arith.constant dense_resource<codes>
// CHECK-DAG:     %[[SCALES:.*]] = arith.constant dense_resource<scales>
// CHECK:         linalg.generic
// CHECK-NOT:     linalg.generic
// CHECK:           tensor.extract %[[CODES]]
// CHECK:           tensor.extract %[[SCALES]]
// CHECK:           arith.mulf
func.func @dequantized_table(%ids: tensor<?xindex>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %ids, %c0 : tensor<?xindex>
  %codes = arith.constant dense_resource<codes> : tensor<3x2x2xi8>
  %scales = arith.constant dense_resource<scales> : tensor<3x2xf32>
  %empty = tensor.empty() : tensor<3x2x2xf32>
  %blocks = linalg.generic {indexing_maps = [#table, #scale, #table], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%codes, %scales : tensor<3x2x2xi8>, tensor<3x2xf32>) outs(%empty : tensor<3x2x2xf32>) {
  ^bb0(%code: i8, %s: f32, %out: f32):
    %f = arith.sitofp %code : i8 to f32
    %y = arith.mulf %f, %s : f32
    linalg.yield %y : f32
  } -> tensor<3x2x2xf32>
  %rows = tensor.collapse_shape %blocks [[0], [1, 2]] : tensor<3x2x2xf32> into tensor<3x4xf32>
  %init = tensor.empty(%n) : tensor<?x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xindex>) outs(%init : tensor<?x4xf32>) {
  ^bb0(%id: index, %out: f32):
    %j = linalg.index 1 : index
    %y = tensor.extract %rows[%id, %j] : tensor<3x4xf32>
    linalg.yield %y : f32
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// What is computed from arguments is computed once.
// CHECK-LABEL: func @activation
// CHECK:         math.exp
// CHECK:         linalg.generic
// CHECK:           tensor.extract
func.func @activation(%x: tensor<3xf32>, %ids: tensor<5xindex>) -> tensor<5xf32> {
  %empty = tensor.empty() : tensor<3xf32>
  %e = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<3xf32>) outs(%empty : tensor<3xf32>) {
  ^bb0(%a: f32, %out: f32):
    %y = math.exp %a : f32
    linalg.yield %y : f32
  } -> tensor<3xf32>
  %init = tensor.empty() : tensor<5xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%ids : tensor<5xindex>) outs(%init : tensor<5xf32>) {
  ^bb0(%id: index, %out: f32):
    %y = tensor.extract %e[%id] : tensor<3xf32>
    linalg.yield %y : f32
  } -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

{-#
  dialect_resources: {
    builtin: {
      codes: "0x01000000000102030405060708090A0B",
      scales: "0x040000000000803F0000803F0000803F0000803F0000803F0000803F"
    }
  }
#-}
