// RUN: condense-opt %s --convert-nn-to-linalg --canonicalize --cse | FileCheck %s
// RUN: condense-opt %s --convert-nn-to-linalg=query-block=32 --canonicalize --cse | FileCheck %s --check-prefix=BLOCKS

// The reference stores the scores of all queries: batch, groups, heads of a group, queries, keys.
// CHECK-LABEL: @heads
// CHECK: tensor<?x2x3x?x?xf32>
// CHECK: math.exp

// By blocks, the keys of a head are transposed once, and there are scores of a block only: whole blocks, then the rest.
// BLOCKS-LABEL: @heads
// BLOCKS-NOT: tensor<?x2x3x?x?xf32>
// BLOCKS: scf.forall (%[[N:.*]]) in (%{{.*}}) shared_outs
// BLOCKS: tensor.extract_slice %{{.*}} : tensor<?x?x2x8xf32> to tensor<?x8xf32>
// BLOCKS: linalg.transpose
// BLOCKS: scf.for
// BLOCKS: tensor.extract_slice %{{.*}} [1, 32, 1, 8] [1, 1, 1, 1] : tensor<?x?x6x8xf32> to tensor<32x8xf32>
// BLOCKS: linalg.fill {{.*}} -> tensor<32x?xf32>
// BLOCKS: math.exp
// BLOCKS: tensor.insert_slice %{{.*}} into %{{.*}} : tensor<32x4xf32> into tensor<?x4xf32>
// BLOCKS: scf.for
// BLOCKS: math.exp
// BLOCKS: tensor.parallel_insert_slice
// BLOCKS-NOT: tensor<?x2x3x?x?xf32>
func.func @heads(%q: tensor<?x?x6x8xf32>, %k: tensor<?x?x2x8xf32>, %v: tensor<?x?x2x4xf32>, %m: tensor<1x1x?x?xf32>) -> tensor<?x?x6x4xf32> {
  %0 = nn.attention %q, %k, %v, %m {scale = 0.5 : f64} : (tensor<?x?x6x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x4xf32>, tensor<1x1x?x?xf32>) -> tensor<?x?x6x4xf32>
  return %0 : tensor<?x?x6x4xf32>
}

// A multiple of the block leaves no rest.
// BLOCKS-LABEL: @whole_blocks
// BLOCKS: scf.forall
// BLOCKS: scf.for %
// BLOCKS-NOT: scf.for %
// BLOCKS: tensor.parallel_insert_slice
func.func @whole_blocks(%q: tensor<1x64x6x8xf32>) -> tensor<1x64x6x8xf32> {
  %0 = nn.attention %q, %q, %q {scale = 0.5 : f64, causal} : (tensor<1x64x6x8xf32>, tensor<1x64x6x8xf32>, tensor<1x64x6x8xf32>) -> tensor<1x64x6x8xf32>
  return %0 : tensor<1x64x6x8xf32>
}
