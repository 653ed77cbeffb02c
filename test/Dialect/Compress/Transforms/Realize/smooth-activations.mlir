// RUN: rm -rf %t && mkdir %t && python3 %S/Inputs/statistics.py %t/s.json linear.0 64 -0.25
// RUN: condense-opt %s --compress-smooth-activations="statistics=%t/s.json" --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-smooth-activations="statistics=%t/s.json alpha=1 insert-scale" --split-input-file | FileCheck %s --check-prefix=INSERT
// RUN: condense-opt %s --compress-smooth-activations="statistics=%t/s.json" --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Activations of 64 and 0.25, weights of 4 and 1: the scales are sqrt(64 / 4) and sqrt(0.25 / 1).
// REMARK: remark: [Passed] smooth | Category:compress | Function=linear.0 | Channels=2, LargestActivationAfter=1.600000e+01, LargestActivationBefore=6.400000e+01, LargestScale=4.000000e+00, SmallestScale=5.000000e-01
// CHECK-LABEL: @norm
// CHECK-DAG: arith.constant dense<[2.500000e-01, 4.000000e+00]> : tensor<2xf32>
// CHECK-DAG: arith.constant dense<{{\[\[}}4.000000e+00, 5.000000e-01], [-1.600000e+01, 0.000000e+00]]>
// CHECK-NOT: nn.mul
func.func @norm(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %g = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %w = arith.constant dense<[[1.0, 1.0], [-4.0, 0.0]]> : tensor<2x2xf32>
  %n = nn.rms_norm %x, %g {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %y = nn.linear %n, %w {compress.activation = #compress.quantize_activation<storage = ui8>} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// A layer whose activation is not to be quantized is not meant.
// CHECK-LABEL: @not_meant
// CHECK: arith.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
func.func @not_meant(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %g = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %w = arith.constant dense<[[1.0, 1.0], [-4.0, 0.0]]> : tensor<2x2xf32>
  %n = nn.rms_norm %x, %g {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %y = nn.linear %n, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Nothing can absorb the scale of the model's input: it is multiplied if that is allowed.
// REMARK: remark: [Missed] smooth | Category:compress | Function=linear.0 | Reason="nothing before the layer absorbs a scale"
// CHECK-LABEL: @input
// CHECK-NOT: nn.mul
// CHECK: nn.linear %arg0
// INSERT-LABEL: @input
// INSERT: %[[F:.*]] = arith.constant dense<[1.562500e-02, 4.000000e+00]> : tensor<2xf32>
// INSERT: %[[X:.*]] = nn.mul %arg0, %[[F]] : (tensor<?x3x2xf32>, tensor<2xf32>) -> tensor<?x3x2xf32>
// INSERT: %[[W:.*]] = arith.constant dense<{{\[\[}}6.400000e+01, 2.500000e-01], [-2.560000e+02, 0.000000e+00]]>
// INSERT: nn.linear %[[X]], %[[W]]
func.func @input(%x: tensor<?x3x2xf32>) -> tensor<?x3x2xf32> {
  %w = arith.constant dense<[[1.0, 1.0], [-4.0, 0.0]]> : tensor<2x2xf32>
  %y = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = ui8>} : (tensor<?x3x2xf32>, tensor<2x2xf32>) -> tensor<?x3x2xf32>
  return %y : tensor<?x3x2xf32>
}
