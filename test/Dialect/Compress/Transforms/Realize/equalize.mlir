// RUN: condense-opt %s --compress-equalize --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-equalize --compress-equalize --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-equalize --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: condense-opt %s --compress-equalize="layers=none*" --split-input-file | FileCheck %s --check-prefix=NONE

// Ranges 8 and 0.5 are written, 2 and 2 are read: the scales are 2 and 0.5.
// REMARK: remark: [Missed] equalize | Category:compress | Function=linear.1 | Reason="the model's output cannot be scaled"
// REMARK: remark: [Passed] equalize | Category:compress | Function=linear.0 | Channels=2, Iterations={{.*}}, LargestScale=2.000000e+00, PrecisionAfter=2.500000e-01, PrecisionBefore=6.250000e-02, SmallestScale=5.000000e-01
// CHECK-LABEL: @pair
// CHECK-DAG: arith.constant dense<{{\[\[}}4.000000e+00, -5.000000e-01], [5.000000e-01, 1.000000e+00]]> : tensor<2x2xf32>
// CHECK-DAG: arith.constant dense<2.000000e+00> : tensor<2xf32>
// CHECK-DAG: arith.constant dense<{{\[\[}}4.000000e+00, -1.000000e+00]]> : tensor<1x2xf32>
// NONE-LABEL: @pair
// NONE: dense<{{\[\[}}8.000000e+00, -1.000000e+00]
func.func @pair(%x: tensor<?x2xf32>) -> tensor<?x1xf32> {
  %w1 = arith.constant dense<[[8.0, -1.0], [0.25, 0.5]]> : tensor<2x2xf32>
  %b1 = arith.constant dense<[4.0, 1.0]> : tensor<2xf32>
  %w2 = arith.constant dense<[[2.0, -2.0]]> : tensor<1x2xf32>
  %h = nn.linear %x, %w1, %b1 : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %r = nn.relu %h : tensor<?x2xf32>
  %y = nn.linear %r, %w2 : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// The bias is shared with something else, which keeps the old one.
// CHECK-LABEL: @shared_bias
// CHECK-DAG: %[[OLD:.*]] = arith.constant dense<[4.000000e+00, 1.000000e+00]> : tensor<2xf32>
// CHECK-DAG: %[[NEW:.*]] = arith.constant dense<2.000000e+00> : tensor<2xf32>
// CHECK: nn.linear %{{.*}}, %{{.*}}, %[[NEW]]
// CHECK: nn.add %{{.*}}, %[[OLD]]
func.func @shared_bias(%x: tensor<?x2xf32>) -> (tensor<?x1xf32>, tensor<?x2xf32>) {
  %w1 = arith.constant dense<[[8.0, -1.0], [0.25, 0.5]]> : tensor<2x2xf32>
  %b1 = arith.constant dense<[4.0, 1.0]> : tensor<2xf32>
  %w2 = arith.constant dense<[[2.0, -2.0]]> : tensor<1x2xf32>
  %h = nn.linear %x, %w1, %b1 : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %y = nn.linear %h, %w2 : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32>
  %z = nn.add %x, %b1 : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %y, %z : tensor<?x1xf32>, tensor<?x2xf32>
}

// -----

// Where a constant factor is the only thing between, it takes the scale, and nothing is left to equalize.
// REMARK: Function=linear.0 | Reason="no layer reads the channels"
// REMARK: Function=linear.1 | Reason="the model's output cannot be scaled"
// CHECK-LABEL: @factor
// CHECK: dense<[8.000000e+00, 5.000000e-01]>
func.func @factor(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w1 = arith.constant dense<[[8.0], [0.5]]> : tensor<2x1xf32>
  %f = arith.constant dense<[8.0, 0.5]> : tensor<2xf32>
  %w2 = arith.constant dense<[[2.0, -2.0]]> : tensor<1x2xf32>
  %h = nn.linear %x, %w1 : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32>
  %m = nn.mul %h, %f : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %y = nn.linear %m, %w2 : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// REMARK: Function=linear.0 | Reason="nn.gelu is not positively homogeneous"
// REMARK: Function=linear.1 | Reason="nn.linear shares its weight"
// REMARK: Function=linear.2 | Reason="nn.linear shares its weight"
// REMARK: Function=linear.3 | Reason="the model's output cannot be scaled"
// CHECK-LABEL: @left_alone
// CHECK-COUNT-2: dense<{{\[\[}}8.000000e+00, 1.000000e+00], [2.500000e-01, 5.000000e-01]]>
func.func @left_alone(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[8.0, 1.0], [0.25, 0.5]]> : tensor<2x2xf32>
  %w2 = arith.constant dense<[[8.0, 1.0], [0.25, 0.5]]> : tensor<2x2xf32>
  %0 = nn.linear %x, %w2 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %1 = nn.gelu %0 : tensor<?x2xf32>
  %2 = nn.linear %1, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %3 = nn.relu %2 : tensor<?x2xf32>
  %4 = nn.linear %3, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %5 = nn.relu %4 : tensor<?x2xf32>
  %6 = nn.linear %5, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %6 : tensor<?x2xf32>
}

// -----

// REMARK: Function=linear.0 | Reason="the range of an activation is calibrated already: scale before compress-apply-ranges"
// CHECK-LABEL: @calibrated
// CHECK: dense<{{\[\[}}8.000000e+00], [5.000000e-01]]>
func.func @calibrated(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w1 = arith.constant dense<[[8.0], [0.5]]> : tensor<2x1xf32>
  %w2 = arith.constant dense<[[2.0, -2.0]]> : tensor<1x2xf32>
  %h = nn.linear %x, %w1 : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32>
  %y = nn.linear %h, %w2 {compress.activation = #compress.quantize_activation<storage = ui8, low = 0.0 : f32, high = 1.0 : f32>}
    : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// A weight that is quantized already, and an infinite one.
// REMARK: Function=linear.0 | Reason="nn.linear has a weight that is no constant or compressed already"
// REMARK: Function=linear.1 | Reason="nn.linear has a weight that is no constant or compressed already"
// REMARK: Function=linear.2 | Reason="a weight is NaN or infinite"
// CHECK-LABEL: @not_plain
func.func @not_plain(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %q = arith.constant dense<[[8, 1], [25, 5]]> : tensor<2x2xi8>
  %s = arith.constant dense<1.0> : tensor<1x1xf32>
  %w = arith.constant dense<[[8.0, 1.0], [0.25, 0.5]]> : tensor<2x2xf32>
  %i = arith.constant dense<[[8.0, 0x7F800000], [0.25, 0.5]]> : tensor<2x2xf32>
  %d = compress.dequantize %q, %s : (tensor<2x2xi8>, tensor<1x1xf32>) -> tensor<2x2xf32>
  %0 = nn.linear %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %1 = nn.linear %0, %d : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %2 = nn.sigmoid %1 : tensor<?x2xf32>
  %w2 = arith.constant dense<[[8.0, 1.0], [0.25, 0.5]]> : tensor<2x2xf32>
  %3 = nn.linear %2, %i : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %4 = nn.linear %3, %w2 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %4 : tensor<?x2xf32>
}
