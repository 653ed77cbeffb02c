// RUN: condense-opt %s --split-input-file --train-outline-parameters | FileCheck %s
// RUN: condense-opt %s --split-input-file --train-outline-parameters='frozen=*.scales,fc2.bias trainable=fc2*,*scales,embedding*' | FileCheck %s --check-prefix=GLOB

// Dense layers: names from locations, rank 1 does not decay.
// CHECK: func.func @main(%[[X:.*]]: tensor<?x4xf32> {nn.name = "x", train.role = #train.role<input>}
// CHECK-SAME: %[[W:.*]]: tensor<4x4xf32> {nn.name = "fc1.weight", train.role = #train.role<parameter>}
// CHECK-SAME: %[[B:.*]]: tensor<4xf32> {nn.name = "fc1.bias", train.no_decay, train.role = #train.role<parameter>}
// CHECK-SAME: %[[W2:.*]]: tensor<4x4xf32> {nn.name = "fc2.weight", train.role = #train.role<parameter>}
// CHECK-SAME: %[[B2:.*]]: tensor<4xf32> {nn.name = "fc2.bias", train.no_decay, train.role = #train.role<parameter>}
// CHECK-SAME: -> (tensor<?x4xf32> {train.role = #train.role<output>})
// CHECK-NOT: arith.constant
// CHECK: nn.linear %[[X]], %[[W]], %[[B]]
// CHECK: nn.linear %{{.*}}, %[[W2]], %[[B2]]
// GLOB: func.func @main(%{{[^:]*}}: tensor<?x4xf32> {{{[^}]*}}}, %{{[^:]*}}: tensor<4x4xf32> {nn.name = "fc2.weight", train.role = #train.role<parameter>}) ->
func.func @main(%x: tensor<?x4xf32> {nn.name = "x"}) -> tensor<?x4xf32> {
  // Equal constants of no name are no tie: both biases start at zero.
  %b = arith.constant dense<0.0> : tensor<4xf32>
  %w1 = arith.constant dense<1.0> : tensor<4x4xf32>
  %w2 = arith.constant dense<2.0> : tensor<4x4xf32>
  %0 = nn.linear %x, %w1, %b : (tensor<?x4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<?x4xf32> loc("fc1")
  %1 = nn.linear %0, %w2, %b : (tensor<?x4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<?x4xf32> loc("fc2")
  return %1 : tensor<?x4xf32>
}

// -----

// A table and a layer that share what is stored under one name: one parameter.
// CHECK: func.func @main(%[[I:.*]]: tensor<?xi64> {train.role = #train.role<input>}, %[[T:.*]]: tensor<4x2xf32> {nn.name = "embedding.0.weight", train.role = #train.role<parameter>}) ->
// CHECK: nn.embedding %[[I]], %[[T]]
// CHECK: nn.linear %{{.*}}, %[[T]]
// GLOB: tensor<4x2xf32>
func.func @main(%i: tensor<?xi64>) -> tensor<?x4xf32> {
  %t = arith.constant dense_resource<table> : tensor<4x2xf32>
  %u = arith.constant dense_resource<table> : tensor<4x2xf32>
  %b = arith.constant dense<1.0> : tensor<4xf32>
  %0 = nn.embedding %i, %t : (tensor<?xi64>, tensor<4x2xf32>) -> tensor<?x2xf32>
  %1 = nn.linear %0, %u : (tensor<?x2xf32>, tensor<4x2xf32>) -> tensor<?x4xf32> loc("fc2")
  %2 = nn.add %1, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}
{-# dialect_resources: { builtin: { table: "0x040000000000803F0000004000004040000080400000A0400000C0400000E04000000041" } } #-}

// -----

// Weight expressions: floats are trained (those of f16 in f32), integers stay. GLOB freezes the scales.
// CHECK: func.func @main(%[[X:.*]]: tensor<?x4xf32> {train.role = #train.role<input>}
// CHECK-SAME: %[[S:.*]]: tensor<4x1xf32> {nn.name = "fc2.weight.0.scales", train.no_decay, train.role = #train.role<parameter>}
// CHECK-SAME: %[[L:.*]]: tensor<4x1xf32> {nn.name = "fc2.weight.1.left", train.role = #train.role<parameter>}
// CHECK-SAME: %[[R:.*]]: tensor<1x4xf32> {nn.name = "fc2.weight.1.right", train.role = #train.role<parameter>}
// CHECK-SAME: %[[V:.*]]: tensor<8xf32> {nn.name = "fc3.weight.values", train.role = #train.role<parameter>}
// CHECK-SAME: %[[C:.*]]: tensor<1x1x4xf32> {nn.name = "fc4.weight.codebook", train.no_decay, train.role = #train.role<parameter>}
// CHECK: %[[H:.*]] = nn.cast %[[S]] to f16
// CHECK: compress.dequantize %{{.*}}, %[[H]]
// CHECK: nn.matmul %[[L]], %[[R]]
// CHECK: compress.scatter %[[V]]
// CHECK: compress.lookup %{{.*}}, %[[C]]
// GLOB: fc2.weight.1.right", train.role = #train.role<parameter>}) ->
// GLOB-NOT: train.role = #train.role<parameter>
// GLOB: return
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %codes = arith.constant dense<3> : tensor<4x4xi8>
  %scales = arith.constant dense<0.5> : tensor<4x1xf16>
  %l = arith.constant dense<1.0> : tensor<4x1xf32>
  %r = arith.constant dense<1.0> : tensor<1x4xf32>
  %0 = compress.dequantize %codes, %scales : (tensor<4x4xi8>, tensor<4x1xf16>) -> tensor<4x4xf32>
  %1 = nn.matmul %l, %r : (tensor<4x1xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %2 = nn.add %0, %1 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %3 = nn.linear %x, %2 : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("fc2")
  %v = arith.constant dense<1.0> : tensor<8xf32>
  %p = arith.constant dense<[85, 85]> : tensor<2xi8>
  %4 = compress.scatter %v, %p <format = bitmap> : (tensor<8xf32>, tensor<2xi8>) -> tensor<4x4xf32>
  %5 = nn.linear %3, %4 : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("fc3")
  %i = arith.constant dense<1> : tensor<4x4xui2>
  %c = arith.constant dense<[[[0.0, 1.0, 2.0, 3.0]]]> : tensor<1x1x4xf32>
  %6 = compress.lookup %i, %c : (tensor<4x4xui2>, tensor<1x1x4xf32>) -> tensor<4x4xf32>
  %7 = nn.linear %5, %6 : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("fc4")
  return %7 : tensor<?x4xf32>
}

// -----

// Running statistics are states; a mask and a scalar are no parameters; a product of activations has no weight.
// CHECK: func.func @main(
// CHECK-SAME: nn.name = "fc2.scale", train.no_decay, train.role = #train.role<parameter>
// CHECK-SAME: nn.name = "fc2.bias", train.no_decay, train.role = #train.role<parameter>
// CHECK-SAME: nn.name = "fc2.mean", train.role = #train.role<state>
// CHECK-SAME: nn.name = "fc2.variance", train.role = #train.role<state>
// CHECK-COUNT-2: arith.constant
// CHECK: nn.mul
// GLOB: "fc2.scale"
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = arith.constant dense<1.0> : tensor<4xf32>
  %z = arith.constant dense<0.0> : tensor<4xf32>
  %half = arith.constant dense<0.5> : tensor<f32>
  %mask = arith.constant dense<[1.0, 0.0, 1.0, 0.0]> : tensor<4xf32>
  %0 = nn.batch_norm %x, %s, %z, %z, %s {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4xf32> loc("fc2")
  %1 = nn.mul %0, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %2 = nn.mul %1, %mask : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}
