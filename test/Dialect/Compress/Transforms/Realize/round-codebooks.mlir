// RUN: condense-opt %s --compress-round-codebooks --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-round-codebooks --compress-round-codebooks --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-round-codebooks --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// The step 1/64 makes all entries integers. A layer whose activation is a float keeps the look-up.
// REMARK: remark: [Passed] round-codebooks | Category:compress | Function=linear.0 | Entries=4, RelativeError=0{{.*}}
// CHECK-LABEL: @shared
// CHECK-DAG: %[[CODES:.*]] = arith.constant dense<{{.*}}> : tensor<2x4xui2>
// CHECK-DAG: %[[BOOK:.*]] = arith.constant dense<{{.*}}[-6.400000e+01, 0.000000e+00, 1.000000e+00, 3.200000e+01]{{.*}}> : tensor<1x1x4xf16>
// CHECK-DAG: %[[STEP:.*]] = arith.constant dense<1.562500e-02> : tensor<1x1xf32>
// CHECK-DAG: %[[OWN:.*]] = compress.lookup %[[CODES]], %{{.*}} : (tensor<2x4xui2>, tensor<1x1x4xf16>)
// CHECK-DAG: %[[INTEGERS:.*]] = compress.lookup %[[CODES]], %[[BOOK]]
// CHECK: %[[VALUES:.*]] = compress.dequantize %[[INTEGERS]], %[[STEP]] : (tensor<2x4xf32>, tensor<1x1xf32>) -> tensor<2x4xf32>
// CHECK: %[[W:.*]] = compress.dequantize %[[VALUES]], %{{.*}} : (tensor<2x4xf32>, tensor<2x2xf16>)
// CHECK: nn.linear %{{.*}}, %[[W]]
// CHECK: nn.linear %arg1, %[[OWN]]
func.func @shared(%qx: tensor<?x4xi8>, %y: tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %sx = arith.constant dense<0.5> : tensor<1x1xf32>
  %c = arith.constant dense<[[0, 1, 2, 3], [3, 3, 2, 0]]> : tensor<2x4xui2>
  %b = arith.constant dense<[[[-1.0, 0.0, 0.015625, 0.5]]]> : tensor<1x1x4xf16>
  %s = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf16>
  %x = compress.dequantize %qx, %sx : (tensor<?x4xi8>, tensor<1x1xf32>) -> tensor<?x4xf32>
  %v = compress.lookup %c, %b : (tensor<2x4xui2>, tensor<1x1x4xf16>) -> tensor<2x4xf32>
  %w = compress.dequantize %v, %s : (tensor<2x4xf32>, tensor<2x2xf16>) -> tensor<2x4xf32>
  %0 = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  %1 = nn.linear %y, %v : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %0, %1 : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// One step for each codebook. Products of columns are as those of rows.
// REMARK: remark: [Passed] round-codebooks | Category:compress | Function=matmul.0
// CHECK-LABEL: @channels
// CHECK: %[[STEPS:.*]] = arith.constant dense<{{.*}}> : tensor<3x1xf32>
// CHECK: compress.dequantize %{{.*}}, %[[STEPS]] : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
// CHECK: nn.transpose
// CHECK: nn.matmul
func.func @channels(%qx: tensor<?x4xi8>, %sx: tensor<?x1xf32>) -> tensor<?x3xf32> {
  %c = arith.constant dense<[[0, 1, 2, 3], [3, 3, 2, 0], [0, 0, 0, 0]]> : tensor<3x4xui2>
  %b = arith.constant dense<[[[-1.0, 0.0, 0.3, 0.5]], [[-7.0, 0.0, 5.0, 5.1]], [[0.0, 0.0, 0.0, 0.0]]]> : tensor<3x1x4xf32>
  %x = compress.dequantize %qx, %sx : (tensor<?x4xi8>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %v = compress.lookup %c, %b : (tensor<3x4xui2>, tensor<3x1x4xf32>) -> tensor<3x4xf32>
  %w = nn.transpose %v {permutation = array<i64: 1, 0>} : tensor<3x4xf32> -> tensor<4x3xf32>
  %0 = nn.matmul %x, %w : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// -----

// REMARK: remark: [Missed] round-codebooks | Category:compress | Function=linear.0 | Reason="rounding its codebook would exceed max_error"
// REMARK: remark: [Missed] round-codebooks | Category:compress | Function=linear.1 | Reason="the codebook is no constant of finite numbers"
// CHECK-LABEL: @left_alone
// CHECK-COUNT-2: compress.lookup
// CHECK-NOT: compress.lookup
// CHECK-COUNT-2: nn.linear
func.func @left_alone(%qx: tensor<?x4xi8>, %book: tensor<1x1x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %sx = arith.constant dense<0.5> : tensor<1x1xf32>
  %c = arith.constant dense<[[0, 1, 2, 3], [3, 3, 2, 0]]> : tensor<2x4xui2>
  %b = arith.constant dense<[[[-1.0, 0.0, 0.3333, 0.7]]]> : tensor<1x1x4xf32>
  %x = compress.dequantize %qx, %sx : (tensor<?x4xi8>, tensor<1x1xf32>) -> tensor<?x4xf32>
  %v = compress.lookup %c, %b : (tensor<2x4xui2>, tensor<1x1x4xf32>) -> tensor<2x4xf32>
  %w = compress.lookup %c, %book : (tensor<2x4xui2>, tensor<1x1x4xf32>) -> tensor<2x4xf32>
  %0 = nn.linear %x, %v {compress.max_error = 1.0e-09 : f64} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  %1 = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %0, %1 : tensor<?x2xf32>, tensor<?x2xf32>
}
