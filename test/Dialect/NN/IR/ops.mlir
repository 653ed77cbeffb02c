// RUN: condense-opt %s --verify-roundtrip | FileCheck %s
// Each operation in its custom syntax, with dynamic dimensions and optional parts.

// CHECK-LABEL: func @unary
// CHECK-SAME: (%{{.*}}: tensor<?x4xf32> {nn.name = "input"}) -> (tensor<?x4xf32> {nn.name = "output"})
func.func @unary(%x: tensor<?x4xf32> {nn.name = "input"}) -> (tensor<?x4xf32> {nn.name = "output"}) {
  %0 = nn.abs %x : tensor<?x4xf32>
  %1 = nn.neg %0 : tensor<?x4xf32>
  %2 = nn.sign %1 : tensor<?x4xf32>
  %3 = nn.relu %2 : tensor<?x4xf32>
  %4 = nn.exp %3 : tensor<?x4xf32>
  %5 = nn.log %4 : tensor<?x4xf32>
  %6 = nn.sqrt %5 : tensor<?x4xf32>
  %7 = nn.reciprocal %6 : tensor<?x4xf32>
  %8 = nn.erf %7 : tensor<?x4xf32>
  %9 = nn.ceil %8 : tensor<?x4xf32>
  %10 = nn.floor %9 : tensor<?x4xf32>
  // CHECK: nn.round %{{.*}} : tensor<?x4xf32>
  %11 = nn.round %10 : tensor<?x4xf32>
  return %11 : tensor<?x4xf32>
}

// CHECK-LABEL: func @trigonometry
func.func @trigonometry(%x: tensor<4xf64>) -> tensor<4xf64> {
  %0 = nn.sin %x : tensor<4xf64>
  %1 = nn.cos %0 : tensor<4xf64>
  %2 = nn.tan %1 : tensor<4xf64>
  %3 = nn.asin %2 : tensor<4xf64>
  %4 = nn.acos %3 : tensor<4xf64>
  %5 = nn.atan %4 : tensor<4xf64>
  %6 = nn.sinh %5 : tensor<4xf64>
  %7 = nn.cosh %6 : tensor<4xf64>
  %8 = nn.asinh %7 : tensor<4xf64>
  %9 = nn.acosh %8 : tensor<4xf64>
  // CHECK: nn.atanh %{{.*}} : tensor<4xf64>
  %10 = nn.atanh %9 : tensor<4xf64>
  return %10 : tensor<4xf64>
}

// CHECK-LABEL: func @activations
func.func @activations(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = nn.sigmoid %x : tensor<?x4xf16>
  %1 = nn.silu %0 : tensor<?x4xf16>
  %2 = nn.tanh %1 : tensor<?x4xf16>
  %3 = nn.softplus %2 : tensor<?x4xf16>
  %4 = nn.softsign %3 : tensor<?x4xf16>
  %5 = nn.mish %4 : tensor<?x4xf16>
  %6 = nn.hard_swish %5 : tensor<?x4xf16>
  // CHECK: nn.gelu %{{.*}} {tanh} : tensor<?x4xf16>
  %7 = nn.gelu %6 {tanh} : tensor<?x4xf16>
  // CHECK: nn.leaky_relu %{{.*}} {alpha = 1.000000e-01 : f64}
  %8 = nn.leaky_relu %7 {alpha = 0.1 : f64} : tensor<?x4xf16>
  %9 = nn.elu %8 {alpha = 1.0 : f64} : tensor<?x4xf16>
  %10 = nn.celu %9 {alpha = 1.0 : f64} : tensor<?x4xf16>
  %11 = nn.thresholded_relu %10 {alpha = 1.0 : f64} : tensor<?x4xf16>
  %12 = nn.hard_sigmoid %11 {alpha = 0.2 : f64, beta = 0.5 : f64} : tensor<?x4xf16>
  %13 = nn.selu %12 {alpha = 1.6 : f64, beta = 1.1 : f64} : tensor<?x4xf16>
  // CHECK: nn.clamp %{{.*}} {high = 6.000000e+00 : f16, low = 0.000000e+00 : f16}
  %14 = nn.clamp %13 {low = 0.0 : f16, high = 6.0 : f16} : tensor<?x4xf16>
  return %14 : tensor<?x4xf16>
}

// CHECK-LABEL: func @tests_and_casts
func.func @tests_and_casts(%x: tensor<?x4xf32>) -> tensor<?x4xi1> {
  // CHECK: nn.is_nan %{{.*}} : tensor<?x4xf32> -> tensor<?x4xi1>
  %0 = nn.is_nan %x : tensor<?x4xf32> -> tensor<?x4xi1>
  // CHECK: nn.is_inf %{{.*}} {negative, positive}
  %1 = nn.is_inf %x {positive, negative} : tensor<?x4xf32> -> tensor<?x4xi1>
  %2 = nn.or %0, %1 : (tensor<?x4xi1>, tensor<?x4xi1>) -> tensor<?x4xi1>
  %3 = nn.not %2 : tensor<?x4xi1>
  // CHECK: nn.cast %{{.*}} to ui8 : tensor<?x4xf32> -> tensor<?x4xui8>
  %4 = nn.cast %x to ui8 : tensor<?x4xf32> -> tensor<?x4xui8>
  return %3 : tensor<?x4xi1>
}

// CHECK-LABEL: func @binary
func.func @binary(%a: tensor<?x4xf32>, %b: tensor<4xf32>, %i: tensor<i32>) -> tensor<?x4xf32> {
  // CHECK: nn.add %{{.*}}, %{{.*}} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %0 = nn.add %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %1 = nn.sub %0, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %2 = nn.mul %1, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %3 = nn.div %2, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %4 = nn.max %3, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %5 = nn.min %4, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %6 = nn.rem %5, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %7 = nn.prelu %6, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  // CHECK: nn.pow %{{.*}}, %{{.*}} : (tensor<?x4xf32>, tensor<i32>) -> tensor<?x4xf32>
  %8 = nn.pow %7, %i : (tensor<?x4xf32>, tensor<i32>) -> tensor<?x4xf32>
  // CHECK: nn.compare lt %{{.*}}, %{{.*}} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xi1>
  %9 = nn.compare lt %8, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xi1>
  // CHECK: nn.select
  %10 = nn.select %9, %8, %b : (tensor<?x4xi1>, tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %10 : tensor<?x4xf32>
}

// CHECK-LABEL: func @integers
func.func @integers(%a: tensor<3x1xui16>, %b: tensor<4xui16>) -> tensor<3x4xui16> {
  %0 = nn.mod %a, %b : (tensor<3x1xui16>, tensor<4xui16>) -> tensor<3x4xui16>
  %1 = nn.and %0, %b : (tensor<3x4xui16>, tensor<4xui16>) -> tensor<3x4xui16>
  %2 = nn.xor %1, %b : (tensor<3x4xui16>, tensor<4xui16>) -> tensor<3x4xui16>
  %3 = nn.shift_left %2, %b : (tensor<3x4xui16>, tensor<4xui16>) -> tensor<3x4xui16>
  // CHECK: nn.shift_right {{.*}} -> tensor<3x4xui16>
  %4 = nn.shift_right %3, %b : (tensor<3x4xui16>, tensor<4xui16>) -> tensor<3x4xui16>
  return %4 : tensor<3x4xui16>
}

// CHECK-LABEL: func @products
func.func @products(%x: tensor<?x16xui8>, %w: tensor<4x16xi8>, %b: tensor<4xi32>, %a: tensor<2x?x8x16xf32>,
    %c: tensor<?x16x4xf32>, %v: tensor<16xf32>) -> tensor<2x?x8xf32> {
  // CHECK: nn.linear %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x16xui8>, tensor<4x16xi8>, tensor<4xi32>) -> tensor<?x4xi32>
  %0 = nn.linear %x, %w, %b : (tensor<?x16xui8>, tensor<4x16xi8>, tensor<4xi32>) -> tensor<?x4xi32>
  // CHECK: nn.matmul {{.*}} -> tensor<2x?x8x4xf32>
  %1 = nn.matmul %a, %c : (tensor<2x?x8x16xf32>, tensor<?x16x4xf32>) -> tensor<2x?x8x4xf32>
  %2 = nn.matmul %a, %v : (tensor<2x?x8x16xf32>, tensor<16xf32>) -> tensor<2x?x8xf32>
  return %2 : tensor<2x?x8xf32>
}

// CHECK-LABEL: func @images
func.func @images(%x: tensor<?x4x9x9xf32>, %w: tensor<8x2x3x3xf32>, %b: tensor<8xf32>) -> tensor<?x8x2x2xf32> {
  // CHECK: nn.conv2d %{{.*}}, %{{.*}}, %{{.*}} {dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<nchw>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}
  %0 = nn.conv2d %x, %w, %b {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 2 : i64, layout = #nn.layout<nchw>}
      : (tensor<?x4x9x9xf32>, tensor<8x2x3x3xf32>, tensor<8xf32>) -> tensor<?x8x5x5xf32>
  %1 = nn.max_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nchw>} : tensor<?x8x5x5xf32> -> tensor<?x8x4x4xf32>
  // CHECK: nn.avg_pool2d %{{.*}} {ceil_pads = array<i64: 0, 0>, count_include_pad
  %2 = nn.avg_pool2d %1 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>, ceil_pads = array<i64: 0, 0>, count_include_pad, layout = #nn.layout<nchw>}
      : tensor<?x8x4x4xf32> -> tensor<?x8x2x2xf32>
  return %2 : tensor<?x8x2x2xf32>
}

// CHECK-LABEL: func @normalisation
func.func @normalisation(%x: tensor<?x4x8xf32>, %c: tensor<4xf32>, %s: tensor<8xf32>) -> tensor<?x4x8xf32> {
  // CHECK: nn.batch_norm
  %0 = nn.batch_norm %x, %c, %c, %c, %c {axis = 1 : i64, epsilon = 1.0e-5 : f64}
      : (tensor<?x4x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  %1 = nn.layer_norm %0, %s, %s {axis = 2 : i64, epsilon = 1.0e-5 : f64}
      : (tensor<?x4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x4x8xf32>
  %2 = nn.rms_norm %1, %s {axis = 2 : i64, epsilon = 1.0e-5 : f64}
      : (tensor<?x4x8xf32>, tensor<8xf32>) -> tensor<?x4x8xf32>
  %3 = nn.softmax %2 {axis = 1 : i64} : tensor<?x4x8xf32>
  // CHECK: nn.log_softmax %{{.*}} {axis = 1 : i64} : tensor<?x4x8xf32>
  %4 = nn.log_softmax %3 {axis = 1 : i64} : tensor<?x4x8xf32>
  return %4 : tensor<?x4x8xf32>
}

// CHECK-LABEL: func @attention
func.func @attention(%q: tensor<?x?x6x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x4xf32>, %m: tensor<?x1x1x?xi1>,
    %a: tensor<?x1x8xf32>, %ids: tensor<?x?xi64>) -> tensor<?xi64> {
  // CHECK: nn.rotary %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x?x6x8xf32>, tensor<?x1x8xf32>, tensor<?x1x8xf32>) -> tensor<?x?x6x8xf32>
  %0 = nn.rotary %q, %a, %a : (tensor<?x?x6x8xf32>, tensor<?x1x8xf32>, tensor<?x1x8xf32>) -> tensor<?x?x6x8xf32>
  // CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {causal, scale = 5.000000e-01 : f64}
  %1 = nn.attention %0, %k, %v, %m {scale = 0.5 : f64, causal} : (tensor<?x?x6x8xf32>, tensor<?x?x2x8xf32>,
      tensor<?x?x2x4xf32>, tensor<?x1x1x?xi1>) -> tensor<?x?x6x4xf32>
  // CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} {scale = 1.000000e+00 : f64}
  %2 = nn.attention %q, %k, %v {scale = 1.0 : f64} : (tensor<?x?x6x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x4xf32>)
      -> tensor<?x?x6x4xf32>
  // CHECK: nn.iota %{{.*}} {dim = 1 : i64} : tensor<?x?xi64> -> tensor<?xi64>
  %3 = nn.iota %ids {dim = 1 : i64} : tensor<?x?xi64> -> tensor<?xi64>
  return %3 : tensor<?xi64>
}

// CHECK-LABEL: func @reductions
func.func @reductions(%x: tensor<?x4x8xf32>) -> tensor<?x1x1xi64> {
  // CHECK: nn.reduce_sum %{{.*}} {axes = array<i64: 1, 2>, keep_dims} : tensor<?x4x8xf32> -> tensor<?x1x1xf32>
  %0 = nn.reduce_sum %x {axes = array<i64: 1, 2>, keep_dims} : tensor<?x4x8xf32> -> tensor<?x1x1xf32>
  %1 = nn.reduce_mean %x {axes = array<i64: 0>} : tensor<?x4x8xf32> -> tensor<4x8xf32>
  %2 = nn.reduce_prod %1 {axes = array<i64>} : tensor<4x8xf32> -> tensor<4x8xf32>
  %3 = nn.reduce_max %2 {axes = array<i64: 0, 1>} : tensor<4x8xf32> -> tensor<f32>
  %4 = nn.reduce_min %x {axes = array<i64: 2>} : tensor<?x4x8xf32> -> tensor<?x4xf32>
  %5 = nn.cumsum %4 {axis = 1 : i64, exclusive, reverse} : tensor<?x4xf32>
  %6 = nn.argmin %5 {axis = 1 : i64} : tensor<?x4xf32> -> tensor<?xi64>
  // CHECK: nn.argmax %{{.*}} {axis = 1 : i64, keep_dims, last} : tensor<?x1x1xf32> -> tensor<?x1x1xi64>
  %7 = nn.argmax %0 {axis = 1 : i64, keep_dims, last} : tensor<?x1x1xf32> -> tensor<?x1x1xi64>
  return %7 : tensor<?x1x1xi64>
}

// CHECK-LABEL: func @gathering
func.func @gathering(%ids: tensor<?x3xi64>, %table: tensor<10x4xf32>, %s: tensor<f32>) -> tensor<?x3x5xf32> {
  // CHECK: nn.embedding {{.*}} -> tensor<?x3x4xf32>
  %0 = nn.embedding %ids, %table : (tensor<?x3xi64>, tensor<10x4xf32>) -> tensor<?x3x4xf32>
  %1 = nn.gather %0, %ids {axis = 2 : i64} : (tensor<?x3x4xf32>, tensor<?x3xi64>) -> tensor<?x3x?x3xf32>
  %2 = nn.gather_elements %table, %ids {axis = 0 : i64} : (tensor<10x4xf32>, tensor<?x3xi64>) -> tensor<?x3xf32>
  // CHECK: nn.one_hot {{.*}} {axis = 2 : i64, depth = 5 : i64}
  %3 = nn.one_hot %ids, %s, %s {axis = 2 : i64, depth = 5 : i64}
      : (tensor<?x3xi64>, tensor<f32>, tensor<f32>) -> tensor<?x3x5xf32>
  return %3 : tensor<?x3x5xf32>
}

// CHECK-LABEL: func @shapes
func.func @shapes(%x: tensor<?x4x8xf32>) -> tensor<?x1x32xf32> {
  // CHECK: nn.reshape %{{.*}} {shape = array<i64: 0, 1, -1>} : tensor<?x4x8xf32> -> tensor<?x1x32xf32>
  %0 = nn.reshape %x {shape = array<i64: 0, 1, -1>} : tensor<?x4x8xf32> -> tensor<?x1x32xf32>
  %1 = nn.transpose %0 {permutation = array<i64: 2, 0, 1>} : tensor<?x1x32xf32> -> tensor<32x?x1xf32>
  %2 = nn.broadcast_to %1 {shape = array<i64: 2, 1, 1, 3>} : tensor<32x?x1xf32> -> tensor<2x32x?x3xf32>
  %3 = nn.concat %2, %2 {axis = 0 : i64} : (tensor<2x32x?x3xf32>, tensor<2x32x?x3xf32>) -> tensor<4x32x?x3xf32>
  // CHECK: nn.slice
  %4 = nn.slice %3 {starts = array<i64: 0, 1, 0, -1>, ends = array<i64: 4, -1, 9223372036854775807, -9223372036854775808>,
      steps = array<i64: 2, 1, 1, -1>} : tensor<4x32x?x3xf32> -> tensor<2x30x?x3xf32>
  // CHECK: nn.pad %{{.*}} {high = array<i64: 0, 2, 0, 0>, low = array<i64: 0, 1, 0, -1>, mode = #nn.pad_mode<constant>, value = 1.000000e+00 : f32}
  %5 = nn.pad %4 {low = array<i64: 0, 1, 0, -1>, high = array<i64: 0, 2, 0, 0>, mode = #nn.pad_mode<constant>,
      value = 1.0 : f32} : tensor<2x30x?x3xf32> -> tensor<2x33x?x2xf32>
  %6 = nn.tile %5 {repeats = array<i64: 1, 1, 2, 3>} : tensor<2x33x?x2xf32> -> tensor<2x33x?x6xf32>
  // CHECK: nn.trilu %{{.*}} {diagonal = -1 : i64, upper} : tensor<2x33x?x6xf32>
  %7 = nn.trilu %6 {diagonal = -1 : i64, upper} : tensor<2x33x?x6xf32>
  return %0 : tensor<?x1x32xf32>
}

// A result type may know more or less than is inferred.
// CHECK-LABEL: func @refined
func.func @refined(%a: tensor<?x4xf32>, %b: tensor<2x4xf32>) -> tensor<?x?xf32> {
  // CHECK: nn.reshape %{{.*}} -> tensor<8x1xf32>
  %0 = nn.reshape %a {shape = array<i64: -1, 1>} : tensor<?x4xf32> -> tensor<8x1xf32>
  // CHECK: nn.add %{{.*}} -> tensor<?x?xf32>
  %1 = nn.add %b, %b : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
