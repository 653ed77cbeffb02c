// RUN: condense-opt %s --compress-cluster-weights --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-cluster-weights --compress-cluster-weights --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-cluster-weights --mlir-disable-threading --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-cluster-weights --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Four values in four entries: nothing is lost.
// REMARK: [Passed] cluster-weights | Category:compress | Function=fc | BytesAfter=12, BytesBefore=64, Details="1 codebook of 4 entries", RelativeError=0{{.*}}, Scheme="#compress.cluster<entries = 4>"
// CHECK-LABEL: @exact
func.func @exact(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[7.0, -7.0, 1.0, 7.0, -7.0, 1.0, 0.5, 0.5], [1.0, 0.5, 7.0, 7.0, 7.0, -7.0, -7.0, 1.0]]> : tensor<2x8xf32>
  // CHECK: %[[BYTES:.*]] = arith.constant dense<[-29, 88, -10, -125]> : tensor<4xi8>
  // CHECK: %[[INDICES:.*]] = compress.unpack %[[BYTES]] : tensor<4xi8> -> tensor<2x8xui2>
  // CHECK: %[[BOOK:.*]] = arith.constant dense<{{\[\[\[}}-7.000000e+00, 5.000000e-01, 1.000000e+00, 7.000000e+00]]]> : tensor<1x1x4xf16>
  // CHECK: %[[W:.*]] = compress.lookup %[[INDICES]], %[[BOOK]] {compress.relative_error = 0.000000e+00 : f64}
  // CHECK: nn.linear %arg0, %[[W]] {compress.structure = [#compress.structure<values = 4>]} : (tensor<?x8xf32>, tensor<2x8xf32>)
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 4>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("fc")
  return %y : tensor<?x2xf32>
}

// -----

// Fewer values than entries: as few bits as they need. The zero comes first when it is asked for.
// CHECK-LABEL: @zero
func.func @zero(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[0.0, -7.0, 1.0, 0.0, -7.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x8xf32>
  // CHECK: compress.unpack %{{.*}} : tensor<4xi8> -> tensor<2x8xui2>
  // CHECK: arith.constant dense<{{\[\[\[}}0.000000e+00, -7.000000e+00, 1.000000e+00]]]> : tensor<1x1x3xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<value = f32, zero = true>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// A codebook for every two output channels, in the layout of the constant.
// REMARK: Details="2 codebooks of 2 entries"
// CHECK-LABEL: @groups
func.func @groups(%x: tensor<?x8xf32>) -> tensor<?x4xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.0], [1.0, 1.0, 3.0, 3.0], [1.0, 2.0, 4.0, 4.0],
                             [1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.0], [1.0, 1.0, 3.0, 3.0], [1.0, 2.0, 4.0, 4.0]]> : tensor<8x4xf32>
  // CHECK: arith.constant dense<{{\[\[\[}}1.000000e+00, 2.000000e+00], [3.000000e+00, 4.000000e+00]]]> : tensor<1x2x2xf16>
  // CHECK: %[[W:.*]] = compress.lookup %{{.*}} : (tensor<8x4xui2>, tensor<1x2x2xf16>) -> tensor<8x4xf32>
  // CHECK: nn.matmul %arg0, %[[W]] {compress.structure = [#compress.structure<values = 4>]}
  %y = nn.matmul %x, %w {compress.weight = #compress.cluster<entries = 2, group = 2>} : (tensor<?x8xf32>, tensor<8x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// Three does not divide four channels: two do.
// CHECK-LABEL: @fewer
func.func @fewer(%x: tensor<?x8xf32>) -> tensor<?x4xf32> {
  %w = arith.constant dense<1.0> : tensor<4x8xf32>
  // CHECK: compress.lookup %{{.*}} : (tensor<4x8xui2>, tensor<2x1x1xf16>) -> tensor<4x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<group = 3>} : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// The channels of a batched product behind a batch of one.
// CHECK-LABEL: @batch
func.func @batch(%x: tensor<1x3x16xf32>) -> tensor<1x3x4xf32> {
  %w = arith.constant dense<1.0> : tensor<1x16x4xf32>
  // CHECK: compress.lookup %{{.*}} : (tensor<1x16x4xui2>, tensor<1x1x4x1xf16>) -> tensor<1x16x4xf32>
  %y = nn.matmul %x, %w {compress.weight = #compress.cluster<group = 1>} : (tensor<1x3x16xf32>, tensor<1x16x4xf32>) -> tensor<1x3x4xf32>
  return %y : tensor<1x3x4xf32>
}

// -----

// One codebook for both layers.
// REMARK: Details="1 codebook of 4 entries, shared by 2 weights"
// CHECK-LABEL: @shared
func.func @shared(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: %[[BOOK:.*]] = arith.constant dense<{{\[\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]]]> : tensor<1x1x4xf16>
  %v = arith.constant dense<[[1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0], [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]]> : tensor<2x8xf32>
  %w = arith.constant dense<[[3.0, 4.0], [4.0, 3.0], [3.0, 4.0], [4.0, 3.0], [3.0, 4.0], [4.0, 3.0], [3.0, 4.0], [4.0, 3.0]]> : tensor<8x2xf32>
  // CHECK: compress.lookup %{{.*}}, %[[BOOK]]
  // CHECK: compress.lookup %{{.*}}, %[[BOOK]]
  %0 = nn.linear %x, %v {compress.weight = #compress.cluster<entries = 4, share = "all">} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  %1 = nn.linear %0, %w {compress.weight = #compress.cluster<entries = 4, share = "all">} : (tensor<?x2xf32>, tensor<8x2xf32>) -> tensor<?x8xf32>
  return %1 : tensor<?x8xf32>
}

// -----

// What was pruned stays zero without an entry for it; the positions stay.
// CHECK-LABEL: @pruned
func.func @pruned(%x: tensor<?x8xf32>) -> tensor<?x4xf32> {
  // CHECK: %[[BITS:.*]] = arith.constant dense<85> : tensor<4xi8>
  %bits = arith.constant dense<85> : tensor<4xi8>
  %values = arith.constant dense<[1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]> : tensor<16xf32>
  %w = compress.scatter %values, %bits <format = bitmap> : (tensor<16xf32>, tensor<4xi8>) -> tensor<4x8xf32>
  // CHECK: %[[VALUES:.*]] = compress.lookup %{{.*}} : (tensor<16xui2>, tensor<1x2xf16>) -> tensor<16xf32>
  // CHECK: %[[W:.*]] = compress.scatter %[[VALUES]], %[[BITS]] <format = bitmap>
  // CHECK: nn.linear %arg0, %[[W]] {compress.structure = [#compress.structure<values = 3>]}
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 16, zero = true>} : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// The factors of a product have a codebook each; the sum says nothing about the values of the weight.
// CHECK-LABEL: @factors
func.func @factors(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %a = arith.constant dense<1.0> : tensor<16x2xf32>
  %b = arith.constant dense<2.0> : tensor<2x16xf32>
  // CHECK-COUNT-2: compress.lookup
  // CHECK: nn.matmul
  // CHECK-NOT: compress.structure
  %w = nn.matmul %a, %b : (tensor<16x2xf32>, tensor<2x16xf32>) -> tensor<16x16xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 4>} : (tensor<?x16xf32>, tensor<16x16xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
