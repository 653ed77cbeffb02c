// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions),canonicalize,cse)' | FileCheck %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions{vector-bits=256 registers=16}),canonicalize,cse)' | FileCheck %s --check-prefix=AVX2
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions))' --remarks-filter=codegen --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// The accumulators live in vectors; zeros, bias and activation are evaluated on them.
// REMARK: Passed{{.*}}linalg.matmul with 8x2 vectors of 16 lanes
// CHECK-LABEL: func @fused_epilogue
// CHECK-NOT:     linalg
// CHECK:         %[[EMPTY:.*]] = tensor.empty() : tensor<8x32xf32>
// CHECK:         %[[ACC:.*]]:16 = scf.for %[[K:.*]] = %c0 to %c29 step %c1 iter_args(
// CHECK:           %[[A:.*]] = tensor.extract %arg0[%c0, %[[K]]]
// CHECK:           %[[B:.*]] = vector.transfer_read %arg1[%[[K]], %c0]{{.*}} : tensor<29x32xf32>, vector<16xf32>
// CHECK:           %[[SPLAT:.*]] = vector.broadcast %[[A]] : f32 to vector<16xf32>
// CHECK:           %[[MUL:.*]] = arith.mulf %[[SPLAT]], %[[B]] fastmath<contract>
// CHECK:           arith.addf %{{.*}}, %[[MUL]] fastmath<contract>
// CHECK:         %[[BIAS:.*]] = vector.transfer_read %arg2[%c0]
// CHECK:         %[[SUM:.*]] = arith.addf %[[ACC]]#0, %[[BIAS]] : vector<16xf32>
// CHECK:         %[[RELU:.*]] = arith.maximumf %[[SUM]]
// CHECK:         vector.transfer_write %[[RELU]], %[[EMPTY]][%c0, %c0]
// AVX2-LABEL: func @fused_epilogue
// AVX2:         vector<8xf32>
func.func @fused_epilogue(%x: tensor<8x29xf32>, %w: tensor<29x32xf32>, %bias: tensor<32xf32>) -> tensor<8x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x32xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<8x32xf32>) -> tensor<8x32xf32>
  %product = linalg.matmul ins(%x, %w : tensor<8x29xf32>, tensor<29x32xf32>) outs(%init : tensor<8x32xf32>) -> tensor<8x32xf32>
  %result = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%product, %bias : tensor<8x32xf32>, tensor<32xf32>) outs(%empty : tensor<8x32xf32>) {
  ^bb0(%value: f32, %b: f32, %out: f32):
    %sum = arith.addf %value, %b : f32
    %relu = arith.maximumf %sum, %zero : f32
    linalg.yield %relu : f32
  } -> tensor<8x32xf32>
  return %result : tensor<8x32xf32>
}

// A weight expression over constants is evaluated inside the kernel; nothing of it is stored.
// CHECK-LABEL: func @dequantized_weight
// CHECK-NOT:     linalg
// CHECK:         scf.for
// CHECK:           vector.transfer_read %{{.*}} : tensor<32x16xi8>, vector<16xi8>
// CHECK:           arith.sitofp %{{.*}} : vector<16xi8> to vector<16xf32>
// CHECK-NOT:     linalg
func.func @dequantized_weight(%x: tensor<4x32xf32>) -> tensor<4x16xf32> {
  %zero = arith.constant 0.0 : f32
  %codes = arith.constant dense<3> : tensor<32x16xi8>
  %scales = arith.constant dense<0.5> : tensor<16xf32>
  %w_empty = tensor.empty() : tensor<32x16xf32>
  %w = linalg.generic {indexing_maps = [affine_map<(k, n) -> (k, n)>, affine_map<(k, n) -> (n)>, affine_map<(k, n) -> (k, n)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%codes, %scales : tensor<32x16xi8>, tensor<16xf32>) outs(%w_empty : tensor<32x16xf32>) {
  ^bb0(%code: i8, %scale: f32, %out: f32):
    %float = arith.sitofp %code : i8 to f32
    %value = arith.mulf %float, %scale : f32
    linalg.yield %value : f32
  } -> tensor<32x16xf32>
  %empty = tensor.empty() : tensor<4x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>) -> tensor<4x16xf32>
  %product = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x16xf32>) outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %product : tensor<4x16xf32>
}

// Ten columns are one masked vector.
// CHECK-LABEL: func @masked
// CHECK:         %[[MASK:.*]] = vector.constant_mask [10] : vector<16xi1>
// CHECK:         vector.transfer_read %arg1[{{.*}}], %{{.*}}, %[[MASK]]
func.func @masked(%x: tensor<4x32xf32>, %w: tensor<32x10xf32>, %y: tensor<4x10xf32>) -> tensor<4x10xf32> {
  %product = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x10xf32>) outs(%y : tensor<4x10xf32>) -> tensor<4x10xf32>
  return %product : tensor<4x10xf32>
}

// Neither operand is contiguous where it moves.
// REMARK: Missed{{.*}}left for scalar loops: an operand of type tensor<10x32xf32> is not contiguous along the lanes
// CHECK-LABEL: func @not_contiguous
// CHECK:         linalg.generic
func.func @not_contiguous(%x: tensor<32x4xf32>, %w: tensor<10x32xf32>, %y: tensor<4x10xf32>) -> tensor<4x10xf32> {
  %product = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<32x4xf32>, tensor<10x32xf32>) outs(%y : tensor<4x10xf32>) {
  ^bb0(%a: f32, %b: f32, %acc: f32):
    %mul = arith.mulf %a, %b : f32
    %sum = arith.addf %acc, %mul : f32
    linalg.yield %sum : f32
  } -> tensor<4x10xf32>
  return %product : tensor<4x10xf32>
}

// Row sums: the lanes run along the reduction. Lanes past the end keep their sums, and all are
// combined with the initial value.
// REMARK: Passed{{.*}}linalg.generic with 4x1 vectors of 16 lanes
// CHECK-LABEL: func @row_sums
// CHECK:         %[[WHOLE:.*]] = vector.transfer_read %arg0[%c0, %c0]
// CHECK:         %[[MASK:.*]] = vector.constant_mask [4] : vector<16xi1>
// CHECK:         %[[TAIL:.*]] = vector.transfer_read %arg0[%c0, %c16], %{{.*}}, %[[MASK]]
// CHECK:         %[[MORE:.*]] = arith.addf %{{.*}}, %[[TAIL]]
// CHECK:         %[[LANES:.*]] = arith.select %[[MASK]], %[[MORE]], %{{.*}}
// CHECK:         %[[ROW:.*]] = vector.reduction <add>, %[[LANES]], %{{.*}} fastmath<reassoc>
// CHECK:         tensor.insert %[[ROW]]
func.func @row_sums(%x: tensor<4x20xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %sums = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<4x20xf32>) outs(%y : tensor<4xf32>) {
  ^bb0(%a: f32, %acc: f32):
    %sum = arith.addf %acc, %a : f32
    linalg.yield %sum : f32
  } -> tensor<4xf32>
  return %sums : tensor<4xf32>
}

// A body with a division would trap in lanes that are switched off.
// REMARK: Missed{{.*}}the body has an operation that is not lanewise
// CHECK-LABEL: func @not_lanewise
// CHECK:         linalg.generic
func.func @not_lanewise(%x: tensor<4x10xi32>, %y: tensor<10xi32>) -> tensor<10xi32> {
  %result = linalg.generic {indexing_maps = [affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<4x10xi32>) outs(%y : tensor<10xi32>) {
  ^bb0(%a: i32, %acc: i32):
    %quotient = arith.divsi %acc, %a : i32
    linalg.yield %quotient : i32
  } -> tensor<10xi32>
  return %result : tensor<10xi32>
}

// Two users: the result is stored, and no epilogue is applied to the tile.
// CHECK-LABEL: func @two_users
// CHECK:         vector.transfer_write
// CHECK:         linalg.generic
func.func @two_users(%x: tensor<4x32xf32>, %w: tensor<32x16xf32>, %y: tensor<4x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>) {
  %product = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x16xf32>) outs(%y : tensor<4x16xf32>) -> tensor<4x16xf32>
  %empty = tensor.empty() : tensor<4x16xf32>
  %negated = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%product : tensor<4x16xf32>) outs(%empty : tensor<4x16xf32>) {
  ^bb0(%value: f32, %out: f32):
    %n = arith.negf %value : f32
    linalg.yield %n : f32
  } -> tensor<4x16xf32>
  return %product, %negated : tensor<4x16xf32>, tensor<4x16xf32>
}
