// RUN: condense-opt %s --split-input-file --verify-diagnostics --train-apply-optimizer
// RUN: not condense-opt %s --train-apply-optimizer=kind=lion 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not condense-opt %s --train-apply-optimizer=learning-rate=0 2>&1 | FileCheck %s --check-prefix=RATE
// RUN: not condense-opt %s --train-apply-optimizer=momentum=1 2>&1 | FileCheck %s --check-prefix=MOMENTUM
// RUN: not condense-opt %s --train-apply-optimizer=clip-norm=-1 2>&1 | FileCheck %s --check-prefix=CLIP
// RUN: not condense-opt %s --train-apply-optimizer=schedule=none 2>&1 | FileCheck %s --check-prefix=SCHEDULE
// RUN: not condense-opt %s --train-apply-optimizer='schedule=cosine warmup-steps=5 total-steps=5' 2>&1 | FileCheck %s --check-prefix=TOTAL
// RUN: not condense-opt %s --train-apply-optimizer='schedule=step interval=0' 2>&1 | FileCheck %s --check-prefix=INTERVAL
// RUN: not condense-opt %s --train-apply-optimizer=factor=2 2>&1 | FileCheck %s --check-prefix=FACTOR
// RUN: not condense-opt %s --train-apply-optimizer=warmup-steps=-1 2>&1 | FileCheck %s --check-prefix=WARMUP
// KIND: error: kind: unknown optimizer 'lion'; expected sgd or adamw
// RATE: error: learning-rate: 0.000000 is not positive
// MOMENTUM: error: momentum: 1.000000 is not at least 0 and below 1
// CLIP: error: clip-norm: -1.000000 is negative
// SCHEDULE: error: schedule: unknown schedule 'none'; expected constant, step, cosine or linear
// TOTAL: error: total-steps: 5 is not more than warmup-steps, 5
// INTERVAL: error: interval: 0 is not positive
// FACTOR: error: factor: 2.000000 is not from 0 to 1
// WARMUP: error: warmup-steps: -1 is negative

// expected-error @+1 {{there is no function @loss_gradient}}
module {
  func.func private @other()
}

// -----

module {
  // expected-error @+1 {{@loss_gradient has 1 parameters, 0 gradients and 1 losses: expected one gradient for each parameter, and one loss}}
  func.func @loss_gradient(%w: tensor<4xf32> {train.role = #train.role<parameter>}, %l: tensor<f32>) -> (tensor<f32> {train.role = #train.role<loss>}) {
    return %l : tensor<f32>
  }
}

// -----

module {
  // expected-error @+1 {{the gradient of parameter 'w' is 'tensor<f32>', the parameter 'tensor<4xf32>'}}
  func.func @loss_gradient(%w: tensor<4xf32> {train.role = #train.role<parameter>, nn.name = "w"}, %l: tensor<f32>)
      -> (tensor<f32> {train.role = #train.role<loss>}, tensor<f32> {train.role = #train.role<gradient>}) {
    return %l, %l : tensor<f32>, tensor<f32>
  }
}
