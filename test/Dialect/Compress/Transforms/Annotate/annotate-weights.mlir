// RUN: condense-opt %s --compress-annotate-weights="storage=i4 block=2 algorithm=mse ragged=shrink" | FileCheck %s --check-prefix=ALL
// RUN: condense-opt %s --compress-annotate-weights="layers=enc*.fc* ops=linear" | FileCheck %s --check-prefix=NAME
// RUN: condense-opt %s --compress-annotate-weights="ops=nn.matmul,embedding" | FileCheck %s --check-prefix=OPS
// RUN: condense-opt %s --compress-annotate-weights="min-elements=9" | FileCheck %s --check-prefix=SIZE
// RUN: condense-opt %s --compress-annotate-weights="smallest-share=0.46" | FileCheck %s --check-prefix=SHARE
// RUN: condense-opt %s --compress-annotate-weights --compress-annotate-weights="layers=*fc1 storage=ui4 scale=f32" \
// RUN:   --compress-annotate-weights="layers=matmul.0 storage=none" | FileCheck %s --check-prefix=LAST

func.func @main(%x: tensor<?x4xf32>, %ids: tensor<?xi64>, %v: tensor<4x2xf32>)
    -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x4xf32>) {
  %w = arith.constant dense<0.5> : tensor<2x4xf32>
  %m = arith.constant dense<0.5> : tensor<4x2xf32>
  %t = arith.constant dense<0.5> : tensor<3x4xf32>
  // ALL: nn.linear {{.*}}{compress.weight = #compress.quantize<storage = i4, block = 2, algorithm = mse, ragged = shrink>}
  // NAME: nn.linear {{.*}}{compress.weight = #compress.quantize<storage = i8>}
  // OPS: nn.linear %{{.*}}, %{{[^ ]*}} :
  // SIZE: nn.linear %{{.*}}, %{{[^ ]*}} :
  // The weights have 8, 8, 8 and 12 elements: 16 are at most 46 % of 36.
  // SHARE-COUNT-2: nn.linear {{.*}}{compress.weight
  // SHARE-NOT: compress.weight
  // LAST: nn.linear {{.*}}{compress.weight = #compress.quantize<storage = ui4, scale = f32>}
  %0 = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32> loc("encoder.fc1")
  // ALL: nn.linear {{.*}}{compress.weight
  // NAME: nn.linear %{{.*}}, %{{[^ ]*}} :
  // LAST: nn.linear {{.*}}{compress.weight = #compress.quantize<storage = i8>}
  %1 = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32> loc("decoder.fc2")
  // ALL: nn.matmul {{.*}}{compress.weight
  // NAME: nn.matmul %{{.*}}, %{{[^ ]*}} :
  // OPS: nn.matmul {{.*}}{compress.weight
  // LAST: nn.matmul %{{.*}}, %{{[^ ]*}} :
  %2 = nn.matmul %x, %m : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  // No constant weight.
  // ALL: nn.matmul %{{.*}}, %{{[^ ]*}} :
  %3 = nn.matmul %x, %v : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  // ALL: nn.embedding {{.*}}{compress.weight
  // OPS: nn.embedding {{.*}}{compress.weight
  // SIZE: nn.embedding {{.*}}{compress.weight
  %4 = nn.embedding %ids, %t : (tensor<?xi64>, tensor<3x4xf32>) -> tensor<?x4xf32>
  return %0, %1, %2, %3, %4 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x4xf32>
}
