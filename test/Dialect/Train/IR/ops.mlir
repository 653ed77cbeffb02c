// RUN: condense-opt %s --verify-roundtrip | FileCheck %s

// CHECK: func.func private @step
// CHECK-SAME: train.role = #train.role<input>
// CHECK-SAME: train.no_decay, train.rate = 5.000000e-01 : f64, train.role = #train.role<parameter>
// CHECK-SAME: train.role = #train.role<step>
// CHECK-SAME: train.role = #train.role<loss>
func.func private @step(tensor<?x4xf32> {train.role = #train.role<input>},
    tensor<2x4xf32> {train.role = #train.role<parameter>, train.no_decay, train.rate = 0.5 : f64},
    tensor<i64> {train.role = #train.role<step>})
    -> (tensor<2x4xf32> {train.role = #train.role<parameter>}, tensor<f32> {train.role = #train.role<loss>})

// CHECK-LABEL: @fake_quantize
// CHECK: train.fake_quantize %{{.*}}, %{{.*}} {storage = i4}
// CHECK: train.fake_quantize %{{.*}}, %{{.*}}, %{{.*}} {storage = ui8}
func.func @fake_quantize(%w: tensor<10x64xf32>, %s: tensor<10x2xf32>, %x: tensor<?x3xf32>, %t: tensor<1x1xf32>,
                         %z: tensor<1x1xui8>) -> (tensor<10x64xf32>, tensor<?x3xf32>) {
  %a = train.fake_quantize %w, %s {storage = i4} : (tensor<10x64xf32>, tensor<10x2xf32>) -> tensor<10x64xf32>
  %b = train.fake_quantize %x, %t, %z {storage = ui8} : (tensor<?x3xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x3xf32>
  return %a, %b : tensor<10x64xf32>, tensor<?x3xf32>
}
