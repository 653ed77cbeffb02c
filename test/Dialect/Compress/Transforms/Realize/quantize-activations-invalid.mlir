// RUN: condense-opt %s --compress-quantize-activations --split-input-file --verify-diagnostics

func.func @no_range(%x: tensor<?x4xf32>, %w: tensor<2x4xf32>) -> tensor<?x2xf32> {
  // expected-error@+1 {{the activation to be quantized has no range: calibrate, then run compress-apply-ranges}}
  %0 = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = ui8>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}
