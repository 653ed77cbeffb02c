// RUN: condense-opt %s --compress-factorize-weights --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-factorize-weights --compress-factorize-weights --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-factorize-weights --mlir-disable-threading --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-factorize-weights --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// W is [3 4]^T [1 2 2]: the left factor has norm 1, the right one the rest.
// REMARK: [Passed] factorize-weights | Category:compress | Function=fc | BytesAfter=20, BytesBefore=24, Details="rank 1 of 2", RelativeError={{[0-9.]+}}e-{{0[7-9]|1[0-9]}}, Scheme="#compress.factorize<rank = 1>"
// CHECK-LABEL: @dense
func.func @dense(%x: tensor<?x3xf32>, %b: tensor<2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[3.0, 6.0, 6.0], [4.0, 8.0, 8.0]]> : tensor<2x3xf32>
  // CHECK-DAG: %[[UP:.*]] = arith.constant dense<{{\[\[}}{{6.0*e-01|0.6.*|0.599.*}}], [{{8.0*e-01|0.8.*|0.799.*}}]]> : tensor<2x1xf32>
  // CHECK-DAG: %[[DOWN:.*]] = arith.constant dense<{{\[\[}}{{5.0*e\+00|5.0000.*|4.9999.*}}, {{1.0*e\+01|10.0.*|9.9999.*}}, {{.*}}]]> : tensor<1x3xf32>
  // CHECK: %[[W:.*]] = nn.matmul %[[UP]], %[[DOWN]] {compress.relative_error = {{.*}} : f64} : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  // CHECK: nn.linear %arg0, %[[W]], %arg1 : (tensor<?x3xf32>
  %y = nn.linear %x, %w, %b {compress.weight = #compress.factorize<rank = 1>} : (tensor<?x3xf32>, tensor<2x3xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc")
  return %y : tensor<?x2xf32>
}

// -----

// The rows of a weight on the right of matmul are what is summed over: factors are swapped, in the type of the weight.
// CHECK-LABEL: @right_of_matmul
func.func @right_of_matmul(%x: tensor<?x3xf16>) -> tensor<?x4xf16> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0], [3.0, 6.0, 9.0, 12.0]]> : tensor<3x4xf16>
  // CHECK: %[[W:.*]] = nn.matmul %{{.*}}, %{{.*}} : (tensor<3x1xf16>, tensor<1x4xf16>) -> tensor<3x4xf16>
  // CHECK: nn.matmul %arg0, %[[W]] :
  %y = nn.matmul %x, %w {compress.weight = #compress.factorize<energy = 9.9e-01 : f64>} : (tensor<?x3xf16>, tensor<3x4xf16>) -> tensor<?x4xf16>
  return %y : tensor<?x4xf16>
}

// -----

// Half the bytes of 8x8 are rank 2; a factor is called after the weight. Layers that share a weight share its factors.
// CHECK-LABEL: @half_the_bytes
func.func @half_the_bytes(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %w = arith.constant dense_resource<w> : tensor<8x8xf32>
  // CHECK-DAG: %[[UP:.*]] = arith.constant dense<{{.*}}> : tensor<8x2xf32>
  // CHECK-DAG: %[[DOWN:.*]] = arith.constant dense<{{.*}}> : tensor<2x8xf32>
  // CHECK: %[[W:.*]] = nn.matmul %[[UP]], %[[DOWN]]
  // CHECK: nn.linear %arg0, %[[W]]
  // CHECK: nn.linear %{{.*}}, %[[W]]
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<bytes = 5.0e-01 : f64>} : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  %z = nn.linear %y, %w {compress.weight = #compress.factorize<bytes = 5.0e-01 : f64>} : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}
{-#
  dialect_resources: {
    builtin: {
      w: "0x040000000000A0C000000040000000C00000A0400000803F000040C00000804000000000000080BF0000A0C000000040000000C00000A0400000803F000040C00000804000004040000080BF0000A0C000000040000000C00000A0400000803F000040C0000080C000004040000080BF0000A0C000000040000000C00000A0400000803F00000000000080C000004040000080BF0000A0C000000040000000C00000A0400000804000000000000080C000004040000080BF0000A0C000000040000000C0000040C00000804000000000000080C000004040000080BF0000A0C0000000400000803F000040C00000804000000000000080C000004040000080BF0000A0C0"
    }
  }
#-}

// -----

// A convolution becomes two; what else was asked goes to both, the activation's range to none.
// REMARK: [Passed] factorize-weights | Category:compress | Function=conv | BytesAfter={{[0-9]+}}, BytesBefore=288, Details="rank 1 of 4", {{.*}}
// CHECK-LABEL: @channel_nchw
func.func @channel_nchw(%x: tensor<1x2x6x6xf32>, %b: tensor<4xf32>) -> tensor<1x4x3x3xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2x3x3xf32>
  // CHECK: %[[H:.*]] = nn.conv2d %arg0, %{{.*}} {
  // CHECK-SAME: compress.activation = #compress.quantize_activation<storage = ui8>
  // CHECK-SAME: compress.weight = #compress.quantize<storage = i8>
  // CHECK-SAME: dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<nchw>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}
  // CHECK-SAME: (tensor<1x2x6x6xf32>, tensor<1x2x3x3xf32>) -> tensor<1x1x3x3xf32>
  // CHECK: nn.conv2d %[[H]], %{{.*}}, %arg1 {
  // CHECK-SAME: compress.activation = #compress.quantize_activation<storage = ui8>
  // CHECK-SAME: compress.weight = #compress.quantize<storage = i8>
  // CHECK-SAME: pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
  // CHECK-SAME: (tensor<1x1x3x3xf32>, tensor<4x1x1x1xf32>, tensor<4xf32>) -> tensor<1x4x3x3xf32>
  %y = nn.conv2d %x, %w, %b {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64,
      layout = #nn.layout<nchw>, compress.activation = #compress.quantize_activation<storage = ui8>,
      compress.weight = [#compress.factorize<error = 1.0e-02 : f64>, #compress.quantize<storage = i8>]}
      : (tensor<1x2x6x6xf32>, tensor<4x2x3x3xf32>, tensor<4xf32>) -> tensor<1x4x3x3xf32> loc("conv")
  return %y : tensor<1x4x3x3xf32>
}

// -----

// The column takes the vertical stride, dilation and padding, the row the horizontal ones.
// CHECK-LABEL: @spatial_nhwc
func.func @spatial_nhwc(%x: tensor<?x9x9x2xf32>) -> tensor<?x4x3x4xf32> {
  %w = arith.constant dense<1.0> : tensor<4x3x5x2xf32>
  // CHECK: %[[H:.*]] = nn.conv2d %arg0, %{{.*}} {dilations = array<i64: 2, 1>, groups = 1 : i64, layout = #nn.layout<nhwc>, pads = array<i64: 2, 0, 1, 0>, strides = array<i64: 2, 1>} : (tensor<?x9x9x2xf32>, tensor<1x3x1x2xf32>) -> tensor<?x4x9x1xf32>
  // CHECK: nn.conv2d %[[H]], %{{.*}} {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<nhwc>, pads = array<i64: 0, 0, 0, 3>, strides = array<i64: 1, 3>} : (tensor<?x4x9x1xf32>, tensor<4x1x5x1xf32>) -> tensor<?x4x3x4xf32>
  %y = nn.conv2d %x, %w {strides = array<i64: 2, 3>, dilations = array<i64: 2, 1>, pads = array<i64: 2, 0, 1, 3>, groups = 1 : i64,
      layout = #nn.layout<nhwc>, compress.weight = #compress.factorize<rank = 1, conv = spatial>}
      : (tensor<?x9x9x2xf32>, tensor<4x3x5x2xf32>) -> tensor<?x4x3x4xf32>
  return %y : tensor<?x4x3x4xf32>
}

// -----

// Each group has its own factors.
// CHECK-LABEL: @groups
func.func @groups(%x: tensor<1x8x5x5xf32>) -> tensor<1x8x3x3xf32> {
  %w = arith.constant dense<1.0> : tensor<8x4x3x3xf32>
  // CHECK: nn.conv2d {{.*}} groups = 2 {{.*}} (tensor<1x8x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  // CHECK: nn.conv2d {{.*}} groups = 2 {{.*}} (tensor<1x2x3x3xf32>, tensor<8x1x1x1xf32>) -> tensor<1x8x3x3xf32>
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 2 : i64,
      layout = #nn.layout<nchw>, compress.weight = #compress.factorize<macs = 5.0e-01 : f64>}
      : (tensor<1x8x5x5xf32>, tensor<8x4x3x3xf32>) -> tensor<1x8x3x3xf32>
  return %y : tensor<1x8x3x3xf32>
}

// -----

// What quantization lost is corrected; the codes stay as they are.
// CHECK-LABEL: @residual
func.func @residual(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %codes = arith.constant dense<1> : tensor<8x8xi8>
  %scales = arith.constant dense<1.0> : tensor<8x1xf16>
  %q = compress.dequantize %codes, %scales : (tensor<8x8xi8>, tensor<8x1xf16>) -> tensor<8x8xf32>
  %r = arith.constant dense<0.25> : tensor<8x8xf32>
  // CHECK: %[[Q:.*]] = compress.dequantize
  // CHECK: %[[R:.*]] = nn.matmul %{{.*}}, %{{.*}} : (tensor<8x1xf32>, tensor<1x8xf32>) -> tensor<8x8xf32>
  // CHECK: %[[W:.*]] = nn.add %[[Q]], %[[R]]
  // CHECK: nn.linear %arg0, %[[W]] :
  %w = nn.add %q, %r : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 1>} : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// A correction that would not be smaller than what it corrects is dropped with it.
// CHECK-LABEL: @dropped_residual
func.func @dropped_residual(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %codes = arith.constant dense<1> : tensor<4x4xi8>
  %scales = arith.constant dense<1.0> : tensor<4x1xf16>
  %q = compress.dequantize %codes, %scales : (tensor<4x4xi8>, tensor<4x1xf16>) -> tensor<4x4xf32>
  %r = arith.constant dense<0.25> : tensor<4x4xf32>
  // CHECK: %[[Q:.*]] = compress.dequantize
  // CHECK-NOT: nn.add
  // CHECK: nn.linear %arg0, %[[Q]] :
  %w = nn.add %q, %r : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 2>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// Beside a convolution the correction is one of its own; the bias stays.
// CHECK-LABEL: @residual_of_filter
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x6x6xf32>, %[[B:.*]]: tensor<8xf32>)
func.func @residual_of_filter(%x: tensor<1x4x6x6xf32>, %b: tensor<8xf32>) -> tensor<1x8x4x4xf32> {
  %codes = arith.constant dense<1> : tensor<8x4x3x3xi8>
  %scales = arith.constant dense<1.0> : tensor<8x1x1x1xf16>
  %q = compress.dequantize %codes, %scales : (tensor<8x4x3x3xi8>, tensor<8x1x1x1xf16>) -> tensor<8x4x3x3xf32>
  %r = arith.constant dense<0.25> : tensor<8x4x3x3xf32>
  %w = nn.add %q, %r : (tensor<8x4x3x3xf32>, tensor<8x4x3x3xf32>) -> tensor<8x4x3x3xf32>
  // CHECK: %[[Q:.*]] = compress.dequantize
  // CHECK: %[[Y:.*]] = nn.conv2d %[[X]], %[[Q]], %[[B]] {
  // CHECK: %[[H:.*]] = nn.conv2d %[[X]], %{{.*}} : (tensor<1x4x6x6xf32>, tensor<1x4x3x3xf32>) -> tensor<1x1x4x4xf32>
  // CHECK: %[[C:.*]] = nn.conv2d %[[H]], %{{.*}} : (tensor<1x1x4x4xf32>, tensor<8x1x1x1xf32>) -> tensor<1x8x4x4xf32>
  // CHECK: %[[SUM:.*]] = nn.add %[[Y]], %[[C]]
  // CHECK: return %[[SUM]]
  %y = nn.conv2d %x, %w, %b {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64,
      layout = #nn.layout<nchw>, compress.weight = #compress.factorize<rank = 1>}
      : (tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
  return %y : tensor<1x8x4x4xf32>
}

// -----

// Without the correction the error would exceed the bound: the weight is dense again.
// CHECK-LABEL: @restored
func.func @restored(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %codes = arith.constant dense<1> : tensor<4x4xi8>
  %scales = arith.constant dense<1.0> : tensor<4x1xf16>
  %q = compress.dequantize %codes, %scales : (tensor<4x4xi8>, tensor<4x1xf16>) -> tensor<4x4xf32>
  %r = arith.constant dense<0.25> : tensor<4x4xf32>
  // CHECK: %[[W:.*]] = arith.constant dense<1.250000e+00> : tensor<4x4xf32>
  // CHECK-NOT: compress.dequantize
  // CHECK: nn.linear %arg0, %[[W]]
  %w = nn.add %q, %r : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %y = nn.linear %x, %w {compress.max_error = 0.1 : f64, compress.weight = #compress.factorize<rank = 2>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
