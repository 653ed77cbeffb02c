// RUN: condense-opt %s --split-input-file --verify-diagnostics
// What the verifiers of this family refuse, one chunk per message.

func.func @rank(%q: tensor<2x3x8xf32>) {
  // expected-error@+2 {{'nn.attention' op requires [batch, position, head, depth], found [2, 3, 8], [2, 3, 8] and [2, 3, 8]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %q, %q {scale = 1.0 : f64} : (tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  return
}

// -----

func.func @lengths(%q: tensor<2x3x4x8xf32>, %v: tensor<2x5x4x8xf32>) {
  // expected-error@+2 {{'nn.attention' op requires one batch, and as many values as keys, found [2, 3, 4, 8], [2, 3, 4, 8] and [2, 5, 4, 8]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %q, %v {scale = 1.0 : f64} : (tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>, tensor<2x5x4x8xf32>) -> tensor<2x3x4x8xf32>
  return
}

// -----

func.func @depth(%q: tensor<2x3x4x8xf32>, %k: tensor<2x3x4x6xf32>) {
  // expected-error@+2 {{'nn.attention' op requires queries and keys of one depth, found [2, 3, 4, 8], [2, 3, 4, 6] and [2, 3, 4, 6]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %k {scale = 1.0 : f64} : (tensor<2x3x4x8xf32>, tensor<2x3x4x6xf32>, tensor<2x3x4x6xf32>) -> tensor<2x3x4x6xf32>
  return
}

// -----

func.func @heads(%q: tensor<2x3x4x8xf32>, %k: tensor<2x3x3x8xf32>) {
  // expected-error@+2 {{'nn.attention' op requires known numbers of heads, the queries' a multiple of the others', found [2, 3, 4, 8], [2, 3, 3, 8] and [2, 3, 3, 8]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %k {scale = 1.0 : f64} : (tensor<2x3x4x8xf32>, tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>) -> tensor<2x3x4x8xf32>
  return
}

// -----

func.func @mask_type(%q: tensor<2x3x4x8xf32>, %m: tensor<3x3xi8>) {
  // expected-error@+2 {{'nn.attention' op requires a mask of booleans or of element type 'f32', found 'i8'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %q, %q, %m {scale = 1.0 : f64} : (tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>, tensor<3x3xi8>) -> tensor<2x3x4x8xf32>
  return
}

// -----

func.func @mask_shape(%q: tensor<2x3x4x8xf32>, %m: tensor<5x3xf32>) {
  // expected-error@+2 {{'nn.attention' op cannot broadcast [2, 4, 3, 3] with [5, 3]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %q, %q, %m {scale = 1.0 : f64} : (tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>, tensor<5x3xf32>) -> tensor<2x3x4x8xf32>
  return
}

// -----

func.func @mask_enlarges(%q: tensor<1x3x4x8xf32>, %m: tensor<2x1x1x3xf32>) {
  // expected-error@+2 {{'nn.attention' op requires a mask that broadcasts to [1, 4, 3, 3], found [2, 1, 1, 3]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %q, %q, %m {scale = 1.0 : f64} : (tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>, tensor<2x1x1x3xf32>) -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @odd(%x: tensor<2x3x5xf32>, %a: tensor<3x5xf32>) {
  // expected-error@+2 {{'nn.rotary' op requires a last dimension of known even size, found [2, 3, 5]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.rotary %x, %a, %a : (tensor<2x3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<2x3x5xf32>
  return
}

// -----

func.func @angles(%x: tensor<1x3x6xf32>, %a: tensor<2x3x6xf32>) {
  // expected-error@+2 {{'nn.rotary' op requires angles that broadcast to [1, 3, 6], found [2, 3, 6]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.rotary %x, %a, %a : (tensor<1x3x6xf32>, tensor<2x3x6xf32>, tensor<2x3x6xf32>) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @dimension(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{'nn.iota' op requires an axis in [0, 2), found 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.iota %x {dim = 2 : i64} : tensor<2x3xf32> -> tensor<?xi64>
  return
}
