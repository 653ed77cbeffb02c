// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-pack-weights{vnni=true},codegen-vectorize-contractions{vnni=true permute=true}))' --remarks-filter=".*" 2>%t.remarks | FileCheck %s
// RUN: FileCheck --check-prefix=REMARK %s < %t.remarks

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>

// Values that are not zero, their places, and the first of each column. The bias and the epilogue are in the kernel.
// CHECK-LABEL: @linear
// CHECK-SAME: (%[[X:.*]]: tensor<64x16xf32>, %[[BIAS:.*]]: tensor<4xf32>)
// CHECK-DAG: arith.constant dense<[2.000000e+00, 3.000000e+00, -1.000000e+00]> : tensor<3xf32>
// CHECK-DAG: arith.constant dense<[2, 15, 0]> : tensor<3xi8>
// CHECK-DAG: arith.constant dense<[0, 2, 2, 3, 3]> : tensor<5xi32>
// Rows are transposed into a panel.
// CHECK: %[[PANEL:.*]] = bufferization.alloc_tensor() : tensor<1024xf32>
// CHECK: scf.for
// CHECK: vector.transfer_read %[[X]]
// CHECK: vector.shuffle
// CHECK: vector.transfer_write
// CHECK: %[[SUMS:.*]] = bufferization.alloc_tensor() : tensor<1024xf32>
// CHECK: scf.for
// CHECK: %[[START:.*]] = tensor.extract
// CHECK: %[[END:.*]] = tensor.extract
// CHECK: %[[SUM:.*]]:4 = scf.for
// CHECK: vector.broadcast
// CHECK: vector.transfer_read
// CHECK: arith.mulf {{.*}} fastmath<contract>
// CHECK: arith.addf {{.*}} fastmath<contract>
// CHECK: } {loop_annotation =
// CHECK: vector.shuffle
// CHECK: vector.transfer_read %[[BIAS]]
// CHECK: arith.maximumf
// CHECK: vector.transfer_write
// CHECK-NOT: linalg
// REMARK: Passed{{.*}}vectorize{{.*}}sparse kernel with lanes along rows
func.func @linear(%x: tensor<64x16xf32>, %bias: tensor<4xf32>) -> tensor<64x4xf32> {
  %w = arith.constant dense<[[0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0],
                             [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [0.0, 0.0, -0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<4x16xf32>
  %empty = tensor.empty() : tensor<64x4xf32>
  %init = linalg.broadcast ins(%bias : tensor<4xf32>) outs(%empty : tensor<64x4xf32>) dimensions = [0]
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<64x16xf32>, tensor<4x16xf32>) outs(%init : tensor<64x4xf32>) attrs = {condense.sparse = "rows"} {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<64x4xf32>
  %zero = arith.constant 0.0 : f32
  %relu = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m, n)>], iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<64x4xf32>) outs(%empty : tensor<64x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.maximumf %a, %zero : f32
    linalg.yield %r : f32
  } -> tensor<64x4xf32>
  return %relu : tensor<64x4xf32>
}

// A request that cannot be honoured leaves a dense kernel.
// CHECK-LABEL: @not_constant
// CHECK-NOT: bufferization.alloc_tensor
// CHECK: scf.for
// REMARK: Missed{{.*}}sparse-kernel{{.*}}zeros are multiplied: it is no product with a constant
func.func @not_constant(%x: tensor<64x16xf32>, %w: tensor<16x4xf32>) -> tensor<64x4xf32> {
  %init = arith.constant dense<0.0> : tensor<64x4xf32>
  %y = linalg.generic {indexing_maps = [#x, affine_map<(m, n, k) -> (k, n)>, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<64x16xf32>, tensor<16x4xf32>) outs(%init : tensor<64x4xf32>) attrs = {condense.sparse = "rows"} {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<64x4xf32>
  return %y : tensor<64x4xf32>
}

// Lanes along the columns: pairs of weights, each of which chooses its input by a permutation.
// CHECK-LABEL: @few_rows
// CHECK-SAME: (%[[X:.*]]: tensor<16xf32>)
// CHECK-DAG: arith.constant {{.*}} : tensor<128xf32>
// CHECK-DAG: arith.constant dense<{{.*}}> : tensor<64xi8>
// CHECK: %[[INPUT:.*]] = vector.transfer_read %[[X]]
// CHECK: arith.extui
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"(%[[INPUT]]
// CHECK: arith.mulf {{.*}} fastmath<contract>
// CHECK: arith.shrui
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"(%[[INPUT]]
// CHECK: vector.transfer_write
// CHECK-NOT: linalg
// REMARK: Passed{{.*}}vectorize{{.*}}sparse kernel with lanes along columns
func.func @few_rows(%x: tensor<16xf32>) -> tensor<4xf32> {
  %w = arith.constant dense<[[0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0],
                             [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [0.0, 0.0, -0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<4x16xf32>
  %init = arith.constant dense<0.0> : tensor<4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n, k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : tensor<16xf32>, tensor<4x16xf32>) outs(%init : tensor<4xf32>) attrs = {condense.sparse = "columns"} {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}
