// The options and statistics of the passes that scale channels and correct biases.
// RUN: rm -rf %t && mkdir %t
// RUN: not condense-opt %s --compress-equalize="layers=[" 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not condense-opt %s --compress-equalize="iterations=0" 2>&1 | FileCheck %s --check-prefix=ITERATIONS
// RUN: not condense-opt %s --compress-smooth-activations="algorithm=best" 2>&1 | FileCheck %s --check-prefix=ALGORITHM
// RUN: not condense-opt %s --compress-smooth-activations="alpha=1.5" 2>&1 | FileCheck %s --check-prefix=ALPHA
// RUN: not condense-opt %s --compress-smooth-activations 2>&1 | FileCheck %s --check-prefix=UNNAMED
// RUN: not condense-opt %s --compress-record-means="statistics=%t/missing.json" 2>&1 | FileCheck %s --check-prefix=MISSING
// GLOB: error: layers: '[' is no glob
// ITERATIONS: error: iterations: 0 is not positive
// ALGORITHM: error: algorithm: unknown 'best'; expected smooth or awq
// ALPHA: error: alpha: 1.500000e+00 is not between 0 and 1
// UNNAMED: error: the option 'statistics' must name a file of the calibration
// MISSING: error: {{.*}}missing.json

// Statistics of another layer, of other shapes, and without Gram matrices.
// RUN: python3 %S/Inputs/statistics.py %t/other.json other 1 1
// RUN: python3 %S/Inputs/statistics.py %t/shape.json linear.0 1 1 1
// RUN: python3 %S/Inputs/statistics.py %t/fits.json linear.0 1 1
// RUN: not condense-opt %s --compress-smooth-activations="statistics=%t/other.json" 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: not condense-opt %s --compress-record-means="statistics=%t/shape.json" 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not condense-opt %s --compress-smooth-activations="statistics=%t/fits.json algorithm=awq insert-scale" 2>&1 | FileCheck %s --check-prefix=GRAM
// OTHER: error: 'nn.linear' op layer 'linear.0' is not in the statistics {{.*}}other.json: calibrate with the moments of its channels
// SHAPE: error: 'nn.linear' op layer 'linear.0': the statistics {{.*}}shape.json are of 1 x 3 columns, its weight has 1 x 2: calibrate again
// GRAM: error: 'nn.linear' op layer 'linear.0' has no Gram matrix in the statistics {{.*}}fits.json: calibrate with moments=gram
func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %g = arith.constant dense<1.0> : tensor<2xf32>
  %w = arith.constant dense<[[8.0, 1.0], [0.25, 0.5]]> : tensor<2x2xf32>
  %n = nn.rms_norm %x, %g {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %y = nn.linear %n, %w {compress.weight = #compress.quantize<storage = i4>, compress.activation = #compress.quantize_activation<storage = ui8>}
    : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
