// RUN: condense-opt %s --train-initialize=seed=7 -o %t.a && FileCheck %s --input-file=%t.a
// RUN: condense-opt %s --train-initialize=seed=7 -o %t.b && cmp %t.a %t.b
// RUN: condense-opt %s --train-initialize=seed=8 -o %t.c && not cmp %t.a %t.c

// Weights become random, biases 0, scales 1; codes and what is no leaf stay.
// CHECK-DAG: %[[B:.*]] = arith.constant dense<0.000000e+00> : tensor<3xf32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<1.000000e+00> : tensor<3xf32>
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[}}{{-?[0-9]}}
// CHECK-DAG: arith.constant dense<5.000000e-01> : tensor<3x1xf32>
// CHECK-DAG: arith.constant dense<3> : tensor<3x3xi8>
// CHECK-DAG: nn.linear %arg0, %[[W]], %[[B]]
// CHECK-DAG: nn.layer_norm %{{.*}}, %[[S]]
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<7.0> : tensor<3x4xf32>
  %b = arith.constant dense<7.0> : tensor<3xf32>
  %0 = nn.linear %x, %w, %b : (tensor<?x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %1 = nn.relu %0 : tensor<?x3xf32>
  %2 = nn.layer_norm %1, %b {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %codes = arith.constant dense<3> : tensor<3x3xi8>
  %scales = arith.constant dense<0.5> : tensor<3x1xf32>
  %3 = compress.dequantize %codes, %scales : (tensor<3x3xi8>, tensor<3x1xf32>) -> tensor<3x3xf32>
  %4 = nn.linear %2, %3 : (tensor<?x3xf32>, tensor<3x3xf32>) -> tensor<?x3xf32>
  return %4 : tensor<?x3xf32>
}
