// RUN: condense-opt %s --pass-pipeline="builtin.module(func.func(codegen-vectorize-transposes{vector-bits=128}),canonicalize)" --split-input-file | FileCheck %s

// Whole squares, then the rest of rows and of columns with masks.
// CHECK-LABEL: @matrix
// CHECK: scf.for
// CHECK: scf.for
// CHECK-COUNT-4: vector.transfer_read %arg0{{.*}} {in_bounds = [true]} : tensor<?x8xf32>, vector<4xf32>
// CHECK-COUNT-8: vector.shuffle
// CHECK-COUNT-4: vector.transfer_write %{{.*}} {in_bounds = [true]} : vector<4xf32>, tensor<8x?xf32>
// CHECK: scf.for
// CHECK: vector.create_mask
// CHECK: return
func.func @matrix(%x: tensor<?x8xf32>, %y: tensor<8x?xf32>) -> tensor<8x?xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b) -> (b, a)>, affine_map<(a, b) -> (a, b)>],
      iterator_types = ["parallel", "parallel"]} ins(%x : tensor<?x8xf32>) outs(%y : tensor<8x?xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<8x?xf32>
  return %0 : tensor<8x?xf32>
}

// -----

// The same innermost dimension, a computation, other types and short dimensions are left to other passes.
// CHECK-LABEL: @left_unchanged
// CHECK-COUNT-4: linalg.generic
// CHECK-NOT: vector.shuffle
// CHECK: return
func.func @left_unchanged(%x: tensor<9x8x16xf32>, %y: tensor<8x9x16xf32>, %a: tensor<9x8xf32>, %b: tensor<8x9xf32>,
    %c: tensor<9x8xi8>, %d: tensor<8x9xi8>, %e: tensor<9x3xf32>, %f: tensor<3x9xf32>)
    -> (tensor<8x9x16xf32>, tensor<8x9xf32>, tensor<8x9xi8>, tensor<3x9xf32>) {
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (b, a, c)>, affine_map<(a, b, c) -> (a, b, c)>],
      iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<9x8x16xf32>) outs(%y : tensor<8x9x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<8x9x16xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(a, b) -> (b, a)>, affine_map<(a, b) -> (a, b)>],
      iterator_types = ["parallel", "parallel"]} ins(%a : tensor<9x8xf32>) outs(%b : tensor<8x9xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    linalg.yield %n : f32
  } -> tensor<8x9xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(a, b) -> (b, a)>, affine_map<(a, b) -> (a, b)>],
      iterator_types = ["parallel", "parallel"]} ins(%c : tensor<9x8xi8>) outs(%d : tensor<8x9xi8>) {
  ^bb0(%in: i8, %out: i8):
    linalg.yield %in : i8
  } -> tensor<8x9xi8>
  %3 = linalg.generic {indexing_maps = [affine_map<(a, b) -> (b, a)>, affine_map<(a, b) -> (a, b)>],
      iterator_types = ["parallel", "parallel"]} ins(%e : tensor<9x3xf32>) outs(%f : tensor<3x9xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<3x9xf32>
  return %0, %1, %2, %3 : tensor<8x9x16xf32>, tensor<8x9xf32>, tensor<8x9xi8>, tensor<3x9xf32>
}
