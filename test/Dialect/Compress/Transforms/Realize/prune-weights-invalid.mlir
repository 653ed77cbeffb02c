// RUN: python3 %S/Inputs/write-statistics.py %t.json bad=1x8:indefinite fine=1x8:own wide=1x9:own
// RUN: condense-opt %s --compress-prune-weights="statistics=%t.json" --split-input-file --verify-diagnostics
// RUN: not condense-opt %s --compress-prune-weights="statistics=%t.absent.json" --split-input-file 2>&1 | FileCheck %s --check-prefix=ABSENT

// ABSENT: {{.*}}absent.json.safetensors

func.func @unknown(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@unknown {{layer 'other' has no Gram matrix in the statistics, which method = wanda needs: calibrate again, or use method = magnitude}}
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64, method = wanda>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("other")
  return %y : tensor<?x2xf32>
}

// -----

func.func @indefinite(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@unknown {{layer 'bad': its Gram matrix is not positive definite: calibrate with more samples, or use method = wanda}}
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64, method = obs>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("bad")
  return %y : tensor<?x2xf32>
}

// -----

func.func @other_size(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@unknown {{statistics of layer 'wide' are of [1, 9] inputs, but its weight has [1, 8]: calibrate again}}
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64, method = obs>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("wide")
  return %y : tensor<?x2xf32>
}

// -----

func.func @nan(%x: tensor<?x4xf32>) -> tensor<?x1xf32> {
  %w = arith.constant dense<[[1.0, 1.0, 0x7FC00000, 1.0]]> : tensor<1x4xf32>
  // expected-error@unknown {{weight 'fine.weight' is NaN or infinite at element 2: it cannot be pruned}}
  %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 0.5 : f64>} : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x1xf32> loc("fine")
  return %y : tensor<?x1xf32>
}

// -----

func.func @global_groups(%x: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x8xf32>
  // expected-error@+1 {{scope = global needs a sparsity: groups of n of m are chosen one by one}}
  %y = nn.linear %x, %w {compress.weight = #compress.prune<n = 2, m = 4, scope = global>} : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
