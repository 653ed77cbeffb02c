// RUN: condense-opt %s --condense-build-step='batch=8 optimizer=adamw' | FileCheck %s

// CHECK-NOT: @main
// CHECK: func.func @step(%{{.*}}: tensor<8x4xf32> {{.*}}nn.name = "fc.weight.moment2"
// CHECK-SAME: nn.name = "distill"
// CHECK-NOT: func.func
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<0.5> : tensor<3x4xf32>
  %y = nn.linear %x, %w : (tensor<?x4xf32>, tensor<3x4xf32>) -> tensor<?x3xf32> loc("fc")
  return %y : tensor<?x3xf32>
}
func.func private @teacher(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<0.25> : tensor<3x4xf32>
  %y = nn.linear %x, %w : (tensor<?x4xf32>, tensor<3x4xf32>) -> tensor<?x3xf32> loc("fc")
  return %y : tensor<?x3xf32>
}
