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
    /// The requests for the weight of a compute operation: one scheme, or an array of
    /// schemes of different kinds (see Requests.h).
    static constexpr ::llvm::StringLiteral kWeightSchemeAttrName = "compress.weight";
    /// The request for the activation of a compute operation.
    static constexpr ::llvm::StringLiteral kActivationSchemeAttrName = "compress.activation";
    /// On a result of a function that returns an observed activation: the request.
    static constexpr ::llvm::StringLiteral kObserveAttrName = "compress.observe";
    /// On compress.quantize, a hint: the scales are those of the largest magnitudes, so that no code
    /// saturates, and a quotient may be computed with the reciprocal of its scale.
    static constexpr ::llvm::StringLiteral kFitsAttrName = "compress.fits";
    /// On a compute operation: the largest relative error that a technique may cause.
    static constexpr ::llvm::StringLiteral kMaxErrorAttrName = "compress.max_error";
    /// On a compute operation: what its weight was declared to be (array of
    /// #compress.structure), which compress-verify checks.
    static constexpr ::llvm::StringLiteral kStructureAttrName = "compress.structure";
    /// On the outermost operation of a weight expression, for reports only: the
    /// relative error that the last technique caused.
    static constexpr ::llvm::StringLiteral kRelativeErrorAttrName = "compress.relative_error";
  }];
}

def Compress_Algorithm : I32EnumAttr<"ScaleAlgorithm", "how a scale is chosen", [
    I32EnumAttrCase<"MinMax", 0, "minmax">, // the largest magnitude fits exactly
    I32EnumAttrCase<"MSE", 1, "mse">,       // least mean squared error over a grid of clippings
    I32EnumAttrCase<"SQuant", 2, "squant">, // mse, then codes whose errors cancel (arXiv:2202.07471)
    I32EnumAttrCase<"GPTQ", 3, "gptq">      // mse, then codes of least output error (arXiv:2210.17323)
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
    I32EnumAttrCase<"MSE", 3, "mse">,                       // least squared error of the codes
    I32EnumAttrCase<"Entropy", 4, "entropy">,               // least divergence of the distributions
    I32EnumAttrCase<"Dynamic", 5, "dynamic">                // at run time, of the values that are there
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
    `storage`: i2 to i8, ui2 to ui8, f8E4M3FN or f8E5M2. `block`: elements
    of the weight's channel dimension that share a scale; 0 is one scale per output
    channel, -1 one for the tensor. Unsigned storage is asymmetric (a zero point per
    scale, of the storage type), signed and float storage symmetric.

    `codebook`: the values that the codes (unsigned indices) stand for, ascending, at
    most 2^width of them; the codes are then read through `compress.lookup`. `scale` is
    f16, f32 or f8E8M0FNU (a power of two, as in the OCP MX formats). With
    `scale_block` > 0 the scales are themselves quantized to ui8, that many sharing one
    f32 scale (QLoRA's double quantization); with -1, two levels: all scales of an output channel share one, and
    are integers so small that their products with the codes are signed bytes. `damping` (relative to the mean of the
    Hessian's diagonal) and `act_order` (columns of large activations first) are of
    `gptq`. `residual` keeps what quantization lost, as a second term of the weight,
    for low-rank correction.

    ```mlir
    #compress.quantize<storage = i4, block = 32, scale = f16, algorithm = mse, ragged = shrink>
    ```
  }];
  let parameters = (ins
    "::mlir::Type":$storage,
    DefaultValuedParameter<"int64_t", "0">:$block,
    DefaultValuedParameter<"::mlir::Type", "::mlir::Float16Type::get($_ctxt)">:$scale,
    DefaultValuedParameter<"ScaleAlgorithm", "ScaleAlgorithm::MinMax">:$algorithm,
    DefaultValuedParameter<"Ragged", "Ragged::Error">:$ragged,
    OptionalParameter<"::mlir::DenseF32ArrayAttr">:$codebook,
    DefaultValuedParameter<"int64_t", "0">:$scale_block,
    OptionalParameter<"::mlir::FloatAttr">:$damping,
    DefaultValuedParameter<"bool", "false">:$act_order,
    DefaultValuedParameter<"bool", "false">:$residual);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Compress_PruneMethod : I32EnumAttr<"PruneMethod", "what a weight that is pruned is worth", [
    I32EnumAttrCase<"Magnitude", 0, "magnitude">, // |w|
    I32EnumAttrCase<"Wanda", 1, "wanda">,         // |w| times the norm of its input (arXiv:2306.11695)
    I32EnumAttrCase<"OBS", 2, "obs">              // second order, the rest corrected (SparseGPT, arXiv:2301.00774)
  ]> {
  let cppNamespace = "::condense::compress";
  let genSpecializedAttr = 0;
}
def Compress_PruneMethodAttr : EnumAttr<Compress_Dialect, Compress_PruneMethod, "prune_method">;

def Compress_PruneScope : I32EnumAttr<"PruneScope", "what a sparsity is a share of", [
    I32EnumAttrCase<"Layer", 0, "layer">,
    I32EnumAttrCase<"Row", 1, "row">,      // each output channel
    I32EnumAttrCase<"Global", 2, "global"> // all layers with this request, one threshold
  ]> {
  let cppNamespace = "::condense::compress";
  let genSpecializedAttr = 0;
}
def Compress_PruneScopeAttr : EnumAttr<Compress_Dialect, Compress_PruneScope, "prune_scope">;

def Compress_PositionFormat : I32EnumAttr<"PositionFormat", "how the places of blocks that are not zero are stored", [
    I32EnumAttrCase<"Automatic", 0, "automatic">, // whichever is smallest; in requests only
    I32EnumAttrCase<"Bitmap", 1, "bitmap">,       // a bit per block
    I32EnumAttrCase<"NM", 2, "n_m">,              // n indices in each group of m
    I32EnumAttrCase<"Relative", 3, "relative">,   // distance from the one before
    I32EnumAttrCase<"List", 4, "list">            // index of each block
  ]> {
  let cppNamespace = "::condense::compress";
  let genSpecializedAttr = 0;
}
def Compress_PositionFormatAttr : EnumAttr<Compress_Dialect, Compress_PositionFormat, "position_format">;

def Compress_PruneSchemeAttr : Compress_SchemeAttr<"PruneScheme", "prune"> {
  let summary = "Request: prune a weight";
  let description = [{
    Either `sparsity`, the share of elements (blocks) that become zero, or `n` of each
    `m` consecutive elements of the weight's matrix row that stay (n < m <= 16). `block`
    is the shape `[rows, columns]` of what stays or goes together, in the matrix view of
    the weight (rows: output channels; columns: what an output sums over).

    ```mlir
    #compress.prune<sparsity = 5.000000e-01 : f64, method = obs>
    #compress.prune<n = 2, m = 4, method = wanda>
    #compress.prune<sparsity = 7.000000e-01 : f64, block = [4, 4], scope = global>
    ```
  }];
  let parameters = (ins
    OptionalParameter<"::mlir::FloatAttr">:$sparsity,
    DefaultValuedParameter<"int64_t", "0">:$n,
    DefaultValuedParameter<"int64_t", "0">:$m,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$block,
    DefaultValuedParameter<"PruneMethod", "PruneMethod::Magnitude">:$method,
    DefaultValuedParameter<"PruneScope", "PruneScope::Layer">:$scope,
    DefaultValuedParameter<"PositionFormat", "PositionFormat::Automatic">:$positions,
    OptionalParameter<"::mlir::FloatAttr">:$damping);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Compress_ClusterSchemeAttr : Compress_SchemeAttr<"ClusterScheme", "cluster"> {
  let summary = "Request: let the elements of a weight share few values";
  let description = [{
    k-means (Han et al., arXiv:1510.00149) with `entries` values (2 to 256), one codebook
    for `group` output channels (0: for the tensor). `weighted` weighs squared errors by
    the Hessian's diagonal, which needs statistics. `zero` keeps an entry that is exactly
    0, and zeros on it. Layers with the same `share` use one codebook.

    ```mlir
    #compress.cluster<entries = 16, value = f16>
    ```
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "16">:$entries,
    DefaultValuedParameter<"int64_t", "0">:$group,
    DefaultValuedParameter<"::mlir::Type", "::mlir::Float16Type::get($_ctxt)">:$value,
    DefaultValuedParameter<"bool", "false">:$weighted,
    DefaultValuedParameter<"bool", "false">:$zero,
    OptionalParameter<"::mlir::StringAttr">:$share);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Compress_FactorizeAlgorithm : I32EnumAttr<"FactorizeAlgorithm", "what a factorization approximates", [
    I32EnumAttrCase<"SVD", 0, "svd">,          // the weight
    I32EnumAttrCase<"Whitened", 1, "whitened"> // the layer's output (SVD-LLM, arXiv:2403.07378)
  ]> {
  let cppNamespace = "::condense::compress";
  let genSpecializedAttr = 0;
}
def Compress_FactorizeAlgorithmAttr : EnumAttr<Compress_Dialect, Compress_FactorizeAlgorithm, "factorize_algorithm">;

def Compress_ConvDecomposition : I32EnumAttr<"ConvDecomposition", "how a convolution is factorized", [
    I32EnumAttrCase<"Channel", 0, "channel">, // the kernel to few channels, then 1x1 (arXiv:1505.06798)
    I32EnumAttrCase<"Spatial", 1, "spatial">  // a column, then a row (arXiv:1405.3866)
  ]> {
  let cppNamespace = "::condense::compress";
  let genSpecializedAttr = 0;
}
def Compress_ConvDecompositionAttr : EnumAttr<Compress_Dialect, Compress_ConvDecomposition, "conv_decomposition">;

def Compress_FactorizeSchemeAttr : Compress_SchemeAttr<"FactorizeScheme", "factorize"> {
  let summary = "Request: approximate a weight by a product of two";
  let description = [{
    Exactly one of `rank`, `energy` (share of the squared singular values that is kept),
    `error` (largest relative error), `bytes` (share of the weight's bytes) and `macs`
    (share of its multiplications) decides the rank.

    ```mlir
    #compress.factorize<rank = 32, algorithm = whitened>
    #compress.factorize<bytes = 5.000000e-01 : f64>
    ```
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "0">:$rank,
    OptionalParameter<"::mlir::FloatAttr">:$energy,
    OptionalParameter<"::mlir::FloatAttr">:$error,
    OptionalParameter<"::mlir::FloatAttr">:$bytes,
    OptionalParameter<"::mlir::FloatAttr">:$macs,
    DefaultValuedParameter<"FactorizeAlgorithm", "FactorizeAlgorithm::SVD">:$algorithm,
    DefaultValuedParameter<"ConvDecomposition", "ConvDecomposition::Channel">:$conv);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Compress_ShareSchemeAttr : Compress_SchemeAttr<"ShareScheme", "share"> {
  let summary = "Request: let same-shaped weights share one basis";
  let description = [{
    The weights of all layers with the same `group` become products of coefficients of
    their own and one basis of `rank` rows (Basis Sharing, arXiv:2410.03765).

    ```mlir
    #compress.share<group = "ffn", rank = 64>
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$group, "int64_t":$rank);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Compress_ChannelImportance : I32EnumAttr<"ChannelImportance", "what a channel that is pruned is worth", [
    I32EnumAttrCase<"L1", 0, "l1">,
    I32EnumAttrCase<"L2", 1, "l2">,
    I32EnumAttrCase<"Wanda", 2, "wanda">, // weights times the norm of what they read
    I32EnumAttrCase<"OBS", 3, "obs">      // how much the readers' outputs change at least
  ]> {
  let cppNamespace = "::condense::compress";
  let genSpecializedAttr = 0;
}
def Compress_ChannelImportanceAttr : EnumAttr<Compress_Dialect, Compress_ChannelImportance, "channel_importance">;

def Compress_StructuredPruneSchemeAttr : Compress_SchemeAttr<"StructuredPruneScheme", "structured_prune"> {
  let summary = "Request: remove output channels of a layer, and what depends on them";
  let description = [{
    `ratio`: share of the channels (heads, neurons) that are removed. The number that
    stays is a multiple of `multiple_of`. `correct`: the layers that read the channels
    are corrected by least squares, which needs statistics.

    ```mlir
    #compress.structured_prune<ratio = 2.500000e-01 : f64, importance = l2>
    ```
  }];
  let parameters = (ins
    "::mlir::FloatAttr":$ratio,
    DefaultValuedParameter<"ChannelImportance", "ChannelImportance::L2">:$importance,
    DefaultValuedParameter<"int64_t", "1">:$multiple_of,
    DefaultValuedParameter<"bool", "false">:$correct);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Compress_Coder : I32EnumAttr<"Coder", "how symbols are coded", [
    I32EnumAttrCase<"Automatic", 0, "automatic">, // whichever is smallest; in requests only
    I32EnumAttrCase<"Huffman", 1, "huffman">,     // canonical, length-limited
    I32EnumAttrCase<"RANS", 2, "rans">,           // arXiv:1311.2540
    I32EnumAttrCase<"RunLength", 3, "run_length"> // runs of zeros
  ]> {
  let cppNamespace = "::condense::compress";
  let genSpecializedAttr = 0;
}
def Compress_CoderAttr : EnumAttr<Compress_Dialect, Compress_Coder, "coder">;

def Compress_EntropyCodeSchemeAttr : Compress_SchemeAttr<"EntropyCodeScheme", "entropy_code"> {
  let summary = "Request: code the leaves of a weight without loss";
  let description = [{
    Symbols in blocks of `block` that can be decoded independently. `floats` also codes
    the byte planes of leaves of floats.

    ```mlir
    #compress.entropy_code<coder = huffman, block = 65536>
    ```
  }];
  let parameters = (ins
    DefaultValuedParameter<"Coder", "Coder::Automatic">:$coder,
    DefaultValuedParameter<"int64_t", "65536">:$block,
    DefaultValuedParameter<"bool", "true">:$floats);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Compress_PositionsAttr : Compress_SchemeAttr<"Positions", "positions"> {
  let summary = "How compress.scatter stores where its values belong";
  let description = [{
    Of `compress.scatter`, not a request. `n` and `m` belong to `n_m`, `block` (rows and
    columns of a block; absent: single elements) to the others.

    ```mlir
    #compress.positions<format = bitmap, block = [1, 4]>
    ```
  }];
  let parameters = (ins
    "PositionFormat":$format,
    DefaultValuedParameter<"int64_t", "0">:$n,
    DefaultValuedParameter<"int64_t", "0">:$m,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$block);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Compress_StructureAttr : Compress_SchemeAttr<"Structure", "structure"> {
  let summary = "What a layer's weight was declared to be";
  let description = [{
    Recorded by realize passes in `compress.structure` and checked by compress-verify
    on the evaluated weight, in its matrix view: `zeros` elements at least are 0; in each
    `m` consecutive elements of a row at most `n` are not; blocks of shape `block` are
    zero as a whole or not at all; at most `values` different values (per tensor).

    ```mlir
    #compress.structure<zeros = 4096, n = 2, m = 4>
    ```
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "0">:$zeros,
    DefaultValuedParameter<"int64_t", "0">:$n,
    DefaultValuedParameter<"int64_t", "0">:$m,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$block,
    DefaultValuedParameter<"int64_t", "0">:$values);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Compress_ActivationSchemeAttr : Compress_SchemeAttr<"ActivationScheme", "quantize_activation"> {
  let summary = "Request: quantize an activation";
  let description = [{
    Per tensor; unsigned storage is asymmetric, signed storage symmetric. The range is
    absent until calibration has measured it in the way `calibration` (minmax,
    moving_average, percentile or mse); it must then hold finite bounds.

    With `calibration = dynamic` nothing is measured before: scales are computed at run time, from the largest
    magnitude of each row (of a convolution: of each sample), or with `block` > 0 of that many elements
    of a row each. Storage is then i8, and there is no range.

    ```mlir
    #compress.quantize_activation<storage = ui8>
    #compress.quantize_activation<storage = ui8, low = -1.5 : f32, high = 6.0 : f32>
    #compress.quantize_activation<storage = i8, calibration = dynamic>
    ```
  }];
  let parameters = (ins
    "::mlir::Type":$storage,
    DefaultValuedParameter<"Calibration", "Calibration::MinMax">:$calibration,
    OptionalParameter<"::mlir::FloatAttr">:$low,
    OptionalParameter<"::mlir::FloatAttr">:$high,
    DefaultValuedParameter<"int64_t", "0">:$block);
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// Whether scales are computed at run time.
    bool isDynamic() const { return getCalibration() == Calibration::Dynamic; }
    /// Whether calibration has to find the range.
    bool needsRange() const { return !getLow() && !isDynamic(); }
  }];
}

#endif // CONDENSE_DIALECT_COMPRESS_IR_COMPRESSDIALECT_TD
