// Two inputs, and two outputs whose names become the same file name.
func.func @main(%x: tensor<?x2xf32> {nn.name = "x"}, %y: tensor<?x2xf32> {nn.name = "y"})
    -> (tensor<?x2xf32> {nn.name = "a/diff:0"}, tensor<?x2xf32> {nn.name = "a_diff_0"}) {
  %d = nn.sub %x, %y : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %s = nn.add %x, %y : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %d, %s : tensor<?x2xf32>, tensor<?x2xf32>
}
