// RUN: condense-opt %s --nn-raise-rotary --canonicalize --split-input-file | FileCheck %s

// Behind the transpose that splits the heads it moves before it, with its angles.
// CHECK-LABEL: @heads
// CHECK-SAME: %[[X:.*]]: tensor<1x3x2x4xf32>, %[[C:.*]]: tensor<1x3x4xf32>, %[[S:.*]]: tensor<1x1x3x4xf32>
// CHECK-DAG: %[[C4:.*]] = nn.reshape %[[C]] {shape = array<i64: 1, 1, 3, 4>}
// CHECK-DAG: %[[CT:.*]] = nn.transpose %[[C4]] {permutation = array<i64: 0, 2, 1, 3>} : tensor<1x1x3x4xf32> -> tensor<1x3x1x4xf32>
// CHECK-DAG: %[[ST:.*]] = nn.transpose %[[S]] {permutation = array<i64: 0, 2, 1, 3>} : tensor<1x1x3x4xf32> -> tensor<1x3x1x4xf32>
// CHECK: %[[R:.*]] = nn.rotary %[[X]], %[[CT]], %[[ST]]
// CHECK: %[[Y:.*]] = nn.transpose %[[R]] {permutation = array<i64: 0, 2, 1, 3>}
// CHECK: return %[[Y]]
func.func @heads(%x: tensor<1x3x2x4xf32>, %c: tensor<1x3x4xf32>, %s: tensor<1x1x3x4xf32>) -> tensor<1x2x3x4xf32> {
  %t = nn.transpose %x {permutation = array<i64: 0, 2, 1, 3>} : tensor<1x3x2x4xf32> -> tensor<1x2x3x4xf32>
  %l = nn.slice %t {starts = array<i64: 0, 0, 0, 0>, ends = array<i64: 9223372036854775807, 9223372036854775807,
      9223372036854775807, 2>, steps = array<i64: 1, 1, 1, 1>} : tensor<1x2x3x4xf32> -> tensor<1x2x3x2xf32>
  %h = nn.slice %t {starts = array<i64: 0, 0, 0, 2>, ends = array<i64: 9223372036854775807, 9223372036854775807,
      9223372036854775807, 9223372036854775807>, steps = array<i64: 1, 1, 1, 1>} : tensor<1x2x3x4xf32> -> tensor<1x2x3x2xf32>
  %n = nn.neg %h : tensor<1x2x3x2xf32>
  %r = nn.concat %n, %l {axis = 3 : i64} : (tensor<1x2x3x2xf32>, tensor<1x2x3x2xf32>) -> tensor<1x2x3x4xf32>
  %a = nn.mul %t, %c : (tensor<1x2x3x4xf32>, tensor<1x3x4xf32>) -> tensor<1x2x3x4xf32>
  %b = nn.mul %r, %s : (tensor<1x2x3x4xf32>, tensor<1x1x3x4xf32>) -> tensor<1x2x3x4xf32>
  %y = nn.add %b, %a : (tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32>
  return %y : tensor<1x2x3x4xf32>
}

// -----

// Halves the other way round, parts that are no halves, and angles of an unknown number of rows.
// CHECK-LABEL: @left_alone
// CHECK-NOT: nn.rotary
// CHECK: return
func.func @left_alone(%x: tensor<?x4xf32>, %c: tensor<4xf32>, %d: tensor<?x4xf32>)
    -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %l = nn.slice %x {starts = array<i64: 0, 0>, ends = array<i64: 9223372036854775807, 2>, steps = array<i64: 1, 1>}
      : tensor<?x4xf32> -> tensor<?x2xf32>
  %h = nn.slice %x {starts = array<i64: 0, 2>, ends = array<i64: 9223372036854775807, 4>, steps = array<i64: 1, 1>}
      : tensor<?x4xf32> -> tensor<?x2xf32>
  %a = nn.mul %x, %c : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %nl = nn.neg %l : tensor<?x2xf32>
  %r0 = nn.concat %nl, %h {axis = 1 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x4xf32>
  %b0 = nn.mul %r0, %c : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %y0 = nn.add %a, %b0 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %o = nn.slice %x {starts = array<i64: 0, 1>, ends = array<i64: 9223372036854775807, 3>, steps = array<i64: 1, 1>}
      : tensor<?x4xf32> -> tensor<?x2xf32>
  %no = nn.neg %o : tensor<?x2xf32>
  %r1 = nn.concat %no, %l {axis = 1 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x4xf32>
  %b1 = nn.mul %r1, %c : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %y1 = nn.add %a, %b1 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %nh = nn.neg %h : tensor<?x2xf32>
  %r2 = nn.concat %nh, %l {axis = 1 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x4xf32>
  %b2 = nn.mul %r2, %d : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %y2 = nn.add %a, %b2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y0, %y1, %y2 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
