// RUN: condense-opt %s --compress-verify="requests=false" | FileCheck %s
// RUN: not condense-opt %s --compress-verify 2>&1 | FileCheck %s --check-prefix=LEFT
// RUN: sed 's/2.0, 0.0]/2.0, 5.0]/' %s | not condense-opt --compress-verify="requests=false" 2>&1 | FileCheck %s --check-prefix=BROKEN

// Between techniques, what is still requested is no error; a broken structure is.

// CHECK: compress.weight = #compress.quantize<storage = i8>
// LEFT: error: {{.*}}'nn.linear' op has a request that was not realized: #compress.quantize<storage = i8>
// BROKEN: error: {{.*}} layer 'fc' lost its structure #compress.structure<zeros = 4, n = 2, m = 4>
func.func @between(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 4.0]]> : tensor<2x4xf32>
  %y = nn.linear %x, %w {compress.structure = [#compress.structure<zeros = 4, n = 2, m = 4>],
      compress.weight = #compress.quantize<storage = i8>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32> loc("fc")
  return %y : tensor<?x2xf32>
}
