func.func @main(%x: tensor<1x4xf32>) -> (tensor<1x3xf32>, tensor<1x3xf32>) {
  %v = arith.constant dense<[[1.0, 2.0, -0.5, 0.0], [448.0, 0.001953125, 3.5, 1.0], [0.0, 1.0, -2.0, 4.0]]> : tensor<3x4xf8E4M3FN>
  %w = arith.constant dense<[[1.0, 2.0, -0.5, 0.0], [57344.0, 0.0000152587890625, 3.5, 1.0], [0.0, 1.0, -2.0, 4.0]]> : tensor<3x4xf8E5M2>
  %a = nn.cast %v to f32 : tensor<3x4xf8E4M3FN> -> tensor<3x4xf32>
  %b = nn.cast %w to f32 : tensor<3x4xf8E5M2> -> tensor<3x4xf32>
  %0 = nn.linear %x, %a : (tensor<1x4xf32>, tensor<3x4xf32>) -> tensor<1x3xf32>
  %1 = nn.linear %x, %b : (tensor<1x4xf32>, tensor<3x4xf32>) -> tensor<1x3xf32>
  return %0, %1 : tensor<1x3xf32>, tensor<1x3xf32>
}
