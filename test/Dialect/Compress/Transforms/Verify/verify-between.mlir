// RUN: condense-opt %s --compress-verify="requests=false" --mlir-pass-statistics 2>&1 | FileCheck %s
// RUN: not condense-opt %s --compress-verify 2>&1 | FileCheck %s --check-prefix=LEFT

// Between techniques, what is still requested is no error.

// CHECK-DAG: compress.weight = #compress.quantize<storage = i8>
// CHECK-DAG: (S) 1 structures
// LEFT: error: 'nn.linear' op has a request that was not realized: #compress.quantize<storage = i8>
func.func @between(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 4.0]]> : tensor<2x4xf32>
  %y = nn.linear %x, %w {compress.structure = [#compress.structure<zeros = 4, n = 2, m = 4>],
      compress.weight = #compress.quantize<storage = i8>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32> loc("fc")
  return %y : tensor<?x2xf32>
}
