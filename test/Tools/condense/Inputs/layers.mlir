// Two layers with names.
func.func @main(%x: tensor<?x3xf32> {nn.name = "x"}) -> (tensor<?x3xf32> {nn.name = "y"}) {
  %w1 = arith.constant dense<[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]> : tensor<3x3xf32>
  %w2 = arith.constant dense<[[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]]> : tensor<3x3xf32>
  %0 = nn.linear %x, %w1 : (tensor<?x3xf32>, tensor<3x3xf32>) -> tensor<?x3xf32> loc("first")
  %1 = nn.relu %0 : tensor<?x3xf32>
  %2 = nn.linear %1, %w2 : (tensor<?x3xf32>, tensor<3x3xf32>) -> tensor<?x3xf32> loc("second")
  return %2 : tensor<?x3xf32>
}
