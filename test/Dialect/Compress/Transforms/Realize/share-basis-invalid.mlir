// RUN: condense-opt %s --compress-share-basis --split-input-file --verify-diagnostics

func.func @shapes(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x2xf32>) {
  %a = arith.constant dense<1.0> : tensor<4x4xf32>
  %b = arith.constant dense<1.0> : tensor<2x4xf32>
  %y = nn.linear %x, %a {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  // expected-error@+1 {{layer 'linear.1' has a weight of 'tensor<2x4xf32>' and cannot share a basis with layer 'linear.0' of 'tensor<4x4xf32>': name another group}}
  %z = nn.linear %x, %b {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y, %z : tensor<?x4xf32>, tensor<?x2xf32>
}

// -----

func.func @ranks(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %a = arith.constant dense<1.0> : tensor<4x4xf32>
  %b = arith.constant dense<2.0> : tensor<4x4xf32>
  %y = nn.linear %x, %a {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  // expected-error@+1 {{layer 'linear.1' asks for rank 2 in group 'g', but layer 'linear.0' for 1}}
  %z = nn.linear %x, %b {compress.weight = #compress.share<group = "g", rank = 2>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y, %z : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

func.func @first(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = arith.constant dense<1.0> : tensor<4x4xf32>
  %y = nn.linear %x, %a {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
func.func @second(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %b = arith.constant dense<2.0> : tensor<4x4xf32>
  // expected-error@+1 {{layer 'linear.1' and layer 'linear.0' are in different functions: name another group}}
  %z = nn.linear %x, %b {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}
