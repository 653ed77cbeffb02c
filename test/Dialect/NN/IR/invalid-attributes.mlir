// RUN: condense-opt %s --split-input-file --verify-diagnostics
// Where the attributes of the dialect may stand.

// expected-error@+1 {{attribute 'nn.name' must be a string, found 1 : i32}}
func.func @name_is_no_string(%x: tensor<3xf32> {nn.name = 1 : i32}) {
  return
}

// -----

// expected-error@+1 {{unknown attribute 'nn.nome', expected 'nn.name'}}
func.func @misspelt() -> (tensor<3xf32> {nn.nome = "x"}) {
  %0 = arith.constant dense<0.0> : tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

func.func @on_an_operation() {
  // expected-error@+1 {{attribute 'nn.name' belongs on an argument or result of a function}}
  %0 = arith.constant {nn.name = "x"} dense<0.0> : tensor<3xf32>
  return
}
