// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The `compress` dialect: definition and scheme attributes.

#ifndef CONDENSE_DIALECT_COMPRESS_IR_COMPRESSDIALECT_TD
#define CONDENSE_DIALECT_COMPRESS_IR_COMPRESSDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Compress_Dialect : Dialect {
  let name = "compress";
  let cppNamespace = "::condense::compress";
  let summary = "Schemes that are asked for, and the expressions that compressed weights are";
  let description = [{
    A *scheme* attribute on a compute operation is a request; a realize pass
    turns it into a *weight expression*: a small pure expression over smaller
    constants that evaluates to (nearly) the same tensor. The block structure of
    a quantized tensor is visible in the shapes of codes and scales, so no
    attribute that another pass may drop carries meaning.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    /// The request for the weight of a compute operation.
    static constexpr ::llvm::StringLiteral kWeightSchemeAttrName = "compress.weight";
    /// The request for the activation of a compute operation.
    static constexpr ::llvm::StringLiteral kActivationSchemeAttrName = "compress.activation";
    /// On a result of a function that returns an observed activation: the request.
    static constexpr ::llvm::StringLiteral kObserveAttrName = "compress.observe";
    /// On dequantize, for reports only: the relative error that quantizing caused.
    static constexpr ::llvm::StringLiteral kRelativeErrorAttrName = "compress.relative_error";
  }];
}

def Compress_Algorithm : I32EnumAttr<"ScaleAlgorithm", "how a scale is chosen", [
    I32EnumAttrCase<"MinMax", 0, "minmax">, // the largest magnitude fits exactly
    I32EnumAttrCase<"MSE", 1, "mse">,       // least mean squared error over a grid of clippings
    I32EnumAttrCase<"SQuant", 2, "squant">  // mse, then codes whose errors cancel (arXiv:2202.07471)
  ]> {
  let cppNamespace = "::condense::compress";
  let genSpecializedAttr = 0;
}
def Compress_AlgorithmAttr : EnumAttr<Compress_Dialect, Compress_Algorithm, "algorithm">;

def Compress_Ragged : I32EnumAttr<"Ragged", "what happens when a block does not divide its dimension", [
    I32EnumAttrCase<"Error", 0, "error">,
    I32EnumAttrCase<"Shrink", 1, "shrink"> // the largest divisor in [block/2, block], else one scale per channel
  ]> {
  let cppNamespace = "::condense::compress";
  let genSpecializedAttr = 0;
}
def Compress_RaggedAttr : EnumAttr<Compress_Dialect, Compress_Ragged, "ragged">;

def Compress_Calibration : I32EnumAttr<"Calibration", "how the range of an activation is found", [
    I32EnumAttrCase<"MinMax", 0, "minmax">,                 // everything that is seen
    I32EnumAttrCase<"MovingAverage", 1, "moving_average">,  // exponential mean of the samples' extremes
    I32EnumAttrCase<"Percentile", 2, "percentile">,         // without the outermost values
    I32EnumAttrCase<"MSE", 3, "mse">                        // least squared error of the codes
  ]> {
  let cppNamespace = "::condense::compress";
  let genSpecializedAttr = 0;
}
def Compress_CalibrationAttr : EnumAttr<Compress_Dialect, Compress_Calibration, "calibration">;

class Compress_SchemeAttr<string cppName, string mnemonicName> : AttrDef<Compress_Dialect, cppName> {
  let mnemonic = mnemonicName;
  let genVerifyDecl = 1;
}

def Compress_QuantizeSchemeAttr : Compress_SchemeAttr<"QuantizeScheme", "quantize"> {
  let summary = "Request: quantize a weight";
  let description = [{
    `storage`: i2, i3, i4, i8, ui2, ui3, ui4, ui8, f8E4M3FN or f8E5M2. `block`: elements
    of the weight's channel dimension that share a scale; 0 is one scale per output
    channel, -1 one for the tensor. Unsigned storage is asymmetric (a zero point per
    scale, of the storage type), signed and float storage symmetric.

    ```mlir
    #compress.quantize<storage = i4, block = 32, scale = f16, algorithm = mse, ragged = shrink>
    ```
  }];
  let parameters = (ins
    "::mlir::Type":$storage,
    DefaultValuedParameter<"int64_t", "0">:$block,
    DefaultValuedParameter<"::mlir::Type", "::mlir::Float16Type::get($_ctxt)">:$scale,
    DefaultValuedParameter<"ScaleAlgorithm", "ScaleAlgorithm::MinMax">:$algorithm,
    DefaultValuedParameter<"Ragged", "Ragged::Error">:$ragged);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Compress_ActivationSchemeAttr : Compress_SchemeAttr<"ActivationScheme", "quantize_activation"> {
  let summary = "Request: quantize an activation statically";
  let description = [{
    Per tensor; unsigned storage is asymmetric, signed storage symmetric. The range is
    absent until calibration has measured it in the way `calibration` (minmax,
    moving_average, percentile or mse); it must then hold finite bounds.

    ```mlir
    #compress.quantize_activation<storage = ui8>
    #compress.quantize_activation<storage = ui8, low = -1.5 : f32, high = 6.0 : f32>
    ```
  }];
  let parameters = (ins
    "::mlir::Type":$storage,
    DefaultValuedParameter<"Calibration", "Calibration::MinMax">:$calibration,
    OptionalParameter<"::mlir::FloatAttr">:$low,
    OptionalParameter<"::mlir::FloatAttr">:$high);
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif // CONDENSE_DIALECT_COMPRESS_IR_COMPRESSDIALECT_TD
