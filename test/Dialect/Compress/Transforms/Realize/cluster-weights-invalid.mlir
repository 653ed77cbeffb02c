// RUN: condense-opt %s --compress-cluster-weights --split-input-file --verify-diagnostics

func.func @nan(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [0x7FC00000, 4.0]]> : tensor<2x2xf32>
  // expected-error@+1 {{weight 'linear.0.weight' is NaN or infinite at element 2: it cannot be clustered}}
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<>} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @missing(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense_resource<absent> : tensor<2x2xf32>
  // expected-error@+1 {{weight 'linear.0.weight' cannot be read: its data is missing or has another size than its type}}
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<>} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

func.func @pruned_group(%x: tensor<?x8xf32>, %p: tensor<4xi8>) -> tensor<?x4xf32> {
  %bits = arith.constant dense<0> : tensor<4xi8>
  %values = arith.constant dense<[]> : tensor<0xf32>
  %w = compress.scatter %values, %bits <format = bitmap> : (tensor<0xf32>, tensor<4xi8>) -> tensor<4x8xf32>
  // expected-error@+1 {{a pruned weight has one codebook: its cluster request must have group = 0}}
  %y = nn.linear %x, %w {compress.weight = #compress.cluster<group = 2>} : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

func.func @shared(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %v = arith.constant dense<1.0> : tensor<8x8xf32>
  %w = arith.constant dense<2.0> : tensor<8x8xf32>
  %0 = nn.linear %x, %v {compress.weight = #compress.cluster<entries = 4, share = "all">} : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  // expected-error@+1 {{layers that share the codebook "all" must ask for the same: #compress.cluster<entries = 8, share = "all"> is not #compress.cluster<entries = 4, share = "all">}}
  %1 = nn.linear %0, %w {compress.weight = #compress.cluster<entries = 8, share = "all">} : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  return %1 : tensor<?x8xf32>
}

// -----

// expected-error@+1 {{share must be a name, and excludes group}}
func.func private @share() attributes {a = #compress.cluster<share = "a", group = 2>}
