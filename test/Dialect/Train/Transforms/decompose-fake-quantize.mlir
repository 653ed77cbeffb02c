// RUN: condense-opt %s --train-decompose-fake-quantize | FileCheck %s

// CHECK-LABEL: @activation
// CHECK: %[[Q:.*]] = compress.quantize %arg0, %arg1, %arg2 : (tensor<?x3xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x3xui8>
// CHECK: %[[Y:.*]] = compress.dequantize %[[Q]], %arg1, %arg2
// CHECK: return %[[Y]]
func.func @activation(%x: tensor<?x3xf32>, %s: tensor<1x1xf32>, %z: tensor<1x1xui8>) -> tensor<?x3xf32> {
  %y = train.fake_quantize %x, %s, %z {storage = ui8} : (tensor<?x3xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
