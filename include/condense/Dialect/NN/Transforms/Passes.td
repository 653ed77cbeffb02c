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

def DifferentiatePass : Pass<"nn-differentiate", "::mlir::ModuleOp"> {
  let summary = "Add a function that computes the gradient of another";
  let description = [{
    For a function whose first result is the loss (one float), adds the function
    `<function>_gradient` with the same arguments and results, followed by the derivative of the
    loss with each of the chosen arguments: reverse-mode differentiation, in which every operation states
    its adjoint in IR (`DifferentiableOpInterface`). The number of operations added is linear
    in those of the function; adjoints are built only for what depends on the arguments and is used for the loss,
    adjoints of a value that is used several times are summed, and what no result needs is removed.
    `log(softmax(x))` is computed as `log_softmax(x)`. Integers (indices, labels, codes)
    have no adjoint. An operation on the way that has none is an error that names it. The function itself stays.

    ```mlir
    func.func @loss(%x: tensor<4xf32>, %w: tensor<4xf32>) -> tensor<f32> {
      %p = nn.mul %x, %w : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %l = nn.reduce_sum %p {axes = array<i64: 0>} : tensor<4xf32> -> tensor<f32>
      return %l : tensor<f32>
    }
    // nn-differentiate{wrt=1} adds
    func.func @loss_gradient(%x: tensor<4xf32>, %w: tensor<4xf32>) -> (tensor<f32>, tensor<4xf32>) {
      %p = nn.mul %x, %w : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %l = nn.reduce_sum %p {axes = array<i64: 0>} : tensor<4xf32> -> tensor<f32>
      return %l, %x : tensor<f32>, tensor<4xf32>
    }
    ```
  }];
  let options = [
    Option<"function", "function", "std::string", /*default=*/"\"loss\"", "The function to differentiate">,
    Option<"name", "name", "std::string", /*default=*/"", "Name of the function that is added; empty: <function>_gradient">,
    ListOption<"wrt", "wrt", "std::string", "Arguments to differentiate for, by name (nn.name) or number; none: all of floats">
  ];
  let statistics = [Statistic<"numAdjoints", "adjoints", "derivatives that became results">];
  let dependentDialects = ["::condense::nn::NNDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def RaiseLayerNormPass : NN_Pass<"nn-raise-layer-norm"> {
  let summary = "Recognise layer normalisation in elementary operations";
  let description = [{
    `(x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon)` over the last dimensions becomes `layer_norm`, as do a
    constant factor and a constant summand that follow (Ba et al., arXiv:1607.06450). The square may be a product or
    a power, the root a power of 1/2, the division a product with a reciprocal; the difference may be written twice.
    Left alone: means over other dimensions or without `keep_dims`, and another value in the square. Without a
    factor the scale is ones, for which the sizes of the dimensions must be known. Numeric effect: none but the
    order of operations.

    ```mlir
    %m = nn.reduce_mean %x {axes = array<i64: 1>, keep_dims} : tensor<?x4xf32> -> tensor<?x1xf32>
    %c = nn.sub %x, %m : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
    // and so on become
    %y = nn.layer_norm %x, %scale, %bias {axis = 1 : i64, epsilon = 1.0e-5 : f64}
        : (tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    ```
  }];
  let statistics = [Statistic<"numRaised", "raised", "normalisations recognised">];
}

def RaiseRMSNormPass : NN_Pass<"nn-raise-rms-norm"> {
  let summary = "Recognise root-mean-square normalisation in elementary operations";
  let description = [{
    `x / sqrt(mean(x^2) + epsilon)` over the last dimensions becomes `rms_norm`, as does a constant factor that follows
    (Zhang and Sennrich, arXiv:1910.07467), in the forms that `nn-raise-layer-norm` lists. Left alone: what divides
    another value than the one in the square, and layer normalisation. Numeric effect: none but the order of
    operations.

    ```mlir
    %s = nn.mul %x, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    // and so on become
    %y = nn.rms_norm %x, %scale {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    ```
  }];
  let statistics = [Statistic<"numRaised", "raised", "normalisations recognised">];
}

def RaiseGeluPass : NN_Pass<"nn-raise-gelu"> {
  let summary = "Recognise GELU in elementary operations";
  let description = [{
    `x (1 + erf(x / sqrt 2)) / 2` becomes `gelu`, and `x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2` becomes
    `gelu {tanh}` (Hendrycks and Gimpel, arXiv:1606.08415): the factors in any order, the argument in any form that is
    the same polynomial to five digits. Left alone: other coefficients, such as `x sigmoid(1.702 x)`, and an argument
    that is not a multiple of the factor `x`. Numeric effect: rounding of the constants that the exporter wrote.

    ```mlir
    %u = nn.div %x, %root : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
    %e = nn.erf %u : tensor<?x4xf32>
    // and so on become
    %y = nn.gelu %x : tensor<?x4xf32>
    ```
  }];
  let statistics = [Statistic<"numRaised", "raised", "activations recognised">];
}

def RaiseSiluPass : NN_Pass<"nn-raise-silu"> {
  let summary = "Recognise SiLU in elementary operations";
  let description = [{
    `x sigmoid(x)` and `x / (1 + exp(-x))` become `silu` (Hendrycks and Gimpel, arXiv:1606.08415). Left alone: a
    sigmoid of another value, such as `x sigmoid(1.702 x)`. Numeric effect: none but the order of operations.

    ```mlir
    %s = nn.sigmoid %x : tensor<?x4xf32>
    %y = nn.mul %x, %s : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    // become
    %z = nn.silu %x : tensor<?x4xf32>
    ```
  }];
  let statistics = [Statistic<"numRaised", "raised", "activations recognised">];
}

def RaiseRotaryPass : NN_Pass<"nn-raise-rotary"> {
  let summary = "Recognise rotary position embedding in elementary operations";
  let description = [{
    `x cos + concat(-h, l) sin`, where `l` and `h` are the halves of the last dimension of `x`, becomes `rotary` (Su et
    al., arXiv:2104.09864). A transpose of `x` that keeps the last dimension moves behind it if the angles' shapes are
    known; then those are transposed instead. Left alone: pairs of neighbours instead of halves, and angles that could
    enlarge `x`. Values do not change.

    ```mlir
    %l = nn.slice %x {starts = array<i64: 0, 0>, ends = array<i64: 9223372036854775807, 2>, steps = array<i64: 1, 1>}
        : tensor<?x4xf32> -> tensor<?x2xf32>
    // and so on become
    %y = nn.rotary %x, %cos, %sin : (tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    ```
  }];
  let statistics = [Statistic<"numRaised", "raised", "embeddings recognised">];
}

def RaiseAttentionPass : NN_Pass<"nn-raise-attention"> {
  let summary = "Recognise scaled dot-product attention in elementary operations";
  let description = [{
    `softmax(Q K^T * scale + mask) V` becomes `attention` (Vaswani et al., arXiv:1706.03762). Tensors are `[batch, head,
    position, depth]` or, of one head, `[batch, position, depth]`; they are transposed to the order of `attention`,
    which `canonicalize` cancels with the transposes that split the heads. The scale may multiply or divide the scores,
    the queries or the keys, also several of them. The mask may be added, or select the scores (else minus infinity or a
    number of at most -10000, which is then added instead).

    Left alone: a softmax over another dimension, a scale after the mask, shared heads, and operands whose batches or
    lengths are not known to be the same. Numeric effect: the order of operations; a query whose keys are all at minus
    infinity results in zeros instead of NaN.

    ```mlir
    %s = nn.matmul %q, %k : (tensor<2x4x8x16xf32>, tensor<2x4x16x8xf32>) -> tensor<2x4x8x8xf32>
    %p = nn.softmax %s {axis = 3 : i64} : tensor<2x4x8x8xf32>
    %y = nn.matmul %p, %v : (tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
    // become transposes to [batch, position, head, depth] and
    %z = nn.attention %qt, %kt, %vt {scale = 1.0 : f64} : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>,
        tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
    ```
  }];
  let statistics = [Statistic<"numRaised", "raised", "attentions recognised">];
}

#endif // CONDENSE_DIALECT_NN_TRANSFORMS_PASSES_TD
