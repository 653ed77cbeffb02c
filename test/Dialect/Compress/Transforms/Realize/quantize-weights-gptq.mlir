// RUN: python3 %S/Inputs/write-statistics.py %t.json same=1x8:same own=1x8:own odd=1x7:same odder=1x7:same oddest=1x7:same conv=2x9:same \
// RUN:   head=1x16:same left=1x6:same up=1x6:same down=1x6:same
// RUN: condense-opt %s --compress-quantize-weights="statistics=%t.json" --compress-verify --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-quantize-weights="statistics=%t.json" --mlir-disable-threading --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-quantize-weights="statistics=%t.json" --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Columns that are nearly equal: what one loses, the next ones make up for. Unrelated ones: to the nearest.
// REMARK: [Passed] quantize-weights | Category:compress | Function=same | {{.*}}Details="output error 0.00{{[0-9]+}}, 0.01{{[0-9]+}} if rounded to the nearest"
// REMARK: [Passed] quantize-weights | Category:compress | Function=own | {{.*}}Details="output error [[E:0.[0-9]+]], [[E]] if rounded to the nearest"
// CHECK-LABEL: @propagates
// CHECK: arith.constant dense<{{\[\[}}127, 0, 0, 1, 0, 1, 0, 0]]> : tensor<1x8xi8>
// CHECK: arith.constant dense<{{\[\[}}127, 0, 0, 0, 0, 0, 0, 0]]> : tensor<1x8xi8>
func.func @propagates(%x: tensor<?x8xf32>) -> (tensor<?x1xf32>, tensor<?x1xf32>) {
  %v = arith.constant dense<[[127.0, 0.4, 0.4, 0.4, 0.4, 0.4, 0.0, 0.0]]> : tensor<1x8xf32>
  %w = arith.constant dense<[[127.0, 0.4, 0.4, 0.4, 0.4, 0.4, 0.0, 0.0]]> : tensor<1x8xf32>
  %0 = nn.linear %x, %v {compress.weight = #compress.quantize<storage = i8, scale = f32, algorithm = gptq>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("same")
  %1 = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, scale = f32, algorithm = gptq>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("own")
  return %0, %1 : tensor<?x1xf32>, tensor<?x1xf32>
}

// -----

// With statistics, other algorithms report the output error too.
// REMARK: Function=same | {{.*}}Details="output error 0.01{{[0-9]+}}"
// CHECK-LABEL: @measured
// CHECK: compress.dequantize
func.func @measured(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[127.0, 0.4, 0.4, 0.4, 0.4, 0.4, 0.0, 0.0]]> : tensor<1x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, scale = f32>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32> loc("same")
  return %y : tensor<?x1xf32>
}

// -----

// Odd sizes, zero points, columns in the order of activations, one scale for the tensor, f8, a damping.
// CHECK-LABEL: @formats
// CHECK: (tensor<3x7xui4>, tensor<3x1xf16>, tensor<3x1xui4>)
// CHECK: (tensor<3x7xi3>, tensor<1x1xf16>)
// CHECK: (tensor<5x7xf8E4M3FN>, tensor<5x1xf16>)
func.func @formats(%x: tensor<?x7xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x5xf32>) {
  %u = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.5], [-1.0, 0.3, 0.2, 0.7, 0.1, 0.9, 1.0], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]]> : tensor<3x7xf32>
  %v = arith.constant dense<0.3> : tensor<3x7xf32>
  %w = arith.constant dense<0.3> : tensor<5x7xf32>
  %0 = nn.linear %x, %u {compress.weight = #compress.quantize<storage = ui4, algorithm = gptq, act_order = true>} : (tensor<?x7xf32>, tensor<3x7xf32>) -> tensor<?x3xf32> loc("odd")
  %1 = nn.linear %x, %v {compress.weight = #compress.quantize<storage = i3, block = -1, algorithm = gptq, damping = 1.000000e-01 : f64>} : (tensor<?x7xf32>, tensor<3x7xf32>) -> tensor<?x3xf32> loc("odder")
  %2 = nn.linear %x, %w {compress.weight = #compress.quantize<storage = f8E4M3FN, algorithm = gptq>} : (tensor<?x7xf32>, tensor<5x7xf32>) -> tensor<?x5xf32> loc("oddest")
  return %0, %1, %2 : tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x5xf32>
}

// -----

// One Gram matrix per group of a convolution.
// CHECK-LABEL: @grouped
// CHECK: (tensor<4x1x3x3xi4>, tensor<4x1x1x1xf16>) -> tensor<4x1x3x3xf32>
func.func @grouped(%x: tensor<1x2x5x5xf32>) -> tensor<1x4x3x3xf32> {
  %w = arith.constant dense<0.5> : tensor<4x1x3x3xf32>
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 2 : i64,
      layout = #nn.layout<nchw>, compress.weight = #compress.quantize<storage = i4, algorithm = gptq>}
      : (tensor<1x2x5x5xf32>, tensor<4x1x3x3xf32>) -> tensor<1x4x3x3xf32> loc("conv")
  return %y : tensor<1x4x3x3xf32>
}

// -----

// A table that is also the transposed weight of a layer: the layer's statistics count. A table alone gets mse.
// REMARK: Function=embedding.0 | {{.*}}if rounded to the nearest
// REMARK: Function=head | {{.*}}if rounded to the nearest
// REMARK: Function=embedding.1 | BytesAfter={{[0-9]+}}, BytesBefore={{[0-9]+}}, RelativeError={{[^,]*}}, Scheme
// CHECK-LABEL: @tied
// CHECK-COUNT-2: compress.dequantize
// CHECK-NOT: compress.dequantize
func.func @tied(%ids: tensor<?xi64>) -> (tensor<?x8xf32>, tensor<?x16xf32>) {
  %w = arith.constant dense<0.3> : tensor<8x16xf32>
  %v = arith.constant dense<0.3> : tensor<9x16xf32>
  %x = nn.embedding %ids, %w {compress.weight = #compress.quantize<storage = i4, algorithm = gptq>} : (tensor<?xi64>, tensor<8x16xf32>) -> tensor<?x16xf32>
  %t = nn.transpose %w {permutation = array<i64: 1, 0>} : tensor<8x16xf32> -> tensor<16x8xf32>
  %y = nn.matmul %x, %t {compress.weight = #compress.quantize<storage = i4, algorithm = gptq>} : (tensor<?x16xf32>, tensor<16x8xf32>) -> tensor<?x8xf32> loc("head")
  %z = nn.embedding %ids, %v {compress.weight = #compress.quantize<storage = i4, algorithm = gptq>} : (tensor<?xi64>, tensor<9x16xf32>) -> tensor<?x16xf32>
  return %y, %z : tensor<?x8xf32>, tensor<?x16xf32>
}

// -----

// Both factors of a product, whichever reads the input; a sum of constants.
// CHECK-LABEL: @targets
// CHECK: (tensor<6x3xi4>, tensor<6x1xf16>)
// CHECK: (tensor<3x6xi4>, tensor<3x1xf16>)
// CHECK: (tensor<6x3xi4>, tensor<1x3xf16>)
// CHECK: (tensor<3x6xi4>, tensor<1x6xf16>)
// CHECK: (tensor<6x6xi4>, tensor<6x1xf16>)
// CHECK: (tensor<6x6xi4>, tensor<6x1xf16>)
func.func @targets(%x: tensor<?x6xf32>) -> (tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>) {
  %a = arith.constant dense<0.3> : tensor<6x3xf32>
  %b = arith.constant dense<0.7> : tensor<3x6xf32>
  %ab = nn.matmul %a, %b : (tensor<6x3xf32>, tensor<3x6xf32>) -> tensor<6x6xf32>
  %0 = nn.linear %x, %ab {compress.weight = #compress.quantize<storage = i4, algorithm = gptq>} : (tensor<?x6xf32>, tensor<6x6xf32>) -> tensor<?x6xf32> loc("left")
  %c = arith.constant dense<0.4> : tensor<6x3xf32>
  %d = arith.constant dense<0.8> : tensor<3x6xf32>
  %cd = nn.matmul %c, %d : (tensor<6x3xf32>, tensor<3x6xf32>) -> tensor<6x6xf32>
  %1 = nn.matmul %x, %cd {compress.weight = #compress.quantize<storage = i4, algorithm = gptq>} : (tensor<?x6xf32>, tensor<6x6xf32>) -> tensor<?x6xf32> loc("up")
  %e = arith.constant dense<0.5> : tensor<6x6xf32>
  %f = arith.constant dense<0.6> : tensor<6x6xf32>
  %ef = nn.add %e, %f : (tensor<6x6xf32>, tensor<6x6xf32>) -> tensor<6x6xf32>
  %2 = nn.linear %x, %ef {compress.weight = #compress.quantize<storage = i4, algorithm = gptq>} : (tensor<?x6xf32>, tensor<6x6xf32>) -> tensor<?x6xf32> loc("down")
  return %0, %1, %2 : tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>
}

// -----

// What was lost stays as a second term, for another technique.
// CHECK-LABEL: @residual
// CHECK: %[[R:.*]] = arith.constant dense<{{\[\[}}0.000000e+00, 4.000000e-01, {{.*}}> : tensor<1x8xf32>
// CHECK: %[[SUM:.*]] = nn.add %{{.*}}, %[[R]]
// CHECK: nn.linear %arg0, %[[SUM]] :
func.func @residual(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[127.0, 0.4, 0.4, 0.4, 0.4, 0.4, 0.0, 0.0]]> : tensor<1x8xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, scale = f32, residual = true>} : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
