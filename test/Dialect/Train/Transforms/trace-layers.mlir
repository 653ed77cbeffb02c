// RUN: condense-opt %s --train-trace-layers | FileCheck %s

// CHECK: func.func @main
// CHECK-SAME: -> (tensor<?x3xf32>, tensor<f32> {nn.name = "fc (nn.linear)", train.role = #train.role<metric>}, tensor<f32> {nn.name = "nn.relu", train.role = #train.role<metric>})
// CHECK: %[[Y:.*]] = nn.linear
// CHECK: %[[Z:.*]] = nn.relu
// CHECK: %[[A:.*]] = nn.abs %[[Y]]
// CHECK: %[[M:.*]] = nn.reduce_max %[[A]] {axes = array<i64: 0, 1>} : tensor<?x3xf32> -> tensor<f32>
// CHECK: %[[N:.*]] = nn.reduce_max
// CHECK: return %[[Z]], %[[M]], %[[N]]
func.func @main(%x: tensor<?x4xf32>, %w: tensor<3x4xf32>) -> tensor<?x3xf32> {
  %0 = nn.linear %x, %w : (tensor<?x4xf32>, tensor<3x4xf32>) -> tensor<?x3xf32> loc("fc")
  %1 = nn.relu %0 : tensor<?x3xf32>
  return %1 : tensor<?x3xf32>
}
