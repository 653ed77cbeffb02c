// RUN: condense-opt %s --pass-pipeline='builtin.module(convert-compress-to-linalg,canonicalize,func.func(codegen-pack-weights))' --remarks-filter=codegen --remark-policy=all 2>%t.remarks | FileCheck %s
// RUN: FileCheck --check-prefix=REMARK %s < %t.remarks
// RUN: condense-opt %s --pass-pipeline='builtin.module(convert-compress-to-linalg,canonicalize,func.func(codegen-pack-weights{most-stored=100}))' | FileCheck %s --check-prefix=NONE
// RUN: condense-opt %s --pass-pipeline='builtin.module(convert-compress-to-linalg,canonicalize,func.func(codegen-pack-weights,codegen-vectorize-contractions,codegen-vectorize-elementwise{permute=true}))' | FileCheck %s --check-prefix=KERNEL

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>

// NONE-NOT: condense.stored

// Used for 128 rows: decoded before, in the order of the kernel.
// REMARK: weight stored in the order of its kernel, and decoded before it, as each element is used 128 times
// CHECK-LABEL: @many_rows
// CHECK: %[[W:.*]] = linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]} ins({{.*}} : tensor<32x16xi8>, tensor<16xf32>) outs({{.*}} : tensor<32x16xf32>) attrs = {condense.stored}
// CHECK: linalg.generic {{.*}}ins(%{{.*}}, %[[W]] : tensor<128x32xf32>, tensor<32x16xf32>)
// Its kernel loads what was stored.
// KERNEL-LABEL: @many_rows
// KERNEL: arith.sitofp
// KERNEL: vector.transfer_write
// KERNEL: arith.mulf {{.*}}<contract>
// KERNEL-NOT: arith.sitofp
// KERNEL: return
func.func @many_rows(%x: tensor<128x32xf32>, %init: tensor<128x16xf32>) -> tensor<128x16xf32> {
  %codes = arith.constant dense<3> : tensor<16x32xi8>
  %scales = arith.constant dense<0.25> : tensor<16x1xf32>
  %w = compress.dequantize %codes, %scales : (tensor<16x32xi8>, tensor<16x1xf32>) -> tensor<16x32xf32>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<128x32xf32>, tensor<16x32xf32>) outs(%init : tensor<128x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<128x16xf32>
  return %y : tensor<128x16xf32>
}

// For few or unknown rows it is decoded in the kernel.
// CHECK-LABEL: @few_rows
// CHECK-NOT: condense.stored
func.func @few_rows(%x: tensor<4x32xf32>, %init: tensor<4x16xf32>, %u: tensor<?x32xf32>, %v: tensor<?x16xf32>) -> (tensor<4x16xf32>, tensor<?x16xf32>) {
  %codes = arith.constant dense<3> : tensor<16x32xi8>
  %scales = arith.constant dense<0.25> : tensor<16x1xf32>
  %w = compress.dequantize %codes, %scales : (tensor<16x32xi8>, tensor<16x1xf32>) -> tensor<16x32xf32>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<4x32xf32>, tensor<16x32xf32>) outs(%init : tensor<4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<4x16xf32>
  %z = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%u, %w : tensor<?x32xf32>, tensor<16x32xf32>) outs(%v : tensor<?x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<?x16xf32>
  return %y, %z : tensor<4x16xf32>, tensor<?x16xf32>
}

// Lanes run along the rows of the result: the weight stays in its order.
// REMARK: weight decoded before its kernel, as each element is used 128 times
// CHECK-LABEL: @other_lanes
// CHECK: condense.stored
func.func @other_lanes(%x: tensor<32x128xf32>, %init: tensor<16x128xf32>) -> tensor<16x128xf32> {
  %codes = arith.constant dense<3> : tensor<16x32xi8>
  %scales = arith.constant dense<0.25> : tensor<16x1xf32>
  %w = compress.dequantize %codes, %scales : (tensor<16x32xi8>, tensor<16x1xf32>) -> tensor<16x32xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(n, m, k) -> (k, m)>, affine_map<(n, m, k) -> (n, k)>, affine_map<(n, m, k) -> (n, m)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<32x128xf32>, tensor<16x32xf32>) outs(%init : tensor<16x128xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<16x128xf32>
  return %y : tensor<16x128xf32>
}
