// RUN: condense-opt %s --split-input-file --verify-diagnostics --train-set-batch=batch=5

// expected-error @+1 {{argument 0 of type 'tensor<?x?xf32>' has a dynamic dimension besides the batch; export the model with a fixed one}}
func.func @main(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  return %x : tensor<?x?xf32>
}

// -----

// expected-error @+1 {{result 0 would be 'tensor<f32>' for a batch of 5: the model is made for one sample; export it with a dynamic batch}}
func.func @main(%x: tensor<1x4xf32>) -> tensor<f32> {
  %y = nn.reduce_sum %x {axes = array<i64: 0, 1>} : tensor<1x4xf32> -> tensor<f32>
  return %y : tensor<f32>
}

// -----

func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // expected-error @+1 {{has a type that does not follow from those of its operands: the batch size cannot be fixed; give a network of nn operations}}
  %y = tensor.cast %x : tensor<?x4xf32> to tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// expected-error @+1 {{there is no function @main}}
module {
  func.func @other(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
    return %x : tensor<?x4xf32>
  }
}

// -----

// expected-error @+1 {{@main must have a body of one block}}
func.func private @main(tensor<?x4xf32>) -> tensor<?x4xf32>
