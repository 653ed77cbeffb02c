// RUN: condense-opt %s --compress-split-products --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-split-products --compress-split-products --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-split-products --split-input-file --mlir-print-debuginfo | FileCheck %s --check-prefix=NAMES
// RUN: condense-opt %s --compress-split-products=dynamic-rows=1000 --split-input-file | FileCheck %s --check-prefix=ROWS
// RUN: condense-opt %s --compress-split-products --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] split-products | Category:compress | Function=fc | Remark="computed factor by factor"
// CHECK-LABEL: @product
// CHECK-SAME: (%[[X:.*]]: tensor<?x8xf32>, %[[B:.*]]: tensor<6xf32>)
func.func @product(%x: tensor<?x8xf32>, %b: tensor<6xf32>) -> tensor<?x6xf32> {
  %up = arith.constant dense<2.0> : tensor<6x2xf32>
  %down = arith.constant dense<1.0> : tensor<2x8xf32>
  %w = nn.matmul %up, %down : (tensor<6x2xf32>, tensor<2x8xf32>) -> tensor<6x8xf32>
  // CHECK-NOT: nn.matmul
  // CHECK: %[[H:.*]] = nn.linear %[[X]], %{{.*}} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  // CHECK: %[[Y:.*]] = nn.linear %[[H]], %{{.*}}, %[[B]] : (tensor<?x2xf32>, tensor<6x2xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  // CHECK: return %[[Y]]
  // NAMES-DAG: loc("fc.down"
  // NAMES-DAG: loc("fc.up"
  %y = nn.linear %x, %w, %b : (tensor<?x8xf32>, tensor<6x8xf32>, tensor<6xf32>) -> tensor<?x6xf32> loc("fc")
  return %y : tensor<?x6xf32>
}

// -----

// CHECK-LABEL: @matmul
// CHECK-SAME: (%[[X:.*]]: tensor<2x?x8xf32>)
func.func @matmul(%x: tensor<2x?x8xf32>) -> tensor<2x?x6xf32> {
  %a = arith.constant dense<2.0> : tensor<8x2xf32>
  %b = arith.constant dense<1.0> : tensor<2x6xf32>
  %w = nn.matmul %a, %b : (tensor<8x2xf32>, tensor<2x6xf32>) -> tensor<8x6xf32>
  // CHECK: %[[H:.*]] = nn.matmul %[[X]], %{{.*}} : (tensor<2x?x8xf32>, tensor<8x2xf32>) -> tensor<2x?x2xf32>
  // CHECK: nn.matmul %[[H]], %{{.*}} : (tensor<2x?x2xf32>, tensor<2x6xf32>) -> tensor<2x?x6xf32>
  %y = nn.matmul %x, %w : (tensor<2x?x8xf32>, tensor<8x6xf32>) -> tensor<2x?x6xf32>
  return %y : tensor<2x?x6xf32>
}

// -----

// A transpose is taken to the operations, with none left; the bias is added after.
// CHECK-LABEL: @transposed
// CHECK-SAME: (%[[X:.*]]: tensor<?x8xf32>, %[[B:.*]]: tensor<6xf32>)
func.func @transposed(%x: tensor<?x8xf32>, %b: tensor<6xf32>) -> tensor<?x6xf32> {
  %p = arith.constant dense<2.0> : tensor<8x2xf32>
  %q = arith.constant dense<1.0> : tensor<2x6xf32>
  %w = nn.matmul %p, %q : (tensor<8x2xf32>, tensor<2x6xf32>) -> tensor<8x6xf32>
  %t = nn.transpose %w {permutation = array<i64: 1, 0>} : tensor<8x6xf32> -> tensor<6x8xf32>
  // CHECK-NOT: nn.transpose
  // CHECK: %[[H:.*]] = nn.matmul %[[X]], %{{.*}} : (tensor<?x8xf32>, tensor<8x2xf32>)
  // CHECK: %[[Y:.*]] = nn.matmul %[[H]], %{{.*}} : (tensor<?x2xf32>, tensor<2x6xf32>)
  // CHECK: nn.add %[[Y]], %[[B]]
  %y = nn.linear %x, %t, %b : (tensor<?x8xf32>, tensor<6x8xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  return %y : tensor<?x6xf32>
}

// -----

// The correction of a quantized weight; the bias stays with the weight.
// CHECK-LABEL: @sum
// CHECK-SAME: (%[[X:.*]]: tensor<?x8xf32>, %[[B:.*]]: tensor<8xf32>, %[[S:.*]]: tensor<8x1xf16>)
func.func @sum(%x: tensor<?x8xf32>, %b: tensor<8xf32>, %s: tensor<8x1xf16>) -> tensor<?x8xf32> {
  %codes = arith.constant dense<1> : tensor<8x8xi8>
  %scales = arith.constant dense<1.0> : tensor<8x1xf16>
  %q = compress.dequantize %codes, %scales : (tensor<8x8xi8>, tensor<8x1xf16>) -> tensor<8x8xf32>
  %up = arith.constant dense<2.0> : tensor<8x2xf32>
  %down = arith.constant dense<1.0> : tensor<2x8xf32>
  %r = nn.matmul %up, %down : (tensor<8x2xf32>, tensor<2x8xf32>) -> tensor<8x8xf32>
  %w = nn.add %q, %r : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  // CHECK: %[[Q:.*]] = compress.dequantize
  // CHECK: %[[MAIN:.*]] = nn.linear %[[X]], %[[Q]] : (tensor<?x8xf32>, tensor<8x8xf32>)
  // CHECK: %[[H:.*]] = nn.linear %[[X]], %{{.*}} : (tensor<?x8xf32>, tensor<2x8xf32>)
  // CHECK: %[[C:.*]] = nn.linear %[[H]], %{{.*}} : (tensor<?x2xf32>, tensor<8x2xf32>)
  // CHECK: %[[Y:.*]] = nn.add %[[MAIN]], %[[C]]
  // CHECK: nn.add %[[Y]], %[[B]]
  // NAMES-DAG: loc("proj"(
  // NAMES-DAG: loc("proj.correction.down"
  // NAMES-DAG: loc("proj.correction.up"
  %y = nn.linear %x, %w, %b : (tensor<?x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<?x8xf32> loc("proj")
  return %y : tensor<?x8xf32>
}

// -----

// A table is read by rows of the first factor; a difference is one of results.
// CHECK-LABEL: @table
func.func @table(%i: tensor<?x?xi64>) -> tensor<?x?x8xf32> {
  %t = arith.constant dense<3.0> : tensor<32x8xf32>
  %a = arith.constant dense<2.0> : tensor<32x2xf32>
  %b = arith.constant dense<1.0> : tensor<2x8xf32>
  %r = nn.matmul %a, %b : (tensor<32x2xf32>, tensor<2x8xf32>) -> tensor<32x8xf32>
  %w = nn.sub %t, %r : (tensor<32x8xf32>, tensor<32x8xf32>) -> tensor<32x8xf32>
  // CHECK: %[[T:.*]] = nn.embedding %arg0, %{{.*}} : (tensor<?x?xi64>, tensor<32x8xf32>)
  // CHECK: %[[H:.*]] = nn.embedding %arg0, %{{.*}} : (tensor<?x?xi64>, tensor<32x2xf32>)
  // CHECK: %[[R:.*]] = nn.matmul %[[H]], %{{.*}} : (tensor<?x?x2xf32>, tensor<2x8xf32>)
  // CHECK: nn.sub %[[T]], %[[R]]
  %y = nn.embedding %i, %w : (tensor<?x?xi64>, tensor<32x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// 7 * (8 + 8) per row is more than 64, but less than building the weight for one row; not so for 1000.
// CHECK-LABEL: @one_row
// CHECK-COUNT-2: nn.linear
// ROWS-LABEL: @one_row
// ROWS: nn.matmul
// ROWS-COUNT-1: nn.linear
func.func @one_row(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %up = arith.constant dense<2.0> : tensor<8x7xf32>
  %down = arith.constant dense<1.0> : tensor<7x8xf32>
  %w = nn.matmul %up, %down : (tensor<8x7xf32>, tensor<7x8xf32>) -> tensor<8x8xf32>
  %y = nn.linear %x, %w : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// REMARK: [Missed] split-products | Category:compress | Function=linear.0 | Reason="costs no fewer multiplications"
// CHECK-LABEL: @many_rows
// CHECK: nn.matmul
// CHECK-COUNT-1: nn.linear
func.func @many_rows(%x: tensor<10x100x8xf32>) -> tensor<10x100x8xf32> {
  %up = arith.constant dense<2.0> : tensor<8x7xf32>
  %down = arith.constant dense<1.0> : tensor<7x8xf32>
  %w = nn.matmul %up, %down : (tensor<8x7xf32>, tensor<7x8xf32>) -> tensor<8x8xf32>
  %y = nn.linear %x, %w : (tensor<10x100x8xf32>, tensor<8x8xf32>) -> tensor<10x100x8xf32>
  return %y : tensor<10x100x8xf32>
}

// -----

// The product of two activations is no weight.
// CHECK-LABEL: @activations
// CHECK-COUNT-1: nn.matmul
// CHECK: nn.linear
func.func @activations(%x: tensor<?x8xf32>, %a: tensor<6x2xf32>, %b: tensor<2x8xf32>) -> tensor<?x6xf32> {
  %w = nn.matmul %a, %b : (tensor<6x2xf32>, tensor<2x8xf32>) -> tensor<6x8xf32>
  %y = nn.linear %x, %w : (tensor<?x8xf32>, tensor<6x8xf32>) -> tensor<?x6xf32>
  return %y : tensor<?x6xf32>
}

// -----

// REMARK: [Missed] split-products | Category:compress | Function=matmul.0 | Reason="only linear, matmul and embedding are split"
// CHECK-LABEL: @other_dialect
// CHECK: linalg.matmul
func.func @other_dialect(%x: tensor<4x8xf32>, %out: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %a = arith.constant dense<2.0> : tensor<8x2xf32>
  %b = arith.constant dense<1.0> : tensor<2x6xf32>
  %w = nn.matmul %a, %b : (tensor<8x2xf32>, tensor<2x6xf32>) -> tensor<8x6xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32>) outs(%out : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %y : tensor<4x6xf32>
}

// -----

// Requests go to both; a range was measured before the first.
// CHECK-LABEL: @requests
func.func @requests(%x: tensor<?x8xf32>) -> tensor<?x6xf32> {
  %up = arith.constant dense<2.0> : tensor<6x2xf32>
  %down = arith.constant dense<1.0> : tensor<2x8xf32>
  %w = nn.matmul %up, %down : (tensor<6x2xf32>, tensor<2x8xf32>) -> tensor<6x8xf32>
  // CHECK: nn.linear {{.*}} {compress.activation = #compress.quantize_activation<storage = ui8, low = 0.000000e+00 : f32, high = 1.000000e+00 : f32>, compress.weight = #compress.quantize<storage = i8>} : (tensor<?x8xf32>
  // CHECK: nn.linear {{.*}} {compress.activation = #compress.quantize_activation<storage = ui8>, compress.weight = #compress.quantize<storage = i8>} : (tensor<?x2xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8>,
      compress.activation = #compress.quantize_activation<storage = ui8, low = 0.0 : f32, high = 1.0 : f32>}
      : (tensor<?x8xf32>, tensor<6x8xf32>) -> tensor<?x6xf32>
  return %y : tensor<?x6xf32>
}
