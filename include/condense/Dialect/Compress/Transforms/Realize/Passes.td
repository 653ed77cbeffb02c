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

    A weight stays as it is, with a remark, when its rank is 1, when it is no
    constant of floats, when it is also used uncompressed, or when codes and
    scales would take no fewer bytes. NaN or infinite weights, a scale that its
    type cannot hold and a block that does not divide are errors.

    Numeric effect: with `minmax` an element changes by at most half a scale
    (one, if unsigned, with the rounding of the zero point), besides the
    rounding of an f16 scale; the remark has the relative error
    `||w - w~|| / ||w||`, and so has the attribute `compress.relative_error`.

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

    Numeric effect: an element inside the range changes by at most half a
    scale, `(high - low) / 255`; one outside is saturated.
  }];
  let statistics = [Statistic<"quantized", "quantized", "Number of activations quantized">];
}

def IntegerArithmeticPass : RealizePass<"compress-integer-arithmetic"> {
  let summary = "Compute with codes instead of numbers";
  let description = [{
    Rewrites `nn.linear`, `nn.matmul` and `nn.conv2d` of a per-tensor quantized
    activation (i8 or ui8) with a per-output-channel, symmetrically quantized i8
    weight to the integer operation on the codes. With activation `sx (qx - zx)`
    and weight `sw[c] qw[c, k]`:

        sum_k sx (qx[k] - zx) sw[c] qw[c, k] = sx sw[c] (sum_k qx[k] qw[c, k] - zx sum_k qw[c, k])

    The last term is constant: it is the i32 bias of the integer operation. The
    padding of a convolution is 0, whose code is `zx`: it becomes an `nn.pad` of
    codes. The i32 result is scaled by `sx sw[c]` in f32, then the bias is added.

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

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PASSES_TD
