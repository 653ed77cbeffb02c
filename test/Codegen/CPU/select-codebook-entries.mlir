// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-select-codebook-entries))' | FileCheck %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-select-codebook-entries,codegen-select-codebook-entries))' | FileCheck %s

// CHECK: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>
#id = affine_map<(d0, d1) -> (d0, d1)>

// Three entries, widened: the tree is of f32 and has two levels.
// CHECK-LABEL: func @one
// CHECK:         linalg.generic
// CHECK:         ^bb0(%[[CODE:.*]]: i8, %{{.*}}: f32):
// CHECK-DAG:       %[[E0:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:       %[[E1:.*]] = arith.constant -1.500000e+00 : f32
// CHECK-DAG:       %[[E2:.*]] = arith.constant 2.000000e+00 : f32
// CHECK:           %[[B0:.*]] = arith.cmpi ne, %{{.*}}, %{{.*}} : i8
// CHECK:           %[[LOW:.*]] = arith.select %[[B0]], %[[E1]], %[[E0]] : f32
// CHECK:           %[[B1:.*]] = arith.cmpi ne
// CHECK:           %[[ENTRY:.*]] = arith.select %[[B1]], %[[E2]], %[[LOW]] : f32
// CHECK:           linalg.yield %[[ENTRY]]
func.func @one(%codes: tensor<4x8xi8>) -> tensor<4x8xf32> {
  %book = arith.constant dense<[[[0.0, -1.5, 2.0]]]> : tensor<1x1x3xf16>
  %empty = tensor.empty() : tensor<4x8xf32>
  %w = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%codes : tensor<4x8xi8>) outs(%empty : tensor<4x8xf32>) {
  ^bb0(%code: i8, %out: f32):
    %c0 = arith.constant 0 : index
    %index = arith.index_castui %code : i8 to index
    %half = tensor.extract %book[%c0, %c0, %index] : tensor<1x1x3xf16>
    %entry = arith.extf %half : f16 to f32
    linalg.yield %entry : f32
  } -> tensor<4x8xf32>
  return %w : tensor<4x8xf32>
}

// A codebook for each of two rows: the entries are operands.
// CHECK-LABEL: func @two
// CHECK-DAG:     %[[E0:.*]] = arith.constant dense<[1.000000e+00, 3.000000e+00]> : tensor<2xf32>
// CHECK-DAG:     %[[E1:.*]] = arith.constant dense<[2.000000e+00, 4.000000e+00]> : tensor<2xf32>
// CHECK:         linalg.generic {indexing_maps = [#{{.*}}, #[[ROW]], #[[ROW]], #{{.*}}]
// CHECK-SAME:      ins(%{{.*}}, %[[E0]], %[[E1]] :
// CHECK:         ^bb0(%{{.*}}: i8, %[[A0:.*]]: f32, %[[A1:.*]]: f32, %{{.*}}: f32):
// CHECK:           arith.select %{{.*}}, %[[A1]], %[[A0]] : f32
func.func @two(%codes: tensor<2x8xi8>) -> tensor<2x8xf32> {
  %book = arith.constant dense<[[[1.0, 2.0]], [[3.0, 4.0]]]> : tensor<2x1x2xf32>
  %empty = tensor.empty() : tensor<2x8xf32>
  %w = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%codes : tensor<2x8xi8>) outs(%empty : tensor<2x8xf32>) {
  ^bb0(%code: i8, %out: f32):
    %c0 = arith.constant 0 : index
    %row = linalg.index 0 : index
    %index = arith.index_castui %code : i8 to index
    %entry = tensor.extract %book[%row, %c0, %index] : tensor<2x1x2xf32>
    linalg.yield %entry : f32
  } -> tensor<2x8xf32>
  return %w : tensor<2x8xf32>
}

// CHECK-LABEL: func @left_alone
// CHECK-COUNT-2: tensor.extract
func.func @left_alone(%codes: tensor<8xi8>, %book: tensor<4xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %large = arith.constant dense<1.0> : tensor<17xf32>
  %empty = tensor.empty() : tensor<8xf32>
  %0:2 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
                         iterator_types = ["parallel"]}
      ins(%codes : tensor<8xi8>) outs(%empty, %empty : tensor<8xf32>, tensor<8xf32>) {
  ^bb0(%code: i8, %out0: f32, %out1: f32):
    %index = arith.index_castui %code : i8 to index
    %entry0 = tensor.extract %large[%index] : tensor<17xf32>
    %entry1 = tensor.extract %book[%index] : tensor<4xf32>
    linalg.yield %entry0, %entry1 : f32, f32
  } -> (tensor<8xf32>, tensor<8xf32>)
  return %0#0, %0#1 : tensor<8xf32>, tensor<8xf32>
}
