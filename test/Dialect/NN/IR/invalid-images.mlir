// RUN: condense-opt %s --split-input-file --verify-diagnostics
// What the verifiers of this family refuse, one chunk per message.

func.func @avg_pool2d(%x: tensor<1x8x8x4xf32>) {
  // expected-error@+2 {{'nn.avg_pool2d' op requires ceil_pads within [0, 1073741824], found -1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.avg_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      ceil_pads = array<i64: 0, -1>, layout = #nn.layout<nhwc>} : tensor<1x8x8x4xf32> -> tensor<?x?x?x?xf32>
  return
}
