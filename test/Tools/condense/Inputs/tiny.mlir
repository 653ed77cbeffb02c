// A weight so small that scales would take more than they save.
func.func @main(%x: tensor<1x1xf32>) -> tensor<1x3xf32> {
  %w = arith.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf16>
  %0 = arith.extf %w : tensor<3x1xf16> to tensor<3x1xf32>
  %c = arith.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf32>
  %y = nn.linear %x, %c : (tensor<1x1xf32>, tensor<3x1xf32>) -> tensor<1x3xf32> loc("fc")
  return %y : tensor<1x3xf32>
}
