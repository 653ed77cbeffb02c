// A language model of 4 tokens that knows nothing.
func.func @main(%ids: tensor<1x2xi64>) -> tensor<1x2x4xf32> {
  %logits = arith.constant dense<1.0> : tensor<1x2x4xf32>
  return %logits : tensor<1x2x4xf32>
}
