// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The operations of the `train` dialect.

#ifndef CONDENSE_DIALECT_TRAIN_IR_TRAINOPS_TD
#define CONDENSE_DIALECT_TRAIN_IR_TRAINOPS_TD

include "condense/Dialect/Train/IR/TrainDialect.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Train_Op<string mnemonic, list<Trait> traits = []> : Op<Train_Dialect, mnemonic, traits>;

def Train_FakeQuantizeOp : Train_Op<"fake_quantize", [Pure, InferTypeOpAdaptor]> {
  let summary = "What is left of a tensor after quantization, with a gradient";
  let description = [{
    `dequantize(quantize(x, scales, zero_points), scales, zero_points)` with codes of type
    `storage`, of the type of `x`: each scale and zero point serves the block
    `x.shape / scales.shape`, dimension by dimension, as in `compress.quantize`.

    Unlike that pair it has a derivative (Jacob et al., arXiv:1712.05877, section 3.1;
    Esser et al., arXiv:1902.08153): the rounding counts as the identity where `x` is within the range
    of the codes and as a constant outside, and the scales learn what a step of theirs is worth, divided
    by `sqrt(n * largest code)` for `n` elements of a block. Once trained, scales are stored as `stored_scale`.

    ```mlir
    %y = train.fake_quantize %w, %scales {storage = i4} : (tensor<10x64xf32>, tensor<10x1xf32>) -> tensor<10x64xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[AnyFloat]>:$input, RankedTensorOf<[AnyFloat]>:$scales,
      Optional<RankedTensorOf<[AnyInteger]>>:$zero_points, TypeAttr:$storage,
      OptionalAttr<TypeAttr>:$stored_scale);
  let results = (outs RankedTensorOf<[AnyFloat]>:$output);
  let assemblyFormat = "$input `,` $scales (`,` $zero_points^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Builds compress.dequantize of compress.quantize.
    ::mlir::Value decompose(::mlir::OpBuilder &builder);
  }];
}

#endif // CONDENSE_DIALECT_TRAIN_IR_TRAINOPS_TD
