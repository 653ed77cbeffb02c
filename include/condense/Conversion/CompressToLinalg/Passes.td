// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass that lowers the `compress` dialect to linalg.

#ifndef CONDENSE_CONVERSION_COMPRESSTOLINALG_PASSES_TD
#define CONDENSE_CONVERSION_COMPRESSTOLINALG_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertCompressToLinalgPass : Pass<"convert-compress-to-linalg"> {
  let summary = "Replace compress operations by their reference decomposition";
  let description = [{
    Every `compress.quantize`, `dequantize`, `unpack` and `lookup` becomes one
    `linalg.generic` with projected permutation maps (a block is a dimension of
    its own), so that tiling and fusion pull it into its consumer. A
    `compress.scatter` becomes `scf` loops that insert its values one by one.
    `compress.observe`, an identity, disappears. Values do not change.

    Unsigned codes (`uiN`) become `iN` with unsigned arithmetic. Where such a
    value crosses to an operation of another dialect an
    `unrealized_conversion_cast` stays until that operation is converted too.

    ```mlir
    %w = compress.dequantize %codes, %scales : (tensor<4x64xi4>, tensor<4x2xf16>) -> tensor<4x64xf32>
    // becomes a generic over 4x2x32 that reads scales[d0, d1]
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"converted", "converted", "Number of compress operations decomposed">];
}

#endif // CONDENSE_CONVERSION_COMPRESSTOLINALG_PASSES_TD
