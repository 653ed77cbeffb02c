// RUN: condense-opt %s --codegen-protect-arguments | FileCheck %s

// CHECK-LABEL: @public_function(
// CHECK-SAME: %{{.*}}: tensor<4xf32> {bufferization.writable = false}, %{{.*}}: index)
func.func @public_function(%a: tensor<4xf32>, %b: index) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}

// CHECK-LABEL: @private_function(%{{.*}}: tensor<4xf32>)
func.func private @private_function(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}
