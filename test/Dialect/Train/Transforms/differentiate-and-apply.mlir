// RUN: condense-opt %s --train-attach-loss=kind=mse --train-differentiate-loss | FileCheck %s --check-prefix=GRADIENT
// RUN: condense-opt %s --train-attach-loss=kind=mse --train-differentiate-loss --train-apply-optimizer='momentum=0.9 weight-decay=0.1 clip-norm=2' | FileCheck %s --check-prefix=SGD
// RUN: condense-opt %s --train-attach-loss=kind=mse --train-differentiate-loss --train-apply-optimizer='momentum=0' | FileCheck %s --check-prefix=PLAIN
// RUN: condense-opt %s --train-attach-loss=kind=mse --train-differentiate-loss --train-apply-optimizer='kind=adamw schedule=cosine warmup-steps=10 total-steps=100' | FileCheck %s --check-prefix=ADAM

// GRADIENT-NOT: func.func @loss(
// GRADIENT: func.func @loss_gradient(
// GRADIENT-SAME: tensor<3x4xf32> {nn.name = "fc.weight.gradient", train.role = #train.role<gradient>}, tensor<3xf32> {nn.name = "fc.bias.gradient", train.role = #train.role<gradient>})

// One function is left, which does not return outputs and gradients.
// SGD-NOT: @main
// SGD: func.func @step(%{{.*}}: tensor<8x4xf32> {{.*}}, %[[W:.*]]: tensor<3x4xf32> {nn.name = "fc.weight"
// SGD-SAME: %[[B:.*]]: tensor<3xf32> {nn.name = "fc.bias"
// SGD-SAME: tensor<i64> {nn.name = "step", train.role = #train.role<step>}
// SGD-SAME: %[[VW:.*]]: tensor<3x4xf32> {nn.name = "fc.weight.velocity", train.role = #train.role<moment>}
// SGD-SAME: %[[VB:.*]]: tensor<3xf32> {nn.name = "fc.bias.velocity", train.role = #train.role<moment>})
// SGD-SAME: -> (tensor<3x4xf32> {nn.name = "fc.weight", train.role = #train.role<parameter>}, tensor<3xf32> {nn.name = "fc.bias", train.role = #train.role<parameter>},
// SGD-SAME: tensor<3x4xf32> {nn.name = "fc.weight.velocity", train.role = #train.role<moment>}, tensor<3xf32> {nn.name = "fc.bias.velocity", train.role = #train.role<moment>},
// SGD-SAME: tensor<f32> {nn.name = "loss", train.role = #train.role<loss>}, tensor<f32> {nn.name = "squared_error", train.role = #train.role<metric>},
// SGD-SAME: tensor<f32> {nn.name = "gradient_norm", train.role = #train.role<metric>}, tensor<f32> {nn.name = "learning_rate", train.role = #train.role<metric>})
// SGD: nn.sqrt
// SGD: nn.max
// The weight decays, the bias does not.
// SGD: nn.mul %[[W]], %{{.*}} : (tensor<3x4xf32>, tensor<f32>)
// SGD-NOT: nn.mul %[[B]],
// SGD: return

// PLAIN: func.func @step
// PLAIN-NOT: #train.role<moment>
// PLAIN: return

// ADAM: func.func @step
// ADAM-SAME: nn.name = "fc.weight.moment1"
// ADAM-SAME: nn.name = "fc.weight.moment2"
// ADAM: nn.cos
// ADAM: nn.pow
func.func @main(%x: tensor<8x4xf32> {train.role = #train.role<input>},
    %w: tensor<3x4xf32> {nn.name = "fc.weight", train.role = #train.role<parameter>},
    %b: tensor<3xf32> {nn.name = "fc.bias", train.role = #train.role<parameter>, train.no_decay})
    -> (tensor<8x3xf32> {train.role = #train.role<output>}) {
  %y = nn.linear %x, %w, %b : (tensor<8x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<8x3xf32> loc("fc")
  return %y : tensor<8x3xf32>
}
