// Three classes from four features, with a hidden layer.
func.func @main(%x: tensor<?x4xf32> {nn.name = "features"}) -> (tensor<?x3xf32> {nn.name = "scores"}) {
  %w1 = arith.constant dense<0.1> : tensor<9x4xf32>
  %b1 = arith.constant dense<0.0> : tensor<9xf32>
  %w2 = arith.constant dense<0.1> : tensor<3x9xf32>
  %b2 = arith.constant dense<0.0> : tensor<3xf32>
  %0 = nn.linear %x, %w1, %b1 : (tensor<?x4xf32>, tensor<9x4xf32>, tensor<9xf32>) -> tensor<?x9xf32> loc("hidden")
  %1 = nn.relu %0 : tensor<?x9xf32> loc("hidden")
  %2 = nn.linear %1, %w2, %b2 : (tensor<?x9xf32>, tensor<3x9xf32>, tensor<3xf32>) -> tensor<?x3xf32> loc("head")
  return %2 : tensor<?x3xf32>
}
