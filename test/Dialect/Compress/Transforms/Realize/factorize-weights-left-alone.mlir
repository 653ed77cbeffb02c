// RUN: condense-opt %s --compress-prune-weights --compress-factorize-weights --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-prune-weights --compress-factorize-weights --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [Missed] factorize-weights | Category:compress | Function=linear.0 | Reason="would not be smaller: 64 instead of 64 bytes"
// CHECK-LABEL: @larger
// CHECK-NOT: nn.matmul
func.func @larger(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = arith.constant dense<1.0> : tensor<4x4xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 2>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// REMARK: [Missed] factorize-weights | Category:compress | Function=linear.0 | Reason="no rank fits the budget"
// CHECK-LABEL: @no_rank
// CHECK-NOT: nn.matmul
func.func @no_rank(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = arith.constant dense<1.0> : tensor<4x4xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<bytes = 0.1 : f64>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// REMARK: [Missed] factorize-weights | Category:compress | Function=linear.0 | Reason="relative error 0.7454 exceeds the bound of the layer"
// CHECK-LABEL: @error_bound
// CHECK-NOT: nn.matmul
func.func @error_bound(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = arith.constant dense<[[2.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, -1.0]]> : tensor<4x4xf32>
  %y = nn.linear %x, %w {compress.max_error = 0.5 : f64, compress.weight = #compress.factorize<rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// REMARK: [Missed] factorize-weights | Category:compress | Function=linear.0 | Reason="weight is also used uncompressed"
// CHECK-LABEL: @also_used
// CHECK-NOT: nn.matmul
func.func @also_used(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<4x4xf32>) {
  %w = arith.constant dense<1.0> : tensor<4x4xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y, %w : tensor<?x4xf32>, tensor<4x4xf32>
}

// -----

// REMARK: [Missed] factorize-weights | Category:compress | Function=linear.0 | Reason="weight is a product already"
// CHECK-LABEL: @product
// CHECK-COUNT-1: nn.matmul
func.func @product(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = arith.constant dense<1.0> : tensor<4x2xf32>
  %b = arith.constant dense<1.0> : tensor<2x4xf32>
  %w = nn.matmul %a, %b : (tensor<4x2xf32>, tensor<2x4xf32>) -> tensor<4x4xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// REMARK: [Missed] factorize-weights | Category:compress | Function=matmul.0 | Reason="weight is no matrix"
// CHECK-LABEL: @batch
func.func @batch(%x: tensor<2x?x4xf32>) -> tensor<2x?x4xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4x4xf32>
  %y = nn.matmul %x, %w {compress.weight = #compress.factorize<rank = 1>} : (tensor<2x?x4xf32>, tensor<2x4x4xf32>) -> tensor<2x?x4xf32>
  return %y : tensor<2x?x4xf32>
}

// -----

// REMARK: [Missed] factorize-weights | Category:compress | Function=linear.0 | Reason="no constant weight of floats"
// CHECK-LABEL: @no_constant
func.func @no_constant(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: compress.weight
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// A depthwise filter has one row per group.
// REMARK: [Missed] factorize-weights | Category:compress | Function=conv2d.0 | Reason="rank 1 would be larger or slower"
// CHECK-LABEL: @depthwise
// CHECK-COUNT-1: nn.conv2d
// CHECK-NOT: nn.conv2d
func.func @depthwise(%x: tensor<1x4x5x5xf32>) -> tensor<1x4x3x3xf32> {
  %w = arith.constant dense<1.0> : tensor<4x1x3x3xf32>
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 4 : i64,
      layout = #nn.layout<nchw>, compress.weight = #compress.factorize<rank = 1>}
      : (tensor<1x4x5x5xf32>, tensor<4x1x3x3xf32>) -> tensor<1x4x3x3xf32>
  return %y : tensor<1x4x3x3xf32>
}

// -----

// 5 * (12 + 24) elements are fewer than 288, but with a stride of 4 the first convolution computes four times as many columns.
// REMARK: [Missed] factorize-weights | Category:compress | Function=conv2d.0 | Reason="rank 5 would be larger or slower"
// CHECK-LABEL: @slower
// CHECK-COUNT-1: nn.conv2d
// CHECK-NOT: nn.conv2d
func.func @slower(%x: tensor<1x4x8x32xf32>) -> tensor<1x8x6x8xf32> {
  %w = arith.constant dense<1.0> : tensor<8x4x3x3xf32>
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 4>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64,
      layout = #nn.layout<nchw>, compress.weight = #compress.factorize<rank = 5, conv = spatial>}
      : (tensor<1x4x8x32xf32>, tensor<8x4x3x3xf32>) -> tensor<1x8x6x8xf32>
  return %y : tensor<1x8x6x8xf32>
}

// -----

// REMARK: [Missed] factorize-weights | Category:compress | Function=embedding.0 | Reason="a table is not multiplied with activations: use algorithm = svd"
// CHECK-LABEL: @table
func.func @table(%i: tensor<?xi64>) -> tensor<?x4xf32> {
  %w = arith.constant dense<1.0> : tensor<8x4xf32>
  %y = nn.embedding %i, %w {compress.weight = #compress.factorize<rank = 1, algorithm = whitened>} : (tensor<?xi64>, tensor<8x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// The residual exists only after quantization: the request waits for it.
// CHECK-LABEL: @waits
func.func @waits(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = arith.constant dense<1.0> : tensor<4x4xf32>
  // CHECK: nn.linear {{.*}}compress.weight = [#compress.quantize<storage = i4, residual = true>, #compress.factorize<rank = 1>]
  %y = nn.linear %x, %w {compress.weight = [#compress.factorize<rank = 1>, #compress.quantize<storage = i4, residual = true>]} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// REMARK: [Missed] factorize-weights | Category:compress | Function=matmul.0 | Reason="operations of other dialects are not computed factor by factor"
// CHECK-LABEL: @other_dialect
// CHECK-NOT: nn.matmul
func.func @other_dialect(%x: tensor<4x8xf32>, %out: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %w = arith.constant dense<1.0> : tensor<8x6xf32>
  %y = linalg.matmul {compress.weight = #compress.factorize<rank = 1>} ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32>) outs(%out : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %y : tensor<4x6xf32>
}

// -----

// What was pruned is a scatter of what is left.
// REMARK: [Missed] factorize-weights | Category:compress | Function=linear.0 | Reason="weight is pruned: factorize it before"
// CHECK-LABEL: @pruned
// CHECK-NOT: nn.matmul
func.func @pruned(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %w = arith.constant dense<1.0> : tensor<16x16xf32>
  %y = nn.linear %x, %w {compress.weight = [#compress.prune<n = 2, m = 4>, #compress.factorize<rank = 1>]} : (tensor<?x16xf32>, tensor<16x16xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
