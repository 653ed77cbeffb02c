// RUN: condense-opt %s --split-input-file --verify-diagnostics --train-differentiate-loss

// expected-error @+1 {{there is no function @loss}}
module {
  func.func private @other()
}

// -----

module {
  // expected-error @+1 {{@loss has 0 parameters: expected some, and the loss as first result; see train-outline-parameters and train-attach-loss}}
  func.func @loss(%l: tensor<f32>) -> (tensor<f32> {train.role = #train.role<loss>}) {
    return %l : tensor<f32>
  }
}
