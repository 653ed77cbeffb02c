// RUN: python3 %S/Inputs/write-statistics.py %t.json same=1x4:same own=1x4:own indefinite=1x4:indefinite conv=2x9:same first=1x4:same second=1x4:own
// RUN: condense-opt %s --compress-factorize-weights="statistics=%t.json" --compress-share-basis="statistics=%t.json" --compress-verify --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-factorize-weights="statistics=%t.json" --compress-share-basis="statistics=%t.json" --mlir-disable-threading --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-factorize-weights="statistics=%t.json" --compress-share-basis="statistics=%t.json" --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// The first row is large, but of inputs that are nearly equal nothing of it is seen: the second one is kept, and where
// inputs are unrelated the first.
// REMARK: Function=same | BytesAfter=32, BytesBefore=64, Details="rank 1 of 4, output error 0.3{{[0-9]+}}", RelativeError=9.90{{[0-9]+}}e-01
// REMARK: Function=own | BytesAfter=32, BytesBefore=64, Details="rank 1 of 4, output error 0.1400", RelativeError=1.400{{[0-9]+}}e-01
// REMARK: Function=indefinite | BytesAfter=32
// CHECK-LABEL: @seen
// CHECK-COUNT-3: nn.matmul
func.func @seen(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %u = arith.constant dense<[[10.0, -10.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<4x4xf32>
  %v = arith.constant dense<[[10.0, -10.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<4x4xf32>
  %w = arith.constant dense<[[10.0, -10.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<4x4xf32>
  %0 = nn.linear %x, %u {compress.weight = #compress.factorize<rank = 1, algorithm = whitened>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("same")
  %1 = nn.linear %x, %v {compress.weight = #compress.factorize<rank = 1, algorithm = whitened>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("own")
  %2 = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 1, algorithm = whitened>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("indefinite")
  return %0, %1, %2 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// REMARK: Function=conv | BytesAfter=216, BytesBefore=576, Details="rank 1 of 3, output error {{0.0*}}"
// CHECK-LABEL: @groups
// CHECK: nn.conv2d {{.*}} (tensor<1x2x5x5xf32>, tensor<2x1x3x1xf32>) -> tensor<1x2x3x5xf32>
// CHECK: nn.conv2d {{.*}} (tensor<1x2x3x5xf32>, tensor<16x1x1x3xf32>) -> tensor<1x16x3x3xf32>
func.func @groups(%x: tensor<1x2x5x5xf32>) -> tensor<1x16x3x3xf32> {
  %w = arith.constant dense<1.0> : tensor<16x1x3x3xf32>
  %y = nn.conv2d %x, %w {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 2 : i64,
      layout = #nn.layout<nchw>, compress.weight = #compress.factorize<rank = 1, algorithm = whitened, conv = spatial>}
      : (tensor<1x2x5x5xf32>, tensor<16x1x3x3xf32>) -> tensor<1x16x3x3xf32> loc("conv")
  return %y : tensor<1x16x3x3xf32>
}

// -----

// Each layer's coefficients are fitted to what it reads.
// REMARK: Function=first | {{.*}}Details="rank 1 for 2 layers"
// REMARK: Function=second | {{.*}}Details="rank 1 for 2 layers"
// CHECK-LABEL: @basis
// CHECK-COUNT-2: nn.matmul %{{.*}}, %[[BASIS:.*]] {
func.func @basis(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %u = arith.constant dense<[[10.0, -10.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<4x4xf32>
  %v = arith.constant dense<[[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<4x4xf32>
  %0 = nn.linear %x, %u {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("first")
  %1 = nn.linear %x, %v {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("second")
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}
