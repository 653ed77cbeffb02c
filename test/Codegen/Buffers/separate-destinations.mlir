// RUN: condense-opt %s --codegen-separate-destinations | FileCheck %s
// RUN: condense-opt %s --codegen-separate-destinations --codegen-separate-destinations | FileCheck %s

// CHECK-LABEL: @two
// CHECK-DAG:     %[[A:.*]] = tensor.empty() : tensor<4xf32>
// CHECK-DAG:     %[[B:.*]] = tensor.empty() : tensor<4xf32>
// CHECK-DAG:     linalg.fill ins(%{{.*}} : f32) outs(%[[A]]
// CHECK-DAG:     linalg.fill ins(%{{.*}} : f32) outs(%[[B]]
// CHECK-NOT:     tensor.empty
func.func @two(%x: f32, %y: f32) -> (tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.fill ins(%x : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %1 = linalg.fill ins(%y : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}
