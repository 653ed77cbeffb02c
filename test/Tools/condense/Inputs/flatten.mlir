// An image [1, channels, height, width], and the same as scores.
func.func @main(%x: tensor<1x3x1x2xf32>) -> (tensor<1x3x1x2xf32>, tensor<1x6xf32>) {
  %y = tensor.collapse_shape %x [[0], [1, 2, 3]] : tensor<1x3x1x2xf32> into tensor<1x6xf32>
  return %x, %y : tensor<1x3x1x2xf32>, tensor<1x6xf32>
}
