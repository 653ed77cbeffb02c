// RUN: condense-opt %s --compress-insert-observers | FileCheck %s --check-prefix=INSERT
// RUN: condense-opt %s --compress-insert-observers --compress-insert-observers | FileCheck %s --check-prefix=INSERT
// RUN: condense-opt %s --compress-insert-observers --compress-lower-observers | FileCheck %s --check-prefix=LOWER
// RUN: condense-opt %s --compress-insert-observers="moments=channels layers=v" --compress-lower-observers \
// RUN:   | FileCheck %s --check-prefix=CHANNELS
// RUN: condense-opt %s --compress-insert-observers="requests=prune ranges=false" --compress-lower-observers \
// RUN:   | FileCheck %s --check-prefix=OTHER
// RUN: condense-opt %s --compress-insert-observers="requests=none moments=channels layers=[kv]" \
// RUN:   --compress-insert-observers="requests=quantize ranges=false" | FileCheck %s --check-prefix=MORE
// RUN: not condense-opt %s --compress-insert-observers="moments=all" 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: condense-opt %s --compress-insert-observers="moments=gram ops=conv2d,matmul layers=[abcs]*" --compress-lower-observers \
// RUN:   | FileCheck %s --check-prefix=CONV

// UNKNOWN: error: moments: unknown 'all'; expected none, channels or gram

// q and k read the same rows: one result. The range of q's input is its own.
// LOWER-LABEL: func.func @dense
// LOWER-SAME: %[[X:.*]]: tensor<?x3x4xf32>
// LOWER-SAME: tensor<?x3x4xf32> {compress.observe = #compress.quantize_activation<storage = ui8>, nn.name = "observe:q.input"}
// LOWER-SAME: tensor<1x?x4xf32> {compress.observe = {layers = ["q", "k"], moments = "gram"}, nn.name = "observe:q.moments"}
// LOWER-NOT: observe:v
// LOWER-NOT: compress.observe %
// LOWER: %[[ROWS:.*]] = tensor.collapse_shape %[[X]] {{\[\[}}0, 1], [2]]
// LOWER: %[[MATRIX:.*]] = tensor.expand_shape %[[ROWS]]
// LOWER-NOT: tensor.expand_shape
// LOWER: return %{{.*}}, %{{.*}}, %{{.*}}, %[[X]], %[[MATRIX]] :

// INSERT-LABEL: func.func @dense
// INSERT: %[[INPUT:.*]] = compress.observe %arg0, "q.input" {compress.observe = #compress.quantize_activation<storage = ui8>}
// INSERT: %[[MOMENTS:.*]] = compress.observe %[[INPUT]], "q.moments" {compress.observe = {layers = ["q"], moments = "gram"}}
// INSERT: nn.linear %[[MOMENTS]]
// INSERT: compress.observe %arg0, "k.moments"
// INSERT-NOT: compress.observe %

// OTHER-NOT: observe

// MORE-LABEL: func.func @dense
// MORE: "q.input"
// MORE: "q.moments" {compress.observe = {layers = ["q"], moments = "gram"}}
// MORE: "k.moments" {compress.observe = {layers = ["k"], moments = "gram"}}
// MORE: "v.moments" {compress.observe = {layers = ["v"], moments = "channels", optional}}
// MORE-NOT: compress.observe %

// CHANNELS-LABEL: func.func @dense
// CHANNELS-SAME: {compress.observe = {layers = ["q", "k", "v"], moments = "gram"}
func.func @dense(%x: tensor<?x3x4xf32>) -> (tensor<?x3x2xf32>, tensor<?x3x2xf32>, tensor<?x3x2xf32>) {
  %w = arith.constant dense<0.5> : tensor<2x4xf32>
  %m = arith.constant dense<0.5> : tensor<4x2xf32>
  %q = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4, algorithm = gptq>,
      compress.activation = #compress.quantize_activation<storage = ui8>}
    : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("q")
  %k = nn.matmul %x, %m {compress.weight = #compress.quantize<storage = i4, algorithm = gptq>}
    : (tensor<?x3x4xf32>, tensor<4x2xf32>) -> tensor<?x3x2xf32> loc("k")
  %v = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4>}
    : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("v")
  return %q, %k, %v : tensor<?x3x2xf32>, tensor<?x3x2xf32>, tensor<?x3x2xf32>
}

// Same image and window: shared although the filters differ. Tables have no moments.
// CONV-LABEL: func.func @conv
// CONV-SAME: tensor<1x?x18xf32> {compress.observe = {layers = ["a", "b"], moments = "gram"}
// CONV-SAME: tensor<2x?x9xf32> {compress.observe = {layers = ["c"], moments = "gram"}
// CONV-NOT: layers = ["e"
// CONV: tensor.pad
// CONV: linalg.generic
// CONV: tensor.collapse_shape
func.func @conv(%x: tensor<?x2x5x5xf32>, %ids: tensor<?xi64>)
    -> (tensor<?x3x5x5xf32>, tensor<?x4x5x5xf32>, tensor<?x4x5x5xf32>, tensor<?x4xf32>) {
  %f = arith.constant dense<0.5> : tensor<3x2x3x3xf32>
  %g = arith.constant dense<0.5> : tensor<4x2x3x3xf32>
  %h = arith.constant dense<0.5> : tensor<4x1x3x3xf32>
  %t = arith.constant dense<0.5> : tensor<8x4xf32>
  %a = nn.conv2d %x, %f {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<?x2x5x5xf32>, tensor<3x2x3x3xf32>) -> tensor<?x3x5x5xf32> loc("a")
  %b = nn.conv2d %x, %g {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 1 : i64, layout = #nn.layout<nchw>} : (tensor<?x2x5x5xf32>, tensor<4x2x3x3xf32>) -> tensor<?x4x5x5xf32> loc("b")
  %c = nn.conv2d %x, %h {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 2 : i64, layout = #nn.layout<nchw>} : (tensor<?x2x5x5xf32>, tensor<4x1x3x3xf32>) -> tensor<?x4x5x5xf32> loc("c")
  %e = nn.embedding %ids, %t : (tensor<?xi64>, tensor<8x4xf32>) -> tensor<?x4xf32> loc("e")
  return %a, %b, %c, %e : tensor<?x3x5x5xf32>, tensor<?x4x5x5xf32>, tensor<?x4x5x5xf32>, tensor<?x4xf32>
}

// A stack of weights has no activation matrix: what is observed for no request of its own is left out.
// CONV-LABEL: func.func @stack
// CONV-SAME: -> tensor<2x3x5xf32> {
func.func @stack(%x: tensor<2x3x4xf32>) -> tensor<2x3x5xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4x5xf32>
  %y = nn.matmul %x, %w : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf32> loc("stack")
  return %y : tensor<2x3x5xf32>
}
