// A layer of floats and a table of token ids: two inputs, of which one takes integers.
func.func @main(%x: tensor<?x4xf32> {nn.name = "x"}, %ids: tensor<?xi64> {nn.name = "ids"})
    -> (tensor<?x2xf32> {nn.name = "y"}) {
  %table = arith.constant dense<[[0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]]> : tensor<2x4xf32>
  %w = arith.constant dense<[[1.0, 0.5, 0.25, -1.0], [0.5, -0.5, 1.0, 0.125]]> : tensor<2x4xf32>
  %e = nn.embedding %ids, %table : (tensor<?xi64>, tensor<2x4xf32>) -> tensor<?x4xf32>
  %s = nn.add %x, %e : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = nn.linear %s, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32> loc("fc")
  return %y : tensor<?x2xf32>
}
