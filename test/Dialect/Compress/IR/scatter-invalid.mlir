// RUN: condense-opt %s --split-input-file --verify-diagnostics

func.func @scatter(%a: tensor<4x1xf32>, %b: tensor<8xi8>) {
  // expected-error@+1 {{'compress.scatter' op requires static shapes and values and positions of rank 1, found}}
  %r = compress.scatter %a, %b <format = bitmap> : (tensor<4x1xf32>, tensor<8xi8>) -> tensor<8x8xf32>
  return
}

// -----

func.func @scatter(%a: tensor<4xf16>, %b: tensor<8xi8>) {
  // expected-error@+1 {{values and result must have the same element type, found 'f16' and 'f32'}}
  %r = compress.scatter %a, %b <format = bitmap> : (tensor<4xf16>, tensor<8xi8>) -> tensor<8x8xf32>
  return
}

// -----

func.func @scatter(%a: tensor<4xf32>, %b: tensor<8xi8>) {
  // expected-error@+1 {{has 65536000000 blocks; more than 2^31 cannot be numbered}}
  %r = compress.scatter %a, %b <format = bitmap> : (tensor<4xf32>, tensor<8xi8>) -> tensor<65536x1000000xf32>
  return
}

// -----

func.func @scatter(%a: tensor<4xf32>, %b: tensor<8xi16>) {
  // expected-error@+1 {{positions must be of type i8, found 'i16'}}
  %r = compress.scatter %a, %b <format = bitmap> : (tensor<4xf32>, tensor<8xi16>) -> tensor<8x8xf32>
  return
}

// -----

func.func @scatter(%a: tensor<16xf32>, %b: tensor<16xui2>) {
  // expected-error@+1 {{positions must be of type ui3, found 'ui2'}}
  %r = compress.scatter %a, %b <format = n_m, n = 2, m = 8> : (tensor<16xf32>, tensor<16xui2>) -> tensor<8x8xf32>
  return
}

// -----

func.func @scatter(%a: tensor<4xf32>, %b: tensor<4xi8>) {
  // expected-error@+1 {{positions must be of type ui4 or ui8, found 'i8'}}
  %r = compress.scatter %a, %b <format = relative> : (tensor<4xf32>, tensor<4xi8>) -> tensor<8x8xf32>
  return
}

// -----

func.func @scatter(%a: tensor<4xf32>, %b: tensor<4xi8>) {
  // expected-error@+1 {{positions must be of type i16 or i32, found 'i8'}}
  %r = compress.scatter %a, %b <format = list> : (tensor<4xf32>, tensor<4xi8>) -> tensor<8x8xf32>
  return
}

// -----

func.func @scatter(%a: tensor<4xf32>, %b: tensor<4xi16>) {
  // expected-error@+1 {{positions must be of type i32, found 'i16'}}
  %r = compress.scatter %a, %b <format = list> : (tensor<4xf32>, tensor<4xi16>) -> tensor<257x256xf32>
  return
}

// -----

func.func @scatter(%a: tensor<65xf32>, %b: tensor<8xi8>) {
  // expected-error@+1 {{has 65 values for 64 elements}}
  %r = compress.scatter %a, %b <format = bitmap> : (tensor<65xf32>, tensor<8xi8>) -> tensor<8x8xf32>
  return
}

// -----

func.func @scatter(%a: tensor<7xf32>, %b: tensor<1xi8>) {
  // expected-error@+1 {{7 values are not whole blocks of 8}}
  %r = compress.scatter %a, %b <format = bitmap, block = [2, 4]> : (tensor<7xf32>, tensor<1xi8>) -> tensor<8x8xf32>
  return
}

// -----

func.func @scatter(%a: tensor<4xf32>, %b: tensor<7xi8>) {
  // expected-error@+1 {{a bitmap of 64 blocks takes 8 bytes, found 7}}
  %r = compress.scatter %a, %b <format = bitmap> : (tensor<4xf32>, tensor<7xi8>) -> tensor<8x8xf32>
  return
}

// -----

func.func @scatter(%a: tensor<39xf32>, %b: tensor<39xui2>) {
  // expected-error@+1 {{in groups of 2 of 4 has 40 values, found 39}}
  %r = compress.scatter %a, %b <format = n_m, n = 2, m = 4> : (tensor<39xf32>, tensor<39xui2>) -> tensor<8x9xf32>
  return
}

// -----

func.func @scatter(%a: tensor<4xf32>, %b: tensor<3xi16>) {
  // expected-error@+1 {{3 positions of blocks of 1 do not have 4 values}}
  %r = compress.scatter %a, %b <format = list> : (tensor<4xf32>, tensor<3xi16>) -> tensor<8x8xf32>
  return
}

// -----

func.func @scatter(%a: tensor<7xf32>, %b: tensor<1xi16>) {
  // expected-error@+1 {{1 positions of blocks of 6 do not have 7 values}}
  %r = compress.scatter %a, %b <format = list, block = [2, 3]> : (tensor<7xf32>, tensor<1xi16>) -> tensor<8x8xf32>
  return
}

// -----

func.func @uncountable(%a: tensor<0xf32>, %b: tensor<0xui16>) {
  // expected-error@+1 {{has more elements than can be counted: 'tensor<4294967296x4294967296xf32>'}}
  %r = compress.scatter %a, %b <format = list> : (tensor<0xf32>, tensor<0xui16>) -> tensor<4294967296x4294967296xf32>
  return
}
