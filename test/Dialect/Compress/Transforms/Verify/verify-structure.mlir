// RUN: condense-opt %s --compress-verify --split-input-file --verify-diagnostics

// What is declared holds.
func.func @kept(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 1.0, 0.0, -0.0]]> : tensor<2x4xf32>
  %y = nn.linear %x, %w {compress.structure = [#compress.structure<zeros = 5, n = 2, m = 4>, #compress.structure<values = 3>]} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @density(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>
  // expected-error@+1 {{layer 'linear.0' lost its structure #compress.structure<zeros = 6>: 5 elements are zero, not 6}}
  %y = nn.linear %x, %w {compress.structure = [#compress.structure<zeros = 6>]} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// The rows of the matrix view are the columns of this weight.
func.func @groups(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 1.0]]> : tensor<4x2xf32>
  // expected-error@+1 {{layer 'matmul.0' lost its structure #compress.structure<n = 2, m = 4>: row 1 has more than 2 of 4 elements that are not zero from column 0 on}}
  %y = nn.matmul %x, %w {compress.structure = [#compress.structure<n = 2, m = 4>]} : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @blocks(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<[[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]> : tensor<3x3xf32>
  // expected-error@+1 {{lost its structure #compress.structure<zeros = 4, block = [2, 2]>: 3 elements are zero in whole blocks, not 4}}
  %y = nn.linear %x, %w {compress.structure = [#compress.structure<zeros = 4, block = [2, 2]>]} : (tensor<?x3xf32>, tensor<3x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

func.func @values(%x: tensor<?x4xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 3.0, 2.0]]> : tensor<1x4xf32>
  // expected-error@+1 {{lost its structure #compress.structure<values = 3>: it has 4 different values, not 3}}
  %y = nn.linear %x, %w {compress.structure = [#compress.structure<values = 3>]} : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

func.func @no_constant(%x: tensor<?x4xf32>, %w: tensor<1x4xf32>) -> tensor<?x1xf32> {
  // expected-error@+1 {{layer 'linear.0' declares a structure, but its weight cannot be evaluated}}
  %y = nn.linear %x, %w {compress.structure = [#compress.structure<zeros = 3>]} : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

func.func @no_array(%x: tensor<?x4xf32>, %w: tensor<1x4xf32>) -> tensor<?x1xf32> {
  // expected-error@+1 {{compress.structure must be an array of #compress.structure}}
  %y = nn.linear %x, %w {compress.structure = "sparse"} : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

func.func @bitmap(%v: tensor<3xf32>) -> tensor<2x4xf32> {
  %bits = arith.constant dense<[0x0f]> : tensor<1xi8>
  // expected-error@+1 {{positions are wrong: the positions are those of 4 values, found 3}}
  %w = compress.scatter %v, %bits <format = bitmap> : (tensor<3xf32>, tensor<1xi8>) -> tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

func.func @list(%v: tensor<3xf32>) -> tensor<2x4xf32> {
  %places = arith.constant dense<[1, 7, 8]> : tensor<3xi16>
  // expected-error@+1 {{positions are wrong: position 2 is 8, out of range for 8 units}}
  %w = compress.scatter %v, %places <format = list> : (tensor<3xf32>, tensor<3xi16>) -> tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

// Indices are unsigned.
func.func @negative(%v: tensor<2xf32>) -> tensor<2x4xf32> {
  %places = arith.constant dense<[-1, 7]> : tensor<2xi16>
  // expected-error@+1 {{positions are wrong: position 0 is 65535, out of range for 8 units}}
  %w = compress.scatter %v, %places <format = list> : (tensor<2xf32>, tensor<2xi16>) -> tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

func.func @descending(%v: tensor<4xf32>) -> tensor<2x4xf32> {
  %bytes = arith.constant dense<[0xb1]> : tensor<1xi8>
  %places = compress.unpack %bytes : tensor<1xi8> -> tensor<4xui2>
  // expected-error@+1 {{positions are wrong: index 1 is 0, which is not ascending in a group of 4 units}}
  %w = compress.scatter %v, %places <format = n_m, n = 2, m = 4> : (tensor<4xf32>, tensor<4xui2>) -> tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

func.func @far(%v: tensor<2xf32>) -> tensor<2x4xf32> {
  %bytes = arith.constant dense<[0x62]> : tensor<1xi8>
  %gaps = compress.unpack %bytes : tensor<1xi8> -> tensor<2xui4>
  // expected-error@+1 {{positions are wrong: position 1 is 9, out of range for 8 units}}
  %w = compress.scatter %v, %gaps <format = relative> : (tensor<2xf32>, tensor<2xui4>) -> tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

func.func @missing(%v: tensor<40xf32>) -> tensor<10x40xf32> {
  %bits = arith.constant dense_resource<absent> : tensor<50xi8>
  // expected-error@+1 {{positions cannot be evaluated: their data is missing or damaged}}
  %w = compress.scatter %v, %bits <format = bitmap> : (tensor<40xf32>, tensor<50xi8>) -> tensor<10x40xf32>
  return %w : tensor<10x40xf32>
}
