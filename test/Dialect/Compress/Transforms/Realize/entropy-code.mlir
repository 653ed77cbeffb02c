// RUN: condense-opt %s --compress-entropy-code --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-entropy-code --compress-entropy-code --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-entropy-code --split-input-file --remarks-filter=".*" 2>&1 | FileCheck %s --check-prefix=REMARK

// Packed codes: 0 and 1 by turns, a bit for each.
// REMARK: Function=fc1
// CHECK-LABEL: @codes
func.func @codes(%x: tensor<2x1000xf32>) -> tensor<2x5xf32> {
  // CHECK-DAG: %[[STREAM:.*]] = arith.constant dense_resource<fc1.weight.stream> : tensor<625xi8>
  // CHECK-DAG: %[[OFFSETS:.*]] = arith.constant dense<0> : tensor<1xi32>
  // CHECK-DAG: %[[TABLE:.*]] = arith.constant dense<[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]> : tensor<13xi8>
  // CHECK: %[[CODES:.*]] = compress.entropy_decode %[[STREAM]], %[[OFFSETS]], %[[TABLE]], huffman, 65536 : (tensor<625xi8>, tensor<1xi32>, tensor<13xi8>) -> tensor<5x1000xi4>
  // CHECK: %[[W:.*]] = compress.dequantize %[[CODES]]
  // CHECK: nn.linear %{{.*}}, %[[W]] :
  // CHECK-NOT: compress.unpack
  %bytes = arith.constant dense<16> : tensor<2500xi8>
  %scale = arith.constant dense<0.5> : tensor<1x1xf32>
  %codes = compress.unpack %bytes : tensor<2500xi8> -> tensor<5x1000xi4>
  %w = compress.dequantize %codes, %scale : (tensor<5x1000xi4>, tensor<1x1xf32>) -> tensor<5x1000xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.entropy_code<>} : (tensor<2x1000xf32>, tensor<5x1000xf32>) -> tensor<2x5xf32> loc("fc1")
  return %y : tensor<2x5xf32>
}

// -----

// An uncompressed weight that two layers share, coded once, in blocks of the size that was asked for.
// REMARK: Function=planes
// REMARK-SAME: bf16 plane 0: rans
// CHECK-LABEL: @shared_floats
func.func @shared_floats(%x: tensor<2x100xbf16>) -> (tensor<2x5xbf16>, tensor<2x5xbf16>) {
  // CHECK: compress.entropy_decode %{{.*}}, rans, 256 : (tensor<{{.*}}xi8>, tensor<2xi32>, tensor<3xi8>) -> tensor<5x100xi8>
  // CHECK: compress.entropy_decode
  // CHECK: %[[W:.*]] = compress.join_planes %{{.*}}, %{{.*}} : (tensor<5x100xi8>, tensor<5x100xi8>) -> tensor<5x100xbf16>
  // CHECK-NOT: compress.join_planes
  // CHECK: nn.linear %{{.*}}, %[[W]] :
  // CHECK: nn.linear %{{.*}}, %[[W]] :
  %w = arith.constant dense<1.0> : tensor<5x100xbf16>
  %y = nn.linear %x, %w {compress.weight = #compress.entropy_code<block = 256>} : (tensor<2x100xbf16>, tensor<5x100xbf16>) -> tensor<2x5xbf16> loc("planes")
  %z = nn.linear %x, %w : (tensor<2x100xbf16>, tensor<5x100xbf16>) -> tensor<2x5xbf16>
  return %y, %z : tensor<2x5xbf16>, tensor<2x5xbf16>
}

// -----

// One coder only; another request stays.
// REMARK: Function=wanted
// REMARK-SAME: run_length was asked for
// CHECK-LABEL: @wanted
func.func @wanted(%x: tensor<2x4096xf32>) -> tensor<2x1xf32> {
  // CHECK: compress.entropy_decode {{.*}}, run_length, 65536 : (tensor<17xi8>, tensor<1xi32>, tensor<0xi8>) -> tensor<1x4096xi8>
  // CHECK: compress.weight = #compress.prune
  %codes = arith.constant dense<0> : tensor<1x4096xi8>
  %scale = arith.constant dense<0.5> : tensor<1x1xf32>
  %w = compress.dequantize %codes, %scale : (tensor<1x4096xi8>, tensor<1x1xf32>) -> tensor<1x4096xf32>
  %y = nn.linear %x, %w {compress.weight = [#compress.entropy_code<coder = run_length>, #compress.prune<sparsity = 0.5>]} : (tensor<2x4096xf32>, tensor<1x4096xf32>) -> tensor<2x1xf32> loc("wanted")
  return %y : tensor<2x1xf32>
}

// -----

// REMARK: Function=small
// REMARK-SAME: too little would be saved
// REMARK: Function=floats
// REMARK-SAME: no leaf of codes or floats that could be coded
// REMARK: Function=double
// REMARK-SAME: no leaf of codes or floats that could be coded
// REMARK: Function=argument
// REMARK-SAME: no leaf of codes or floats that could be coded
// CHECK-LABEL: @left_alone
func.func @left_alone(%x: tensor<2x64xf32>, %d: tensor<2x64xf64>, %v: tensor<8x64xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf64>, tensor<2x8xf32>) {
  // CHECK-NOT: compress.entropy_decode
  // CHECK-NOT: compress.weight
  %s = arith.constant dense<0> : tensor<8x64xi2>
  %bytes = arith.constant dense<0> : tensor<128xi8>
  %scale = arith.constant dense<0.5> : tensor<1x1xf32>
  %codes = compress.unpack %bytes : tensor<128xi8> -> tensor<8x64xi2>
  %w = compress.dequantize %codes, %scale : (tensor<8x64xi2>, tensor<1x1xf32>) -> tensor<8x64xf32>
  %a = nn.linear %x, %w {compress.weight = #compress.entropy_code<coder = huffman>} : (tensor<2x64xf32>, tensor<8x64xf32>) -> tensor<2x8xf32> loc("small")
  %f = arith.constant dense<1.0> : tensor<8x64xf32>
  %b = nn.linear %x, %f {compress.weight = #compress.entropy_code<floats = false>} : (tensor<2x64xf32>, tensor<8x64xf32>) -> tensor<2x8xf32> loc("floats")
  %g = arith.constant dense<1.0> : tensor<8x64xf64>
  %c = nn.linear %d, %g {compress.weight = #compress.entropy_code<>} : (tensor<2x64xf64>, tensor<8x64xf64>) -> tensor<2x8xf64> loc("double")
  %e = nn.linear %x, %v {compress.weight = #compress.entropy_code<>} : (tensor<2x64xf32>, tensor<8x64xf32>) -> tensor<2x8xf32> loc("argument")
  return %a, %b, %c, %e : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf64>, tensor<2x8xf32>
}
