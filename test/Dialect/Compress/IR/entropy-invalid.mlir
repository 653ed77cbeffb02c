// RUN: condense-opt %s --split-input-file --verify-diagnostics

func.func @wide(%s: tensor<4xi8>, %o: tensor<1xi32>, %t: tensor<12xi8>) {
  // expected-error @below {{decodes to codes of at most 8 bits, found 'i16'}}
  %0 = compress.entropy_decode %s, %o, %t, huffman, 64 : (tensor<4xi8>, tensor<1xi32>, tensor<12xi8>) -> tensor<8xi16>
  return
}

// -----

func.func @dynamic(%s: tensor<4xi8>, %o: tensor<1xi32>, %t: tensor<12xi8>) {
  // expected-error @below {{requires a static shape with elements, found 'tensor<?xi8>'}}
  %0 = compress.entropy_decode %s, %o, %t, huffman, 64 : (tensor<4xi8>, tensor<1xi32>, tensor<12xi8>) -> tensor<?xi8>
  return
}

// -----

func.func @rank(%s: tensor<2x2xi8>, %o: tensor<1xi32>, %t: tensor<12xi8>) {
  // expected-error @below {{requires operands of rank 1 and static shape, found 'tensor<2x2xi8>'}}
  %0 = compress.entropy_decode %s, %o, %t, huffman, 64 : (tensor<2x2xi8>, tensor<1xi32>, tensor<12xi8>) -> tensor<8xi8>
  return
}

// -----

func.func @huffman_table(%s: tensor<4xi8>, %o: tensor<1xi32>, %t: tensor<11xi8>) {
  // expected-error @below {{coder huffman: expected a table of at least 12 bytes: 11 counts and the symbols, found 'tensor<11xi8>'}}
  %0 = compress.entropy_decode %s, %o, %t, huffman, 64 : (tensor<4xi8>, tensor<1xi32>, tensor<11xi8>) -> tensor<8xi8>
  return
}

// -----

func.func @rans_table(%s: tensor<4xi8>, %o: tensor<1xi32>, %t: tensor<11xi8>) {
  // expected-error @below {{coder rans: expected a table of 3 bytes for each symbol, found 'tensor<11xi8>'}}
  %0 = compress.entropy_decode %s, %o, %t, rans, 64 : (tensor<4xi8>, tensor<1xi32>, tensor<11xi8>) -> tensor<8xi8>
  return
}

// -----

func.func @run_length_table(%s: tensor<4xi8>, %o: tensor<1xi32>, %t: tensor<11xi8>) {
  // expected-error @below {{coder run_length: expected an empty table, found 'tensor<11xi8>'}}
  %0 = compress.entropy_decode %s, %o, %t, run_length, 64 : (tensor<4xi8>, tensor<1xi32>, tensor<11xi8>) -> tensor<8xi8>
  return
}

// -----

func.func @automatic(%s: tensor<4xi8>, %o: tensor<1xi32>, %t: tensor<11xi8>) {
  // expected-error @below {{coder automatic: expected huffman, rans or run_length, found}}
  %0 = compress.entropy_decode %s, %o, %t, automatic, 64 : (tensor<4xi8>, tensor<1xi32>, tensor<11xi8>) -> tensor<8xi8>
  return
}

// -----

func.func @block(%s: tensor<4xi8>, %o: tensor<1xi32>, %t: tensor<12xi8>) {
  // expected-error @below {{requires at least one symbol in a block, found 0}}
  %0 = compress.entropy_decode %s, %o, %t, huffman, 0 : (tensor<4xi8>, tensor<1xi32>, tensor<12xi8>) -> tensor<8xi8>
  return
}

// -----

func.func @offsets(%s: tensor<4xi8>, %o: tensor<1xi32>, %t: tensor<12xi8>) {
  // expected-error @below {{8 symbols in blocks of 3 have 3 offsets, found 'tensor<1xi32>'}}
  %0 = compress.entropy_decode %s, %o, %t, huffman, 3 : (tensor<4xi8>, tensor<1xi32>, tensor<12xi8>) -> tensor<8xi8>
  return
}

// -----

func.func @joined_to_f64(%p: tensor<4xi8>) {
  // expected-error @below {{joins to floats of 16 or 32 bits of static shape, found 'tensor<4xf64>'}}
  %0 = compress.join_planes %p, %p : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xf64>
  return
}

// -----

func.func @number_of_planes(%p: tensor<4xi8>) {
  // expected-error @below {{'f32' has 4 planes, found 2}}
  %0 = compress.join_planes %p, %p : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xf32>
  return
}

// -----

func.func @shape_of_planes(%p: tensor<4xi8>) {
  // expected-error @below {{planes must have the shape of the result, found 'tensor<4xi8>' and 'tensor<2x2xbf16>'}}
  %0 = compress.join_planes %p, %p : (tensor<4xi8>, tensor<4xi8>) -> tensor<2x2xbf16>
  return
}

// -----

func.func @uncountable(%s: tensor<4xi8>, %o: tensor<0xi32>, %t: tensor<12xi8>) {
  // expected-error @below {{requires a static shape with elements, found 'tensor<4294967296x4294967296xi4>'}}
  %0 = compress.entropy_decode %s, %o, %t, huffman, 64 : (tensor<4xi8>, tensor<0xi32>, tensor<12xi8>) -> tensor<4294967296x4294967296xi4>
  return
}
