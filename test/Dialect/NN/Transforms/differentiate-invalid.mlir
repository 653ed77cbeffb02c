// RUN: condense-opt %s --split-input-file --verify-diagnostics --nn-differentiate='wrt=w,1'

// expected-error@+1 {{has no function 'loss' to differentiate}}
module {
}

// -----

// expected-error@+1 {{its first result must be the loss, a tensor of one float}}
func.func @loss(%w: tensor<2xf32> {nn.name = "w"}, %x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}

// -----

// expected-error@+1 {{has no argument named "w"}}
func.func @loss(%x: tensor<2xf32>) -> tensor<f32> {
  %l = nn.reduce_sum %x {axes = array<i64: 0>} : tensor<2xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// expected-error@+1 {{cannot be differentiated: it has no argument 1}}
func.func @loss(%x: tensor<2xf32> {nn.name = "w"}) -> tensor<f32> {
  %l = nn.reduce_sum %x {axes = array<i64: 0>} : tensor<2xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// expected-error@+1 {{argument 1 is no tensor of floats but 'tensor<2xi32>'}}
func.func @loss(%x: tensor<2xf32> {nn.name = "w"}, %i: tensor<2xi32>) -> tensor<f32> {
  %l = nn.reduce_sum %x {axes = array<i64: 0>} : tensor<2xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// expected-error@+1 {{there is a function 'loss_gradient' already}}
func.func @loss(%x: tensor<2xf32> {nn.name = "w"}, %y: tensor<2xf32>) -> tensor<f32> {
  %l = nn.reduce_sum %x {axes = array<i64: 0>} : tensor<2xf32> -> tensor<f32>
  return %l : tensor<f32>
}
func.func private @loss_gradient(tensor<2xf32>) -> tensor<f32>

// -----

// expected-error@+1 {{cannot be differentiated: requires one block}}
func.func private @loss(tensor<2xf32> {nn.name = "w"}, tensor<2xf32>) -> tensor<f32>

// -----

func.func @loss(%x: tensor<2xf32> {nn.name = "w"}, %y: tensor<2xf32>) -> tensor<f32> {
  // expected-error@+1 {{'math.absf' op has no adjoint; what is trained must not pass through it}}
  %a = math.absf %x : tensor<2xf32>
  %l = nn.reduce_sum %a {axes = array<i64: 0>} : tensor<2xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

func.func @loss(%x: tensor<?x2xf32> {nn.name = "w"}, %y: tensor<?x2xf32>) -> tensor<f32> {
  // expected-error@+1 {{has no adjoint for parts whose size along the axis is unknown}}
  %a = nn.concat %x, %y {axis = 0 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %l = nn.reduce_sum %a {axes = array<i64: 0, 1>} : tensor<?x2xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

func.func @loss(%x: tensor<4x4x?xf32> {nn.name = "w"}, %y: tensor<3x?xf32>) -> tensor<f32> {
  // expected-error@+1 {{has no adjoint for features whose number is unknown}}
  %a = nn.linear %x, %y : (tensor<4x4x?xf32>, tensor<3x?xf32>) -> tensor<4x4x3xf32>
  %l = nn.reduce_sum %a {axes = array<i64: 0, 1, 2>} : tensor<4x4x3xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

func.func @loss(%x: tensor<?xf32> {nn.name = "w"}, %y: tensor<?xf32>) -> tensor<f32> {
  // expected-error@+1 {{has no adjoint for an image of unknown size in this mode}}
  %a = nn.pad %x {low = array<i64: 1>, high = array<i64: 0>, mode = #nn.pad_mode<edge>} : tensor<?xf32> -> tensor<?xf32>
  %l = nn.reduce_sum %a {axes = array<i64: 0>} : tensor<?xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// -----

func.func @loss(%x: tensor<?x?xf32> {nn.name = "w"}, %y: tensor<?xf32>) -> tensor<f32> {
  // expected-error@+1 {{has no adjoint for more than one unknown size or for nothing}}
  %a = nn.tile %x {repeats = array<i64: 1, 2>} : tensor<?x?xf32> -> tensor<?x?xf32>
  %l = nn.reduce_sum %a {axes = array<i64: 0, 1>} : tensor<?x?xf32> -> tensor<f32>
  return %l : tensor<f32>
}
