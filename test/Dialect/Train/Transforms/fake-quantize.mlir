// RUN: condense-opt %s --split-input-file --train-fake-quantize | FileCheck %s
// RUN: condense-opt %s --split-input-file --train-fake-quantize --train-realize-fake-quantize | FileCheck %s --check-prefix=REALIZED

// A weight: the scales are trained as logarithms, -1.386294 being that of 1/4.
// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{.*}}> : tensor<2x4xf32>
// CHECK-DAG: %[[T:.*]] = arith.constant dense<{{.*}}> : tensor<2x1xf32>
// CHECK: %[[S:.*]] = nn.exp %[[T]] : tensor<2x1xf32>
// CHECK: %[[V:.*]] = train.fake_quantize %[[W]], %[[S]] {storage = i4, stored_scale = f16}
// CHECK: nn.linear %arg0, %[[V]] :
// REALIZED-LABEL: func.func @main
// REALIZED: %[[CODES:.*]] = compress.unpack %{{.*}} : tensor<4xi8> -> tensor<2x4xi4>
// REALIZED: %[[V:.*]] = compress.dequantize %[[CODES]], %{{.*}} : (tensor<2x4xi4>, tensor<2x1xf16>) -> tensor<2x4xf32>
// REALIZED: nn.linear %arg0, %[[V]] :
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.75, -0.5, 0.25, 0.0], [0.125, 0.875, -0.25, 0.5]]> : tensor<2x4xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// An activation keeps its zero point; scales that are computed are left alone, as is what has no request.
// CHECK-LABEL: func.func @main
// CHECK: %[[S:.*]] = nn.exp %{{.*}} : tensor<1x1xf32>
// CHECK: train.fake_quantize %arg0, %[[S]], %{{.*}} {storage = ui8} : (tensor<?x4xf32>, tensor<1x1xf32>, tensor<1x1xui8>)
// CHECK: compress.quantize %arg0, %arg1
// CHECK: compress.dequantize
// CHECK: nn.linear %{{.*}}, %{{cst.*}} :
// REALIZED-LABEL: func.func @main
// REALIZED: %[[Q:.*]] = compress.quantize %arg0, %[[S:.*]], %[[Z:.*]] : (tensor<?x4xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x4xui8>
// REALIZED: compress.dequantize %[[Q]], %[[S]], %[[Z]]
func.func @main(%x: tensor<?x4xf32>, %t: tensor<1x1xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x2xf32>) {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  %s = arith.constant dense<0.5> : tensor<1x1xf32>
  %z = arith.constant dense<128> : tensor<1x1xui8>
  %q = compress.quantize %x, %s, %z : (tensor<?x4xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x4xui8>
  %a = compress.dequantize %q, %s, %z : (tensor<?x4xui8>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x4xf32>
  %p = compress.quantize %x, %t : (tensor<?x4xf32>, tensor<1x1xf32>) -> tensor<?x4xi8>
  %b = compress.dequantize %p, %t : (tensor<?x4xi8>, tensor<1x1xf32>) -> tensor<?x4xf32>
  %y = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %a, %b, %y : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x2xf32>
}

// -----

// Of a pruned weight the stored elements become codes; positions stay.
// CHECK-LABEL: func.func @main
// CHECK: %[[D:.*]] = compress.scatter
// CHECK: train.fake_quantize %[[D]], %{{.*}} {storage = i8, stored_scale = f32} : (tensor<2x4xf32>, tensor<2x1xf32>)
// REALIZED-LABEL: func.func @main
// REALIZED: %[[D:.*]] = compress.scatter %{{.*}}, %{{.*}} : (tensor<4xi8>, tensor<1xi8>) -> tensor<2x4xi8>
// REALIZED: compress.dequantize %[[D]], %{{.*}} : (tensor<2x4xi8>, tensor<2x1xf32>) -> tensor<2x4xf32>
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %v = arith.constant dense<[1.0, -0.5, 0.25, 2.0]> : tensor<4xf32>
  %p = arith.constant dense<-106> : tensor<1xi8>
  %w = compress.scatter %v, %p <format = bitmap> : (tensor<4xf32>, tensor<1xi8>) -> tensor<2x4xf32>
  %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i8, scale = f32>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
