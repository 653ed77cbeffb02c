// RUN: not condense-opt %s --compress-prune-channels 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not condense-opt %s --compress-prune-channels=statistics=%t.missing.json 2>&1 | FileCheck %s --check-prefix=MISSING

// NONE: error: {{.*}}'nn.linear' op layer 'fc' asks for channels to be pruned by what they do to outputs, which calibration measures: give its result as statistics=FILE.json, or ask for importance = l2 and correct = false
// MISSING: error: {{.*}}missing.json
func.func @f(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x3xf32>
  %v = arith.constant dense<1.0> : tensor<2x4xf32>
  %0 = nn.linear %x, %w {compress.weight = #compress.structured_prune<ratio = 0.5 : f64, correct = true>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("fc")
  %1 = nn.linear %0, %v : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}
