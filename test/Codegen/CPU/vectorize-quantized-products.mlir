// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-vectorize-contractions{vnni=true},canonicalize,cse))' | FileCheck %s

#qx = affine_map<(m, n, b, k, u, j) -> (m, b * 32 + k * 8 + u * 4 + j)>
#sx = affine_map<(m, n, b, k, u, j) -> (m)>
#sxb = affine_map<(m, n, b, k, u, j) -> (m, b)>
#qw = affine_map<(m, n, b, k, u, j) -> (b, k, n, j)>
#sw = affine_map<(m, n, b, k, u, j) -> (b, n)>
#u = affine_map<(m, n, b, k, u, j) -> (u)>
#y = affine_map<(m, n, b, k, u, j) -> (m, n)>

// A block is a sum of integers, the blocks a sum of floats, and the scale of a row is multiplied once. The bytes of a
// vector are read once for the two codes in each and all rows; 4 x 3 sums of each kind fit the registers.
// CHECK-LABEL: func @row_scales
// CHECK-DAG:     %[[MASK:.*]] = arith.constant dense<-16> : vector<64xi8>
// CHECK-DAG:     %[[FOUR:.*]] = arith.constant dense<4> : vector<64xi8>
// CHECK:         scf.for
// CHECK:           %[[SUM:.*]]:12 = scf.for %{{.*}} = %c0 to %c3 step %c1 iter_args({{.*}}) -> (vector<16xf32>
// CHECK:             %[[BYTES:.*]] = vector.transfer_read {{.*}} vector<64xi8>
// CHECK-COUNT-2:     vector.transfer_read {{.*}} vector<64xi8>
// CHECK:             %[[LOW:.*]] = arith.shli %[[BYTES]], %[[FOUR]] : vector<64xi8>
// CHECK:             arith.andi %[[LOW]], %[[MASK]] : vector<64xi8>
// CHECK:             vector.transfer_read {{.*}} vector<4xi8>
// CHECK-COUNT-12:    llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// CHECK:             arith.andi %[[BYTES]], %[[MASK]] : vector<64xi8>
// CHECK-COUNT-12:    llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// CHECK:             arith.extf {{.*}} vector<16xf16> to vector<16xf32>
// CHECK:             arith.sitofp {{.*}} : vector<16xi32> to vector<16xf32>
// CHECK:             scf.yield
// CHECK:           arith.mulf %[[SUM]]#0, %{{.*}} : vector<16xf32>
func.func @row_scales(%qx: tensor<8x96xi8>, %sx: tensor<8xf32>, %qw: tensor<3x4x48x4xi8>, %sw: tensor<3x48xf16>, %y: tensor<8x48xf32>) -> tensor<8x48xf32> {
  %size = tensor.empty() : tensor<2xi8>
  %four = arith.constant 4 : i8
  %mask = arith.constant -16 : i8
  %0 = linalg.generic {indexing_maps = [#qx, #sx, #qw, #sw, #u, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction", "reduction", "reduction"]}
      ins(%qx, %sx, %qw, %sw, %size : tensor<8x96xi8>, tensor<8xf32>, tensor<3x4x48x4xi8>, tensor<3x48xf16>, tensor<2xi8>) outs(%y : tensor<8x48xf32>) {
  ^bb0(%a: i8, %s: f32, %b: i8, %t: f16, %unused: i8, %acc: f32):
    %i = linalg.index 4 : index
    %i8 = arith.index_cast %i : index to i8
    %o = arith.muli %i8, %four : i8
    %d = arith.subi %four, %o : i8
    %h = arith.shli %b, %d : i8
    %c = arith.andi %h, %mask : i8
    %x = arith.extui %a : i8 to i32
    %w = arith.extsi %c : i8 to i32
    %p = arith.muli %x, %w : i32
    %f = arith.sitofp %p : i32 to f32
    %t32 = arith.extf %t : f16 to f32
    %1 = arith.mulf %f, %s : f32
    %2 = arith.mulf %1, %t32 : f32
    %3 = arith.addf %acc, %2 : f32
    linalg.yield %3 : f32
  } -> tensor<8x48xf32>
  return %0 : tensor<8x48xf32>
}

// Bytes that are codes themselves, and scales of both for each block: the sum of floats begins with the initial value.
// CHECK-LABEL: func @block_scales
// CHECK:           %[[INIT:.*]] = vector.transfer_read %arg4
// CHECK:           scf.for %{{.*}} = %c0 to %c3 step %c1 iter_args(%{{.*}} = %[[INIT]],
// CHECK-NOT:         arith.andi
// CHECK:             llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// CHECK:             arith.sitofp
// CHECK:             vector.transfer_write
func.func @block_scales(%qx: tensor<2x96xi8>, %sx: tensor<2x3xf32>, %qw: tensor<3x8x16x4xi8>, %sw: tensor<3x16xf32>, %y: tensor<2x16xf32>) -> tensor<2x16xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, b, k, j) -> (m, b * 32 + k * 4 + j)>, affine_map<(m, n, b, k, j) -> (m, b)>,
        affine_map<(m, n, b, k, j) -> (b, k, n, j)>, affine_map<(m, n, b, k, j) -> (b, n)>, affine_map<(m, n, b, k, j) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%qx, %sx, %qw, %sw : tensor<2x96xi8>, tensor<2x3xf32>, tensor<3x8x16x4xi8>, tensor<3x16xf32>) outs(%y : tensor<2x16xf32>) {
  ^bb0(%a: i8, %s: f32, %b: i8, %t: f32, %acc: f32):
    %x = arith.extui %a : i8 to i32
    %w = arith.extsi %b : i8 to i32
    %p = arith.muli %x, %w : i32
    %f = arith.sitofp %p : i32 to f32
    %1 = arith.mulf %f, %s : f32
    %2 = arith.mulf %1, %t : f32
    %3 = arith.addf %acc, %2 : f32
    linalg.yield %3 : f32
  } -> tensor<2x16xf32>
  return %0 : tensor<2x16xf32>
}

// Lanes that are computed from constants: each panel before all its rows, 64 bytes at a time, with the factor of a lane
// four times. What the kernel reads is the panel.
// CHECK-LABEL: func @expanded
// CHECK:         scf.for %[[PANEL:.*]] = %c0 to %c3
// CHECK:           bufferization.alloc_tensor() : tensor<4x2x64xi8>
// CHECK:           scf.for %[[K:.*]] = %c0 to %c4
// CHECK:             %[[BYTES:.*]] = vector.transfer_read %{{.*}}[%[[PANEL]], %[[K]], %c0]{{.*}} vector<64xi8>
// CHECK:             %[[FACTOR:.*]] = vector.transfer_read %{{.*}}[%[[PANEL]], %c0]{{.*}} vector<16xi8>
// CHECK:             %[[FOUR:.*]] = vector.shuffle %[[FACTOR]], %[[FACTOR]] [0, 0, 0, 0, 1, 1, 1, 1,
// CHECK:             arith.muli %{{.*}}, %[[FOUR]] : vector<64xi8>
// CHECK:             vector.transfer_write {{.*}} vector<64xi8>, tensor<4x2x64xi8>
// CHECK:           scf.for
// CHECK:             vector.transfer_read {{.*}} tensor<4x2x64xi8>, vector<64xi8>
// CHECK:             llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
func.func @expanded(%qx: tensor<8x32xi8>, %sx: tensor<8xf32>, %y: tensor<8x48xf32>) -> tensor<8x48xf32> {
  %bytes = arith.constant dense<1> : tensor<3x4x16x4xi8>
  %factors = arith.constant dense<2> : tensor<3x16xi8>
  %four = arith.constant 4 : i8
  %empty = tensor.empty() : tensor<3x4x2x16x4xi8>
  %w = linalg.generic {indexing_maps = [affine_map<(p, k, u, n, j) -> (p, k, n, j)>, affine_map<(p, k, u, n, j) -> (p, n)>,
        affine_map<(p, k, u, n, j) -> (p, k, u, n, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%bytes, %factors : tensor<3x4x16x4xi8>, tensor<3x16xi8>) outs(%empty : tensor<3x4x2x16x4xi8>) {
  ^bb0(%b: i8, %f: i8, %o: i8):
    %u = linalg.index 2 : index
    %i = arith.index_cast %u : index to i8
    %d = arith.muli %i, %four : i8
    %s = arith.shrsi %b, %d : i8
    %p = arith.muli %s, %f : i8
    linalg.yield %p : i8
  } -> tensor<3x4x2x16x4xi8>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, p, n, k, u, j) -> (m, k * 8 + u * 4 + j)>, affine_map<(m, p, n, k, u, j) -> (m)>,
        affine_map<(m, p, n, k, u, j) -> (p, k, u, n, j)>, affine_map<(m, p, n, k, u, j) -> (m, p * 16 + n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%qx, %sx, %w : tensor<8x32xi8>, tensor<8xf32>, tensor<3x4x2x16x4xi8>) outs(%y : tensor<8x48xf32>) {
  ^bb0(%a: i8, %s: f32, %b: i8, %acc: f32):
    %x = arith.extui %a : i8 to i32
    %v = arith.extsi %b : i8 to i32
    %p = arith.muli %x, %v : i32
    %f = arith.sitofp %p : i32 to f32
    %1 = arith.mulf %f, %s : f32
    %2 = arith.addf %acc, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<8x48xf32>
  return %0 : tensor<8x48xf32>
}

// One row shares nothing: products are floats.
// CHECK-LABEL: func @one_row
// CHECK-NOT:     vpdpbusd
func.func @one_row(%qx: tensor<32xi8>, %sx: tensor<f32>, %y: tensor<48xf32>) -> tensor<48xf32> {
  %bytes = arith.constant dense<1> : tensor<3x8x16x4xi8>
  %two = arith.constant 2 : i8
  %empty = tensor.empty() : tensor<3x8x16x4xi8>
  %w = linalg.generic {indexing_maps = [affine_map<(p, k, n, j) -> (p, k, n, j)>, affine_map<(p, k, n, j) -> (p, k, n, j)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%bytes : tensor<3x8x16x4xi8>) outs(%empty : tensor<3x8x16x4xi8>) {
  ^bb0(%b: i8, %o: i8):
    %p = arith.muli %b, %two : i8
    linalg.yield %p : i8
  } -> tensor<3x8x16x4xi8>
  %0 = linalg.generic {indexing_maps = [affine_map<(p, n, k, j) -> (k * 4 + j)>, affine_map<(p, n, k, j) -> ()>,
        affine_map<(p, n, k, j) -> (p, k, n, j)>, affine_map<(p, n, k, j) -> (p * 16 + n)>],
      iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%qx, %sx, %w : tensor<32xi8>, tensor<f32>, tensor<3x8x16x4xi8>) outs(%y : tensor<48xf32>) {
  ^bb0(%a: i8, %s: f32, %b: i8, %acc: f32):
    %x = arith.extui %a : i8 to i32
    %v = arith.extsi %b : i8 to i32
    %p = arith.muli %x, %v : i32
    %f = arith.sitofp %p : i32 to f32
    %1 = arith.mulf %f, %s : f32
    %2 = arith.addf %acc, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<48xf32>
  return %0 : tensor<48xf32>
}
