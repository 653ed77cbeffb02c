// RUN: condense-opt %s --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: func @identities
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>)
func.func @identities(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = nn.cast %x to f32 : tensor<2x3xf32> -> tensor<2x3xf32>
  %1 = nn.reshape %0 {shape = array<i64: 2, -1>} : tensor<2x3xf32> -> tensor<2x3xf32>
  %2 = nn.transpose %1 {permutation = array<i64: 0, 1>} : tensor<2x3xf32> -> tensor<2x3xf32>
  %3 = nn.broadcast_to %2 {shape = array<i64: 2, 3>} : tensor<2x3xf32> -> tensor<2x3xf32>
  %4 = nn.concat %3 {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %5 = nn.slice %4 {starts = array<i64: 0, 0>, ends = array<i64: 2, 3>, steps = array<i64: 1, 1>}
      : tensor<2x3xf32> -> tensor<2x3xf32>
  %6 = nn.pad %5 {low = array<i64: 0, 0>, high = array<i64: 0, 0>, mode = #nn.pad_mode<edge>}
      : tensor<2x3xf32> -> tensor<2x3xf32>
  %7 = nn.tile %6 {repeats = array<i64: 1, 1>} : tensor<2x3xf32> -> tensor<2x3xf32>
  // CHECK-NEXT: return %[[X]]
  return %7 : tensor<2x3xf32>
}

// -----

// Equal types with two unknown sizes may still exchange elements.
// CHECK-LABEL: func @dynamic_reshape_stays
func.func @dynamic_reshape_stays(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  // CHECK: nn.reshape
  %0 = nn.reshape %x {shape = array<i64: -1, 0>} : tensor<?x?xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// -----

// CHECK-LABEL: func @dynamic_identities
// CHECK-SAME: (%[[X:.*]]: tensor<?x3xf32>)
func.func @dynamic_identities(%x: tensor<?x3xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) {
  %0 = nn.reshape %x {shape = array<i64: -1, 3>} : tensor<?x3xf32> -> tensor<?x3xf32>
  %1 = nn.slice %x {starts = array<i64: 0, 0>, ends = array<i64: 9223372036854775807, 3>, steps = array<i64: 1, 1>}
      : tensor<?x3xf32> -> tensor<?x3xf32>
  // CHECK: %[[SLICE:.*]] = nn.slice
  %2 = nn.slice %x {starts = array<i64: 1, 0>, ends = array<i64: 9223372036854775807, 3>, steps = array<i64: 1, 1>}
      : tensor<?x3xf32> -> tensor<?x3xf32>
  // CHECK: return %[[X]], %[[X]], %[[SLICE]]
  return %0, %1, %2 : tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>
}

// -----

// CHECK-LABEL: func @composed_transposes
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32>)
func.func @composed_transposes(%x: tensor<2x3x4xf32>) -> (tensor<3x4x2xf32>, tensor<2x3x4xf32>) {
  %0 = nn.transpose %x {permutation = array<i64: 2, 0, 1>} : tensor<2x3x4xf32> -> tensor<4x2x3xf32>
  // CHECK-NEXT: %[[T:.*]] = nn.transpose %[[X]] {permutation = array<i64: 1, 2, 0>}
  %1 = nn.transpose %0 {permutation = array<i64: 2, 0, 1>} : tensor<4x2x3xf32> -> tensor<3x4x2xf32>
  %2 = nn.transpose %0 {permutation = array<i64: 1, 2, 0>} : tensor<4x2x3xf32> -> tensor<2x3x4xf32>
  // CHECK-NEXT: return %[[T]], %[[X]]
  return %1, %2 : tensor<3x4x2xf32>, tensor<2x3x4xf32>
}

// -----

// CHECK-LABEL: func @composed_reshapes
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32>)
func.func @composed_reshapes(%x: tensor<2x3x4xf32>) -> (tensor<4x6xf32>, tensor<6x2x2xf32>) {
  %0 = nn.reshape %x {shape = array<i64: 6, 4>} : tensor<2x3x4xf32> -> tensor<6x4xf32>
  // CHECK: nn.reshape %[[X]] {shape = array<i64: 4, 6>}
  %1 = nn.reshape %0 {shape = array<i64: 4, 6>} : tensor<6x4xf32> -> tensor<4x6xf32>
  // What 0 copies is the size of the reshape in between, so it stays.
  // CHECK: nn.reshape %{{.*}} {shape = array<i64: 0, 2, 2>} : tensor<6x4xf32>
  %2 = nn.reshape %0 {shape = array<i64: 0, 2, 2>} : tensor<6x4xf32> -> tensor<6x2x2xf32>
  return %1, %2 : tensor<4x6xf32>, tensor<6x2x2xf32>
}

// -----

// Unused operations have no effects.
// CHECK-LABEL: func @unused
func.func @unused(%x: tensor<4xf32>) {
  // CHECK-NOT: nn.
  %0 = nn.exp %x : tensor<4xf32>
  return
}
