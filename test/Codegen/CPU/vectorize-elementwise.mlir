// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-elementwise),canonicalize,cse)' | FileCheck %s
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-elementwise))' --remarks-filter=codegen --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Rows of dynamic length: whole vectors, then a masked one.
// CHECK-LABEL: func @dynamic_rows
// CHECK:         scf.for
// CHECK:           arith.mulf {{.*}} : vector<16xf32>
// CHECK:         scf.for
// CHECK:           %[[MASK:.*]] = vector.create_mask
// CHECK:           vector.transfer_write {{.*}}, %[[MASK]]
func.func @dynamic_rows(%x: tensor<?xf32>, %s: tensor<f32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %empty = tensor.empty(%n) : tensor<?xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x, %s : tensor<?xf32>, tensor<f32>) outs(%empty : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %mul = arith.mulf %a, %b : f32
    linalg.yield %mul : f32
  } -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// A transposition reads across rows.
// REMARK: Missed{{.*}}linalg.transpose left for scalar loops
// CHECK-LABEL: func @transposed
// CHECK:         linalg.transpose
func.func @transposed(%x: tensor<16x32xf32>) -> tensor<32x16xf32> {
  %empty = tensor.empty() : tensor<32x16xf32>
  %0 = linalg.transpose ins(%x : tensor<16x32xf32>) outs(%empty : tensor<32x16xf32>) permutation = [1, 0]
  return %0 : tensor<32x16xf32>
}

// A vector of bits would be stored packed, and read from a byte each.
// CHECK-LABEL: func @booleans
// CHECK:         linalg.generic
func.func @booleans(%x: tensor<16xi32>) -> tensor<16xi1> {
  %c0 = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<16xi1>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<16xi32>) outs(%empty : tensor<16xi1>) {
  ^bb0(%a: i32, %out: i1):
    %is_zero = arith.cmpi eq, %a, %c0 : i32
    linalg.yield %is_zero : i1
  } -> tensor<16xi1>
  return %0 : tensor<16xi1>
}

// Nothing to compute: steps could not be derived from the size.
// CHECK-LABEL: func @empty
// CHECK:         linalg.generic
func.func @empty(%x: tensor<0xf32>) -> tensor<0xf32> {
  %empty = tensor.empty() : tensor<0xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<0xf32>) outs(%empty : tensor<0xf32>) {
  ^bb0(%a: f32, %out: f32):
    %y = arith.addf %a, %a : f32
    linalg.yield %y : f32
  } -> tensor<0xf32>
  return %0 : tensor<0xf32>
}
