// Matrix products with sizes that do not divide the tile, dynamic ones, bias and activation, and
// an addend in place of zeros.
//
// RUN: %lower_plain %s | %execute > %t.plain
// RUN: FileCheck %s < %t.plain
// RUN: %lower_avx512 %s | %execute | diff %t.plain -
// RUN: %lower_avx2 %s | %execute | diff %t.plain -

#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#both = affine_map<(i, j) -> (i, j)>

// Element (i, j) is (a * i + b * j) mod 7 - 3.
func.func private @printMemrefF32(tensor<*xf32>)

func.func @data(%rows: index, %columns: index, %a: index, %b: index) -> tensor<?x?xf32> {
  %modulus = arith.constant 7 : index
  %middle = arith.constant 3 : index
  %empty = tensor.empty(%rows, %columns) : tensor<?x?xf32>
  %0 = linalg.generic {indexing_maps = [#both], iterator_types = ["parallel", "parallel"]} outs(%empty : tensor<?x?xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %ai = arith.muli %a, %i : index
    %bj = arith.muli %b, %j : index
    %sum = arith.addi %ai, %bj : index
    %quotient = arith.floordivsi %sum, %modulus : index
    %whole = arith.muli %quotient, %modulus : index
    %rest = arith.subi %sum, %whole : index
    %centred = arith.subi %rest, %middle : index
    %integer = arith.index_cast %centred : index to i32
    %value = arith.sitofp %integer : i32 to f32
    linalg.yield %value : f32
  } -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func @linear(%x: tensor<?x29xf32>, %w: tensor<29x40xf32>, %bias: tensor<40xf32>) -> tensor<?x40xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %x, %c0 : tensor<?x29xf32>
  %empty = tensor.empty(%m) : tensor<?x40xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x40xf32>) -> tensor<?x40xf32>
  %product = linalg.matmul ins(%x, %w : tensor<?x29xf32>, tensor<29x40xf32>) outs(%init : tensor<?x40xf32>) -> tensor<?x40xf32>
  %result = linalg.generic {indexing_maps = [#both, #column, #both], iterator_types = ["parallel", "parallel"]}
      ins(%product, %bias : tensor<?x40xf32>, tensor<40xf32>) outs(%empty : tensor<?x40xf32>) {
  ^bb0(%value: f32, %b: f32, %out: f32):
    %sum = arith.addf %value, %b : f32
    %relu = arith.maximumf %sum, %zero : f32
    linalg.yield %relu : f32
  } -> tensor<?x40xf32>
  return %result : tensor<?x40xf32>
}

// The bias is the initial value; the result is accumulated once more.
func.func @twice(%x: tensor<5x?xf32>, %w: tensor<?x17xf32>, %bias: tensor<17xf32>) -> tensor<5x17xf32> {
  %empty = tensor.empty() : tensor<5x17xf32>
  %init = linalg.broadcast ins(%bias : tensor<17xf32>) outs(%empty : tensor<5x17xf32>) dimensions = [0]
  %once = linalg.matmul ins(%x, %w : tensor<5x?xf32>, tensor<?x17xf32>) outs(%init : tensor<5x17xf32>) -> tensor<5x17xf32>
  %again = linalg.matmul ins(%x, %w : tensor<5x?xf32>, tensor<?x17xf32>) outs(%once : tensor<5x17xf32>) -> tensor<5x17xf32>
  return %again : tensor<5x17xf32>
}

// Every size is dynamic.
func.func @dynamic(%x: tensor<?x?xf32>, %w: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %n = tensor.dim %w, %c1 : tensor<?x?xf32>
  %empty = tensor.empty(%m, %n) : tensor<?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?xf32>) -> tensor<?x?xf32>
  %product = linalg.matmul ins(%x, %w : tensor<?x?xf32>, tensor<?x?xf32>) outs(%init : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %product : tensor<?x?xf32>
}

func.func @runLinear(%m: index) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %k = arith.constant 29 : index
  %n = arith.constant 40 : index
  %x = func.call @data(%m, %k, %c3, %c1) : (index, index, index, index) -> tensor<?x?xf32>
  %w = func.call @data(%k, %n, %c2, %c3) : (index, index, index, index) -> tensor<?x?xf32>
  %b = func.call @data(%c1, %n, %c2, %c1) : (index, index, index, index) -> tensor<?x?xf32>
  %xs = tensor.cast %x : tensor<?x?xf32> to tensor<?x29xf32>
  %ws = tensor.cast %w : tensor<?x?xf32> to tensor<29x40xf32>
  %bias2d = tensor.cast %b : tensor<?x?xf32> to tensor<1x40xf32>
  %bias = tensor.collapse_shape %bias2d [[0, 1]] : tensor<1x40xf32> into tensor<40xf32>
  %y = func.call @linear(%xs, %ws, %bias) : (tensor<?x29xf32>, tensor<29x40xf32>, tensor<40xf32>) -> tensor<?x40xf32>
  %print = tensor.cast %y : tensor<?x40xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print) : (tensor<*xf32>) -> ()
  return
}

func.func @runTwice(%k: index) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %n = arith.constant 17 : index
  %x = func.call @data(%c5, %k, %c3, %c2) : (index, index, index, index) -> tensor<?x?xf32>
  %w = func.call @data(%k, %n, %c2, %c1) : (index, index, index, index) -> tensor<?x?xf32>
  %b = func.call @data(%c1, %n, %c2, %c1) : (index, index, index, index) -> tensor<?x?xf32>
  %xs = tensor.cast %x : tensor<?x?xf32> to tensor<5x?xf32>
  %ws = tensor.cast %w : tensor<?x?xf32> to tensor<?x17xf32>
  %bias2d = tensor.cast %b : tensor<?x?xf32> to tensor<1x17xf32>
  %bias = tensor.collapse_shape %bias2d [[0, 1]] : tensor<1x17xf32> into tensor<17xf32>
  %y = func.call @twice(%xs, %ws, %bias) : (tensor<5x?xf32>, tensor<?x17xf32>, tensor<17xf32>) -> tensor<5x17xf32>
  %print = tensor.cast %y : tensor<5x17xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print) : (tensor<*xf32>) -> ()
  return
}

func.func @runDynamic(%m: index, %n: index, %k: index) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %x = func.call @data(%m, %k, %c3, %c2) : (index, index, index, index) -> tensor<?x?xf32>
  %w = func.call @data(%k, %n, %c2, %c1) : (index, index, index, index) -> tensor<?x?xf32>
  %y = func.call @dynamic(%x, %w) : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %print = tensor.cast %y : tensor<?x?xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print) : (tensor<*xf32>) -> ()
  return
}

// CHECK: sizes = [1, 40]
// CHECK: sizes = [13, 40]
// CHECK: sizes = [5, 17]
// CHECK: sizes = [1, 1]
// CHECK: sizes = [14, 75]
func.func @main() {
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c10 = arith.constant 10 : index
  %c13 = arith.constant 13 : index
  %c14 = arith.constant 14 : index
  %c33 = arith.constant 33 : index
  %c75 = arith.constant 75 : index
  func.call @runLinear(%c1) : (index) -> ()
  func.call @runLinear(%c13) : (index) -> ()
  func.call @runTwice(%c10) : (index) -> ()
  func.call @runDynamic(%c1, %c1, %c3) : (index, index, index) -> ()
  func.call @runDynamic(%c14, %c75, %c33) : (index, index, index) -> ()
  func.call @runDynamic(%c3, %c10, %c1) : (index, index, index) -> ()
  return
}
