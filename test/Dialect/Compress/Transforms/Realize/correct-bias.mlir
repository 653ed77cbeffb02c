// RUN: rm -rf %t && mkdir %t && python3 %S/Inputs/statistics.py %t/s.json linear.0 0.5 2
// RUN: condense-opt %s --compress-correct-bias --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-correct-bias --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: condense-opt %s --compress-record-means="statistics=%t/s.json layers=linear.0" --split-input-file | FileCheck %s --check-prefix=RECORD
// RUN: condense-opt %s --compress-record-means="statistics=%t/s.json layers=linear.0 all" --compress-correct-bias --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=SAME

// The weight computes 1 and 4 of the mean input [0.5, 1]; before it was 1.5 and 3.
// REMARK: remark: [Passed] correct-bias | Category:compress | Function=linear.0 | BytesAdded=0, MeanShift=
// CHECK-LABEL: @bias
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[1.050000e+01, 1.900000e+01]> : tensor<2xf32>
// CHECK: nn.linear %arg0, %{{.*}}, %[[B]] : (tensor
func.func @bias(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[0.0, 1.0], [4.0, 2.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %y = nn.linear %x, %w, %b {compress.input_mean = dense<[[0.5, 1.0]]> : tensor<1x2xf32>, compress.output_mean = dense<[1.5, 3.0]> : tensor<2xf32>}
    : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Two groups of one channel; a bias is made.
// REMARK: Function=conv2d.0 | BytesAdded=8
// CHECK-LABEL: @no_bias
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[1.000000e+00, -2.000000e+00]> : tensor<2xf32>
// CHECK: nn.conv2d %arg0, %{{.*}}, %[[B]] {dilations
func.func @no_bias(%x: tensor<?x2x2x2xf32>) -> tensor<?x2x2x2xf32> {
  %q = arith.constant dense<[[[[2]]], [[[4]]]]> : tensor<2x1x1x1xi8>
  %s = arith.constant dense<0.5> : tensor<1x1x1x1xf32>
  %w = compress.dequantize %q, %s : (tensor<2x1x1x1xi8>, tensor<1x1x1x1xf32>) -> tensor<2x1x1x1xf32>
  %y = nn.conv2d %x, %w {compress.input_mean = dense<[[2.0], [3.0]]> : tensor<2x1xf32>, compress.output_mean = dense<[3.0, 4.0]> : tensor<2xf32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 2 : i64, layout = #nn.layout<nhwc>}
    : (tensor<?x2x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<?x2x2x2xf32>
  return %y : tensor<?x2x2x2xf32>
}

// -----

// REMARK: Function=linear.0 | Reason="the weight did not change"
// REMARK: Function=linear.1 | Reason="the weight is of another shape than when the means were recorded"
// REMARK: Function=linear.2 | Reason="the bias is no constant of f32"
// REMARK: Function=matmul.0 | Reason="is no nn.linear or nn.conv2d"
// CHECK-LABEL: @left_alone
// CHECK-NOT: compress.{{.*}}_mean
// CHECK: nn.linear %arg0, %{{[^,]*}} :
// CHECK: nn.linear %arg0, %{{[^,]*}} :
// CHECK: nn.linear %arg0, %{{.*}}, %arg1 :
// CHECK: nn.matmul
func.func @left_alone(%x: tensor<?x2xf32>, %b: tensor<2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) {
  %w = arith.constant dense<[[0.0, 1.0], [4.0, 2.0]]> : tensor<2x2xf32>
  %0 = nn.linear %x, %w {compress.input_mean = dense<[[0.5, 1.0]]> : tensor<1x2xf32>, compress.output_mean = dense<[1.0, 4.0]> : tensor<2xf32>}
    : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %1 = nn.linear %x, %w {compress.input_mean = dense<0.5> : tensor<1x3xf32>, compress.output_mean = dense<[1.0, 4.0]> : tensor<2xf32>}
    : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %2 = nn.linear %x, %w, %b {compress.input_mean = dense<[[0.5, 1.0]]> : tensor<1x2xf32>, compress.output_mean = dense<[1.0, 5.0]> : tensor<2xf32>}
    : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %3 = nn.matmul %x, %w {compress.input_mean = dense<[[0.5, 1.0]]> : tensor<1x2xf32>, compress.output_mean = dense<[1.0, 5.0]> : tensor<2xf32>}
    : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %0, %1, %2, %3 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// W E[x] of the mean [0.5, 2] is [2.5, 2]; without a request there is none to correct.
// RECORD-LABEL: @record
// RECORD: nn.linear {{.*}} {compress.input_mean = dense<{{\[\[}}5.000000e-01, 2.000000e+00]]> : tensor<1x2xf32>, compress.output_mean = dense<[2.500000e+00, 2.000000e+00]> : tensor<2xf32>, compress.weight
// SAME: Reason="the weight did not change"
func.func @record(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 1.0], [4.0, 0.0]]> : tensor<2x2xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4>} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
