// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-decode-large-codebooks))' | FileCheck %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-decode-large-codebooks))' --remarks-filter=codegen 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: decode-codebook{{.*}}Entries=17
// REMARK-SAME: looked up at compile time: kernels choose among at most 16 entries

// Entries of f16 stay so in memory.
// CHECK-LABEL: func @large
// CHECK:         %[[VALUES:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, 5.000000e-01]]> : tensor<1x2xf16>
// CHECK:         %[[WIDE:.*]] = linalg.generic {{.*}} ins(%[[VALUES]] : tensor<1x2xf16>)
// CHECK:           arith.extf
// CHECK:         return %[[WIDE]]
func.func @large() -> tensor<1x2xf32> {
  %book = arith.constant dense<[[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 0.5]]]> : tensor<1x1x17xf16>
  %bytes = arith.constant dense<[0, 2]> : tensor<2xi8>
  %indices = compress.unpack %bytes : tensor<2xi8> -> tensor<1x2xui5>
  %w = compress.lookup %indices, %book : (tensor<1x2xui5>, tensor<1x1x17xf16>) -> tensor<1x2xf32>
  return %w : tensor<1x2xf32>
}

// CHECK-LABEL: func @small
// CHECK:         compress.lookup
func.func @small() -> tensor<1x2xf32> {
  %book = arith.constant dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf16>
  %indices = arith.constant dense<[[0, 1]]> : tensor<1x2xi8>
  %w = compress.lookup %indices, %book : (tensor<1x2xi8>, tensor<1x1x2xf16>) -> tensor<1x2xf32>
  return %w : tensor<1x2xf32>
}

// CHECK-LABEL: func @not_constant
// CHECK:         compress.lookup
func.func @not_constant(%indices: tensor<1x2xi8>) -> tensor<1x2xf32> {
  %book = arith.constant dense<1.0> : tensor<1x1x32xf16>
  %w = compress.lookup %indices, %book : (tensor<1x2xi8>, tensor<1x1x32xf16>) -> tensor<1x2xf32>
  return %w : tensor<1x2xf32>
}
