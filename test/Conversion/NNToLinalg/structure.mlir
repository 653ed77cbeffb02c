// RUN: condense-opt %s --convert-nn-to-linalg --canonicalize --split-input-file | FileCheck %s
// The shape of the lowered operations: what they compute is executed in test/Integration/NN.

// Plain products have named operations; the weight of a linear layer is not transposed.

// CHECK-DAG: #[[X:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[W:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-LABEL: func @products
// CHECK-SAME: (%[[A:.*]]: tensor<?x8xf32>, %[[B:.*]]: tensor<4x8xf32>, %[[BIAS:.*]]: tensor<4xf32>
func.func @products(%a: tensor<?x8xf32>, %w: tensor<4x8xf32>, %bias: tensor<4xf32>, %c: tensor<4x6xf32>)
    -> tensor<?x6xf32> {
  // CHECK: %[[SUM:.*]] = linalg.broadcast ins(%[[BIAS]] : tensor<4xf32>)
  // CHECK: linalg.generic {indexing_maps = [#[[X]], #[[W]], {{.*}}], iterator_types = ["parallel", "parallel", "reduction"]}
  // CHECK-SAME: ins(%[[A]], %[[B]] : {{.*}}) outs(%[[SUM]] :
  %0 = nn.linear %a, %w, %bias : (tensor<?x8xf32>, tensor<4x8xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  // CHECK: linalg.matmul
  %1 = nn.matmul %0, %c : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  return %1 : tensor<?x6xf32>
}

// -----

// CHECK-LABEL: func @batches
func.func @batches(%a: tensor<2x3x4xf32>, %b: tensor<2x4x5xf32>, %c: tensor<1x5x3xf32>) -> tensor<2x3x3xf32> {
  // CHECK: linalg.batch_matmul
  %0 = nn.matmul %a, %b : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf32>
  // A batch that stretches is dropped from its operand.
  // CHECK: tensor.collapse_shape {{.*}} : tensor<1x5x3xf32> into tensor<5x3xf32>
  // CHECK: linalg.generic
  %1 = nn.matmul %0, %c : (tensor<2x3x5xf32>, tensor<1x5x3xf32>) -> tensor<2x3x3xf32>
  return %1 : tensor<2x3x3xf32>
}

// -----

// Signatures lose the sign of unsigned integers, and the arithmetic keeps it.

// CHECK-LABEL: func @unsigned
// CHECK-SAME: tensor<2x3xi8>, %{{.*}}: tensor<4x3xi8>) -> tensor<2x4xi32>
func.func @unsigned(%x: tensor<2x3xui8>, %w: tensor<4x3xi8>) -> tensor<2x4xi32> {
  // CHECK: arith.extui %{{.*}} : i8 to i32
  // CHECK: arith.extsi %{{.*}} : i8 to i32
  %0 = nn.linear %x, %w : (tensor<2x3xui8>, tensor<4x3xi8>) -> tensor<2x4xi32>
  return %0 : tensor<2x4xi32>
}

// CHECK-LABEL: func private @callee(tensor<3xi8>) -> tensor<3xi8>
func.func private @callee(tensor<3xui8>) -> tensor<3xui8>

// CHECK-LABEL: func @caller
func.func @caller() -> tensor<3xui8> {
  // CHECK: arith.constant dense<[1, 2, -1]> : tensor<3xi8>
  %0 = arith.constant dense<[1, 2, 255]> : tensor<3xui8>
  // CHECK: call @callee(%{{.*}}) : (tensor<3xi8>) -> tensor<3xi8>
  // CHECK-NOT: unrealized_conversion_cast
  %1 = func.call @callee(%0) : (tensor<3xui8>) -> tensor<3xui8>
  return %1 : tensor<3xui8>
}

// -----

// The filter stays as it is; a depthwise convolution has no channel loop.

// CHECK-DAG: #[[IMAGE:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 * 2 + d4, d2 * 2 + d5, d6)>
// CHECK-DAG: #[[FILTER:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3, d4, d5, d6)>
// CHECK-DAG: #[[DEPTH:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1 + d4, d2 + d5, d3)>
// CHECK-LABEL: func @convolutions
func.func @convolutions(%x: tensor<1x9x9x4xf32>, %w: tensor<8x3x3x4xf32>, %d: tensor<8x3x3x1xf32>) -> tensor<1x4x4x8xf32> {
  // CHECK-NOT: tensor.pad
  // CHECK: linalg.generic {indexing_maps = [#[[IMAGE]], #[[FILTER]],
  %0 = nn.conv2d %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      groups = 1 : i64, layout = #nn.layout<nhwc>} : (tensor<1x9x9x4xf32>, tensor<8x3x3x4xf32>) -> tensor<1x4x4x8xf32>
  // CHECK: tensor.pad
  // CHECK: linalg.generic {indexing_maps = [#[[DEPTH]],
  %1 = nn.conv2d %0, %d {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 8 : i64, layout = #nn.layout<nhwc>} : (tensor<1x4x4x8xf32>, tensor<8x3x3x1xf32>) -> tensor<1x4x4x8xf32>
  return %1 : tensor<1x4x4x8xf32>
}

// -----

// Splat constants become scalars of the body, and small exponents products.

// CHECK-LABEL: func @constants
func.func @constants(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %k = arith.constant dense<3.0> : tensor<f32>
  %two = arith.constant dense<2.0> : tensor<1x4xf32>
  // CHECK: linalg.generic {{.*}} ins(%{{[^,]*}} : tensor<?x4xf32>)
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
  // CHECK-NEXT: arith.addf %[[X]], %{{.*}} : f32
  %0 = nn.add %x, %k : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  // CHECK: ^bb0(%[[Y:.*]]: f32, %{{.*}}: f32):
  // CHECK-NEXT: arith.mulf %[[Y]], %[[Y]] : f32
  %1 = nn.pow %0, %two : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// -----

// Where the graph shows that two dynamic sizes are one, nothing is copied;
// where it does not, both operands are brought to the larger size.

// CHECK-LABEL: func @same_size
func.func @same_size(%x: tensor<?x?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x?x8xf32> {
  // CHECK-NOT: tensor.extract
  %0 = nn.linear %x, %w : (tensor<?x?x8xf32>, tensor<8x8xf32>) -> tensor<?x?x8xf32>
  %1 = nn.reshape %0 {shape = array<i64: 0, 0, 2, 4>} : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
  %2 = nn.reduce_max %1 {axes = array<i64: 2>} : tensor<?x?x2x4xf32> -> tensor<?x?x4xf32>
  %3 = nn.concat %2, %2 {axis = 2 : i64} : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x8xf32>
  %4 = nn.transpose %3 {permutation = array<i64: 1, 0, 2>} : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  %5 = nn.transpose %4 {permutation = array<i64: 1, 0, 2>} : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  %6 = nn.add %x, %5 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %6 : tensor<?x?x8xf32>
}

// CHECK-LABEL: func @perhaps_another_size
func.func @perhaps_another_size(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK-COUNT-2: tensor.extract
  // CHECK: arith.addf
  %0 = nn.add %x, %y : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

// Constants keep their resource.
// CHECK-LABEL: func @resource
func.func @resource() -> tensor<2xui8> {
  // CHECK: arith.constant dense_resource<codes> : tensor<2xi8>
  %0 = arith.constant dense_resource<codes> : tensor<2xui8>
  return %0 : tensor<2xui8>
}

{-#
  dialect_resources: { builtin: { codes: "0x0100000001FF" } }
#-}
