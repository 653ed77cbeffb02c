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

#endif // CONDENSE_DIALECT_NN_TRANSFORMS_PASSES_TD
