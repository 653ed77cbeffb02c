// RUN: %lower_nn %s | %run_main | FileCheck %s
// Rotary embedding of pairs (1, 3) and (2, 4) by different angles, and positions along a dimension.

func.func private @printMemrefF32(tensor<*xf32>)
func.func private @printMemrefI64(tensor<*xi64>)

func.func private @rotary(%x: tensor<?x2x4xf32>, %cos: tensor<2x4xf32>, %sin: tensor<2x1xf32>) -> tensor<?x2x4xf32> {
  %y = nn.rotary %x, %cos, %sin : (tensor<?x2x4xf32>, tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<?x2x4xf32>
  return %y : tensor<?x2x4xf32>
}

func.func private @iota(%x: tensor<2x?xf32>) -> tensor<?xi64> {
  %y = nn.iota %x {dim = 1 : i64} : tensor<2x?xf32> -> tensor<?xi64>
  return %y : tensor<?xi64>
}

func.func @main() {
  %x = arith.constant dense<[[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]]> : tensor<1x2x4xf32>
  %cos = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, 1.0]]> : tensor<2x4xf32>
  %sin = arith.constant dense<[[10.0], [-1.0]]> : tensor<2x1xf32>
  %d = tensor.cast %x : tensor<1x2x4xf32> to tensor<?x2x4xf32>
  %y = call @rotary(%d, %cos, %sin) : (tensor<?x2x4xf32>, tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<?x2x4xf32>
  %u = tensor.cast %y : tensor<?x2x4xf32> to tensor<*xf32>
  // l cos - h sin, h cos + l sin
  // CHECK: -29, -36, 19, 36
  // CHECK: 7, 14, -5, 2
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  %r = arith.constant dense<0.0> : tensor<2x3xf32>
  %rd = tensor.cast %r : tensor<2x3xf32> to tensor<2x?xf32>
  %i = call @iota(%rd) : (tensor<2x?xf32>) -> tensor<?xi64>
  %iu = tensor.cast %i : tensor<?xi64> to tensor<*xi64>
  // CHECK: [0, 1, 2]
  call @printMemrefI64(%iu) : (tensor<*xi64>) -> ()
  return
}
