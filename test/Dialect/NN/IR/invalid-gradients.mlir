// RUN: condense-opt %s --split-input-file --verify-diagnostics
// What the operations of adjoints refuse, one chunk per message.

func.func @f(%x: tensor<3xf32>, %l: tensor<4xf32>) {
  // expected-error@+2 {{cannot broadcast [4] with [3]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.broadcast_like %x, %l : (tensor<3xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>, %l: tensor<4xf32>) {
  // expected-error@+2 {{requires [2, 4] to broadcast to [4]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.broadcast_like %x, %l : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %l: tensor<2x4xf32>) {
  // expected-error@+2 {{requires [2, 4] to broadcast to [4]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.sum_like %x, %l : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<5xf32>, %l: tensor<2x3xf32>) {
  // expected-error@+2 {{cannot reshape [5] to [2, 3]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reshape_like %x, %l : (tensor<5xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%dy: tensor<1x7x7x8xf32>, %w: tensor<8x3x3x4xf32>, %x: tensor<1x8x8x4xf32>) {
  // expected-error@+2 {{requires an adjoint of type 'tensor<1x6x6x8xf32>', found 'tensor<1x7x7x8xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.conv2d_input_gradient %dy, %w, %x {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64, layout = #nn.layout<nhwc>}
      : (tensor<1x7x7x8xf32>, tensor<8x3x3x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @f(%dy: tensor<1x6x6x8xf32>, %w: tensor<8x3x3x5xf32>, %x: tensor<1x8x8x4xf32>) {
  // expected-error@+2 {{requires a filter of the image's 4 channels / 1 groups, found 5}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.conv2d_filter_gradient %dy, %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64, layout = #nn.layout<nhwc>}
      : (tensor<1x6x6x8xf32>, tensor<1x8x8x4xf32>, tensor<8x3x3x5xf32>) -> tensor<8x3x3x5xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>, %s: tensor<5xf32>) {
  // expected-error@+2 {{requires vectors of shape [4], found [5]}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %m, %v = nn.batch_norm_training %x, %s, %s {axis = 1 : i64, epsilon = 1.0e-5 : f64}
      : (tensor<?x4xf32>, tensor<5xf32>, tensor<5xf32>) -> (tensor<?x4xf32>, tensor<5xf32>, tensor<5xf32>)
  return
}

// -----

func.func @f(%dy: tensor<2x3xf32>, %i: tensor<2xi64>, %t: tensor<5x4xf32>) {
  // expected-error@+2 {{requires an adjoint of type 'tensor<2x4xf32>', found 'tensor<2x3xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.gather_gradient %dy, %i, %t {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2xi64>, tensor<5x4xf32>) -> tensor<5x4xf32>
  return
}
