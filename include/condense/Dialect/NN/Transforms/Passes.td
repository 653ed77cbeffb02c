// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes on the `nn` graph.

#ifndef CONDENSE_DIALECT_NN_TRANSFORMS_PASSES_TD
#define CONDENSE_DIALECT_NN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

/// Runs on any operation, a module as well as a function.
class NN_Pass<string name> : Pass<name> {
  let dependentDialects = ["::condense::nn::NNDialect", "::mlir::arith::ArithDialect"];
}

def FoldConstantsPass : NN_Pass<"nn-fold-constants"> {
  let summary = "Evaluate layout changes and arithmetic of constants";
  let description = [{
    `transpose` and `reshape` of a constant of any size become a constant in the
    new layout, called `<name>.transposed` or by its old name. `add`, `sub`, `mul`
    and `div` of two f32 constants are evaluated with broadcasting, as long as
    the result has at most 65536 elements. Values do not change.

    ```mlir
    %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
    %t = nn.transpose %w {permutation = array<i64: 1, 0>} : tensor<2x2xf32> -> tensor<2x2xf32>
    // becomes
    %u = arith.constant dense<[[1.0, 3.0], [2.0, 4.0]]> : tensor<2x2xf32>
    ```
  }];
  let statistics = [Statistic<"numFolded", "folded", "operations evaluated">];
}

def FoldBatchNormPass : NN_Pass<"nn-fold-batch-norm"> {
  let summary = "Fold batch normalisation into the layer before it";
  let description = [{
    With `s = scale / sqrt(variance + epsilon)`, the normalisation of a convolution or
    dense layer with constant weight `w` and bias `b` over its output channels is the
    same layer with `w * s` and `(b - mean) * s + bias` (Jacob et al., arXiv:1712.05877,
    section 3.2). After any other operation it becomes `x * s + (bias - mean * s)`.
    Left alone: statistics that are no f32 constants. Numeric effect: rounding of the
    folded weights, computed in double precision.

    ```mlir
    %y = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
    // with a batch_norm after it becomes
    %z = nn.linear %x, %w, %b : (tensor<?x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    ```
  }];
  let statistics = [Statistic<"numFolded", "folded", "normalisations folded into a layer">,
                    Statistic<"numScaled", "scaled", "normalisations turned into multiply and add">];
}

def FuseBiasPass : NN_Pass<"nn-fuse-bias"> {
  let summary = "Give every dense layer one form, with its bias";
  let description = [{
    `matmul(x, W)` with a constant matrix `W` becomes `linear(x, W^T)`, so that every
    dense layer has its weight as `[out, in]` (a product of constants is part of a weight, and stays); a constant that is added per output
    channel to a `linear` or `conv2d` without other uses becomes its bias.

    ```mlir
    %y = nn.matmul %x, %w : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
    // becomes
    %z = nn.linear %x, %wt : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
    ```
  }];
  let statistics = [Statistic<"numLinear", "linear", "matrix products turned into dense layers">,
                    Statistic<"numBias", "bias", "additions turned into biases">];
}

def ChannelsLastPass : NN_Pass<"nn-channels-last"> {
  let summary = "Compute images with the channels innermost";
  let description = [{
    Convolutions and poolings in layout `nchw` become `nhwc` between two transposes;
    constant filters are re-laid out. The transposes are then moved towards the
    results through elementwise operations, concatenation, padding and reductions, where
    they meet their inverses and vanish; a dense layer of the flattened image
    takes the columns of its constant weight in the new order. Values do not change, except for the order
    of floating-point sums.

    ```mlir
    %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
        dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nchw>}
        : tensor<?x16x32x32xf32> -> tensor<?x16x16x16xf32>
    // becomes transpose, max_pool2d {layout = #nn.layout<nhwc>}, transpose
    ```
  }];
  let statistics = [Statistic<"numConverted", "converted", "convolutions and poolings converted">];
}

def VerifyCleanGraphPass : NN_Pass<"nn-verify-clean-graph"> {
  let summary = "Check that only the nn graph and its constants are left";
  let description = [{
    The contract of the import stage: nothing but `nn` and `compress` operations,
    constants and the function's return. Anything else is an error that names it.
  }];
}

#endif // CONDENSE_DIALECT_NN_TRANSFORMS_PASSES_TD
