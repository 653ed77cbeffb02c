// RUN: condense-opt %s --compress-annotate="ops=linear scheme='#compress.prune<n = 2, m = 4>' max-error=0.25" \
// RUN:   --compress-annotate="layers=fc2 scheme='#compress.cluster<entries = 8>'" \
// RUN:   --compress-annotate="layers=fc1 scheme='#compress.prune<n = 1, m = 4>'" | FileCheck %s
// RUN: condense-opt %s --compress-annotate="scheme='#compress.prune<n = 2, m = 4>'" --compress-annotate="remove=prune" \
// RUN:   | FileCheck %s --check-prefix=REMOVED

// A request of the same kind is replaced, one of another kind is added; products that
// weights are computed by are no layers, but their factors and terms can be compressed.

// CHECK-LABEL: @layers
// CHECK: nn.matmul %{{.*}} : (tensor<3x2xf32>, tensor<2x4xf32>)
// CHECK: nn.linear {{.*}}compress.max_error = 2.500000e-01 : f64, compress.weight = #compress.prune<n = 1, m = 4>}
// CHECK: nn.linear {{.*}}compress.weight = [#compress.prune<n = 2, m = 4>, #compress.cluster<entries = 8>]
// CHECK: nn.linear {{.*}}compress.weight = #compress.prune<n = 2, m = 4>} : (tensor<?x3xf32>, tensor<3x3xf32>)
// REMOVED-NOT: compress.weight
func.func @layers(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %w1 = arith.constant dense<1.0> : tensor<4x4xf32>
  %w2 = arith.constant dense<1.0> : tensor<3x4xf32>
  %a = arith.constant dense<1.0> : tensor<3x2xf32>
  %b = arith.constant dense<1.0> : tensor<2x4xf32>
  %ab = nn.matmul %a, %b : (tensor<3x2xf32>, tensor<2x4xf32>) -> tensor<3x4xf32>
  %sum = nn.add %w2, %ab : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %sum0 = arith.constant dense<1.0> : tensor<4x3xf32>
  %w3 = nn.matmul %sum, %sum0 : (tensor<3x4xf32>, tensor<4x3xf32>) -> tensor<3x3xf32>
  %0 = nn.linear %x, %w1 : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("fc1")
  %1 = nn.linear %0, %w2 : (tensor<?x4xf32>, tensor<3x4xf32>) -> tensor<?x3xf32> loc("fc2")
  %2 = nn.linear %1, %w3 : (tensor<?x3xf32>, tensor<3x3xf32>) -> tensor<?x3xf32> loc("computed")
  return %2 : tensor<?x3xf32>
}
