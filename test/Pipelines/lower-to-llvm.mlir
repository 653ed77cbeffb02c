// RUN: condense-opt %s --condense-lower-to-linalg --condense-lower-to-llvm=threads=false | FileCheck %s
// RUN: condense-opt %s --condense-lower-to-linalg --condense-lower-to-llvm | FileCheck %s --check-prefix=OMP
// RUN: condense-opt %s --condense-lower-to-linalg --condense-lower-to-llvm=weights-file=%t.bin | FileCheck %s --check-prefix=WEIGHTS

// Nothing but the LLVM dialect is left, and OpenMP where threads are wanted and worth it. Memory comes from
// the functions of the runtime.
// CHECK-NOT: {{ (linalg|memref|tensor|arith|math|scf|cf|func|vector|affine|omp)\.}}
// CHECK: llvm.func @main
// CHECK-NOT: {{ (linalg|memref|tensor|arith|math|scf|cf|func|vector|affine|omp)\.}}
// CHECK: llvm.call @_mlir_memref_to_llvm_aligned_alloc
// CHECK-NOT: {{ (linalg|memref|tensor|arith|math|scf|cf|func|vector|affine|omp)\.}}
// OMP: omp.parallel
// WEIGHTS: llvm.mlir.global external constant @condense_weights()
// WEIGHTS-SAME: !llvm.array<72 x i8>
func.func @main(%x: tensor<256x512xf32>) -> tensor<512x256xf32> {
  %w = arith.constant dense<0.5> : tensor<256x512xf32>
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.mul %x, %w, %s : (tensor<256x512xf32>, tensor<256x512xf32>, tensor<1xi8>) -> tensor<256x512xf32>
  %1 = tosa.exp %0 : (tensor<256x512xf32>) -> tensor<256x512xf32>
  %2 = tosa.transpose %1 {perms = array<i32: 1, 0>} : (tensor<256x512xf32>) -> tensor<512x256xf32>
  return %2 : tensor<512x256xf32>
}

func.func @weights(%x: tensor<18xf32>) -> tensor<18xf32> {
  %w = arith.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]> : tensor<18xf32>
  %0 = tosa.add %x, %w : (tensor<18xf32>, tensor<18xf32>) -> tensor<18xf32>
  return %0 : tensor<18xf32>
}
