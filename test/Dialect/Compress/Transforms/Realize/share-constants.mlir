// RUN: condense-opt %s --compress-share-constants --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-share-constants --compress-share-constants --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-share-constants --mlir-disable-threading --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-share-constants=transposes=false --split-input-file | FileCheck %s --check-prefix=BYTES
// RUN: condense-opt %s --compress-share-constants=min-bytes=200 --split-input-file | FileCheck %s --check-prefix=LARGE
// RUN: condense-opt %s --compress-share-constants --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] share-constants | Category:compress | Function=b | BytesAfter=0, BytesBefore=64, SharedWith=a, Transposed=false
// CHECK-LABEL: @equal
func.func @equal(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<4x4xi32>) {
  // CHECK: %[[W:.*]] = arith.constant dense_resource<a> : tensor<4x4xf32>
  // CHECK-NOT: dense_resource<b>
  // CHECK: nn.linear %arg0, %[[W]]
  // CHECK-NOT: dense_resource<b>
  // CHECK: nn.linear %{{.*}}, %[[W]]
  // CHECK: arith.constant dense_resource<codes> : tensor<4x4xi32>
  // LARGE: dense_resource<a>
  // LARGE: dense_resource<b>
  %a = arith.constant dense_resource<a> : tensor<4x4xf32>
  %y = nn.linear %x, %a : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  %b = arith.constant dense_resource<b> : tensor<4x4xf32>
  %z = nn.linear %y, %b : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  %codes = arith.constant dense_resource<codes> : tensor<4x4xi32> // the same bytes, another type
  return %y, %z, %codes : tensor<?x4xf32>, tensor<?x4xf32>, tensor<4x4xi32>
}
{-#
  dialect_resources: {
    builtin: {
      a: "0x04000000000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041",
      b: "0x04000000000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041",
      codes: "0x04000000000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041"
    }
  }
#-}

// -----

// A tied embedding: the head is the table, transposed.
// CHECK-LABEL: @tied
func.func @tied(%i: tensor<?xi64>) -> tensor<?x8xf32> {
  // CHECK: %[[T:.*]] = arith.constant dense_resource<table> : tensor<8x2xf32>
  // CHECK-NOT: dense_resource<head>
  // CHECK: %[[H:.*]] = nn.transpose %[[T]] {permutation = array<i64: 1, 0>} : tensor<8x2xf32> -> tensor<2x8xf32>
  // CHECK: nn.matmul %{{.*}}, %[[H]]
  // BYTES: dense_resource<head>
  %table = arith.constant dense_resource<table> : tensor<8x2xf32>
  %x = nn.embedding %i, %table : (tensor<?xi64>, tensor<8x2xf32>) -> tensor<?x2xf32>
  %head = arith.constant dense_resource<head> : tensor<2x8xf32>
  %y = nn.matmul %x, %head : (tensor<?x2xf32>, tensor<2x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
{-#
  dialect_resources: {
    builtin: {
      table: "0x04000000000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041",
      head: "0x040000000000000000000040000080400000C040000000410000204100004041000060410000803F000040400000A0400000E04000001041000030410000504100007041"
    }
  }
#-}

// -----

// Functions share no values, but one resource.
// CHECK-LABEL: @first
// CHECK: dense_resource<a2>
func.func @first() -> tensor<4x4xf32> {
  %a = arith.constant dense_resource<a2> : tensor<4x4xf32>
  return %a : tensor<4x4xf32>
}
// CHECK-LABEL: @second
// CHECK: dense_resource<a2>
func.func @second() -> tensor<4x4xf32> {
  %b = arith.constant dense_resource<b2> : tensor<4x4xf32>
  return %b : tensor<4x4xf32>
}
{-#
  dialect_resources: {
    builtin: {
      a2: "0x04000000000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041",
      b2: "0x04000000000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041"
    }
  }
#-}

// -----

// The same elements in an order that is no permutation of dimensions, and splats, stay.
// CHECK-LABEL: @different
// CHECK-DAG: dense_resource<p>
// CHECK-DAG: dense_resource<q>
// CHECK-NOT: nn.transpose
func.func @different() -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<8x8xf32>) {
  %a = arith.constant dense_resource<p> : tensor<4x4xf32>
  %b = arith.constant dense_resource<q> : tensor<4x4xf32>
  %c = arith.constant dense<1.0> : tensor<8x8xf32>
  return %a, %b, %c : tensor<4x4xf32>, tensor<4x4xf32>, tensor<8x8xf32>
}
{-#
  dialect_resources: {
    builtin: {
      p: "0x04000000000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041",
      q: "0x040000000000803F000000000000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041"
    }
  }
#-}
