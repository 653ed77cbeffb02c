// RUN: condense-opt %s --compress-prune-weights --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-prune-weights --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [Missed] prune-weights | Category:compress | Function=linear.0 | Reason="would not be smaller: 66 instead of 64 bytes"
// CHECK-LABEL: @larger
// CHECK-NOT: compress
func.func @larger(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.01 : f64>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// REMARK: [Missed] prune-weights | Category:compress | Function=linear.0 | Reason="relative error 0.7071 exceeds the bound of the layer"
// CHECK-LABEL: @bound
// CHECK-NOT: compress.scatter
func.func @bound(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.max_error = 0.5 : f64, compress.weight = #compress.prune<sparsity = 0.5 : f64>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// REMARK: [Missed] prune-weights | Category:compress | Function=linear.0 | Reason="weight is also used uncompressed"
// CHECK-LABEL: @also_used
// CHECK-NOT: compress
func.func @also_used(%x: tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<2x8xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y, %w : tensor<?x2xf32>, tensor<2x8xf32>
}

// -----

// REMARK: [Missed] prune-weights | Category:compress | Function=linear.0 | Reason="no constant weight of floats, nor codes of one"
// CHECK-LABEL: @no_constant
// CHECK-NOT: compress
func.func @no_constant(%x: tensor<?x8xf32>, %w: tensor<2x8xf32>) -> tensor<?x2xf32> {
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// REMARK: [Missed] prune-weights | Category:compress | Function=matmul.0 | Reason="rank-1 weight"
// CHECK-LABEL: @rank_1
// CHECK-NOT: compress
func.func @rank_1(%x: tensor<?x8xf32>) -> tensor<?xf32> {
  %w = arith.constant dense<1.0> : tensor<8xf32>
  %y = nn.matmul %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64>} : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// REMARK: [Missed] prune-weights | Category:compress | Function=linear.0 | Reason="codes with zero points have no zero that a scatter could leave out: quantize symmetrically, or after pruning"
// CHECK-LABEL: @zero_points
// CHECK-NOT: compress.scatter
func.func @zero_points(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %codes = arith.constant dense<1> : tensor<2x8xi8>
  %scales = arith.constant dense<1.0> : tensor<2x1xf16>
  %zeros = arith.constant dense<1> : tensor<2x1xi8>
  %w = compress.dequantize %codes, %scales, %zeros : (tensor<2x8xi8>, tensor<2x1xf16>, tensor<2x1xi8>) -> tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// The rows of one matrix are the columns of the other: 2 of 4 cannot hold for both.
// REMARK: [Missed] prune-weights | Category:compress | Function=rows | Reason="layers that share the weight ask for different things"
// REMARK: [Missed] prune-weights | Category:compress | Function=columns | Reason="layers that share the weight ask for different things"
// CHECK-LABEL: @transposed_use
// CHECK-NOT: compress.
func.func @transposed_use(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %w = arith.constant dense<1.0> : tensor<16x16xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.prune<n = 2, m = 4>} : (tensor<?x16xf32>, tensor<16x16xf32>) -> tensor<?x16xf32> loc("rows")
  %z = nn.matmul %y, %w {compress.weight = #compress.prune<n = 2, m = 4>} : (tensor<?x16xf32>, tensor<16x16xf32>) -> tensor<?x16xf32> loc("columns")
  return %z : tensor<?x16xf32>
}
