// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that turn requests into weight expressions and integer arithmetic.

#ifndef CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PASSES_TD
#define CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PASSES_TD

include "mlir/Pass/PassBase.td"

class RealizePass<string flag> : Pass<flag> {
  let dependentDialects = ["::condense::compress::CompressDialect", "::mlir::arith::ArithDialect"];
}

def QuantizeWeightsPass : RealizePass<"compress-quantize-weights"> {
  let summary = "Quantize the weights that are requested to be";
  let description = [{
    Replaces a constant weight whose layer carries `compress.weight` by
    `compress.dequantize` of codes and scales; codes that are narrower than a
    byte or unsigned are stored packed, behind `compress.unpack`. The request is
    removed. A transpose between constant and layer is looked through.

    One scale serves `block` elements of the weight's channel dimension (at one
    position of a convolution's kernel), or with 0 everything that one output
    channel sums over, or with -1 the tensor. Where `block` does not divide,
    `ragged = shrink` takes the largest divisor in `[block / 2, block]`, else
    one scale per output channel.

    `minmax` fits the largest magnitude, `mse` clips it where that lessens the
    squared error. `squant` starts from that and then rounds some elements the
    other way, so that the errors of each block, and of all that an output channel
    sums over, add up to at most half a scale: with inputs of a common mean the
    channel's mean output stays what it was (Guo et al., arXiv:2202.07471).

    `gptq` (Frantar et al., arXiv:2210.17323) decides one column after the other and lets
    those that are left make up for the error, with the Gram matrix `X^T X` of the layer's
    input from `statistics`. Scales are as of `mse`, errors weighed by what each column costs
    the output. Those of blocks of consecutive columns are chosen from the updated weights when
    the block is reached; all others, and with `act_order` (columns with the largest activations
    first) those too, from the original ones. Two passes of coordinate descent over the codes follow
    (QuantEase, Behdin et al., arXiv:2309.01885). A table, whose rows are not multiplied
    with anything, gets `mse`. A layer that was not measured is an error.

    What was pruned stays pruned: the values of a `compress.scatter` become codes, below
    `compress.dequantize`; its zeros are zeros for `gptq` too (and `squant` is `mse`). Both
    factors of a product are quantized; the left one reads what the right one computes, whose
    Gram matrix is `B H B^T`. With `residual` the weight becomes the sum of the expression and a
    constant of what was lost, for `compress-factorize-weights`.

    A weight stays as it is, with a remark, when its rank is 1, when it is no
    constant of floats, when it is also used uncompressed, when codes and
    scales would take no fewer bytes, when it is pruned and codes would be unsigned, or when the
    relative error exceeds the layer's `compress.max_error`. NaN or infinite weights, a scale that its
    type cannot hold and a block that does not divide are errors.

    Numeric effect: with `minmax` an element changes by at most half a scale
    (one, if unsigned, with the rounding of the zero point), besides the
    rounding of an f16 scale; the remark has the relative error
    `||w - w~|| / ||w||`, and so has the attribute `compress.relative_error`; for layers in
    `statistics` also the relative error of the layer's output, `||X (W - W~)^T|| / ||X W^T||`.

    ```mlir
    %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4, block = 32>}
      : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```

    becomes

    ```mlir
    %codes = compress.unpack %bytes : tensor<24576xi8> -> tensor<128x384xi4>
    %v = compress.dequantize %codes, %scales : (tensor<128x384xi4>, tensor<128x12xf16>) -> tensor<128x384xf32>
    %y = nn.linear %x, %v : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```
  }];
  let dependentDialects = ["::condense::compress::CompressDialect", "::condense::nn::NNDialect",
                           "::mlir::arith::ArithDialect"];
  let options = [Option<"statistics", "statistics", "std::string", "\"\"",
                        "Statistics of calibration (FILE.json), which `gptq` needs">];
  let statistics = [
    Statistic<"quantized", "quantized", "Number of weights quantized">,
    Statistic<"leftAlone", "left-alone", "Number of requested weights left alone">,
    Statistic<"bytesBefore", "bytes-before", "Bytes of the quantized weights before">,
    Statistic<"bytesAfter", "bytes-after", "Bytes of the quantized weights after">
  ];
}

def QuantizeActivationsPass : RealizePass<"compress-quantize-activations"> {
  let summary = "Quantize the activations that are requested to be";
  let description = [{
    Puts `dequantize(quantize(x))` with the scale and zero point of the
    calibrated range on the activation of each layer that carries
    `compress.activation`, and removes the request. The range is widened to
    contain 0, which is then exact. Layers that read the same value with the
    same scheme share the pair. A request without a range is an error.

    A request with `calibration = dynamic` needs no range. The graph then computes the scales from the values
    that are there: `max|x| / 127` of each row that `nn.linear` or `nn.matmul` multiplies (or of each `block`
    elements of it), of each sample for `nn.conv2d`. A row of zeros gets the smallest normal number as its scale, and
    codes of 0; one with NaN or an infinity gets results that are NaN or infinite. Other operations are an error.

    ```mlir
    %a = nn.abs %x : tensor<?x384xf32>
    %m = nn.reduce_max %a {axes = array<i64: 1>, keep_dims} : tensor<?x384xf32> -> tensor<?x1xf32>
    %d = nn.mul %m, %factor : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
    %s = nn.max %d, %smallest : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
    %q = compress.quantize %x, %s {compress.fits} : (tensor<?x384xf32>, tensor<?x1xf32>) -> tensor<?x384xi8>
    %y = compress.dequantize %q, %s : (tensor<?x384xi8>, tensor<?x1xf32>) -> tensor<?x384xf32>
    ```

    Numeric effect: an element inside the range changes by at most half a
    scale, `(high - low) / 255`; one outside is saturated. With dynamic scales none is outside.
  }];
  let dependentDialects = ["::condense::compress::CompressDialect", "::condense::nn::NNDialect",
                           "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"quantized", "quantized", "Number of activations quantized">];
}

def IntegerArithmeticPass : RealizePass<"compress-integer-arithmetic"> {
  let summary = "Compute with codes instead of numbers";
  let description = [{
    Rewrites `nn.linear`, `nn.matmul` and `nn.conv2d` of a quantized activation
    (i8 or ui8; one scale, or symmetric with scales for rows or samples, which may be computed at run time)
    with a per-output-channel, symmetrically quantized i8 weight (or one looked up in a codebook of integers, which are
    then stored) to the integer operation on the codes. With activation `sx (qx - zx)`
    and weight `sw[c] qw[c, k]`:

        sum_k sx (qx[k] - zx) sw[c] qw[c, k] = sx sw[c] (sum_k qx[k] qw[c, k] - zx sum_k qw[c, k])

    The last term is constant: it is the i32 bias of the integer operation. The
    padding of a convolution is 0, whose code is `zx`: it becomes an `nn.pad` of
    codes. The i32 result is scaled by `sx sw[c]` in f32, then the bias is added. Scales that are no constant, or are
    several, are multiplied after `sw[c]`.

    The i32 accumulator cannot overflow: from the actual codes, `bias[c]` plus
    all positive and plus all negative products stay in range, whatever the
    order of summation and the activation. Otherwise the layer is left in float,
    with a remark. Integer sums are exact; numeric effect against the float
    simulation: only the rounding of its f32 sums.
  }];
  let dependentDialects = ["::condense::compress::CompressDialect", "::condense::nn::NNDialect",
                           "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"converted", "converted", "Number of layers computed in integers">,
    Statistic<"leftAlone", "left-alone", "Number of quantized layers left in float">
  ];
}

def PruneChannelsPass : Pass<"compress-prune-channels", "::mlir::ModuleOp"> {
  let summary = "Remove the channels, heads and neurons that are requested to be";
  let description = [{
    A layer that carries `#compress.structured_prune` loses output channels: its weight
    and bias, and everything computed with them, become smaller. What must go together
    is found from def-use in both directions (DepGraph, Fang et al., arXiv:2301.12900):
    residual additions, concatenation, slices, depthwise and grouped convolutions,
    batch normalisation, flattened images, attention heads (a feature dimension that is
    reshaped to heads loses whole heads), gated feed-forward layers. Inputs and results
    of the model never change. A layer is left alone, with a remark that names the
    operation, when its channels reach one that is not known to keep channels apart, or
    that computes a statistic over them (layer normalisation, softmax, sums, means); with
    `across-normalisation` layer and RMS normalisation, sums and means are allowed, and
    are then those of the remaining channels. All layers that make the same channels must carry
    the request; the smallest of their ratios holds. With `budget` the ratios only say
    how much is removed of all groups together, counted in `channels`, `parameters` or
    `macs`; it is taken where a channel costs least for its size, so that sensitive
    layers keep theirs.

    `importance` orders the units: `l1`, `l2` by the norm of all weights that would go,
    `wanda` by the weights that read them times the norm of what they read, `obs` by how
    much the outputs of the layers that read them change at least. `wanda`, `obs` and
    `correct` need `statistics`, the result of calibration. With `correct` the layers
    that read what is removed get the weights and the bias that reproduce their outputs
    best (least squares: arXiv:1707.06342; block elimination: arXiv:2302.04089).

    Numeric effect: without `correct` that of zeros in place of the removed channels
    wherever they are summed over. With it the relative error of the outputs of the
    layers that read them, over the calibration data, is in the remark.

    ```mlir
    %0 = nn.linear %x, %w0 {compress.weight = #compress.structured_prune<ratio = 5.0e-01 : f64>}
      : (tensor<?x784xf32>, tensor<256x784xf32>) -> tensor<?x256xf32>
    %1 = nn.relu %0 : tensor<?x256xf32>
    %2 = nn.linear %1, %w1 : (tensor<?x256xf32>, tensor<10x256xf32>) -> tensor<?x10xf32>
    ```

    becomes, with constant weights,

    ```mlir
    %0 = nn.linear %x, %w0 : (tensor<?x784xf32>, tensor<128x784xf32>) -> tensor<?x128xf32>
    %1 = nn.relu %0 : tensor<?x128xf32>
    %2 = nn.linear %1, %w1 : (tensor<?x128xf32>, tensor<10x128xf32>) -> tensor<?x10xf32>
    ```
  }];
  let dependentDialects = ["::condense::compress::CompressDialect", "::mlir::arith::ArithDialect"];
  let options = [
    Option<"statisticsFile", "statistics", "std::string", "\"\"", "The result of calibration, FILE.json">,
    Option<"damping", "damping", "double", "0.001",
           "Relative to the mean square of the inputs: how reluctantly corrected weights change">,
    Option<"budget", "budget", "std::string", "\"group\"",
           "What ratios are shares of: group, or of all groups together channels, parameters or macs">,
    Option<"acrossNormalisation", "across-normalisation", "bool", "false",
           "Also remove channels that are normalised together">
  ];
  let statistics = [
    Statistic<"prunedGroups", "pruned-groups", "Number of groups of channels that became smaller">,
    Statistic<"removedUnits", "removed", "Number of channels, heads and neurons removed">,
    Statistic<"leftAlone", "left-alone", "Number of layers with a request that was not followed">,
    Statistic<"macsBefore", "macs-before", "Multiplications that the groups take part in before">,
    Statistic<"macsAfter", "macs-after", "Multiplications that the groups take part in after">,
    Statistic<"bytesBefore", "bytes-before", "Bytes of the constants of the groups before">,
    Statistic<"bytesAfter", "bytes-after", "Bytes of the constants of the groups after">
  ];
}

def EqualizePass : RealizePass<"compress-equalize"> {
  let summary = "Let neighbouring layers share the range of each channel";
  let description = [{
    Cross-layer equalization (Nagel et al., arXiv:1906.04721), without data. Where the
    output of a layer reaches the next through positively homogeneous operations only
    (ReLU, pooling, reshapes, residual additions), channel `i` of it may be divided by
    any `s[i] > 0` when what reads it is multiplied: `s = sqrt(r1 / r2)` makes its largest
    magnitudes `r1` in the weight that writes it and `r2` in the one that reads it
    equal, so that one scale per tensor fits all channels. A depthwise convolution is
    both reader and writer; chains are iterated until no scale changes by more than 0.1 %.
    Tensors that are connected by additions get one scale per channel, and all layers
    that write and read them take part.

    Requires f32 constants and a known number of channels; the model's outputs, other
    activation functions (GELU, sigmoid, a clamp) and normalisations end a group. A layer
    whose group contains one of these is left alone, with a remark. So is one that reads
    an activation of known range: equalize before calibration.

    Numeric effect: none but the rounding of each weight and bias.

    ```mlir
    %h = nn.linear %x, %w1, %b1 : (tensor<?x8xf32>, tensor<4x8xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    %r = nn.relu %h : tensor<?x4xf32>
    %y = nn.linear %r, %w2 : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
    // rows of %w1 and elements of %b1 are divided by s, columns of %w2 multiplied
    ```
  }];
  let options = [
    Option<"layers", "layers", "std::string", "\"*\"", "Glob of the names of the layers whose outputs are scaled">,
    Option<"iterations", "iterations", "int", "100", "Largest number of times that each pair is visited">
  ];
  let statistics = [
    Statistic<"equalized", "equalized", "Number of groups of channels that were scaled">,
    Statistic<"leftAlone", "left-alone", "Number of layers whose output was left alone">
  ];
}

def SmoothActivationsPass : RealizePass<"compress-smooth-activations"> {
  let summary = "Move range from activations, or from weights, to the other";
  let description = [{
    Divides the channels of what layers read by `s` and multiplies the columns of
    their weights. Layers that read the same activation share one vector. The
    division is absorbed by what makes the activation: the layer, normalisation or
    product with a constant before it, also through ReLU, pooling, reshapes and, from the
    values to the output projection, attention. Where nothing can absorb it, `insert-scale`
    inserts an `nn.mul` by `1 / s`; without it the layers are left alone, with a remark.

    `smooth` (SmoothQuant, Xiao et al., arXiv:2211.10438):
    `s = max|x|^alpha / max|w|^(1 - alpha)` takes outlier channels out of activations that
    are to be quantized. By default layers with `compress.activation` are meant.

    `awq` (Lin et al., arXiv:2306.00978): `s = rms(x)^alpha`, with the `alpha` of a grid
    that leaves the least output error when the weights are quantized as they are requested
    to be, protects the weights that meet large activations. By default layers with a
    request to quantize the weight are meant. It needs Gram matrices.

    `statistics` names what calibration measured of the model as it is now; afterwards it
    is out of date.

    Numeric effect: none but the rounding of each weight and bias.

    ```mlir
    %n = nn.rms_norm %x, %g {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %q = nn.linear %n, %wq {compress.activation = #compress.quantize_activation<storage = i8>}
      : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
    // %g is divided by s, the columns of %wq are multiplied
    ```
  }];
  let dependentDialects = ["::condense::compress::CompressDialect", "::condense::nn::NNDialect",
                           "::mlir::arith::ArithDialect"];
  let options = [
    Option<"statisticsFile", "statistics", "std::string", "\"\"", "File of the calibration">,
    Option<"algorithm", "algorithm", "std::string", "\"smooth\"", "smooth or awq">,
    Option<"alpha", "alpha", "double", "0.5", "Of smooth: share of the activation's range that the weight takes, 0 to 1">,
    Option<"layers", "layers", "std::string", "\"*\"", "Glob of the names of the layers that are meant">,
    Option<"all", "all", "bool", "false", "Of smooth: also layers whose activation is not to be quantized">,
    Option<"insertScale", "insert-scale", "bool", "false", "Insert a multiplication where nothing absorbs the scale">
  ];
  let statistics = [
    Statistic<"smoothed", "smoothed", "Number of activations that were scaled">,
    Statistic<"inserted", "inserted", "Number of multiplications inserted">,
    Statistic<"leftAlone", "left-alone", "Number of layers left alone">
  ];
}

def RecordMeansPass : RealizePass<"compress-record-means"> {
  let summary = "Keep what compress-correct-bias needs of the uncompressed model";
  let description = [{
    Attaches to each `nn.linear` and `nn.conv2d` that is in `statistics` and has a request
    (with `all`: to any) the mean row `E[x]` that its weight's matrix is multiplied with
    (`compress.input_mean`) and `W E[x]`, the mean output without the bias
    (`compress.output_mean`). Run it after equalizing and smoothing and before the first
    technique that changes a weight; then the original weight need not be kept. When the
    attributes are lost, the bias is merely not corrected.

    ```mlir
    %y = nn.linear %x, %w {compress.input_mean = dense<0.5> : tensor<1x4xf32>,
        compress.output_mean = dense<1.5> : tensor<2xf32>}
      : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
    ```
  }];
  let options = [
    Option<"statisticsFile", "statistics", "std::string", "\"\"", "File of the calibration">,
    Option<"layers", "layers", "std::string", "\"*\"", "Glob of the names of the layers that are meant">,
    Option<"all", "all", "bool", "false", "Also layers without a request">
  ];
  let statistics = [
    Statistic<"recorded", "recorded", "Number of layers whose means were recorded">,
    Statistic<"leftAlone", "left-alone", "Number of layers left alone">
  ];
}

def CorrectBiasPass : RealizePass<"compress-correct-bias"> {
  let summary = "Give layers the mean output back that compression took";
  let description = [{
    Bias correction (Nagel et al., arXiv:1906.04721; Finkelstein et al., arXiv:1906.03193):
    a compressed weight `W~` shifts the mean output of a layer by `(W~ - W) E[x]`.
    From what `compress-record-means` kept, `b += W E[x] - W~ E[x]`; a layer without a
    bias gets one. The recorded means are removed.

    Both means are of the uncompressed model. With the means of the compressed one, the
    shift that an earlier layer causes would be corrected there and here again. The means
    are right as far as earlier layers keep theirs, as they do under quantization and
    clustering. Where much was pruned outputs shrink as a whole, and a correction that keeps
    their mean alone can do harm.

    A layer is left alone, with a remark, when its weight did not change, when it
    changed shape since the means were recorded, or when its bias is no constant of f32.

    ```mlir
    %y = nn.linear %x, %v, %b {compress.input_mean = dense<0.5> : tensor<1x4xf32>,
        compress.output_mean = dense<1.5> : tensor<2xf32>}
      : (tensor<?x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    // becomes, with another constant %c:
    %z = nn.linear %x, %v, %c : (tensor<?x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    ```
  }];
  let statistics = [
    Statistic<"corrected", "corrected", "Number of layers whose bias was corrected">,
    Statistic<"leftAlone", "left-alone", "Number of layers left alone">
  ];
}

def FactorizeWeightsPass : RealizePass<"compress-factorize-weights"> {
  let summary = "Approximate weights by products of two factors";
  let description = [{
    Follows `#compress.factorize` of layers. A constant matrix `W` becomes `nn.matmul` of two
    constants: the truncated SVD (`svd`), or with `whitened` the product of that rank that changes the
    layer's output least on the calibration samples of `statistics` (SVD-LLM, Wang et al.,
    arXiv:2403.07378). `compress-split-products` then computes the layer factor by factor.

    A constant filter of `nn.conv2d` becomes two convolutions, called `<layer>.down` and `<layer>.up`:
    with `channel` the whole kernel to `rank` channels (of each group) and a 1x1 convolution (Zhang et
    al., arXiv:1505.06798), with `spatial` a column of the kernel and then a row (Jaderberg et al.,
    arXiv:1405.3866). Further requests of the layer, and an activation's without its range, go to both.

    The rank is given, or the smallest that keeps `energy` (share of the squared singular values; whitened:
    of the output's squares) or loses at most `error`, or the largest within the share `bytes` of the
    weight's elements or `macs` of its multiplications.

    What quantization with `residual` has lost is a target too: its low-rank approximation is the
    correction of LQER (Zhang et al., arXiv:2402.02446); that of a filter is computed beside the
    convolution, by `<layer>.correction.down` and `.up`. A layer whose quantization with `residual` is
    still requested keeps its request until a later run of this pass.

    A weight stays as it is, with a remark, when it is no matrix or filter of an operation of nn, is a
    product or pruned already, is also used otherwise, when the factors would take no fewer bytes, when a convolution would
    become slower, or when the relative error exceeds the layer's `compress.max_error`. A residual that
    is not made smaller is dropped, or, where that exceeds `compress.max_error`, the weight is the
    dense constant again. NaN or infinite weights and absent statistics are errors.

    Numeric effect: the remark has `||w - w~|| / ||w||`, and for `whitened` the relative error of the
    layer's output. At full rank only rounding is lost.

    ```mlir
    %y = nn.linear %x, %w {compress.weight = #compress.factorize<rank = 32>}
      : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```

    becomes

    ```mlir
    %v = nn.matmul %up, %down : (tensor<128x32xf32>, tensor<32x384xf32>) -> tensor<128x384xf32>
    %y = nn.linear %x, %v : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```
  }];
  let dependentDialects = ["::condense::compress::CompressDialect", "::condense::nn::NNDialect",
                           "::mlir::arith::ArithDialect"];
  let options = [Option<"statistics", "statistics", "std::string", "\"\"",
                        "Statistics of calibration (FILE.json), which `whitened` needs">];
  let statistics = [
    Statistic<"factorized", "factorized", "Number of weights factorized">,
    Statistic<"leftAlone", "left-alone", "Number of requested weights left alone">,
    Statistic<"bytesBefore", "bytes-before", "Bytes of the factorized weights before">,
    Statistic<"bytesAfter", "bytes-after", "Bytes of the factorized weights after">
  ];
}

def SplitProductsPass : RealizePass<"compress-split-products"> {
  let summary = "Compute with the factors of a weight where that is cheaper";
  let description = [{
    A layer whose weight is a product of constant matrices, or a sum with one, is computed factor by
    factor, whoever made the product:

        linear(x, A B) = linear(linear(x, B), A)         matmul(x, A B) = matmul(matmul(x, A), B)
        linear(x, A + B) = linear(x, A) + linear(x, B)   embedding(i, A B) = matmul(embedding(i, A), B)

    also through transposes in between. With `R` rows of activations, a product `[m, n]` over `r` is
    split when `R r (m + n) < (R + r) m n`, that is when the two multiplications cost less than
    building the weight and one multiplication. Sums are split where one of the terms then is. A dynamic size
    counts as `dynamic-rows`.

    The new layers are called `<layer>.down` (the first) and `<layer>.up`, and the term that a sum adds
    `<layer>.correction`; requests go to each. What calibration measured of the layer's input holds for
    `.down`. Left alone, with a remark: convolutions and layers of other dialects, and products that
    cost no less.

    Numeric effect: the order of summation only.

    ```mlir
    %v = nn.matmul %up, %down : (tensor<128x32xf32>, tensor<32x384xf32>) -> tensor<128x384xf32>
    %y = nn.linear %x, %v : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```

    becomes

    ```mlir
    %h = nn.linear %x, %down : (tensor<?x384xf32>, tensor<32x384xf32>) -> tensor<?x32xf32>
    %y = nn.linear %h, %up : (tensor<?x32xf32>, tensor<128x32xf32>) -> tensor<?x128xf32>
    ```
  }];
  let dependentDialects = ["::condense::compress::CompressDialect", "::condense::nn::NNDialect",
                           "::mlir::arith::ArithDialect"];
  let options = [Option<"dynamicRows", "dynamic-rows", "int64_t", "1", "What a dynamic size counts as">];
  let statistics = [
    Statistic<"split", "split", "Number of layers split">,
    Statistic<"leftAlone", "left-alone", "Number of layers with a product left alone">
  ];
}

def MergeAdaptersPass : RealizePass<"compress-merge-adapters"> {
  let summary = "Merge low-rank adapters into the weights of their layers";
  let description = [{
    An adapter (LoRA, Hu et al., arXiv:2106.09685) that was exported beside its layer,
    `linear(x, W) + s * linear(linear(x, A), B)` with the number `s` anywhere on the way (multiplied or divided by),
    becomes `linear(x, W + s B A)`, so that what follows compresses one weight. Several
    adapters of a layer are merged one after another.

    Left alone, with a remark: a weight or factor that is no dense constant (an adapter is trained against a quantized
    weight as it is), a weight that is also used without the adapter, a layer whose result is, and adapters with a bias.

    Numeric effect: rounding of the merged weight, which is computed in f64.

    ```mlir
    %y = nn.linear %x, %w, %b : (tensor<?x384xf32>, tensor<128x384xf32>, tensor<128xf32>) -> tensor<?x128xf32>
    %h = nn.linear %x, %a : (tensor<?x384xf32>, tensor<8x384xf32>) -> tensor<?x8xf32>
    %d = nn.linear %h, %c : (tensor<?x8xf32>, tensor<128x8xf32>) -> tensor<?x128xf32>
    %e = nn.mul %d, %s : (tensor<?x128xf32>, tensor<f32>) -> tensor<?x128xf32>
    %z = nn.add %y, %e : (tensor<?x128xf32>, tensor<?x128xf32>) -> tensor<?x128xf32>
    // becomes
    %m = nn.linear %x, %merged, %b : (tensor<?x384xf32>, tensor<128x384xf32>, tensor<128xf32>) -> tensor<?x128xf32>
    ```
  }];
  let statistics = [
    Statistic<"merged", "merged", "Number of adapters merged">,
    Statistic<"leftAlone", "left-alone", "Number of adapters left alone">
  ];
}

def ShareConstantsPass : RealizePass<"compress-share-constants"> {
  let summary = "Store constants of equal content once";
  let description = [{
    Constants of the same type and bytes become one value, in several functions one resource. A
    constant of rank 2 to 4 that is another with its dimensions permuted (tied embeddings) becomes
    `nn.transpose` of it. The first of equal constants stays. Elements are compared, so nothing changes
    but what is stored; the hash that finds candidates does not depend on the order of elements.

    Left alone: constants below `min-bytes`, and splats. Numeric effect: none.

    ```mlir
    %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
    %head = arith.constant dense<[[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]> : tensor<2x3xf32>
    // the second becomes
    %again = nn.transpose %table {permutation = array<i64: 1, 0>} : tensor<3x2xf32> -> tensor<2x3xf32>
    ```
  }];
  let dependentDialects = ["::condense::nn::NNDialect", "::mlir::arith::ArithDialect"];
  let options = [
    Option<"minBytes", "min-bytes", "int64_t", "64", "Smallest constant that is shared">,
    Option<"transposes", "transposes", "bool", "true", "Also share constants that are transposes of others">
  ];
  let statistics = [
    Statistic<"shared", "shared", "Number of constants that are not stored any more">,
    Statistic<"transposed", "transposed", "Number of those that are transposes">,
    Statistic<"bytesSaved", "bytes-saved", "Bytes that are not stored any more">
  ];
}

def ShareBasisPass : RealizePass<"compress-share-basis"> {
  let summary = "Let the weights of several layers share one basis";
  let description = [{
    Follows `#compress.share`: the weights `W_l` of all layers of a `group`, matrices of one shape, become
    products of coefficients of their own and one basis of `rank` rows (Basis Sharing, Wang et
    al., arXiv:2410.03765), for example those of one projection in neighbouring blocks. The basis is the
    truncated SVD of all weights stacked; with `statistics` it is that for which the outputs of all
    layers together change least, and each layer's coefficients are fitted to what that layer reads.

    All layers of a group are left alone, with remarks, when basis and coefficients would not be
    smaller together or when the error of one exceeds its `compress.max_error`. Weights of different
    shapes in a group, different ranks, layers of different functions, and layers without statistics where
    statistics are given are errors.

    Numeric effect: the remark of each layer has its relative error; the basis counts as bytes of the first.

    ```mlir
    %y = nn.linear %x, %w {compress.weight = #compress.share<group = "fc", rank = 64>}
      : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```

    becomes, with the same `%basis` in each layer of the group,

    ```mlir
    %v = nn.matmul %coefficients, %basis : (tensor<128x64xf32>, tensor<64x384xf32>) -> tensor<128x384xf32>
    %y = nn.linear %x, %v : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```
  }];
  let dependentDialects = ["::condense::compress::CompressDialect", "::condense::nn::NNDialect",
                           "::mlir::arith::ArithDialect"];
  let options = [Option<"statistics", "statistics", "std::string", "\"\"",
                        "Statistics of calibration (FILE.json); without them the weights alone decide">];
  let statistics = [
    Statistic<"shared", "shared", "Number of weights that share a basis">,
    Statistic<"leftAlone", "left-alone", "Number of requested weights left alone">,
    Statistic<"bytesBefore", "bytes-before", "Bytes of these weights before">,
    Statistic<"bytesAfter", "bytes-after", "Bytes of these weights after">
  ];
}

def EntropyCodePass : RealizePass<"compress-entropy-code"> {
  let summary = "Code the leaves of weights that are requested to be, without loss";
  let description = [{
    Codes the leaves of the weight expression of each layer that carries
    `compress.weight = #compress.entropy_code<...>`, and removes the request: codes of 2 to
    8 bits (packed ones are unpacked first: a code is a symbol), bitmaps and positions of bytes,
    and, with `floats`, the planes of bytes of f16, bf16 and f32 leaves, of which the
    first is mostly exponent and skewed even in uncompressed models (DFloat11,
    arXiv:2504.11651). A leaf that several layers share is coded once.

    Canonical Huffman codes of at most 11 bits, optimal by package-merge, unless they lose more
    than 3 % to the entropy of the symbols and another coder is smaller: `rans` (asymmetric
    numeral systems, Duda, arXiv:1311.2540) where one symbol is so frequent that it wants a
    fraction of a bit, `run_length` where zeros come in runs. `coder` allows one of them only.

    A leaf stays as it is when its symbols are nearly equally frequent, or fewer than 96 bytes
    would be saved, which is what the constants of a stream cost in a file; so do leaves of 16-bit
    and wider integers. This pass belongs behind all other techniques: what it has coded they do
    not see.

    Numeric effect: none, bit by bit.

    ```mlir
    %codes = compress.unpack %bytes : tensor<24576xi8> -> tensor<128x384xi4>
    %w = compress.dequantize %codes, %scales : (tensor<128x384xi4>, tensor<128x12xf16>) -> tensor<128x384xf32>
    ```

    becomes

    ```mlir
    %codes = compress.entropy_decode %stream, %offsets, %table, huffman, 65536
      : (tensor<20000xi8>, tensor<1xi32>, tensor<27xi8>) -> tensor<128x384xi4>
    %w = compress.dequantize %codes, %scales : (tensor<128x384xi4>, tensor<128x12xf16>) -> tensor<128x384xf32>
    ```
  }];
  let statistics = [
    Statistic<"coded", "coded", "Number of leaves coded">,
    Statistic<"leftAlone", "left-alone", "Number of layers of which no leaf was coded">,
    Statistic<"bytesBefore", "bytes-before", "Bytes of the coded leaves before">,
    Statistic<"bytesAfter", "bytes-after", "Bytes of the coded leaves after">
  ];
}

def ClusterWeightsPass : RealizePass<"compress-cluster-weights"> {
  let summary = "Let the elements of weights share the entries of codebooks";
  let description = [{
    Replaces a constant of floats whose layer asks for it with `#compress.cluster` by
    `compress.lookup` of packed indices in a codebook, found by k-means (Han et al.,
    arXiv:1510.00149). In one dimension the codebook of least squared error is found by dynamic
    programming: no initial guess matters. Entries are rounded to the requested type
    before elements are assigned to the nearest of them.

    One codebook serves the tensor, or each `group` of output channels (fewer, where that does not
    divide them), or all weights whose requests have the same `share`. Of a `compress.scatter` only the values are clustered, with one
    codebook: what was pruned stays zero. `weighted` lessens the error of the layer's output, by
    `statistics`: squared errors are weighed by the mean square of the input that an element is
    multiplied with, the diagonal of the Hessian (Choi et al., arXiv:1612.01543); then codes
    (by coordinate descent, QuantEase, arXiv:2309.01885) and entries (by least squares) are
    refined in turn under the whole Hessian. With `zero`, entry 0 is exactly 0. Factors of a
    product are clustered each on its own. Fewer entries are stored where a weight has fewer
    different values.

    A weight stays as it is, with a remark, when its rank is 1, when it is no constant of floats,
    when it is also used by a layer that does not ask for the same, when indices and codebook
    would take no fewer bytes, or when the error exceeds `compress.max_error`. NaN or infinite weights are errors.

    Numeric effect: each element becomes the nearest entry; the remark has the relative
    error `||w - w~|| / ||w||`, and so has the attribute `compress.relative_error`. The layer's
    `compress.structure` says how many different values the weight may have.

    ```mlir
    %y = nn.linear %x, %w {compress.weight = #compress.cluster<entries = 16>}
      : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```

    becomes

    ```mlir
    %indices = compress.unpack %bytes : tensor<24576xi8> -> tensor<128x384xui4>
    %v = compress.lookup %indices, %codebook : (tensor<128x384xui4>, tensor<1x1x16xf16>) -> tensor<128x384xf32>
    %y = nn.linear %x, %v : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```
  }];
  let options = [Option<"statistics", "statistics", "std::string", "\"\"",
                        "Statistics of calibration (FILE.json), which `weighted` needs">];
  let statistics = [
    Statistic<"clustered", "clustered", "Number of weights clustered">,
    Statistic<"leftAlone", "left-alone", "Number of requested weights left alone">,
    Statistic<"bytesBefore", "bytes-before", "Bytes of the clustered weights before">,
    Statistic<"bytesAfter", "bytes-after", "Bytes of the clustered weights after">
  ];
}

def PruneWeightsPass : RealizePass<"compress-prune-weights"> {
  let summary = "Prune the weights that are requested to be";
  let description = [{
    Follows `#compress.prune` of layers: elements that matter least become zero, and
    `compress.scatter` rebuilds the weight from the others and where they are. Either the share
    `sparsity` of elements goes (with `scope = row` of each output channel, with `global` of all
    layers with this request together, by one threshold; with `block` whole blocks), or of each `m`
    consecutive elements of a row of the weight's matrix `n` stay. Elements are worth

    - `magnitude`: `|w|`;
    - `wanda`: `|w| ||x||`, with the norm of the inputs that the element multiplies (Sun et al.,
      arXiv:2306.11695; with `scope = row` as there);
    - `obs`: `w^2 / [H^-1]_jj`, `H` being the Gram matrix of the layer's input plus `damping` times its
      mean diagonal (0.01 if not given). What stays is updated, so that the layer's output changes least:
      a sweep over the columns as in SparseGPT (Frantar and Alistarh, arXiv:2301.00774), where of each block of
      128 columns as many elements go as the threshold says, but those that cost least after the updates
      so far; then, unless that takes too long, the least squares fit of each row, in which the members of
      N:M groups are chosen again, one group after the other. Where `compress-record-means` announces a
      correction of the bias, the inputs count less their mean, and each row is scaled so that its outputs
      keep their variance.

    Positions are stored as a bitmap, as N:M indices, as gaps of 4 or 8 bits, or as a list, whichever takes
    the fewest bytes (or as `positions` asks); the remark has the bytes of all. Blocks and N:M groups of a
    weight whose rows are not its first dimension are scattered to the transposed tensor.

    Of a symmetrically quantized weight the codes are pruned, `dequantize(scatter(codes), scales)`; `obs` then
    chooses what goes and updates nothing. Each factor of a product is pruned by itself. A table is pruned by
    magnitude whatever the method. What was established is recorded in `compress.structure`, for
    `compress-verify`.

    A weight stays as it is, with a remark, when its rank is 1, when it is neither constant floats nor
    symmetric codes, when it is also used otherwise, when the result would take no fewer bytes, or when the
    relative error exceeds the layer's `compress.max_error`. NaN or infinite weights, and layers without
    statistics where the method needs them, are errors.

    Numeric effect: the remark has `||w - w~|| / ||w||`, and for layers in `statistics` the relative error of
    the layer's output, `||X (W - W~)^T|| / ||X W^T||`, for `obs` also that of the mask alone.

    ```mlir
    %y = nn.linear %x, %w {compress.weight = #compress.prune<n = 2, m = 4>}
      : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```

    becomes

    ```mlir
    %places = compress.unpack %bytes : tensor<6144xi8> -> tensor<24576xui2>
    %v = compress.scatter %values, %places <format = n_m, n = 2, m = 4>
      : (tensor<24576xf32>, tensor<24576xui2>) -> tensor<128x384xf32>
    %y = nn.linear %x, %v : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```
  }];
  let dependentDialects = ["::condense::compress::CompressDialect", "::condense::nn::NNDialect",
                           "::mlir::arith::ArithDialect"];
  let options = [Option<"statistics", "statistics", "std::string", "\"\"",
                        "Statistics of calibration (FILE.json), which `wanda` and `obs` need">];
  let statistics = [
    Statistic<"pruned", "pruned", "Number of weights pruned">,
    Statistic<"leftAlone", "left-alone", "Number of requested weights left alone">,
    Statistic<"bytesBefore", "bytes-before", "Bytes of the pruned weights before">,
    Statistic<"bytesAfter", "bytes-after", "Bytes of the pruned weights after">
  ];
}

def RoundCodebooksPass : RealizePass<"compress-round-codebooks"> {
  let summary = "Round the codebooks of layers with quantized activations to integers";
  let description = [{
    Where the activation of a layer is quantized to 8 bits and its weight is looked up, directly or in front of scales
    and transposes, the entries of the codebook become integers of at most 127 in magnitude, and `compress.dequantize` with one step for each
    codebook follows the look-up. Products are then sums of integers: kernels read the entries from a register as bytes.
    The step is the one of least squared error of all that make the largest entry an integer from 64 to 127. Zero
    stays zero, and codebooks of integers stay as they are.

    Left alone, with a remark: codebooks that are no constants or not finite, and weights that would change by
    more than the layer's `compress.max_error`. Other layers that read the same look-up keep it.

    Numeric effect: an entry changes by at most half a step, 1/128 of the largest (NF4 by 0.4 % of the weight's
    norm, less than the activation's own rounding). The remark says by how much the looked-up values change.

    ```mlir
    %i = compress.lookup %codes, %integers : (tensor<128x384xui4>, tensor<1x1x16xf32>) -> tensor<128x384xf32>
    %v = compress.dequantize %i, %step : (tensor<128x384xf32>, tensor<1x1xf32>) -> tensor<128x384xf32>
    %w = compress.dequantize %v, %scales : (tensor<128x384xf32>, tensor<128x6xf16>) -> tensor<128x384xf32>
    ```
  }];
  let statistics = [Statistic<"numRounded", "rounded", "Number of look-ups with rounded codebooks">];
}

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PASSES_TD
