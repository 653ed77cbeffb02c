// RUN: condense-opt %s --split-input-file --verify-diagnostics --train-attach-loss=kind=distill
// RUN: not condense-opt %s --train-attach-loss=kind=huber 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not condense-opt %s --train-attach-loss=weight=0 2>&1 | FileCheck %s --check-prefix=WEIGHT
// RUN: not condense-opt %s --train-attach-loss=label-smoothing=1 2>&1 | FileCheck %s --check-prefix=SMOOTHING
// RUN: not condense-opt %s --train-attach-loss=temperature=0 2>&1 | FileCheck %s --check-prefix=TEMPERATURE
// KIND: error: kind: unknown loss 'huber'; expected cross-entropy, mse or distill
// WEIGHT: error: weight: 0.000000e+00 is not positive
// SMOOTHING: error: label-smoothing: 1.000000e+00 is not at least 0 and below 1
// TEMPERATURE: error: temperature: 0.000000e+00 is not positive

// expected-error @+1 {{there is no function @main}}
module {
  func.func private @other()
}

// -----

module {
  // expected-error @+1 {{@main has no parameters: run train-outline-parameters first}}
  func.func @main(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
    return %x : tensor<8x4xf32>
  }
}

// -----

module {
  // expected-error @+1 {{@main has no result with the role output}}
  func.func @main(%x: tensor<8x4xf32> {train.role = #train.role<parameter>}) -> tensor<8x4xf32> {
    return %x : tensor<8x4xf32>
  }
}

// -----

module {
  // expected-error @+1 {{@loss is no loss function: expected one result with the role loss}}
  func.func @loss(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
    return %x : tensor<8x4xf32>
  }
}

// -----

module {
  // expected-error @+1 {{the teacher has 0 outputs, there is no number 0: expected a function @teacher}}
  func.func @main(%x: tensor<8x4xf32> {train.role = #train.role<input>}, %w: tensor<3x4xf32> {train.role = #train.role<parameter>})
      -> (tensor<8x3xf32> {train.role = #train.role<output>}) {
    %y = nn.linear %x, %w : (tensor<8x4xf32>, tensor<3x4xf32>) -> tensor<8x3xf32>
    return %y : tensor<8x3xf32>
  }
}

// -----

module {
  func.func @main(%x: tensor<8x4xf32> {train.role = #train.role<input>}, %w: tensor<3x4xf32> {train.role = #train.role<parameter>})
      -> (tensor<8x3xf32> {train.role = #train.role<output>}) {
    %y = nn.linear %x, %w : (tensor<8x4xf32>, tensor<3x4xf32>) -> tensor<8x3xf32>
    return %y : tensor<8x3xf32>
  }
  // expected-error @+1 {{the teacher has 2 inputs, the network 1: expected the same}}
  func.func private @teacher(%x: tensor<8x4xf32>, %y: tensor<8x4xf32>) -> tensor<8x4xf32> {
    return %x : tensor<8x4xf32>
  }
}

// -----

module {
  func.func @main(%x: tensor<8x4xf32> {train.role = #train.role<input>}, %w: tensor<3x4xf32> {train.role = #train.role<parameter>})
      -> (tensor<8x3xf32> {train.role = #train.role<output>}) {
    %y = nn.linear %x, %w : (tensor<8x4xf32>, tensor<3x4xf32>) -> tensor<8x3xf32>
    return %y : tensor<8x3xf32>
  }
  // expected-error @+1 {{input 0 of the teacher is 'tensor<8x5xf32>', that of the network 'tensor<8x4xf32>': expected the same}}
  func.func private @teacher(%x: tensor<8x5xf32>) -> tensor<8x5xf32> {
    return %x : tensor<8x5xf32>
  }
}

// -----

module {
  // expected-error @+1 {{output 0 of the teacher is 'tensor<8x4xf32>', that of the network 'tensor<8x3xf32>': expected the same}}
  func.func @main(%x: tensor<8x4xf32> {train.role = #train.role<input>}, %w: tensor<3x4xf32> {train.role = #train.role<parameter>})
      -> (tensor<8x3xf32> {train.role = #train.role<output>}) {
    %y = nn.linear %x, %w : (tensor<8x4xf32>, tensor<3x4xf32>) -> tensor<8x3xf32>
    return %y : tensor<8x3xf32>
  }
  func.func private @teacher(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
    return %x : tensor<8x4xf32>
  }
}

// -----

module {
  // expected-error @+1 {{output 0 of type 'tensor<8x4xi32>' is no tensor of floats with a dimension of classes}}
  func.func @main(%x: tensor<8x4xi32> {train.role = #train.role<input>}, %w: tensor<3x4xf32> {train.role = #train.role<parameter>})
      -> (tensor<8x4xi32> {train.role = #train.role<output>}) {
    return %x : tensor<8x4xi32>
  }
}
