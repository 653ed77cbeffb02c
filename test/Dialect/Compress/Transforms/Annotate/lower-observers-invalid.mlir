// RUN: condense-opt %s --compress-lower-observers --split-input-file --verify-diagnostics

// expected-error@+1 {{cannot return observed activations: requires a single block}}
func.func @blocks(%x: tensor<1xf32>, %c: i1) -> tensor<1xf32> {
  %y = compress.observe %x, "a" : tensor<1xf32>
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  return %y : tensor<1xf32>
^bb2:
  return %x : tensor<1xf32>
}

// -----

func.func @nested(%x: tensor<1xf32>, %c: i1) -> tensor<1xf32> {
  %r = scf.if %c -> tensor<1xf32> {
    // expected-error@+1 {{cannot be returned: it lies in a nested region}}
    %y = compress.observe %x, "a" : tensor<1xf32>
    scf.yield %y : tensor<1xf32>
  } else {
    scf.yield %x : tensor<1xf32>
  }
  return %r : tensor<1xf32>
}

// -----

func.func @no_layer(%x: tensor<1xf32>) -> tensor<1xf32> {
  // expected-error@+1 {{asks for the moments of a layer, but no layer reads it}}
  %y = compress.observe %x, "a" {compress.observe = {layers = ["a"], moments = "gram"}} : tensor<1xf32>
  return %y : tensor<1xf32>
}

// -----

func.func @stack(%x: tensor<2x3x4xf32>) -> tensor<2x3x5xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4x5xf32>
  %o = compress.observe %x, "a.moments" {compress.observe = {layers = ["a"], moments = "gram"}} : tensor<2x3x4xf32>
  // expected-error@+1 {{'a.moments': the rows that its weight multiplies are not known for this operation}}
  %y = nn.matmul %o, %w : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf32>
  return %y : tensor<2x3x5xf32>
}
