// RUN: condense-opt %s --compress-annotate="scheme='#compress.prune<n = 2, m = 4>'" | FileCheck %s
// A weight that is compressed already gets the request; the pass says what it cannot do with it.
// CHECK-LABEL: @compressed
func.func @compressed(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %codes = arith.constant dense<1> : tensor<2x8xi8>
  %scales = arith.constant dense<1.0> : tensor<2x1xf16>
  %w = compress.dequantize %codes, %scales : (tensor<2x8xi8>, tensor<2x1xf16>) -> tensor<2x8xf32>
  // CHECK: nn.linear {{.*}} {compress.weight = #compress.prune<n = 2, m = 4>}
  %y = nn.linear %x, %w : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
