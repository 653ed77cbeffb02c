// RUN: condense-opt %s --compress-share-basis --compress-verify --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-share-basis --compress-share-basis --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-share-basis --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] share-basis | Category:compress | Function=a | BytesAfter=32, BytesBefore=64, Details="rank 1 for 2 layers", {{.*}}
// REMARK: [Passed] share-basis | Category:compress | Function=b | BytesAfter=16, BytesBefore=64, Details="rank 1 for 2 layers", {{.*}}
// CHECK-LABEL: @two_layers
func.func @two_layers(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  // CHECK-DAG: %[[BASIS:.*]] = arith.constant dense<{{.*}}> : tensor<1x4xf32>
  // CHECK-DAG: %[[A:.*]] = nn.matmul %{{.*}}, %[[BASIS]] {{.*}} : (tensor<4x1xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  // CHECK-DAG: %[[B:.*]] = nn.matmul %{{.*}}, %[[BASIS]] {{.*}} : (tensor<4x1xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  // CHECK: nn.linear %arg0, %[[A]]
  // CHECK: nn.linear %arg0, %[[B]]
  %a = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0], [0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]]> : tensor<4x4xf32>
  %b = arith.constant dense<[[2.0, 4.0, 6.0, 8.0], [1.0, 2.0, 3.0, 4.0], [-1.0, -2.0, -3.0, -4.0], [3.0, 6.0, 9.0, 12.0]]> : tensor<4x4xf32>
  %y = nn.linear %x, %a {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("a")
  %z = nn.linear %x, %b {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("b")
  return %y, %z : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// Without a gain all of the group stays.
// REMARK: [Missed] share-basis | Category:compress | Function=linear.0 | Reason="rank 4 would not be smaller"
// REMARK: [Missed] share-basis | Category:compress | Function=linear.1 | Reason="rank 4 would not be smaller"
// CHECK-LABEL: @larger
// CHECK-NOT: nn.matmul
func.func @larger(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = arith.constant dense<1.0> : tensor<4x4xf32>
  %b = arith.constant dense<2.0> : tensor<4x4xf32>
  %y = nn.linear %x, %a {compress.weight = #compress.share<group = "g", rank = 9>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  %z = nn.linear %y, %b {compress.weight = #compress.share<group = "g", rank = 9>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// -----

// One layer above its bound keeps the others too.
// REMARK: [Missed] share-basis | Category:compress | Function=linear.1 | Reason="relative error {{.*}} exceeds the bound of the layer"
// REMARK: [Missed] share-basis | Category:compress | Function=linear.0 | Reason="layer 'linear.1' of the group is left alone"
// CHECK-LABEL: @bound
// CHECK-NOT: nn.matmul
func.func @bound(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = arith.constant dense<8.0> : tensor<4x4xf32>
  %b = arith.constant dense<[[1.0, -1.0, 0.0, 0.0], [1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<4x4xf32>
  %y = nn.linear %x, %a {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  %z = nn.linear %y, %b {compress.max_error = 0.5 : f64, compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// -----

// REMARK: [Missed] share-basis | Category:compress | Function=embedding.0 | Reason="only matrices that are multiplied share a basis"
// CHECK-LABEL: @table
func.func @table(%i: tensor<?xi64>) -> tensor<?x4xf32> {
  %w = arith.constant dense<1.0> : tensor<8x4xf32>
  %y = nn.embedding %i, %w {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?xi64>, tensor<8x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
