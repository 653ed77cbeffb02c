// Weights without elements are left alone by every technique.
// RUN: condense-opt %s --compress-share-basis --compress-factorize-weights --compress-prune-weights \
// RUN:   --compress-quantize-weights --compress-cluster-weights --compress-verify | FileCheck %s
// RUN: condense-opt %s --compress-share-basis --compress-factorize-weights --compress-prune-weights \
// RUN:   --compress-quantize-weights --compress-cluster-weights --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK-DAG: [Missed] share-basis | Category:compress | Function=share | Reason="a weight without elements"
// REMARK-DAG: [Missed] factorize-weights | Category:compress | Function=factorize | Reason="a weight without elements"
// REMARK-DAG: [Missed] prune-weights | Category:compress | Function=prune | Reason="a weight without elements"
// REMARK-DAG: [Missed] quantize-weights | Category:compress | Function=quantize | Reason="a weight without elements"
// REMARK-DAG: [Missed] cluster-weights | Category:compress | Function=cluster | Reason="a weight without elements"
// CHECK-LABEL: @no_rows
// CHECK-NOT: compress.
func.func @no_rows(%x: tensor<?x8xf32>) -> (tensor<?x0xf32>, tensor<?x0xf32>, tensor<?x0xf32>) {
  %w = arith.constant dense<> : tensor<0x8xf32>
  %v = arith.constant dense<> : tensor<0x8xf32>
  %u = arith.constant dense<> : tensor<0x8xf32>
  %0 = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4, block = 4, scale_block = 4>} : (tensor<?x8xf32>, tensor<0x8xf32>) -> tensor<?x0xf32> loc("quantize")
  %1 = nn.linear %x, %v {compress.weight = #compress.cluster<entries = 4, group = 3>} : (tensor<?x8xf32>, tensor<0x8xf32>) -> tensor<?x0xf32> loc("cluster")
  %2 = nn.linear %x, %u {compress.weight = #compress.prune<n = 2, m = 4>} : (tensor<?x8xf32>, tensor<0x8xf32>) -> tensor<?x0xf32> loc("prune")
  return %0, %1, %2 : tensor<?x0xf32>, tensor<?x0xf32>, tensor<?x0xf32>
}

// CHECK-LABEL: @no_columns
// CHECK-NOT: compress.
func.func @no_columns(%x: tensor<?x0xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %w = arith.constant dense<> : tensor<8x0xf32>
  %v = arith.constant dense<> : tensor<8x0xf32>
  %0 = nn.linear %x, %w {compress.weight = #compress.share<group = "g", rank = 1>} : (tensor<?x0xf32>, tensor<8x0xf32>) -> tensor<?x8xf32> loc("share")
  %1 = nn.linear %x, %v {compress.weight = #compress.factorize<rank = 1>} : (tensor<?x0xf32>, tensor<8x0xf32>) -> tensor<?x8xf32> loc("factorize")
  return %0, %1 : tensor<?x8xf32>, tensor<?x8xf32>
}
