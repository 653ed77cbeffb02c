// RUN: condense-opt %s --compress-prune-weights --compress-verify --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-prune-weights --compress-prune-weights --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-prune-weights --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] prune-weights | Category:compress | Function=linear.0 | BytesAfter=26, BytesBefore=48, Details="50.0% pruned by magnitude; positions: bitmap (bytes with values: bitmap 26, relative index of 4 bits 27, relative index of 8 bits 30, list of 16 bits 36, list of 32 bits 48)", RelativeError=
// CHECK-LABEL: @half
func.func @half(%x: tensor<?x6xf32>) -> tensor<?x2xf32> {
  // CHECK-DAG: %[[VALUES:.*]] = arith.constant dense<[9.000000e+00, -7.000000e+00, 8.000000e+00, -9.000000e+00, 1.000000e+01, 5.000000e+00]> : tensor<6xf32>
  // CHECK-DAG: %[[BITS:.*]] = arith.constant dense<[-27, 8]> : tensor<2xi8>
  %w = arith.constant dense<[[9.0, 1.0, -7.0, 2.0, 0.5, 8.0], [-9.0, 10.0, 0.0, 0.1, 3.0, 5.0]]> : tensor<2x6xf32>
  // CHECK: %[[W:.*]] = compress.scatter %[[VALUES]], %[[BITS]] <format = bitmap> {compress.relative_error = {{.*}}} : (tensor<6xf32>, tensor<2xi8>) -> tensor<2x6xf32>
  // CHECK: nn.linear %{{.*}}, %[[W]] {compress.structure = [#compress.structure<zeros = 6>]}
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64>} : (tensor<?x6xf32>, tensor<2x6xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Of the second row only as much as of the first.
// CHECK-LABEL: @rows
func.func @rows(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  // CHECK-DAG: dense<[3.000000e+00, 4.000000e+00, 3.000000e+01, 4.000000e+01]> : tensor<4xf32>
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]]> : tensor<2x4xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64, scope = row>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// One threshold: 5 of 16 elements stay.
// CHECK-LABEL: @global
func.func @global(%x: tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32>
  %v = arith.constant dense<[[10.0, 20.0, 3.0, 0.4], [0.5, 60.0, 0.7, 0.8]]> : tensor<2x4xf32>
  // CHECK: nn.linear {{.*}} {compress.structure = [#compress.structure<zeros = 6>]}
  %a = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.7 : f64, scope = global>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  // CHECK: nn.linear {{.*}} {compress.structure = [#compress.structure<zeros = 5>]}
  %b = nn.linear %x, %v {compress.weight = #compress.prune<sparsity = 0.7 : f64, scope = global>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %a, %b : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// The rows of the weight are its second dimension: scattered to the transposed tensor.
// REMARK: positions: 2:4 indices (bytes with values: 2:4 indices 34, bitmap 34,
// CHECK-LABEL: @columns_of_matmul
func.func @columns_of_matmul(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  // CHECK-DAG: %[[VALUES:.*]] = arith.constant dense<[3.000000e+00, 4.000000e+00, 7.000000e+00, 8.000000e+00, 8.000000e+01, 7.000000e+01, 4.000000e+01, 3.000000e+01]> : tensor<8xf32>
  // CHECK-DAG: %[[BYTES:.*]] = arith.constant dense<[-18, 68]> : tensor<2xi8>
  %w = arith.constant dense<[[1.0, 80.0], [2.0, 70.0], [3.0, 60.0], [4.0, 50.0], [5.0, 40.0], [6.0, 30.0], [7.0, 20.0], [8.0, 10.0]]> : tensor<8x2xf32>
  // CHECK: %[[PLACES:.*]] = compress.unpack %[[BYTES]] : tensor<2xi8> -> tensor<8xui2>
  // CHECK: %[[S:.*]] = compress.scatter %[[VALUES]], %[[PLACES]] <format = n_m, n = 2, m = 4> : (tensor<8xf32>, tensor<8xui2>) -> tensor<2x8xf32>
  // CHECK: %[[W:.*]] = nn.transpose %[[S]] {{.*}} : tensor<2x8xf32> -> tensor<8x2xf32>
  // CHECK: nn.matmul %{{.*}}, %[[W]] {compress.structure = [#compress.structure<zeros = 8, n = 2, m = 4>]}
  %y = nn.matmul %x, %w {compress.weight = #compress.prune<n = 2, m = 4>} : (tensor<?x8xf32>, tensor<8x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Blocks at the edge are smaller; the format that is asked for.
// CHECK-LABEL: @blocks
func.func @blocks(%x: tensor<?x5xf32>) -> tensor<?x3xf32> {
  // CHECK-DAG: dense<[1.000000e+00, 2.000000e+00, 6.000000e+00, 7.000000e+00, 1.500000e+01]> : tensor<5xf32>
  // CHECK-DAG: dense<[0, 5]> : tensor<2xi16>
  %w = arith.constant dense<[[1.0, 2.0, 0.1, 0.1, 0.1], [6.0, 7.0, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1, 15.0]]> : tensor<3x5xf32>
  // CHECK: compress.scatter {{.*}} <format = list, block = [2, 2]> {{.*}} : (tensor<5xf32>, tensor<2xi16>) -> tensor<3x5xf32>
  // CHECK: {compress.structure = [#compress.structure<zeros = 10, block = [2, 2]>]}
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.67 : f64, block = [2, 2], positions = list>} : (tensor<?x5xf32>, tensor<3x5xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// Codes are dropped, scales stay.
// CHECK-LABEL: @quantized
func.func @quantized(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  // CHECK-DAG: %[[SCALES:.*]] = arith.constant dense<{{\[\[}}1.000000e+00], [1.000000e+01]]> : tensor<2x1xf16>
  // CHECK-DAG: %[[CODES:.*]] = arith.constant dense<[7, 8, 1, 2, 3, 4, 5, 6]> : tensor<8xi8>
  %codes = arith.constant dense<[[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 0, 0]]> : tensor<2x8xi8>
  %scales = arith.constant dense<[[1.0], [10.0]]> : tensor<2x1xf16>
  %w = compress.dequantize %codes, %scales : (tensor<2x8xi8>, tensor<2x1xf16>) -> tensor<2x8xf32>
  // CHECK: %[[S:.*]] = compress.scatter %[[CODES]], %{{.*}} <format = bitmap> : (tensor<8xi8>, tensor<2xi8>) -> tensor<2x8xi8>
  // CHECK: compress.dequantize %[[S]], %[[SCALES]] {{.*}} : (tensor<2x8xi8>, tensor<2x1xf16>) -> tensor<2x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// What was pruned is pruned further; both factors of a product are pruned.
// CHECK-LABEL: @pruned_and_factorized
func.func @pruned_and_factorized(%x: tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x8xf32>) {
  %values = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>
  %bits = arith.constant dense<[0x0f, 0xf0]> : tensor<2xi8>
  %w = compress.scatter %values, %bits <format = bitmap> : (tensor<8xf32>, tensor<2xi8>) -> tensor<2x8xf32>
  // CHECK-DAG: dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32>
  // CHECK: compress.scatter {{.*}} -> tensor<2x8xf32>
  // CHECK: {compress.structure = [#compress.structure<zeros = 12>]}
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.75 : f64>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  %a = arith.constant dense<[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0]]> : tensor<8x1xf32>
  %b = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32>
  %ab = nn.matmul %a, %b : (tensor<8x1xf32>, tensor<1x8xf32>) -> tensor<8x8xf32>
  // CHECK: %[[A:.*]] = compress.scatter {{.*}} -> tensor<8x1xf32>
  // CHECK: %[[B:.*]] = compress.scatter {{.*}} -> tensor<1x8xf32>
  // CHECK: nn.matmul %[[A]], %[[B]]
  // CHECK-NOT: compress.structure
  %z = nn.linear %x, %ab {compress.weight = #compress.prune<sparsity = 0.75 : f64>} : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  return %y, %z : tensor<?x2xf32>, tensor<?x8xf32>
}
