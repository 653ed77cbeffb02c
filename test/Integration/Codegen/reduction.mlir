// Reductions along the contiguous dimension (row sums and maxima, means, matrix times vector), and
// products with an operand that has to be transposed first.
//
// RUN: %lower_plain %s | %execute > %t.plain
// RUN: FileCheck %s < %t.plain
// RUN: %lower_avx512 %s | %execute | diff %t.plain -
// RUN: %lower_avx2 %s | %execute | diff %t.plain -

func.func private @printMemrefF32(tensor<*xf32>)

func.func @data(%rows: index, %columns: index) -> tensor<?x?xf32> {
  %empty = tensor.empty(%rows, %columns) : tensor<?x?xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%empty : tensor<?x?xf32>) {
  ^bb0(%out: f32):
    %modulus = arith.constant 9 : index
    %middle = arith.constant 5 : index
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %scaled = arith.muli %i, %middle : index
    %sum = arith.addi %scaled, %j : index
    %square = arith.muli %sum, %sum : index
    %rest = arith.remui %square, %modulus : index
    %centred = arith.subi %rest, %middle : index
    %integer = arith.index_cast %centred : index to i32
    %value = arith.sitofp %integer : i32 to f32
    linalg.yield %value : f32
  } -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// The initial value takes part; the result of a row is scaled.
func.func @mean(%x: tensor<?x?xf32>, %start: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %half = arith.constant 0.5 : f32
  %sum = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x?xf32>) outs(%start : tensor<?xf32>) {
  ^bb0(%a: f32, %acc: f32):
    %0 = arith.addf %acc, %a : f32
    linalg.yield %0 : f32
  } -> tensor<?xf32>
  %rows = tensor.dim %x, %c0 : tensor<?x?xf32>
  %empty = tensor.empty(%rows) : tensor<?xf32>
  %scaled = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%sum : tensor<?xf32>) outs(%empty : tensor<?xf32>) {
  ^bb0(%a: f32, %acc: f32):
    %0 = arith.mulf %a, %half : f32
    linalg.yield %0 : f32
  } -> tensor<?xf32>
  return %scaled : tensor<?xf32>
}

// All values are below zero in some row: lanes that are switched off must not count as zero.
func.func @lowest(%x: tensor<?x?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %lowest = arith.constant 0xFF800000 : f32
  %shift = arith.constant 9.0 : f32
  %rows = tensor.dim %x, %c0 : tensor<?x?xf32>
  %empty = tensor.empty(%rows) : tensor<?xf32>
  %init = linalg.fill ins(%lowest : f32) outs(%empty : tensor<?xf32>) -> tensor<?xf32>
  %max = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x?xf32>) outs(%init : tensor<?xf32>) {
  ^bb0(%a: f32, %acc: f32):
    %below = arith.subf %a, %shift : f32
    %0 = arith.maximumf %acc, %below : f32
    linalg.yield %0 : f32
  } -> tensor<?xf32>
  return %max : tensor<?xf32>
}

func.func @matvec(%x: tensor<5x37xf32>, %v: tensor<37xf32>) -> tensor<5xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<5xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<5xf32>) -> tensor<5xf32>
  %0 = linalg.matvec ins(%x, %v : tensor<5x37xf32>, tensor<37xf32>) outs(%init : tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// Scores of attention: the keys are read along their rows.
func.func @scores(%q: tensor<3x9x6xf32>, %k: tensor<3x11x6xf32>) -> tensor<3x9x11xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<3x9x11xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<3x9x11xf32>) -> tensor<3x9x11xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %k : tensor<3x9x6xf32>, tensor<3x11x6xf32>) outs(%init : tensor<3x9x11xf32>) {
  ^bb0(%a: f32, %b: f32, %acc: f32):
    %1 = arith.mulf %a, %b : f32
    %2 = arith.addf %acc, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<3x9x11xf32>
  return %0 : tensor<3x9x11xf32>
}

func.func @runRows(%rows: index, %columns: index) {
  %c1 = arith.constant 1 : index
  %x = func.call @data(%rows, %columns) : (index, index) -> tensor<?x?xf32>
  %s = func.call @data(%c1, %rows) : (index, index) -> tensor<?x?xf32>
  %start = tensor.collapse_shape %s [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  %mean = func.call @mean(%x, %start) : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %print0 = tensor.cast %mean : tensor<?xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print0) : (tensor<*xf32>) -> ()
  %lowest = func.call @lowest(%x) : (tensor<?x?xf32>) -> tensor<?xf32>
  %print1 = tensor.cast %lowest : tensor<?xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print1) : (tensor<*xf32>) -> ()
  return
}

// CHECK: sizes = [9]
// CHECK: sizes = [17]
// CHECK: sizes = [5]
// CHECK: sizes = [3, 9, 11]
func.func @main() {
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %c9 = arith.constant 9 : index
  %c17 = arith.constant 17 : index
  %c37 = arith.constant 37 : index
  %c54 = arith.constant 54 : index
  %c66 = arith.constant 66 : index
  func.call @runRows(%c9, %c37) : (index, index) -> ()
  func.call @runRows(%c17, %c3) : (index, index) -> ()
  func.call @runRows(%c1, %c66) : (index, index) -> ()
  %x = func.call @data(%c5, %c37) : (index, index) -> tensor<?x?xf32>
  %xs = tensor.cast %x : tensor<?x?xf32> to tensor<5x37xf32>
  %row = tensor.extract_slice %xs[2, 0] [1, 37] [1, 1] : tensor<5x37xf32> to tensor<37xf32>
  %mv = func.call @matvec(%xs, %row) : (tensor<5x37xf32>, tensor<37xf32>) -> tensor<5xf32>
  %print2 = tensor.cast %mv : tensor<5xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print2) : (tensor<*xf32>) -> ()
  %q = func.call @data(%c3, %c54) : (index, index) -> tensor<?x?xf32>
  %k = func.call @data(%c3, %c66) : (index, index) -> tensor<?x?xf32>
  %qc = tensor.cast %q : tensor<?x?xf32> to tensor<3x54xf32>
  %kc = tensor.cast %k : tensor<?x?xf32> to tensor<3x66xf32>
  %qs = tensor.expand_shape %qc [[0], [1, 2]] output_shape [3, 9, 6] : tensor<3x54xf32> into tensor<3x9x6xf32>
  %ks = tensor.expand_shape %kc [[0], [1, 2]] output_shape [3, 11, 6] : tensor<3x66xf32> into tensor<3x11x6xf32>
  %s = func.call @scores(%qs, %ks) : (tensor<3x9x6xf32>, tensor<3x11x6xf32>) -> tensor<3x9x11xf32>
  %print3 = tensor.cast %s : tensor<3x9x11xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print3) : (tensor<*xf32>) -> ()
  return
}
