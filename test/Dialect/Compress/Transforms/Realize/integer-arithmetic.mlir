// RUN: condense-opt %s --compress-integer-arithmetic --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-integer-arithmetic --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Row sums of the codes are 3 and -1: the bias is -10 * 3 and -10 * -1.
// CHECK-LABEL: @linear
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[}}1, 2], [3, -4]]> : tensor<2x2xi8>
// CHECK-DAG: %[[BIAS:.*]] = arith.constant dense<[-30, 10]> : tensor<2xi32>
// CHECK-DAG: %[[Q:.*]] = compress.quantize
// CHECK: %[[ACC:.*]] = nn.linear %[[Q]], %[[W]], %[[BIAS]] : (tensor<?x2xui8>, tensor<2x2xi8>, tensor<2xi32>) -> tensor<?x2xi32>
// CHECK: %[[REAL:.*]] = nn.cast %[[ACC]] to f32
// CHECK: %[[SCALE:.*]] = arith.constant dense<[1.250000e-01, 2.500000e-01]> : tensor<2xf32>
// CHECK: %[[SCALED:.*]] = nn.mul %[[REAL]], %[[SCALE]]
// CHECK: nn.add %[[SCALED]], %arg1
func.func @linear(%x: tensor<?x2xf32>, %b: tensor<2xf32>) -> tensor<?x2xf32> {
  %sx = arith.constant dense<0.5> : tensor<1x1xf32>
  %zx = arith.constant dense<10> : tensor<1x1xui8>
  %qw = arith.constant dense<[[1, 2], [3, -4]]> : tensor<2x2xi8>
  %sw = arith.constant dense<[[0.25], [0.5]]> : tensor<2x1xf16>
  %qx = compress.quantize %x, %sx, %zx : (tensor<?x2xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x2xui8>
  %dx = compress.dequantize %qx, %sx, %zx : (tensor<?x2xui8>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x2xf32>
  %w = compress.dequantize %qw, %sw : (tensor<2x2xi8>, tensor<2x1xf16>) -> tensor<2x2xf32>
  %y = nn.linear %dx, %w, %b : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// The border of a convolution is the zero point.
// CHECK-LABEL: @conv
// CHECK: %[[PAD:.*]] = nn.pad %arg0 {high = array<i64: 0, 0, 1, 2>, low = array<i64: 0, 0, 0, 1>, mode = #nn.pad_mode<constant>, value = 200 : ui8}
// CHECK: nn.conv2d %[[PAD]], {{.*}} pads = array<i64: 0, 0, 0, 0>
// CHECK: nn.mul {{.*}} tensor<2x1x1xf32>
func.func @conv(%qx: tensor<1x1x4x4xui8>) -> tensor<1x2x5x7xf32> {
  %sx = arith.constant dense<0.5> : tensor<1x1x1x1xf32>
  %zx = arith.constant dense<200> : tensor<1x1x1x1xui8>
  %qw = arith.constant dense<[[[[1]]], [[[-1]]]]> : tensor<2x1x1x1xi8>
  %sw = arith.constant dense<2.0> : tensor<1x1x1x1xf32>
  %x = compress.dequantize %qx, %sx, %zx : (tensor<1x1x4x4xui8>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xui8>) -> tensor<1x1x4x4xf32>
  %w = compress.dequantize %qw, %sw : (tensor<2x1x1x1xi8>, tensor<1x1x1x1xf32>) -> tensor<2x1x1x1xf32>
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 1, 1, 2>,
    groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x5x7xf32>
  return %y : tensor<1x2x5x7xf32>
}

// -----

// 66312 products of 255 and 127 are more than 2^31 - 1, 66311 are not.
// REMARK: remark: [Missed] integer-arithmetic | Category:compress | Function=linear.0 | Reason="the integer sum might not fit 32 bits"
// REMARK: remark: [Passed] integer-arithmetic | Category:compress | Function=linear.1 | Channels=1
// CHECK-LABEL: @overflow
// CHECK: nn.linear {{.*}} -> tensor<1x1xf32>
// CHECK: nn.linear {{.*}} -> tensor<1x1xi32>
func.func @overflow(%qx: tensor<1x66312xui8>, %qy: tensor<1x66311xui8>) -> (tensor<1x1xf32>, tensor<1x1xf32>) {
  %s = arith.constant dense<0.5> : tensor<1x1xf32>
  %qv = arith.constant dense<127> : tensor<1x66312xi8>
  %qw = arith.constant dense<127> : tensor<1x66311xi8>
  %x = compress.dequantize %qx, %s : (tensor<1x66312xui8>, tensor<1x1xf32>) -> tensor<1x66312xf32>
  %y = compress.dequantize %qy, %s : (tensor<1x66311xui8>, tensor<1x1xf32>) -> tensor<1x66311xf32>
  %v = compress.dequantize %qv, %s : (tensor<1x66312xi8>, tensor<1x1xf32>) -> tensor<1x66312xf32>
  %w = compress.dequantize %qw, %s : (tensor<1x66311xi8>, tensor<1x1xf32>) -> tensor<1x66311xf32>
  %a = nn.linear %x, %v : (tensor<1x66312xf32>, tensor<1x66312xf32>) -> tensor<1x1xf32>
  %b = nn.linear %y, %w : (tensor<1x66311xf32>, tensor<1x66311xf32>) -> tensor<1x1xf32>
  return %a, %b : tensor<1x1xf32>, tensor<1x1xf32>
}

// -----

// Weight-only quantization, several scales per channel and a weight with zero points stay as they are.
// REMARK: remark: [Missed] integer-arithmetic | Category:compress | Function=linear.1 | Reason="weight is not i8, symmetric, with one scale per output channel"
// REMARK-NOT: remark
// CHECK-LABEL: @left_alone
// CHECK-COUNT-2: nn.linear {{.*}} -> tensor<1x2xf32>
func.func @left_alone(%x: tensor<1x2xf32>, %qx: tensor<1x2xui8>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %s = arith.constant dense<0.5> : tensor<1x1xf32>
  %sb = arith.constant dense<0.5> : tensor<2x2xf32>
  %qw = arith.constant dense<[[1, 2], [3, -4]]> : tensor<2x2xi8>
  %dx = compress.dequantize %qx, %s : (tensor<1x2xui8>, tensor<1x1xf32>) -> tensor<1x2xf32>
  %w = compress.dequantize %qw, %s : (tensor<2x2xi8>, tensor<1x1xf32>) -> tensor<2x2xf32>
  %wb = compress.dequantize %qw, %sb : (tensor<2x2xi8>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = nn.linear %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %z = nn.linear %dx, %wb : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y, %z : tensor<1x2xf32>, tensor<1x2xf32>
}

// -----

// Scales of rows are multiplied after those of channels.
// REMARK: remark: [Passed] integer-arithmetic | Category:compress | Function=linear.0 | Channels=2
// CHECK-LABEL: @rows
// CHECK-SAME: %[[S:[^:]*]]: tensor<?x1xf32>
// CHECK: %[[ACC:.*]] = nn.linear %arg0, %{{.*}} : (tensor<?x2xi8>, tensor<2x2xi8>) -> tensor<?x2xi32>
// CHECK: %[[REAL:.*]] = nn.cast %[[ACC]] to f32
// CHECK: %[[CHANNELS:.*]] = nn.mul %[[REAL]], %{{.*}} : (tensor<?x2xf32>, tensor<2xf32>)
// CHECK: %[[ROWS:.*]] = nn.mul %[[CHANNELS]], %[[S]] : (tensor<?x2xf32>, tensor<?x1xf32>)
// CHECK: nn.add %[[ROWS]], %arg2
func.func @rows(%qx: tensor<?x2xi8>, %sx: tensor<?x1xf32>, %b: tensor<2xf32>) -> tensor<?x2xf32> {
  %qw = arith.constant dense<[[1, 2], [3, -4]]> : tensor<2x2xi8>
  %sw = arith.constant dense<[[0.25], [0.5]]> : tensor<2x1xf16>
  %dx = compress.dequantize %qx, %sx : (tensor<?x2xi8>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %w = compress.dequantize %qw, %sw : (tensor<2x2xi8>, tensor<2x1xf16>) -> tensor<2x2xf32>
  %y = nn.linear %dx, %w, %b : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// REMARK: remark: [Missed] integer-arithmetic | Category:compress | Function=linear.0 | Reason="the activation has several scales along what is summed"
// REMARK: remark: [Missed] integer-arithmetic | Category:compress | Function=linear.1 | Reason="the zero points of the activation are no constant"
// CHECK-LABEL: @rows_left_alone
// CHECK-COUNT-2: nn.linear {{.*}} -> tensor<?x2xf32>
func.func @rows_left_alone(%qx: tensor<?x2xi8>, %sx: tensor<?x2xf32>, %qy: tensor<?x2xui8>, %sy: tensor<1x1xf32>, %zy: tensor<1x1xui8>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %qw = arith.constant dense<[[1, 2], [3, -4]]> : tensor<2x2xi8>
  %sw = arith.constant dense<[[0.25], [0.5]]> : tensor<2x1xf16>
  %dx = compress.dequantize %qx, %sx : (tensor<?x2xi8>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %dy = compress.dequantize %qy, %sy, %zy : (tensor<?x2xui8>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x2xf32>
  %w = compress.dequantize %qw, %sw : (tensor<2x2xi8>, tensor<2x1xf16>) -> tensor<2x2xf32>
  %y = nn.linear %dx, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %z = nn.linear %dy, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y, %z : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// The codes of a pruned weight: row sums are 5 and -4.
// CHECK-LABEL: @pruned
// CHECK-DAG: %[[W:.*]] = compress.scatter {{.*}} -> tensor<2x4xi8>
// CHECK-DAG: %[[BIAS:.*]] = arith.constant dense<[-50, 40]> : tensor<2xi32>
// CHECK: nn.linear %{{.*}}, %[[W]], %[[BIAS]] : (tensor<?x4xui8>, tensor<2x4xi8>, tensor<2xi32>) -> tensor<?x2xi32>
func.func @pruned(%qx: tensor<?x4xui8>) -> tensor<?x2xf32> {
  %sx = arith.constant dense<0.5> : tensor<1x1xf32>
  %zx = arith.constant dense<10> : tensor<1x1xui8>
  %values = arith.constant dense<[2, 3, -4]> : tensor<3xi8>
  %bits = arith.constant dense<41> : tensor<1xi8>
  %sw = arith.constant dense<[[0.25], [0.5]]> : tensor<2x1xf16>
  %x = compress.dequantize %qx, %sx, %zx : (tensor<?x4xui8>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x4xf32>
  %qw = compress.scatter %values, %bits <format = bitmap> : (tensor<3xi8>, tensor<1xi8>) -> tensor<2x4xi8>
  %w = compress.dequantize %qw, %sw : (tensor<2x4xi8>, tensor<2x1xf16>) -> tensor<2x4xf32>
  %y = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
