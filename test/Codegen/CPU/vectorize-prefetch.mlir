// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions),canonicalize,cse)' | FileCheck %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions),one-shot-bufferize{bufferize-function-boundaries},canonicalize,cse)' | FileCheck %s --check-prefix=BUFFERS

// While 60 rows read a panel of 32 columns, the kernel asks for the next one: five passes of twelve rows, each of which
// asks for one of two vectors in half of the rows.
// CHECK-DAG:   #[[NEXT:.*]] = affine_map<(d0) -> (3, d0 + 1)>
// CHECK-DAG:   #[[LANE:.*]] = affine_map<(d0) -> ((d0 floordiv 12) * 16 - ((d0 floordiv 12) floordiv 2) * 32)>
// CHECK-DAG:   #[[STEP:.*]] = affine_map<(d0, d1) -> (((d0 floordiv 12) floordiv 2) * 1024 - {{.*}} + d1 floordiv 2)>
// CHECK-LABEL: func @large
// CHECK:         %[[W:.*]] = bufferization.to_buffer %{{.*}} read_only : tensor<4x2048x32xf32> to memref<4x2048x32xf32>
// CHECK:         scf.for %[[PANEL:[a-z0-9]+]] =
// CHECK:           scf.for %[[ROW:[a-z0-9]+]] =
// CHECK:             scf.for %[[K:[a-z0-9]+]] =
// CHECK:               %[[N:.*]] = affine.min #[[NEXT]](%[[PANEL]])
// CHECK:               %[[S:.*]] = affine.apply #[[STEP]](%[[ROW]], %[[K]])
// CHECK:               %[[L:.*]] = affine.apply #[[LANE]](%[[ROW]])
// CHECK:               memref.prefetch %[[W]][%[[N]], %[[S]], %[[L]]], read, locality<2>, data
// BUFFERS-LABEL: func @large
// BUFFERS:         %[[W:.*]] = memref.get_global
// BUFFERS-NOT:     memref.copy
// BUFFERS:         memref.prefetch %[[W]]
func.func @large(%x: tensor<60x2048xf32>, %y: tensor<60x4x32xf32>) -> tensor<60x4x32xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2048x32xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, p, n, k) -> (m, k)>, affine_map<(m, p, n, k) -> (p, k, n)>, affine_map<(m, p, n, k) -> (m, p, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<60x2048xf32>, tensor<4x2048x32xf32>) outs(%y : tensor<60x4x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<60x4x32xf32>
  return %0 : tensor<60x4x32xf32>
}

// What stays in the cache needs no prefetching.
// CHECK-LABEL: func @small
// CHECK-NOT:     memref.prefetch
func.func @small(%x: tensor<60x512xf32>, %y: tensor<60x4x32xf32>) -> tensor<60x4x32xf32> {
  %w = arith.constant dense<1.0> : tensor<4x512x32xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, p, n, k) -> (m, k)>, affine_map<(m, p, n, k) -> (p, k, n)>, affine_map<(m, p, n, k) -> (m, p, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<60x512xf32>, tensor<4x512x32xf32>) outs(%y : tensor<60x4x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<60x4x32xf32>
  return %0 : tensor<60x4x32xf32>
}
