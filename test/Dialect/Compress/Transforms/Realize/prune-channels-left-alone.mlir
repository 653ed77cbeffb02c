// RUN: condense-opt %s --compress-prune-channels --split-input-file --remarks-filter=compress 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: condense-opt %s --compress-prune-channels --split-input-file | FileCheck %s
// RUN: condense-opt %s --compress-prune-channels=across-normalisation --split-input-file | FileCheck %s --check-prefix=ACROSS

// The request is taken off, whatever becomes of it.
// CHECK-NOT: compress.weight

// REMARK: [Missed] prune-channels | Category:compress | Function=result | Reason="its channels stay: they are a result of the model"
func.func @result(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  // CHECK: nn.linear {{.*}} -> tensor<?x2xf32>
  %0 = nn.linear %x, %w {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32> loc("result")
  return %0 : tensor<?x2xf32>
}

// -----

// REMARK: [Missed] prune-channels | Category:compress | Function=input | Reason="its channels stay: the model has it as an input"
func.func @input(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %0 = nn.linear %x, %w {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("input")
  %1 = nn.add %0, %x : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  // CHECK: nn.linear {{.*}} tensor<2x2xf32>{{.*}} -> tensor<?x2xf32>
  %2 = nn.linear %1, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %2 : tensor<?x2xf32>
}

// -----

// REMARK: Function=normalised | Reason="its channels stay: nn.layer_norm 'ln' normalises over the dimension"
// ACROSS-LABEL: @normalised
func.func @normalised(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %w0 = arith.constant dense<1.0> : tensor<4x3xf32>
  %scale = arith.constant dense<2.0> : tensor<4xf32>
  %w1 = arith.constant dense<3.0> : tensor<2x4xf32>
  %0 = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("normalised")
  // CHECK: nn.layer_norm {{.*}} -> tensor<?x4xf32>
  // ACROSS: nn.layer_norm {{.*}} (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %1 = nn.layer_norm %0, %scale, %scale {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4xf32> loc("ln")
  %2 = nn.linear %1, %w1 : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %2 : tensor<?x2xf32>
}

// -----

// REMARK: Function=averaged | Reason="its channels stay: nn.reduce_mean sums over the dimension"
// ACROSS-LABEL: @averaged
func.func @averaged(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  %w0 = arith.constant dense<1.0> : tensor<4x3xf32>
  // ACROSS: nn.reduce_mean {{.*}} tensor<?x2xf32> -> tensor<?x1xf32>
  %0 = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("averaged")
  %1 = nn.reduce_mean %0 {axes = array<i64: 1>, keep_dims} : tensor<?x4xf32> -> tensor<?x1xf32>
  return %1 : tensor<?x1xf32>
}

// -----

// Softmax, and what numbers or chooses among the channels.
// REMARK: Function=softmax | Reason="its channels stay: nn.softmax normalises over the dimension"
// REMARK: Function=cumsum | Reason="its channels stay: nn.cumsum sums along the dimension"
// REMARK: Function=argmax | Reason="its channels stay: nn.argmax numbers the dimension"
// REMARK: Function=gather | Reason="its channels stay: nn.gather chooses among the slices of the dimension"
// REMARK: Function=maximum | Reason="its channels stay: nn.reduce_max reduces the dimension"
func.func @chosen(%x: tensor<?x3xf32>, %i: tensor<2xi64>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?xi64>, tensor<?x2xf32>, tensor<?xf32>) {
  %w0 = arith.constant dense<1.0> : tensor<4x3xf32>
  %w1 = arith.constant dense<2.0> : tensor<4x3xf32>
  %w2 = arith.constant dense<3.0> : tensor<4x3xf32>
  %w3 = arith.constant dense<4.0> : tensor<4x3xf32>
  %w4 = arith.constant dense<5.0> : tensor<4x3xf32>
  %v = arith.constant dense<1.0> : tensor<2x4xf32>
  %a = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("softmax")
  %a1 = nn.softmax %a {axis = 1 : i64} : tensor<?x4xf32>
  %a2 = nn.linear %a1, %v : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  %b = nn.linear %x, %w1 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("cumsum")
  %b1 = nn.cumsum %b {axis = 1 : i64} : tensor<?x4xf32>
  %b2 = nn.linear %b1, %v : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  %c = nn.linear %x, %w2 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("argmax")
  %c1 = nn.argmax %c {axis = 1 : i64} : tensor<?x4xf32> -> tensor<?xi64>
  %d = nn.linear %x, %w3 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("gather")
  %d1 = nn.gather %d, %i {axis = 1 : i64} : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x2xf32>
  %e = nn.linear %x, %w4 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("maximum")
  %e1 = nn.reduce_max %e {axes = array<i64: 1>} : tensor<?x4xf32> -> tensor<?xf32>
  return %a2, %b2, %c1, %d1, %e1 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?xi64>, tensor<?x2xf32>, tensor<?xf32>
}

// -----

// Operations of other dialects, a foreign layer, and calls.
// REMARK: Function=foreign | Reason="its channels stay: math.absf is not known to keep channels apart"
// REMARK: Function=called | Reason="its channels stay: func.call is not known to keep channels apart"
// REMARK: Function=linalg | Reason="channels are followed through operations of nn only, this is linalg.matmul"
func.func private @other(tensor<?x4xf32>) -> tensor<?x4xf32>
func.func @foreign(%x: tensor<?x3xf32>, %init: tensor<2x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<2x4xf32>) {
  %w0 = arith.constant dense<1.0> : tensor<4x3xf32>
  %w1 = arith.constant dense<2.0> : tensor<4x3xf32>
  %v = arith.constant dense<1.0> : tensor<2x4xf32>
  %a = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("foreign")
  %a1 = math.absf %a : tensor<?x4xf32>
  %a2 = nn.linear %a1, %v : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  %b = nn.linear %x, %w1 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("called")
  %b1 = call @other(%b) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %b2 = nn.linear %b1, %v : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  %k = arith.constant dense<1.0> : tensor<3x4xf32>
  %y = arith.constant dense<1.0> : tensor<2x3xf32>
  %m = linalg.matmul {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} ins(%y, %k : tensor<2x3xf32>, tensor<3x4xf32>) outs(%init : tensor<2x4xf32>) -> tensor<2x4xf32> loc("linalg")
  return %a2, %b2, %m : tensor<?x2xf32>, tensor<?x2xf32>, tensor<2x4xf32>
}

// -----

// Another layer makes the same channels and was not asked.
// REMARK: Function=asked | Reason="its channels stay: layer 'silent' has the same ones and no request"
func.func @asked(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %w0 = arith.constant dense<1.0> : tensor<4x3xf32>
  %w1 = arith.constant dense<2.0> : tensor<4x3xf32>
  %v = arith.constant dense<1.0> : tensor<2x4xf32>
  %a = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("asked")
  %b = nn.linear %x, %w1 : (tensor<?x3xf32>, tensor<4x3xf32>) -> tensor<?x4xf32> loc("silent")
  %c = nn.add %a, %b : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %d = nn.linear %c, %v : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
  return %d : tensor<?x2xf32>
}

// -----

// Too few to remove any; one channel; a reshape that mixes; a weight of unknown contents; a compressed reader.
// REMARK: Function=few | Reason="a ratio of 0.300 removes none of 3 in multiples of 1"
// REMARK: Function=multiples | Reason="a ratio of 0.500 removes none of 4 in multiples of 4"
// REMARK: Function=single | Reason="has no output channels that could be removed"
// REMARK: Function=mixed | Reason="its channels stay: nn.reshape mixes dimensions"
// REMARK: Function=coded | Reason="its channels stay: compress.dequantize is not known to keep channels apart"
func.func @few(%x: tensor<5x3xf32>) -> (tensor<5x2xf32>, tensor<5x2xf32>, tensor<5x2xf32>, tensor<3x10xf32>, tensor<5x2xf32>) {
  %w0 = arith.constant dense<1.0> : tensor<3x3xf32>
  %v0 = arith.constant dense<2.0> : tensor<2x3xf32>
  %a = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 0.3 : f64>} : (tensor<5x3xf32>, tensor<3x3xf32>) -> tensor<5x3xf32> loc("few")
  %a1 = nn.linear %a, %v0 : (tensor<5x3xf32>, tensor<2x3xf32>) -> tensor<5x2xf32>
  %w1 = arith.constant dense<1.0> : tensor<4x3xf32>
  %v1 = arith.constant dense<2.0> : tensor<2x4xf32>
  %b = nn.linear %x, %w1 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64, multiple_of = 4>} : (tensor<5x3xf32>, tensor<4x3xf32>) -> tensor<5x4xf32> loc("multiples")
  %b1 = nn.linear %b, %v1 : (tensor<5x4xf32>, tensor<2x4xf32>) -> tensor<5x2xf32>
  %w2 = arith.constant dense<1.0> : tensor<1x3xf32>
  %v2 = arith.constant dense<2.0> : tensor<2x1xf32>
  %c = nn.linear %x, %w2 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<5x3xf32>, tensor<1x3xf32>) -> tensor<5x1xf32> loc("single")
  %c1 = nn.linear %c, %v2 : (tensor<5x1xf32>, tensor<2x1xf32>) -> tensor<5x2xf32>
  %w3 = arith.constant dense<1.0> : tensor<6x3xf32>
  %v3 = arith.constant dense<2.0> : tensor<10x10xf32>
  %d = nn.linear %x, %w3 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<5x3xf32>, tensor<6x3xf32>) -> tensor<5x6xf32> loc("mixed")
  %d1 = nn.reshape %d {shape = array<i64: 3, 10>} : tensor<5x6xf32> -> tensor<3x10xf32>
  %d2 = nn.linear %d1, %v3 : (tensor<3x10xf32>, tensor<10x10xf32>) -> tensor<3x10xf32>
  %w4 = arith.constant dense<3.0> : tensor<4x3xf32>
  %codes = arith.constant dense<1> : tensor<2x4xi8>
  %scales = arith.constant dense<1.0> : tensor<2x1xf32>
  %v4 = compress.dequantize %codes, %scales : (tensor<2x4xi8>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %e = nn.linear %x, %w4 {compress.weight = #compress.structured_prune<ratio = 0.5 : f64>} : (tensor<5x3xf32>, tensor<4x3xf32>) -> tensor<5x4xf32> loc("coded")
  %e1 = nn.linear %e, %v4 : (tensor<5x4xf32>, tensor<2x4xf32>) -> tensor<5x2xf32>
  return %a1, %b1, %c1, %d2, %e1 : tensor<5x2xf32>, tensor<5x2xf32>, tensor<5x2xf32>, tensor<3x10xf32>, tensor<5x2xf32>
}
