// RUN: condense-opt %s --train-attach-loss=label-smoothing=0.3 --train-attach-loss='kind=distill weight=0.5 temperature=2' | FileCheck %s
// RUN: condense-opt %s --train-attach-loss=kind=mse | FileCheck %s --check-prefix=MSE

// The network stays; the teacher becomes part of the loss.
// CHECK-LABEL: func.func @main
// CHECK: func.func @loss(%[[X:.*]]: tensor<8x4xf32> {{.*}}, %[[W:.*]]: tensor<3x4xf32> {{.*}}, %[[L:.*]]: tensor<8xi32> {nn.name = "labels", train.role = #train.role<label>})
// CHECK-SAME: -> (tensor<f32> {nn.name = "loss", train.role = #train.role<loss>}, tensor<8x3xf32> {train.role = #train.role<output>},
// CHECK-SAME: tensor<8x3xf32> {nn.name = "teacher.output0", train.role = #train.role<output>},
// CHECK-SAME: tensor<f32> {nn.name = "cross_entropy", train.role = #train.role<metric>}, tensor<f32> {nn.name = "accuracy", train.role = #train.role<metric>},
// CHECK-SAME: tensor<f32> {nn.name = "distill", train.role = #train.role<metric>}, tensor<f32> {nn.name = "agreement", train.role = #train.role<metric>})
// CHECK-DAG: %[[ON:.*]] = arith.constant dense<8.000000e-01> : tensor<f32>
// CHECK-DAG: %[[OFF:.*]] = arith.constant dense<1.000000e-01> : tensor<f32>
// CHECK-DAG: %[[LOGITS:.*]] = nn.linear %[[X]], %[[W]]
// The teacher's logits, not its probabilities.
// CHECK-DAG: %[[TEACHER:.*]] = nn.linear %[[X]], %cst
// CHECK-DAG: nn.softmax %[[TEACHER]]
// CHECK-DAG: %[[TARGETS:.*]] = nn.one_hot %[[L]], %[[ON]], %[[OFF]] {axis = 1 : i64, depth = 3 : i64}
// CHECK-DAG: %[[LOG:.*]] = nn.log_softmax %[[LOGITS]]
// CHECK: %[[P:.*]] = nn.mul %[[LOG]], %[[TARGETS]]
// CHECK: %[[ROWS:.*]] = nn.reduce_sum %[[P]] {axes = array<i64: 1>}
// CHECK: %[[MEAN:.*]] = nn.reduce_mean %[[ROWS]]
// CHECK: %[[CE:.*]] = nn.neg %[[MEAN]]
// CHECK: %[[ST:.*]] = nn.mul %[[TEACHER]], %[[HALF:.*]] :
// CHECK: %[[E:.*]] = nn.log_softmax %[[ST]]
// CHECK: %[[SF:.*]] = nn.mul %[[LOGITS]], %{{.*}} :
// CHECK: %[[F:.*]] = nn.log_softmax %[[SF]]
// CHECK: nn.exp %[[E]]
// CHECK: nn.sub %[[E]], %[[F]]
// CHECK: %[[D:.*]] = nn.mul %{{.*}}, %{{.*}} : (tensor<f32>, tensor<f32>) -> tensor<f32>
// CHECK: %[[DW:.*]] = nn.mul %[[D]], %{{.*}} : (tensor<f32>, tensor<f32>) -> tensor<f32>
// CHECK: %[[SUM:.*]] = nn.add %[[CE]], %[[DW]]
// CHECK: return %[[SUM]], %[[LOGITS]]
// CHECK-NOT: @teacher

// MSE: func.func @loss
// MSE-SAME: tensor<8x3xf32> {nn.name = "labels", train.role = #train.role<label>}
// MSE-SAME: nn.name = "squared_error"
// MSE: %[[Y:.*]] = nn.linear
// MSE: %[[DIFF:.*]] = nn.sub %[[Y]], %{{.*}}
// MSE: %[[SQ:.*]] = nn.mul %[[DIFF]], %[[DIFF]]
// MSE: %[[M:.*]] = nn.reduce_mean %[[SQ]] {axes = array<i64: 0, 1>}
// MSE: return %[[M]]
func.func @main(%x: tensor<8x4xf32> {train.role = #train.role<input>}, %w: tensor<3x4xf32> {train.role = #train.role<parameter>})
    -> (tensor<8x3xf32> {train.role = #train.role<output>}) {
  %y = nn.linear %x, %w : (tensor<8x4xf32>, tensor<3x4xf32>) -> tensor<8x3xf32> loc("fc")
  return %y : tensor<8x3xf32>
}
func.func private @teacher(%x: tensor<8x4xf32>) -> tensor<8x3xf32> {
  %w = arith.constant dense<2.0> : tensor<3x4xf32>
  %y = nn.linear %x, %w : (tensor<8x4xf32>, tensor<3x4xf32>) -> tensor<8x3xf32> loc("fc")
  %p = nn.softmax %y {axis = 1 : i64} : tensor<8x3xf32>
  return %p : tensor<8x3xf32>
}
