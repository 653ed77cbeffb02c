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
