// The second layer's output is infinite.
func.func @main(%x: tensor<?x4xf32> {nn.name = "features"}) -> tensor<?x3xf32> {
  %w1 = arith.constant dense<1.0e30> : tensor<9x4xf32>
  %w2 = arith.constant dense<1.0e30> : tensor<3x9xf32>
  %0 = nn.linear %x, %w1 : (tensor<?x4xf32>, tensor<9x4xf32>) -> tensor<?x9xf32> loc("hidden")
  %1 = nn.relu %0 : tensor<?x9xf32> loc("hidden")
  %2 = nn.linear %1, %w2 : (tensor<?x9xf32>, tensor<3x9xf32>) -> tensor<?x3xf32> loc("head")
  return %2 : tensor<?x3xf32>
}
