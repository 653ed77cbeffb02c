// The way of a static range: annotate, observe, return what is observed; later apply the ranges.
// RUN: condense-opt %s --compress-annotate-activations="ops=linear calibration=percentile" | FileCheck %s --check-prefix=ANNOTATE
// RUN: condense-opt %s --compress-annotate-activations="ops=linear calibration=percentile" \
// RUN:   --compress-insert-observers --compress-insert-observers | FileCheck %s --check-prefix=INSERT
// RUN: condense-opt %s --compress-annotate-activations="ops=linear calibration=percentile" \
// RUN:   --compress-insert-observers --compress-lower-observers | FileCheck %s --check-prefix=LOWER
// RUN: echo '{"version": 1, "ranges": {"fc.input": {"low": -1.5, "high": 6, "samples": 3}, "fc#1.input": {"low": 0, "high": 0}}}' > %t.json
// RUN: condense-opt %s --compress-annotate-activations="ops=linear" --compress-apply-ranges=statistics=%t.json \
// RUN:   | FileCheck %s --check-prefix=APPLY
// RUN: condense-opt %s --compress-annotate-activations="ops=linear" --compress-annotate-activations="storage=none" \
// RUN:   | FileCheck %s --check-prefix=NONE

// LOWER: func.func @main(%[[X:.*]]: tensor<?x4xf32> {nn.name = "x"}, %{{.*}}: tensor<?xi64>) -> (tensor<?x3xf32> {nn.name = "y"}, tensor<?x4xf32>
// LOWER-SAME: tensor<?x4xf32> {compress.observe = #compress.quantize_activation<storage = ui8, calibration = percentile>, nn.name = "observe:fc.input"}
// LOWER-SAME: tensor<?x4xf32> {compress.observe = #compress.quantize_activation<storage = ui8, calibration = percentile>, nn.name = "observe:fc#1.input"}
func.func @main(%x: tensor<?x4xf32> {nn.name = "x"}, %ids: tensor<?xi64>) -> (tensor<?x3xf32> {nn.name = "y"}, tensor<?x4xf32>) {
  %w = arith.constant dense<0.5> : tensor<4x4xf32>
  %v = arith.constant dense<0.5> : tensor<3x4xf32>
  // ANNOTATE: nn.linear {{.*}}{compress.activation = #compress.quantize_activation<storage = ui8, calibration = percentile>}
  // INSERT-NOT: = compress.observe
  // INSERT: %[[O:.*]] = compress.observe %arg0, "fc.input" {compress.observe = #compress.quantize_activation<storage = ui8, calibration = percentile>} : tensor<?x4xf32>
  // INSERT-NOT: = compress.observe
  // INSERT: nn.linear %[[O]]
  // INSERT: compress.observe %{{.*}}, "fc#1.input"
  // INSERT-NOT: = compress.observe
  // APPLY: nn.linear {{.*}}#compress.quantize_activation<storage = ui8, low = -1.500000e+00 : f32, high = 6.000000e+00 : f32>
  // APPLY: nn.linear {{.*}}#compress.quantize_activation<storage = ui8, low = 0.000000e+00 : f32, high = 0.000000e+00 : f32>
  // LOWER: %[[H:.*]] = nn.linear %[[X]]
  // LOWER: %[[Y:.*]] = nn.linear %[[H]]
  // NONE-NOT: compress.activation
  %h = nn.linear %x, %w : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("fc")
  %y = nn.linear %h, %v : (tensor<?x4xf32>, tensor<3x4xf32>) -> tensor<?x3xf32> loc("fc")
  // ANNOTATE: nn.embedding %{{.*}}, %{{[^ ]*}} :
  %e = nn.embedding %ids, %w : (tensor<?xi64>, tensor<4x4xf32>) -> tensor<?x4xf32>
  // LOWER: return %[[Y]], %{{.*}}, %[[X]], %[[H]]
  return %y, %e : tensor<?x3xf32>, tensor<?x4xf32>
}
