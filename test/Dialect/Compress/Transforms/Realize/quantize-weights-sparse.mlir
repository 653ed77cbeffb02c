// RUN: python3 %S/Inputs/write-statistics.py %t.json gptq=1x8:same odd=1x5:same
// RUN: condense-opt %s --compress-quantize-weights="statistics=%t.json" --compress-verify --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-quantize-weights="statistics=%t.json" --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Positions stay as they are; the scale of a row is that of its largest element, 7 and 3.5.
// REMARK: Function=nearest | BytesAfter=8, BytesBefore=18
// CHECK-LABEL: @bitmap
// CHECK-DAG: %[[POSITIONS:.*]] = arith.constant dense<[9, 66]> : tensor<2xi8>
// CHECK-DAG: %[[BYTES:.*]] = arith.constant dense<[-105, 39]> : tensor<2xi8>
// CHECK: %[[CODES:.*]] = compress.unpack %[[BYTES]] : tensor<2xi8> -> tensor<4xi4>
// CHECK: %[[SCATTERED:.*]] = compress.scatter %[[CODES]], %[[POSITIONS]] <format = bitmap> : (tensor<4xi4>, tensor<2xi8>) -> tensor<2x8xi4>
// CHECK: %[[SCALES:.*]] = arith.constant dense<{{\[\[}}1.000000e+00], [5.000000e-01]]> : tensor<2x1xf16>
// CHECK: %[[W:.*]] = compress.dequantize %[[SCATTERED]], %[[SCALES]]
// CHECK: nn.linear %arg0, %[[W]]
func.func @bitmap(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %p = arith.constant dense<[9, 66]> : tensor<2xi8>
  %v = arith.constant dense<[7.0, -7.0, 3.5, 1.0]> : tensor<4xf32>
  %w = compress.scatter %v, %p <format = bitmap> : (tensor<4xf32>, tensor<2xi8>) -> tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("nearest")
  return %y : tensor<?x2xf32>
}

// -----

// What is lost goes to elements that are stored, never to zeros: 127, four times 0.4 at odd columns.
// CHECK-LABEL: @gptq
// CHECK: arith.constant dense<[127, 0, 0, 1, 1]> : tensor<5xi8>
// CHECK: compress.scatter %{{.*}} <format = bitmap> : (tensor<5xi8>, tensor<1xi8>) -> tensor<1x8xi8>
func.func @gptq(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %p = arith.constant dense<[171]> : tensor<1xi8>
  %v = arith.constant dense<[127.0, 0.4, 0.4, 0.4, 0.4]> : tensor<5xf32>
  %w = compress.scatter %v, %p <format = bitmap> : (tensor<5xf32>, tensor<1xi8>) -> tensor<1x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, scale = f32, algorithm = gptq>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("gptq")
  return %y : tensor<?x1xf32>
}

// -----

// Blocks that reach over the edge, behind a transpose; squant would need places for the codes that it adds.
// CHECK-LABEL: @blocks
// CHECK: compress.scatter %{{.*}}, %{{.*}} <format = list, block = [2, 2]> : (tensor<6xi4>, tensor<2xi16>) -> tensor<5x3xi4>
// CHECK: compress.dequantize %{{.*}} : (tensor<5x3xi4>, tensor<1x3xf16>) -> tensor<5x3xf32>
func.func @blocks(%x: tensor<?x5xf32>) -> tensor<?x3xf32> {
  %p = arith.constant dense<[0, 3]> : tensor<2xi16>
  %v = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]> : tensor<6xf32>
  %w = compress.scatter %v, %p <format = list, block = [2, 2]> : (tensor<6xf32>, tensor<2xi16>) -> tensor<5x3xf32>
  %t = nn.transpose %w {permutation = array<i64: 1, 0>} : tensor<5x3xf32> -> tensor<3x5xf32>
  %y = nn.linear %x, %t {compress.weight = #compress.quantize<storage = i4, algorithm = squant>} : (tensor<?x5xf32>, tensor<3x5xf32>) -> tensor<?x3xf32> loc("odd")
  return %y : tensor<?x3xf32>
}

// -----

// REMARK: [Missed] quantize-weights | Category:compress | Function=linear.0 | Reason="a pruned weight needs signed or float codes, so that zero stays zero"
// CHECK-LABEL: @unsigned
// CHECK-NOT: dequantize
func.func @unsigned(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %p = arith.constant dense<[7]> : tensor<1xi8>
  %v = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %w = compress.scatter %v, %p <format = bitmap> : (tensor<3xf32>, tensor<1xi8>) -> tensor<1x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = ui4>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
