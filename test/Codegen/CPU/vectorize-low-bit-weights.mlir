// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions{permute=true}),canonicalize,cse)' | FileCheck %s --check-prefixes=CHECK,TABLE
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions),canonicalize,cse)' | FileCheck %s --check-prefixes=CHECK,PLAIN
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions{vector-bits=256 registers=16}),canonicalize,cse)' | FileCheck %s --check-prefix=AVX2
// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions{permute=true}))' --remarks-filter=codegen --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Scales multiply the sum of their block, and codes of 4 bits select an entry of a register: the
// lower half of a byte as it is, the upper half after a shift.
// CHECK-LABEL: func @block_scales
// TABLE-DAG:     %[[TABLE:.*]] = arith.constant dense<[0.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00, 6.000000e+00, 7.000000e+00, -8.000000e+00, -7.000000e+00, -6.000000e+00, -5.000000e+00, -4.000000e+00, -3.000000e+00, -2.000000e+00, -1.000000e+00]> : vector<16xf32>
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
// CHECK:         scf.for {{.*}} = %c0 to %c2 {{.*}} iter_args(%[[SUM:.*]] = {{.*}}) -> (vector<16xf32>)
// CHECK:           %[[PARTIAL:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[ZERO]]) -> (vector<16xf32>)
// CHECK:             %[[BYTES:.*]] = vector.transfer_read
// TABLE:             %[[INDEX:.*]] = arith.extui %[[BYTES]] : vector<16xi8> to vector<16xi32>
// TABLE:             %[[LOW:.*]] = llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"(%[[TABLE]], %[[INDEX]])
// TABLE:             arith.mulf %{{.*}}, %[[LOW]]
// TABLE:             %[[UPPER:.*]] = arith.shrui %[[INDEX]]
// TABLE:             %[[HIGH:.*]] = llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"(%[[TABLE]], %[[UPPER]])
// TABLE:             arith.mulf %{{.*}}, %[[HIGH]]
// PLAIN-NOT:         permvar
// PLAIN:             arith.sitofp
// CHECK:             scf.yield
// CHECK:           %[[SCALE:.*]] = arith.extf %{{.*}} : vector<16xf16> to vector<16xf32>
// CHECK:           %[[SCALED:.*]] = arith.mulf %[[PARTIAL]], %[[SCALE]] fastmath<contract>
// CHECK:           arith.addf %[[SUM]], %[[SCALED]] fastmath<contract>
// AVX2-LABEL: func @block_scales
// AVX2-NOT:     permvar
// AVX2:         arith.sitofp
#x = affine_map<(n, b, k, h) -> (b * 16 + k * 2 + h)>
#w = affine_map<(n, b, k, h) -> (b, k, n)>
#s = affine_map<(n, b, k, h) -> (b, n)>
#h = affine_map<(n, b, k, h) -> (h)>
#y = affine_map<(n, b, k, h) -> (n)>
func.func @block_scales(%x: tensor<32xf32>, %w: tensor<2x8x16xi8>, %s: tensor<2x16xf16>, %y: tensor<16xf32>) -> tensor<16xf32> {
  %c4 = arith.constant 4 : i8
  %half = tensor.empty() : tensor<2xi8>
  %0 = linalg.generic {indexing_maps = [#x, #w, #s, #h, #y], iterator_types = ["parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %w, %s, %half : tensor<32xf32>, tensor<2x8x16xi8>, tensor<2x16xf16>, tensor<2xi8>) outs(%y : tensor<16xf32>) {
  ^bb0(%a: f32, %byte: i8, %scale: f16, %ignored: i8, %o: f32):
    %i = linalg.index 3 : index
    %number = arith.index_cast %i : index to i8
    %bits = arith.muli %number, %c4 : i8
    %left = arith.subi %c4, %bits : i8
    %upper = arith.shli %byte, %left : i8
    %code = arith.shrsi %upper, %c4 : i8
    %float = arith.sitofp %code : i8 to f32
    %factor = arith.extf %scale : f16 to f32
    %value = arith.mulf %float, %factor : f32
    %p = arith.mulf %a, %value : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

// One scale per channel multiplies the whole sum; codes of 8 bits have no table.
// CHECK-LABEL: func @channel_scales
// CHECK-NOT:     permvar
// CHECK:         %[[PARTIAL:.*]] = scf.for
// CHECK-NOT:       tensor<16xf32>
// CHECK:           arith.sitofp %{{.*}} : vector<16xi8> to vector<16xf32>
// CHECK:           scf.yield
// CHECK:         %[[SCALE:.*]] = vector.transfer_read %arg2
// CHECK:         arith.mulf %[[PARTIAL]], %[[SCALE]]
#cx = affine_map<(n, k) -> (k)>
#cw = affine_map<(n, k) -> (k, n)>
#cn = affine_map<(n, k) -> (n)>
func.func @channel_scales(%x: tensor<32xf32>, %w: tensor<32x16xi8>, %s: tensor<16xf32>, %y: tensor<16xf32>) -> tensor<16xf32> {
  %0 = linalg.generic {indexing_maps = [#cx, #cw, #cn, #cn], iterator_types = ["parallel", "reduction"]}
      ins(%x, %w, %s : tensor<32xf32>, tensor<32x16xi8>, tensor<16xf32>) outs(%y : tensor<16xf32>) {
  ^bb0(%a: f32, %code: i8, %scale: f32, %o: f32):
    %float = arith.sitofp %code : i8 to f32
    %value = arith.mulf %float, %scale : f32
    %p = arith.mulf %a, %value : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

// A maximum of products, and a sum of four only, stay as they are.
// CHECK-LABEL: func @left_alone
// CHECK-COUNT-4: arith.mulf %{{.*}}, %{{.*}} fastmath<contract> : vector<16xf32>
// CHECK:         arith.maximumf
func.func @left_alone(%x: tensor<2xf32>, %w: tensor<2x16xf32>, %s: tensor<16xf32>, %y: tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>) {
  %0 = linalg.generic {indexing_maps = [#cx, #cw, #cn, #cn], iterator_types = ["parallel", "reduction"]}
      ins(%x, %w, %s : tensor<2xf32>, tensor<2x16xf32>, tensor<16xf32>) outs(%y : tensor<16xf32>) {
  ^bb0(%a: f32, %b: f32, %scale: f32, %o: f32):
    %value = arith.mulf %b, %scale : f32
    %p = arith.mulf %a, %value : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<16xf32>
  %1 = linalg.generic {indexing_maps = [#cx, #cw, #cn, #cn], iterator_types = ["parallel", "reduction"]}
      ins(%x, %w, %s : tensor<2xf32>, tensor<2x16xf32>, tensor<16xf32>) outs(%y : tensor<16xf32>) {
  ^bb0(%a: f32, %b: f32, %scale: f32, %o: f32):
    %p = arith.mulf %b, %scale : f32
    %r = arith.maximumf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<16xf32>
  return %0, %1 : tensor<16xf32>, tensor<16xf32>
}

// Panels share no vectors: a tile is as wide as a panel, which it reads in one direction, and has as
// many of them as keep the multipliers busy.
// REMARK: Passed{{.*}}linalg.generic with 4x4 vectors of 16 lanes
// CHECK-LABEL: func @panels
// CHECK:         scf.for %{{.*}} = %c0 to %c8 step %c4
#px = affine_map<(p, n, k) -> (k)>
#pw = affine_map<(p, n, k) -> (p, k, n)>
#py = affine_map<(p, n, k) -> (p, n)>
func.func @panels(%x: tensor<32xf32>, %w: tensor<8x32x64xf32>, %y: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %0 = linalg.generic {indexing_maps = [#px, #pw, #py], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<32xf32>, tensor<8x32x64xf32>) outs(%y : tensor<8x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<8x64xf32>
  return %0 : tensor<8x64xf32>
}

// Zero points are subtracted as floats, which is exact, and converted outside of the loop over codes.
// CHECK-LABEL: func @zero_points
// CHECK:         scf.for
// CHECK-DAG:       %[[CODE:.*]] = arith.sitofp {{.*}} : vector<16xi32> to vector<16xf32>
// CHECK-DAG:       %[[ZERO_POINT:.*]] = arith.sitofp {{.*}} : vector<16xi32> to vector<16xf32>
// CHECK:           arith.subf %[[CODE]], %[[ZERO_POINT]]
// CHECK:           scf.yield
// CHECK:         arith.mulf
func.func @zero_points(%x: tensor<32xf32>, %w: tensor<32x16xi8>, %z: tensor<16xi8>, %s: tensor<16xf32>, %y: tensor<16xf32>) -> tensor<16xf32> {
  %0 = linalg.generic {indexing_maps = [#cx, #cw, #cn, #cn, #cn], iterator_types = ["parallel", "reduction"]}
      ins(%x, %w, %z, %s : tensor<32xf32>, tensor<32x16xi8>, tensor<16xi8>, tensor<16xf32>) outs(%y : tensor<16xf32>) {
  ^bb0(%a: f32, %code: i8, %zero: i8, %scale: f32, %o: f32):
    %wide = arith.extui %code : i8 to i32
    %wide_zero = arith.extui %zero : i8 to i32
    %difference = arith.subi %wide, %wide_zero : i32
    %float = arith.sitofp %difference : i32 to f32
    %value = arith.mulf %float, %scale : f32
    %p = arith.mulf %a, %value : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<16xf32>
  return %0 : tensor<16xf32>
}
