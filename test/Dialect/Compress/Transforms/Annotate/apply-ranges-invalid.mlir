// RUN: not condense-opt %s --compress-apply-ranges 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not condense-opt %s --compress-apply-ranges=statistics=%t.absent 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: echo '{' > %t.syntax
// RUN: not condense-opt %s --compress-apply-ranges=statistics=%t.syntax 2>&1 | FileCheck %s --check-prefix=SYNTAX
// RUN: echo '[1]' > %t.object
// RUN: not condense-opt %s --compress-apply-ranges=statistics=%t.object 2>&1 | FileCheck %s --check-prefix=OBJECT
// RUN: echo '{"ranges": {}}' > %t.missing
// RUN: not condense-opt %s --compress-apply-ranges=statistics=%t.missing 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: echo '{"ranges": {"fc.input": {"samples": 0}}}' > %t.empty
// RUN: not condense-opt %s --compress-apply-ranges=statistics=%t.empty 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: echo '{"ranges": {"fc.input": {"low": 0, "high": 1e300}}}' > %t.infinite
// RUN: not condense-opt %s --compress-apply-ranges=statistics=%t.infinite 2>&1 | FileCheck %s --check-prefix=INFINITE
// RUN: echo '{"ranges": {"fc.input": {"low": 1, "high": 0}}}' > %t.reversed
// RUN: not condense-opt %s --compress-apply-ranges=statistics=%t.reversed 2>&1 | FileCheck %s --check-prefix=REVERSED

// OPTION: error: the option 'statistics' must name a file of calibrated ranges
// ABSENT: error: {{.*}}.absent: cannot be read: {{[Nn]}}o such file
// SYNTAX: error: {{.*}}.syntax: is no JSON:
// OBJECT: error: {{.*}}.object: has no object 'ranges'
// MISSING: error: {{.*}}'nn.linear' op has no calibrated range 'fc.input' in {{.*}}.missing: calibrate again
// EMPTY: error: {{.*}}'nn.linear' op the range 'fc.input' in {{.*}}.empty is empty: no finite value of the activation was seen during calibration
// INFINITE: error: {{.*}}'nn.linear' op the range 'fc.input' in {{.*}}.infinite is not finite:
// REVERSED: error: {{.*}}'nn.linear' op the range 'fc.input' in {{.*}}.reversed is reversed: [1.0{{.*}}, 0.0
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %w = arith.constant dense<0.5> : tensor<4x4xf32>
  %y = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = ui8>}
      : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("fc")
  return %y : tensor<1x4xf32>
}
