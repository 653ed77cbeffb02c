// RUN: condense-opt %s --split-input-file --train-set-batch=batch=5 | FileCheck %s
// RUN: condense-opt %s --split-input-file --train-set-batch=batch=5 | condense-opt --split-input-file --train-set-batch=batch=5 | FileCheck %s

// CHECK: func.func @main(%{{.*}}: tensor<5x4x3xf32>) -> (tensor<5x12xf32>, tensor<5x12xf32>)
// CHECK: compress.quantize {{.*}} -> tensor<5x12xi8>
func.func @main(%x: tensor<?x4x3xf32>) -> (tensor<?x12xf32>, tensor<?x12xf32>) {
  %s = arith.constant dense<0.5> : tensor<1x1xf32>
  %y = nn.reshape %x {shape = array<i64: 0, -1>} : tensor<?x4x3xf32> -> tensor<?x12xf32>
  %q = compress.quantize %y, %s : (tensor<?x12xf32>, tensor<1x1xf32>) -> tensor<?x12xi8>
  %z = compress.dequantize %q, %s : (tensor<?x12xi8>, tensor<1x1xf32>) -> tensor<?x12xf32>
  return %y, %z : tensor<?x12xf32>, tensor<?x12xf32>
}

// -----

// One sample becomes a batch, also where shapes are written out.
// CHECK: func.func @main(%{{.*}}: tensor<5x4x3xf32>) -> tensor<5x12xf32>
// CHECK: nn.reshape %{{.*}} {shape = array<i64: 5, 12>}
// CHECK: nn.reshape %{{.*}} {shape = array<i64: 20, 3>}
// CHECK: nn.reshape %{{.*}} {shape = array<i64: 5, -1>}
func.func @main(%x: tensor<1x4x3xf32>) -> tensor<1x12xf32> {
  %a = nn.reshape %x {shape = array<i64: 1, 12>} : tensor<1x4x3xf32> -> tensor<1x12xf32>
  %b = nn.reshape %a {shape = array<i64: 1, 4, 3>} : tensor<1x12xf32> -> tensor<1x4x3xf32>
  %c = nn.reshape %b {shape = array<i64: 4, 3>} : tensor<1x4x3xf32> -> tensor<4x3xf32>
  %d = nn.reshape %c {shape = array<i64: 1, 4, 3>} : tensor<4x3xf32> -> tensor<1x4x3xf32>
  %e = nn.reshape %d {shape = array<i64: 1, -1>} : tensor<1x4x3xf32> -> tensor<1x12xf32>
  return %e : tensor<1x12xf32>
}

// -----

// A batch that is fixed already stays.
// CHECK: func.func @main(%{{.*}}: tensor<7x3xf32>) -> tensor<7x3xf32>
func.func @main(%x: tensor<7x3xf32>) -> tensor<7x3xf32> {
  %y = nn.relu %x : tensor<7x3xf32>
  return %y : tensor<7x3xf32>
}
