// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-choose-sparse-kernels{vnni=true}))' --remarks-filter=".*" 2>%t.remarks | FileCheck %s
// RUN: FileCheck --check-prefix=REMARK %s < %t.remarks
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-choose-sparse-kernels{max-cost=0 vnni=true}))' | FileCheck --check-prefix=NONE %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-choose-sparse-kernels{max-cost=1e9}))' | FileCheck --check-prefix=ALL %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-choose-sparse-kernels{permute=true}))' | FileCheck --check-prefix=SLICES %s

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>

// NONE-NOT: condense.sparse

// 64 rows.
// CHECK-LABEL: @many_rows
// CHECK: linalg.generic
// CHECK-SAME: attrs = {condense.sparse = "rows"}
// REMARK: Passed{{.*}}sparse-kernel{{.*}}fc1: 0.0% of the weights are not zero, and a sparse kernel takes 0.{{[0-9]}}
// ALL-LABEL: @many_rows
// ALL: condense.sparse
func.func @many_rows(%x: tensor<64x128xf32>) -> tensor<64x128xf32> {
  %w = arith.constant dense<0.0> : tensor<128x128xf32>
  %init = arith.constant dense<0.0> : tensor<64x128xf32>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<64x128xf32>, tensor<128x128xf32>) outs(%init : tensor<64x128xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<64x128xf32> loc("fc1")
  return %y : tensor<64x128xf32>
}

// An unknown number of rows counts as 64.
// CHECK-LABEL: @dynamic_rows
// CHECK: condense.sparse
// REMARK: Passed{{.*}}sparse-kernel
func.func @dynamic_rows(%x: tensor<?x128xf32>, %init: tensor<?x128xf32>) -> tensor<?x128xf32> {
  %w = arith.constant dense<0.0> : tensor<128x128xf32>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<?x128xf32>, tensor<128x128xf32>) outs(%init : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x128xf32>
  return %y : tensor<?x128xf32>
}

// Five rows fill five lanes of sixteen.
// CHECK-LABEL: @few_rows
// CHECK-NOT: condense.sparse
// REMARK: Missed{{.*}}sparse-kernel{{.*}}left dense: fc2: 25.0% of the weights are not zero, and a sparse kernel takes {{[1-9]}}
// ALL-LABEL: @few_rows
// ALL: condense.sparse
func.func @few_rows(%x: tensor<5x16xf32>) -> tensor<5x8xf32> {
  %w = arith.constant dense<[[1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0], [0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0], [0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0], [0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5], [1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0], [0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0], [0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0], [0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5]]> : tensor<8x16xf32>
  %init = arith.constant dense<0.0> : tensor<5x8xf32>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<5x16xf32>, tensor<8x16xf32>) outs(%init : tensor<5x8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<5x8xf32> loc("fc2")
  return %y : tensor<5x8xf32>
}

// Without zeros there is nothing to say.
// CHECK-LABEL: @full
// CHECK-NOT: condense.sparse
// REMARK-NOT: 100.0%
func.func @full(%x: tensor<64x32xf32>) -> tensor<64x16xf32> {
  %w = arith.constant dense<1.0> : tensor<16x32xf32>
  %init = arith.constant dense<0.0> : tensor<64x16xf32>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<64x32xf32>, tensor<16x32xf32>) outs(%init : tensor<64x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<64x16xf32>
  return %y : tensor<64x16xf32>
}

// The input is contiguous along the rows, not along the reduction.
// ALL-LABEL: @transposed_input
// ALL-NOT: condense.sparse
func.func @transposed_input(%x: tensor<32x64xf32>) -> tensor<64x16xf32> {
  %w = arith.constant dense<0.0> : tensor<16x32xf32>
  %init = arith.constant dense<0.0> : tensor<64x16xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<32x64xf32>, tensor<16x32xf32>) outs(%init : tensor<64x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<64x16xf32>
  return %y : tensor<64x16xf32>
}

// Signed bytes become unsigned ones; without VNNI they are left alone.
// CHECK-LABEL: @signed_bytes
// CHECK: arith.xori
// CHECK: condense.sparse
// ALL-LABEL: @signed_bytes
// ALL-NOT: condense.sparse
func.func @signed_bytes(%x: tensor<64x512xi8>) -> tensor<64x64xi32> {
  %w = arith.constant dense<0> : tensor<64x512xi8>
  %init = arith.constant dense<0> : tensor<64x64xi32>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<64x512xi8>, tensor<64x512xi8>) outs(%init : tensor<64x64xi32>) {
  ^bb0(%a: i8, %b: i8, %o: i32):
    %ea = arith.extsi %a : i8 to i32
    %eb = arith.extsi %b : i8 to i32
    %p = arith.muli %ea, %eb : i32
    %s = arith.addi %o, %p : i32
    linalg.yield %s : i32
  } -> tensor<64x64xi32>
  return %y : tensor<64x64xi32>
}

// Few rows, two of four weights: lanes along the columns, if they can be permuted.
// CHECK-LABEL: @vector
// CHECK-NOT: condense.sparse
// SLICES-LABEL: @vector
// SLICES: condense.sparse = "columns"
func.func @vector(%x: tensor<64xf32>) -> tensor<64xf32> {
  %w = arith.constant dense<0.0> : tensor<64x64xf32>
  %init = arith.constant dense<0.0> : tensor<64xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n, k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : tensor<64xf32>, tensor<64x64xf32>) outs(%init : tensor<64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  return %y : tensor<64xf32>
}
