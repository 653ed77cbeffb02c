// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that turn linalg operations on tensors into vector kernels for CPUs.

#ifndef CONDENSE_CODEGEN_CPU_PASSES_TD
#define CONDENSE_CODEGEN_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def CodegenVectorizeContractionsPass
    : InterfacePass<"codegen-vectorize-contractions", "::mlir::FunctionOpInterface"> {
  let summary = "Rewrite linalg operations with reductions into register-blocked vector loops";
  let description = [{
    Takes every linalg operation on tensors that has a reduction (contractions,
    convolutions, pooling; any affine access maps) and writes one loop nest for

      - the operation itself: a tile of accumulators is held in vectors over the
        reduction loops. The lanes run along the parallel dimension that is
        contiguous in the result; the rows of the tile along another one, over which
        the vectors that were loaded are used again;
      - the elementwise expression that makes its weight from constants (dequantize,
        unpack): it is evaluated on vectors where they are needed, so that the weight
        is read in its stored form. A sequence of `linalg.generic`, reshapes and
        slices qualifies, and so does what initialises the accumulators;
      - its only consumer, if that is elementwise (bias, activation, residual,
        requantization).

    The order of the reduction is kept; a multiplication followed by an addition may
    be contracted into one rounding. Sizes may be dynamic or not divide the tile: rows
    that are left get a smaller tile, lanes that are left a mask. The type `i8 x i8 ->
    i32` with four contiguous products uses `vpdpbusd` under `vnni`, with the same
    result as the portable form.

    An operation whose operands are not contiguous (or constant) along the lanes is
    left unchanged, with a remark that says why.

    ```mlir
    %0 = linalg.matmul ins(%a, %b : tensor<?x64xf32>, tensor<64x32xf32>) outs(%zero : tensor<?x32xf32>) -> tensor<?x32xf32>
    ```

    becomes, with 16 lanes, roughly

    ```
    %0 = scf.for %i = 0 to %m step 12 iter_args(%dest = %empty) {
      %acc:24 = scf.for %k = 0 to 64 iter_args(...) -> vector<16xf32>, ... {
        %b0 = vector.transfer_read %b[%k, 0]
        %a0 = tensor.extract %a[%i, %k]
        ...
      }
      vector.transfer_write %acc#0, %dest[%i, 0]
    ```
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "512", "Width of a vector register in bits (128, 256 or 512)">,
    Option<"registers", "registers", "int64_t", "32", "Number of vector registers">,
    Option<"vnni", "vnni", "bool", "false", "The target has the AVX-512 VNNI instructions">
  ];
  let statistics = [
    Statistic<"numKernels", "kernels", "Number of operations rewritten">,
    Statistic<"numSkipped", "skipped", "Number of operations left unchanged">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect", "::mlir::vector::VectorDialect"];
}

def CodegenVectorizeElementwisePass
    : InterfacePass<"codegen-vectorize-elementwise", "::mlir::FunctionOpInterface"> {
  let summary = "Rewrite elementwise linalg operations into vector loops";
  let description = [{
    Takes every linalg operation on tensors without a reduction and writes a loop
    nest with vectors along the innermost dimension of the result, if its operands are
    contiguous or constant along it; the rest of a row is masked. Other operations are
    left unchanged, with a remark that says why. Values do not change.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "512", "Width of a vector register in bits (128, 256 or 512)">
  ];
  let statistics = [
    Statistic<"numKernels", "kernels", "Number of operations rewritten">,
    Statistic<"numSkipped", "skipped", "Number of operations left unchanged">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect", "::mlir::vector::VectorDialect"];
}

#endif // CONDENSE_CODEGEN_CPU_PASSES_TD
