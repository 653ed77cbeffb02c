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
    its own), so that tiling and fusion pull it into its consumer. `compress.scatter`
    becomes loops that insert its values one by one, `entropy_decode` loops over
    blocks, symbols and bits, `join_planes` a `linalg.generic`; compress-fold-decoders
    evaluates these three where they are constant.
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

def FoldDecodersPass : Pass<"compress-fold-decoders"> {
  let summary = "Evaluate what kernels cannot decode themselves";
  let description = [{
    Kernels read codes through `compress.dequantize`, `lookup` and `unpack` as they go. What
    has to be decoded as a whole, or has zeros to be filled in (`compress.entropy_decode`, `join_planes`,
    `scatter`), is evaluated here, by the decoders of compiled models, and becomes a
    constant; codes that are narrower than a byte or unsigned are packed again, behind `compress.unpack`.
    A compiled model stores the constants of such an expression entropy-coded by itself
    (placement `load`), so that what was saved is not lost.

    What does not consist of constants is left alone (convert-compress-to-linalg decomposes it). A
    damaged stream, and positions out of range, are errors. Values do not change.

    ```mlir
    %codes = compress.entropy_decode %stream, %offsets, %table, huffman, 65536
      : (tensor<500xi8>, tensor<1xi32>, tensor<27xi8>) -> tensor<32x64xi4>
    %w = compress.dequantize %codes, %scales : (tensor<32x64xi4>, tensor<32x1xf16>) -> tensor<32x64xf32>
    ```

    becomes

    ```mlir
    %codes = compress.unpack %bytes : tensor<1024xi8> -> tensor<32x64xi4>
    %w = compress.dequantize %codes, %scales : (tensor<32x64xi4>, tensor<32x1xf16>) -> tensor<32x64xf32>
    ```
  }];
  let dependentDialects = ["::condense::compress::CompressDialect", "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"folded", "folded", "Number of operations evaluated">,
    Statistic<"bytesBefore", "bytes-before", "Bytes of the constants that were evaluated">,
    Statistic<"bytesAfter", "bytes-after", "Bytes of the constants that they became">
  ];
}

#endif // CONDENSE_CONVERSION_COMPRESSTOLINALG_PASSES_TD
