// RUN: condense-opt %s --compress-fold-decoders --verify-diagnostics

func.func @damaged() -> tensor<5xi8> {
  %stream = arith.constant dense<[44, 3]> : tensor<2xi8>
  %offsets = arith.constant dense<[0]> : tensor<1xi32>
  %table = arith.constant dense<[1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 7]> : tensor<14xi8>
  // expected-error @below {{cannot be decoded: its constants are damaged, or do not belong together; compress the model again}}
  %codes = compress.entropy_decode %stream, %offsets, %table, huffman, 8 : (tensor<2xi8>, tensor<1xi32>, tensor<14xi8>) -> tensor<5xi8>
  return %codes : tensor<5xi8>
}
