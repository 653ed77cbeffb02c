// RUN: condense-opt %s --compress-quantize-weights --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-quantize-weights --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [Missed] quantize-weights | Category:compress | Function=matmul.0 | Reason="rank-1 weight"
// CHECK-LABEL: @rank_1
// CHECK-NOT: compress
func.func @rank_1(%x: tensor<?x8xf32>) -> tensor<?xf32> {
  %w = arith.constant dense<1.0> : tensor<8xf32>
  %y = nn.matmul %x, %w {compress.weight = #compress.quantize<storage = i8>} : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// Two elements per scale: 2 * 4 bits + 16 bits are as much as 2 * f32 in f8; with f32 scales i8 is 2 + 4 of 4 bytes.
// REMARK: [Missed] quantize-weights | Category:compress | Function=linear.0 | Reason="would be larger"
// CHECK-LABEL: @larger
// CHECK-NOT: compress
func.func @larger(%x: tensor<?x1xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x1xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, scale = f32>} : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// REMARK: [Missed] quantize-weights | Category:compress | Function=linear.0 | Reason="weight is also used uncompressed"
// CHECK-LABEL: @also_used
// CHECK-NOT: compress
func.func @also_used(%x: tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<2x8xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y, %w : tensor<?x2xf32>, tensor<2x8xf32>
}

// -----

// REMARK: [Missed] quantize-weights | Category:compress | Function=linear.0 | Reason="no constant weight of floats"
// REMARK: [Missed] quantize-weights | Category:compress | Function=linear.1 | Reason="already compressed"
// CHECK-LABEL: @no_constant
// CHECK-NOT: compress.weight
func.func @no_constant(%x: tensor<?x8xf32>, %w: tensor<2x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %c = arith.constant dense<1> : tensor<2x8xi8>
  %s = arith.constant dense<1.0> : tensor<2x1xf16>
  %v = compress.dequantize %c, %s : (tensor<2x8xi8>, tensor<2x1xf16>) -> tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  %z = nn.linear %x, %v {compress.weight = #compress.quantize<storage = i4>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y, %z : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// REMARK: [Missed] quantize-weights | Category:compress | Function=linear.0 | Reason="no constant weight of floats"
// CHECK-LABEL: @integers
func.func @integers(%x: tensor<?x8xi8>) -> tensor<?x2xi32> {
  %w = arith.constant dense<1> : tensor<2x8xi8>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8>} : (tensor<?x8xi8>, tensor<2x8xi8>) -> tensor<?x2xi32>
  return %y : tensor<?x2xi32>
}

// -----

// REMARK: Reason="a pruned weight needs a codebook with the entry 0, so that zero stays zero"
// CHECK-LABEL: @no_zero
// CHECK-NOT: compress.lookup
func.func @no_zero(%x: tensor<?x8xf32>) -> tensor<?x4xf32> {
  %p = arith.constant dense<85> : tensor<4xi8>
  %v = arith.constant dense<1.0> : tensor<16xf32>
  %w = compress.scatter %v, %p <format = bitmap> : (tensor<16xf32>, tensor<4xi8>) -> tensor<4x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = ui2, codebook = [-1.0, 1.0]>} : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
