// RUN: condense-opt %s --compress-merge-adapters --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-merge-adapters --compress-merge-adapters --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-merge-adapters --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] merge-adapters | Category:compress | Function=fc | Rank=1, Scale=2.000000e+00
// CHECK-LABEL: @scaled
// CHECK-SAME: (%[[X:.*]]: tensor<?x3xf32>, %[[B:.*]]: tensor<2xf32>)
func.func @scaled(%x: tensor<?x3xf32>, %b: tensor<2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %a = arith.constant dense<[[1.0, 0.0, -1.0]]> : tensor<1x3xf32>
  %c = arith.constant dense<[[10.0], [20.0]]> : tensor<2x1xf32>
  %s = arith.constant dense<2.0> : tensor<f32>
  // CHECK: %[[W:.*]] = arith.constant dense<{{\[\[}}2.100000e+01, 2.000000e+00, -1.700000e+01], [4.400000e+01, 5.000000e+00, -3.400000e+01]]>
  // CHECK: %[[Y:.*]] = nn.linear %[[X]], %[[W]], %[[B]]
  // CHECK-NEXT: return %[[Y]]
  %y = nn.linear %x, %w, %b : (tensor<?x3xf32>, tensor<2x3xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc")
  %h = nn.linear %x, %a : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x1xf32>
  %d = nn.linear %h, %c : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32>
  %e = nn.mul %d, %s : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
  %z = nn.add %y, %e : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

// -----

// Two adapters, scaled at other places, the sum the other way round: 2 - 1 * 4 and 2 / 8 * 4.
// CHECK-LABEL: @two
func.func @two(%x: tensor<?x2xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[100.0, 200.0]]> : tensor<1x2xf32>
  %a = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %c = arith.constant dense<4.0> : tensor<1x1xf32>
  %s = arith.constant dense<-1.0> : tensor<1xf32>
  %eight = arith.constant dense<8.0> : tensor<f32>
  // CHECK: %[[W:.*]] = arith.constant dense<{{\[\[}}9.650000e+01, 1.930000e+02]]>
  // CHECK: %[[Y:.*]] = nn.linear %arg0, %[[W]]
  // CHECK-NEXT: return %[[Y]]
  %y = nn.linear %x, %w : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32>
  %h = nn.linear %x, %a : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32>
  %i = nn.mul %s, %h : (tensor<1xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
  %d = nn.linear %i, %c : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %z = nn.add %d, %y : (tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
  %x8 = nn.div %x, %eight : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
  %h2 = nn.linear %x8, %a : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32>
  %d2 = nn.linear %h2, %c : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %z2 = nn.add %z, %d2 : (tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
  return %z2 : tensor<?x1xf32>
}

// -----

// REMARK: [Missed] merge-adapters | Category:compress | Function=linear.0 | Reason="the layer's weight is no dense constant"
// CHECK-LABEL: @quantized
// CHECK-COUNT-3: nn.linear
// CHECK: nn.add
func.func @quantized(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %codes = arith.constant dense<1> : tensor<2x3xi8>
  %scales = arith.constant dense<1.0> : tensor<2x1xf32>
  %w = compress.dequantize %codes, %scales : (tensor<2x3xi8>, tensor<2x1xf32>) -> tensor<2x3xf32>
  %a = arith.constant dense<1.0> : tensor<1x3xf32>
  %c = arith.constant dense<1.0> : tensor<2x1xf32>
  %y = nn.linear %x, %w : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x2xf32>
  %h = nn.linear %x, %a : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x1xf32>
  %d = nn.linear %h, %c : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32>
  %z = nn.add %y, %d : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

// -----

// REMARK: [Missed] merge-adapters | Category:compress | Function=linear.0 | Reason="a factor of the adapter is no dense constant"
// CHECK-LABEL: @no_constant
// CHECK-COUNT-3: nn.linear
func.func @no_constant(%x: tensor<?x3xf32>, %a: tensor<1x3xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3xf32>
  %c = arith.constant dense<1.0> : tensor<2x1xf32>
  %y = nn.linear %x, %w : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x2xf32>
  %h = nn.linear %x, %a : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x1xf32>
  %d = nn.linear %h, %c : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32>
  %z = nn.add %y, %d : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

// -----

// REMARK: [Missed] merge-adapters | Category:compress | Function=linear.0 | Reason="the layer's result is also used without the adapter"
// CHECK-LABEL: @result_used
// CHECK-COUNT-3: nn.linear
func.func @result_used(%x: tensor<?x3xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x3xf32>
  %a = arith.constant dense<1.0> : tensor<1x3xf32>
  %c = arith.constant dense<1.0> : tensor<2x1xf32>
  %y = nn.linear %x, %w : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x2xf32>
  %h = nn.linear %x, %a : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x1xf32>
  %d = nn.linear %h, %c : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32>
  %z = nn.add %y, %d : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y, %z : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// REMARK: [Missed] merge-adapters | Category:compress | Function=linear.0 | Reason="the adapter has a bias"
// CHECK-LABEL: @bias
// CHECK-COUNT-3: nn.linear
func.func @bias(%x: tensor<?x3xf32>, %b: tensor<2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3xf32>
  %a = arith.constant dense<1.0> : tensor<1x3xf32>
  %c = arith.constant dense<1.0> : tensor<2x1xf32>
  %y = nn.linear %x, %w : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x2xf32>
  %h = nn.linear %x, %a : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x1xf32>
  %d = nn.linear %h, %c, %b : (tensor<?x1xf32>, tensor<2x1xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %z = nn.add %y, %d : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

// -----

// REMARK: [Missed] merge-adapters | Category:compress | Function=linear.0 | Reason="the layer's weight is also used without the adapter"
// CHECK-LABEL: @weight_used
// CHECK-COUNT-3: nn.linear
func.func @weight_used(%x: tensor<?x3xf32>) -> (tensor<?x2xf32>, tensor<2x3xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x3xf32>
  %a = arith.constant dense<1.0> : tensor<1x3xf32>
  %c = arith.constant dense<1.0> : tensor<2x1xf32>
  %y = nn.linear %x, %w : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x2xf32>
  %h = nn.linear %x, %a : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x1xf32>
  %d = nn.linear %h, %c : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32>
  %z = nn.add %y, %d : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %z, %w : tensor<?x2xf32>, tensor<2x3xf32>
}

// -----

// Two branches of different inputs are no layer with an adapter.
// CHECK-LABEL: @branches
// CHECK-COUNT-3: nn.linear
func.func @branches(%x: tensor<?x3xf32>, %u: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x3xf32>
  %a = arith.constant dense<1.0> : tensor<1x3xf32>
  %c = arith.constant dense<1.0> : tensor<2x1xf32>
  %y = nn.linear %x, %w : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x2xf32>
  %h = nn.linear %u, %a : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x1xf32>
  %d = nn.linear %h, %c : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32>
  %z = nn.add %y, %d : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}
