// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The operations of the `nn` dialect.

#ifndef CONDENSE_DIALECT_NN_IR_NNOPS_TD
#define CONDENSE_DIALECT_NN_IR_NNOPS_TD

include "condense/Dialect/NN/IR/NNDialect.td"
include "condense/Interfaces/CompressibleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([Pure, InferTypeOpAdaptor], traits)> {
  /// How the result type is inferred (with every check of the operands and
  /// attributes that it needs): a call with an `Inference`; empty where the
  /// operation defines inferReturnTypes itself.
  code inference = "";
  let extraClassDefinition = !if(!empty(inference), "", [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *,
        std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &inferredReturnTypes) {
      ::condense::nn::Inference inference(location, getOperationName(), inferredReturnTypes);
      return }] # inference # [{;
    }
  }]);
}

/// Operations whose results may be refined: `tensor<?x4xf32>` where
/// inference says `tensor<2x4xf32>` is accepted.
class NN_InferredOp<string mnemonic, list<Trait> traits = []> : NN_Op<mnemonic, traits> {
  let extraClassDeclaration = [{
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::condense::nn::areCompatibleTypes(inferred, actual);
    }
  }];
}

//===----------------------------------------------------------------------===//
// Elementwise, one operand
//===----------------------------------------------------------------------===//

/// The result has the operand's type.
class NN_SameTypeOp<string mnemonic, string formula, Type operandType = NN_FloatTensor, list<Trait> traits = []>
    : NN_Op<mnemonic, traits> {
  let summary = formula;
  let inference = "inference.sameType(adaptor.getInput().getType())";
  let arguments = (ins operandType:$input);
  let results = (outs operandType:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

class NN_UnaryOp<string mnemonic, string formula, Type operandType = NN_FloatTensor>
    : NN_SameTypeOp<mnemonic, "Elementwise " # formula, operandType, [Elementwise]> {
  let description = "Computes `" # formula # "` of each element.\n\n```mlir\n%y = nn."
      # mnemonic # " %x : " # !if(!eq(operandType, NN_IntTensor), "tensor<?x4xi1>", "tensor<?x4xf32>") # "\n```";
}

def NN_AbsOp : NN_UnaryOp<"abs", "|x|", NN_Tensor>;
def NN_NegOp : NN_UnaryOp<"neg", "-x", NN_Tensor>;
def NN_SignOp : NN_UnaryOp<"sign", "sign(x), 0 at 0", NN_Tensor>;
def NN_ReluOp : NN_UnaryOp<"relu", "max(x, 0)", NN_Tensor>;
def NN_ExpOp : NN_UnaryOp<"exp", "exp(x)">;
def NN_LogOp : NN_UnaryOp<"log", "ln(x)">;
def NN_SqrtOp : NN_UnaryOp<"sqrt", "sqrt(x)">;
def NN_ReciprocalOp : NN_UnaryOp<"reciprocal", "1 / x">;
def NN_ErfOp : NN_UnaryOp<"erf", "erf(x)">;
def NN_SigmoidOp : NN_UnaryOp<"sigmoid", "1 / (1 + exp(-x))">;
def NN_SiluOp : NN_UnaryOp<"silu", "x / (1 + exp(-x))">;
def NN_TanhOp : NN_UnaryOp<"tanh", "tanh(x)">;
def NN_SoftplusOp : NN_UnaryOp<"softplus", "ln(1 + exp(x))">;
def NN_SoftsignOp : NN_UnaryOp<"softsign", "x / (1 + |x|)">;
def NN_MishOp : NN_UnaryOp<"mish", "x * tanh(ln(1 + exp(x)))">;
def NN_HardSwishOp : NN_UnaryOp<"hard_swish", "x * min(max(x / 6 + 1/2, 0), 1)">;
def NN_CeilOp : NN_UnaryOp<"ceil", "ceil(x)">;
def NN_FloorOp : NN_UnaryOp<"floor", "floor(x)">;
def NN_RoundOp : NN_UnaryOp<"round", "round half to even">;
def NN_SinOp : NN_UnaryOp<"sin", "sin(x)">;
def NN_CosOp : NN_UnaryOp<"cos", "cos(x)">;
def NN_TanOp : NN_UnaryOp<"tan", "tan(x)">;
def NN_AsinOp : NN_UnaryOp<"asin", "asin(x)">;
def NN_AcosOp : NN_UnaryOp<"acos", "acos(x)">;
def NN_AtanOp : NN_UnaryOp<"atan", "atan(x)">;
def NN_SinhOp : NN_UnaryOp<"sinh", "sinh(x)">;
def NN_CoshOp : NN_UnaryOp<"cosh", "cosh(x)">;
def NN_AsinhOp : NN_UnaryOp<"asinh", "asinh(x)">;
def NN_AcoshOp : NN_UnaryOp<"acosh", "acosh(x)">;
def NN_AtanhOp : NN_UnaryOp<"atanh", "atanh(x)">;
def NN_NotOp : NN_UnaryOp<"not", "bitwise (for i1 logical) not", NN_IntTensor>;

def NN_GeluOp : NN_UnaryOp<"gelu", "x * Phi(x)"> {
  let description = [{
    Gaussian error linear unit (Hendrycks and Gimpel, arXiv:1606.08415):
    `x * (1 + erf(x / sqrt 2)) / 2`, or with `tanh` the approximation
    `x * (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2`.

    ```mlir
    %y = nn.gelu %x {tanh} : tensor<?x4xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, UnitAttr:$tanh);
}

/// A unary operation with parameters alpha (and beta).
class NN_AlphaOp<string mnemonic, string formula> : NN_UnaryOp<mnemonic, formula> {
  let arguments = (ins NN_FloatTensor:$input, F64Attr:$alpha);
  let description = "Computes `" # formula # "` of each element.\n\n```mlir\n%y = nn."
      # mnemonic # " %x {alpha = 1.0 : f64} : tensor<?x4xf32>\n```";
}
class NN_AlphaBetaOp<string mnemonic, string formula> : NN_UnaryOp<mnemonic, formula> {
  let arguments = (ins NN_FloatTensor:$input, F64Attr:$alpha, F64Attr:$beta);
  let description = "Computes `" # formula # "` of each element.\n\n```mlir\n%y = nn."
      # mnemonic # " %x {alpha = 0.2 : f64, beta = 0.5 : f64} : tensor<?x4xf32>\n```";
}
def NN_LeakyReluOp : NN_AlphaOp<"leaky_relu", "x < 0 ? alpha x : x">;
def NN_EluOp : NN_AlphaOp<"elu", "x < 0 ? alpha (exp(x) - 1) : x">;
def NN_CeluOp : NN_AlphaOp<"celu", "max(0, x) + min(0, alpha (exp(x / alpha) - 1))">;
def NN_ThresholdedReluOp : NN_AlphaOp<"thresholded_relu", "x > alpha ? x : 0">;
def NN_HardSigmoidOp : NN_AlphaBetaOp<"hard_sigmoid", "min(max(alpha x + beta, 0), 1)">;
def NN_SeluOp : NN_AlphaBetaOp<"selu", "beta (x <= 0 ? alpha (exp(x) - 1) : x)">;

def NN_ClampOp : NN_UnaryOp<"clamp", "min(max(x, low), high)", NN_Tensor> {
  let arguments = (ins NN_Tensor:$input, TypedAttrInterface:$low, TypedAttrInterface:$high);
  let description = [{
    Limits each element to `[low, high]`, attributes of the element type. NaN stays NaN.

    ```mlir
    %y = nn.clamp %x {low = 0.0 : f32, high = 6.0 : f32} : tensor<?x4xf32>
    ```
  }];
  let hasVerifier = 1;
}

def NN_IsNaNOp : NN_InferredOp<"is_nan", [Elementwise]> {
  let inference = "inference.result(getShape(adaptor.getInput()), ::mlir::IntegerType::get(adaptor.getInput().getContext(), 1))";
  let summary = "Elementwise test for NaN";
  let description = "```mlir\n%y = nn.is_nan %x : tensor<?x4xf32> -> tensor<?x4xi1>\n```";
  let arguments = (ins NN_FloatTensor:$input);
  let results = (outs NN_BoolTensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
}

def NN_IsInfOp : NN_InferredOp<"is_inf", [Elementwise]> {
  let inference = "inference.result(getShape(adaptor.getInput()), ::mlir::IntegerType::get(adaptor.getInput().getContext(), 1))";
  let summary = "Elementwise test for infinities of the chosen signs";
  let description = "```mlir\n%y = nn.is_inf %x {positive, negative} : tensor<?x4xf32> -> tensor<?x4xi1>\n```";
  let arguments = (ins NN_FloatTensor:$input, UnitAttr:$positive, UnitAttr:$negative);
  let results = (outs NN_BoolTensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
}

def NN_CastOp : NN_InferredOp<"cast", [Elementwise]> {
  let summary = "Elementwise conversion to another element type";
  let description = [{
    Floats round to nearest even; float to integer truncates towards zero;
    integers wrap; anything non-zero is true.

    ```mlir
    %y = nn.cast %x to i64 : tensor<?x4xf32> -> tensor<?x4xi64>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, TypeAttr:$to);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input `to` $to attr-dict `:` type($input) `->` type($output)";
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Elementwise, two or three operands, with broadcasting
//===----------------------------------------------------------------------===//

/// Operands broadcast as in NumPy: shapes are aligned at their ends, and a
/// dimension of size 1 stretches.
class NN_BinaryOp<string mnemonic, string formula, Type operandType = NN_Tensor, list<Trait> traits = []>
    : NN_InferredOp<mnemonic, traits> {
  let summary = "Elementwise " # formula # " with broadcasting";
  let inference = "inferBinary(inference, adaptor.getLhs(), adaptor.getRhs())";
  let description = "Computes `" # formula # "`. Shapes broadcast as in NumPy.\n\n```mlir\n%y = nn."
      # mnemonic # " %a, %b : " # !if(!eq(operandType, NN_IntTensor),
        "(tensor<?x4xi32>, tensor<4xi32>) -> tensor<?x4xi32>",
        "(tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>") # "\n```";
  let arguments = (ins operandType:$lhs, operandType:$rhs);
  let results = (outs operandType:$output);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def NN_AddOp : NN_BinaryOp<"add", "a + b", NN_Tensor, [Commutative]>;
def NN_SubOp : NN_BinaryOp<"sub", "a - b">;
def NN_MulOp : NN_BinaryOp<"mul", "a * b", NN_Tensor, [Commutative]>;
def NN_DivOp : NN_BinaryOp<"div", "a / b (integers truncate)">;
def NN_PowOp : NN_BinaryOp<"pow", "a ** b"> {
  let inference = "";
  let description = [{
    Computes `a ** b`; the result has the element type of `a`, `b` may have another.

    ```mlir
    %y = nn.pow %a, %b : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
    ```
  }];
}
def NN_MaxOp : NN_BinaryOp<"max", "max(a, b)", NN_Tensor, [Commutative]>;
def NN_MinOp : NN_BinaryOp<"min", "min(a, b)", NN_Tensor, [Commutative]>;
def NN_RemOp : NN_BinaryOp<"rem", "remainder with the sign of the dividend (C fmod, %)">;
def NN_ModOp : NN_BinaryOp<"mod", "integer remainder with the sign of the divisor (Python %)", NN_IntTensor>;
def NN_PReluOp : NN_BinaryOp<"prelu", "a < 0 ? b a : a", NN_FloatTensor>;
def NN_AndOp : NN_BinaryOp<"and", "bitwise (for i1 logical) and", NN_IntTensor, [Commutative]>;
def NN_OrOp : NN_BinaryOp<"or", "bitwise (for i1 logical) or", NN_IntTensor, [Commutative]>;
def NN_XorOp : NN_BinaryOp<"xor", "bitwise (for i1 logical) exclusive or", NN_IntTensor, [Commutative]>;
def NN_ShiftLeftOp : NN_BinaryOp<"shift_left", "a << b", NN_IntTensor>;
def NN_ShiftRightOp : NN_BinaryOp<"shift_right", "a >> b", NN_IntTensor>;

def NN_CompareOp : NN_InferredOp<"compare"> {
  let summary = "Elementwise comparison with broadcasting";
  let description = [{
    Ordered comparison of floats (`ne` is unordered, so NaN != NaN).

    ```mlir
    %y = nn.compare lt %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xi1>
    ```
  }];
  let arguments = (ins NN_ComparisonAttr:$kind, NN_Tensor:$lhs, NN_Tensor:$rhs);
  let results = (outs NN_BoolTensor:$output);
  let assemblyFormat = "$kind $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def NN_SelectOp : NN_InferredOp<"select"> {
  let summary = "Elementwise choice with broadcasting";
  let description = [{
    Takes the element of `on_true` where `condition` holds, else that of `on_false`.

    ```mlir
    %y = nn.select %c, %a, %b : (tensor<?x4xi1>, tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
    ```
  }];
  let arguments = (ins NN_BoolTensor:$condition, NN_Tensor:$on_true, NN_Tensor:$on_false);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$condition `,` $on_true `,` $on_false attr-dict `:` functional-type(operands, results)";
}

//===----------------------------------------------------------------------===//
// Linear algebra
//===----------------------------------------------------------------------===//

def NN_LinearOp : NN_InferredOp<"linear", [DeclareOpInterfaceMethods<CompressibleOpInterface, ["buildActivationMatrix"]>]> {
  let summary = "Dense layer: x W^T + b";
  let description = [{
    `output[..., n] = sum_k input[..., k] * weight[n, k] + bias[n]`. With `i8` or
    `ui8` operands the products are accumulated in `i32` (and the bias is `i32`).

    ```mlir
    %y = nn.linear %x, %w, %b : (tensor<?x384xf32>, tensor<10x384xf32>, tensor<10xf32>) -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$weight, Optional<NN_Tensor>:$bias);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input `,` $weight (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def NN_MatmulOp : NN_InferredOp<"matmul", [DeclareOpInterfaceMethods<CompressibleOpInterface, ["buildActivationMatrix"]>]> {
  let summary = "Matrix product with broadcast batch dimensions";
  let description = [{
    NumPy's matmul: the last two dimensions are matrices `[m, k]` and `[k, n]`,
    the others broadcast. A rank-1 operand is a row (left) or a column (right)
    whose unit dimension is dropped from the result. Integer operands of 8 bits
    accumulate in `i32`.

    ```mlir
    %y = nn.matmul %a, %b : (tensor<?x8x16xf32>, tensor<16x4xf32>) -> tensor<?x8x4xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$lhs, NN_Tensor:$rhs);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

//===----------------------------------------------------------------------===//
// Convolution and pooling
//===----------------------------------------------------------------------===//

def NN_Conv2DOp : NN_InferredOp<"conv2d", [DeclareOpInterfaceMethods<CompressibleOpInterface, ["getNumGroups", "buildActivationMatrix"]>]> {
  let summary = "2-D convolution, grouped or depthwise by `groups`";
  let description = [{
    Cross-correlation of an image with a filter. `pads` is top, left, bottom,
    right, of zeros. Layout `nchw`: input `[n, c, h, w]`, filter
    `[o, c / groups, kh, kw]`; `nhwc`: input `[n, h, w, c]`, filter
    `[o, kh, kw, c / groups]`. With `i8` or `ui8` operands the products are
    accumulated in `i32` (and the bias is `i32`).

    ```mlir
    %y = nn.conv2d %x, %w, %b {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
        pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64, layout = #nn.layout<nchw>}
        : (tensor<?x3x32x32xf32>, tensor<16x3x3x3xf32>, tensor<16xf32>) -> tensor<?x16x16x16xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$filter, Optional<NN_Tensor>:$bias,
      DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
      I64Attr:$groups, NN_LayoutAttr:$layout);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

class NN_Pool2DOp<string mnemonic, string what> : NN_InferredOp<mnemonic> {
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
  let summary = what # " over windows of an image";
}

def NN_MaxPool2DOp : NN_Pool2DOp<"max_pool2d", "Maximum"> {
  let description = [{
    Maximum over each window; what `pads` (top, left, bottom, right) adds is never chosen.
    The output size is `floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1`.

    ```mlir
    %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
        dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nchw>}
        : tensor<?x16x32x32xf32> -> tensor<?x16x16x16xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
      DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, NN_LayoutAttr:$layout);
}

def NN_AvgPool2DOp : NN_Pool2DOp<"avg_pool2d", "Mean"> {
  let description = [{
    Mean over each window. With `count_include_pad` what `pads` adds counts as
    zeros, otherwise only elements of the input count. `ceil_pads` (bottom, right)
    is further padding that never counts: rounding the output size up.

    ```mlir
    %y = nn.avg_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
        dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
        ceil_pads = array<i64: 0, 0>, layout = #nn.layout<nchw>}
        : tensor<?x16x32x32xf32> -> tensor<?x16x16x16xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
      DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$ceil_pads,
      UnitAttr:$count_include_pad, NN_LayoutAttr:$layout);
}

//===----------------------------------------------------------------------===//
// Normalisation
//===----------------------------------------------------------------------===//

def NN_BatchNormOp : NN_InferredOp<"batch_norm"> {
  let summary = "Batch normalisation with stored statistics";
  let description = [{
    `(x - mean) / sqrt(variance + epsilon) * scale + bias`, each of the vectors
    along dimension `axis` (Ioffe and Szegedy, arXiv:1502.03167).

    ```mlir
    %y = nn.batch_norm %x, %scale, %bias, %mean, %variance {axis = 1 : i64, epsilon = 1.0e-5 : f64}
        : (tensor<?x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x8x8xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$scale, NN_FloatTensor:$bias,
      NN_FloatTensor:$mean, NN_FloatTensor:$variance, I64Attr:$axis, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = [{
    $input `,` $scale `,` $bias `,` $mean `,` $variance attr-dict `:` functional-type(operands, results)
  }];
}

def NN_LayerNormOp : NN_InferredOp<"layer_norm"> {
  let summary = "Normalisation over the last dimensions";
  let description = [{
    `(x - mean) / sqrt(variance + epsilon) * scale + bias` with mean and variance
    over the dimensions from `axis` on (Ba et al., arXiv:1607.06450). `scale` and `bias`
    broadcast to the input.

    ```mlir
    %y = nn.layer_norm %x, %scale, %bias {axis = 2 : i64, epsilon = 1.0e-5 : f64}
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$scale, Optional<NN_FloatTensor>:$bias,
      I64Attr:$axis, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = "$input `,` $scale (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def NN_RMSNormOp : NN_InferredOp<"rms_norm"> {
  let summary = "Root-mean-square normalisation over the last dimensions";
  let description = [{
    `x / sqrt(mean(x^2) + epsilon) * scale`, the mean over the dimensions from
    `axis` on (Zhang and Sennrich, arXiv:1910.07467).

    ```mlir
    %y = nn.rms_norm %x, %scale {axis = 2 : i64, epsilon = 1.0e-5 : f64}
        : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$scale, I64Attr:$axis, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = "$input `,` $scale attr-dict `:` functional-type(operands, results)";
}

def NN_SoftmaxOp : NN_SameTypeOp<"softmax", "exp(x - max) / sum(exp(x - max)) along an axis"> {
  let arguments = (ins NN_FloatTensor:$input, I64Attr:$axis);
  let description = [{
    Softmax along dimension `axis`, computed with the maximum subtracted.

    ```mlir
    %y = nn.softmax %x {axis = 1 : i64} : tensor<?x10xf32>
    ```
  }];
  let hasVerifier = 1;
}

def NN_LogSoftmaxOp : NN_SameTypeOp<"log_softmax", "x - max - ln(sum(exp(x - max))) along an axis"> {
  let arguments = (ins NN_FloatTensor:$input, I64Attr:$axis);
  let description = [{
    Logarithm of the softmax along dimension `axis`.

    ```mlir
    %y = nn.log_softmax %x {axis = 1 : i64} : tensor<?x10xf32>
    ```
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

def NN_AttentionOp : NN_InferredOp<"attention"> {
  let summary = "Scaled dot-product attention of several heads";
  let description = [{
    `softmax(Q K^T * scale + mask) V` for each batch and head (Vaswani et al., arXiv:1706.03762). Tensors are
    `[batch, position, head, depth]`, as a projection leaves them: query `[b, s, h, d]`, key `[b, t, g, d]`,
    value `[b, t, g, e]`, result `[b, s, h, e]`. `g` divides `h`: with fewer heads of keys and values each of them
    serves `h / g` successive heads of queries (Ainslie et al., arXiv:2305.13245).

    `mask` broadcasts to `[b, h, s, t]`. A float is added to the score; of booleans, false excludes the key. With
    `causal`, query `i` attends to the keys `j <= i` only. A query that is left without any key (all excluded, or
    scores of minus infinity) results in zeros.

    ```mlir
    %y = nn.attention %q, %k, %v, %m {scale = 0.125 : f64} : (tensor<?x?x12x64xf32>, tensor<?x?x12x64xf32>,
        tensor<?x?x12x64xf32>, tensor<?x1x1x?xf32>) -> tensor<?x?x12x64xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$query, NN_FloatTensor:$key, NN_FloatTensor:$value,
      Optional<NN_Tensor>:$mask, F64Attr:$scale, UnitAttr:$causal);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = "$query `,` $key `,` $value (`,` $mask^)? attr-dict `:` functional-type(operands, results)";
}

def NN_RotaryOp : NN_InferredOp<"rotary"> {
  let summary = "Rotary position embedding";
  let description = [{
    Rotates pairs of elements of the last dimension, of even size `d` (Su et al., arXiv:2104.09864): with `l` and `h`
    the first and the second half of `x`, the result is `l cos_l - h sin_l` followed by `h cos_h + l sin_h`. `cos`
    and `sin` broadcast to the input.

    ```mlir
    %y = nn.rotary %x, %cos, %sin : (tensor<?x128x4x16xf32>, tensor<128x1x16xf32>, tensor<128x1x16xf32>)
        -> tensor<?x128x4x16xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$cos, NN_FloatTensor:$sin);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = "$input `,` $cos `,` $sin attr-dict `:` functional-type(operands, results)";
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// Reduces the dimensions `axes` (non-negative, sorted, unique); with `keep_dims`
/// they stay with size 1.
class NN_ReductionOp<string mnemonic, string what, Type operandType = NN_Tensor> : NN_InferredOp<mnemonic> {
  let summary = what # " over dimensions";
  let inference = "inferReduction(inference, adaptor.getInput(), adaptor.getAxes(), adaptor.getKeepDims())";
  let description = what # " over the dimensions `axes`, which stay with size 1 under `keep_dims`.\n\n```mlir\n%y = nn."
      # mnemonic # " %x {axes = array<i64: 1>, keep_dims} : tensor<?x4xf32> -> tensor<?x1xf32>\n```";
  let arguments = (ins operandType:$input, DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims);
  let results = (outs operandType:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
}
def NN_ReduceSumOp : NN_ReductionOp<"reduce_sum", "Sum">;
def NN_ReduceMeanOp : NN_ReductionOp<"reduce_mean", "Mean">;
def NN_ReduceProdOp : NN_ReductionOp<"reduce_prod", "Product">;
def NN_ReduceMaxOp : NN_ReductionOp<"reduce_max", "Maximum">;
def NN_ReduceMinOp : NN_ReductionOp<"reduce_min", "Minimum">;

class NN_ArgReductionOp<string mnemonic, string what> : NN_InferredOp<mnemonic> {
  let inference = [{inferArgReduction(inference, adaptor.getInput(), static_cast<int64_t>(adaptor.getAxis()),
          adaptor.getKeepDims())}];
  let summary = "Index of the " # what # " along a dimension";
  let description = "Index (i64) of the " # what # " along `axis`; of equal elements the first, or with `last` the last.\n\n```mlir\n%y = nn."
      # mnemonic # " %x {axis = 1 : i64, keep_dims} : tensor<?x4xf32> -> tensor<?x1xi64>\n```";
  let arguments = (ins NN_Tensor:$input, I64Attr:$axis, UnitAttr:$keep_dims, UnitAttr:$last);
  let results = (outs NN_IntTensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
}
def NN_ArgMaxOp : NN_ArgReductionOp<"argmax", "maximum">;
def NN_ArgMinOp : NN_ArgReductionOp<"argmin", "minimum">;

def NN_CumSumOp : NN_SameTypeOp<"cumsum", "running sum along an axis", NN_Tensor> {
  let arguments = (ins NN_Tensor:$input, I64Attr:$axis, UnitAttr:$exclusive, UnitAttr:$reverse);
  let description = [{
    Running sum along `axis`: `exclusive` leaves out the element itself, `reverse` runs from the end.

    ```mlir
    %y = nn.cumsum %x {axis = 1 : i64, exclusive} : tensor<?x10xf32>
    ```
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Gathering
//===----------------------------------------------------------------------===//

def NN_EmbeddingOp : NN_InferredOp<"embedding", [DeclareOpInterfaceMethods<CompressibleOpInterface>]> {
  let summary = "Rows of a table";
  let description = [{
    `output[i..., :] = table[ids[i...], :]`. An id outside the table is an error
    of the caller: the nearest row is read.

    ```mlir
    %y = nn.embedding %ids, %table : (tensor<?x?xi64>, tensor<512x64xf32>) -> tensor<?x?x64xf32>
    ```
  }];
  let arguments = (ins NN_IntTensor:$ids, NN_Tensor:$table);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$ids `,` $table attr-dict `:` functional-type(operands, results)";
}

def NN_GatherOp : NN_InferredOp<"gather"> {
  let summary = "Slices of a tensor along a dimension";
  let description = [{
    ONNX Gather: `output[a..., i..., b...] = input[a..., indices[i...], b...]` with
    `axis` dimensions before. Negative indices count from the end; then they are
    limited to the dimension.

    ```mlir
    %y = nn.gather %x, %i {axis = 1 : i64} : (tensor<4x8x2xf32>, tensor<?xi64>) -> tensor<4x?x2xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntTensor:$indices, I64Attr:$axis);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input `,` $indices attr-dict `:` functional-type(operands, results)";
}

def NN_GatherElementsOp : NN_InferredOp<"gather_elements"> {
  let summary = "One element per index along a dimension";
  let description = [{
    ONNX GatherElements: the output has the shape of `indices`, and along `axis` the
    coordinate is replaced by the index; negative indices count from the end.

    ```mlir
    %y = nn.gather_elements %x, %i {axis = 1 : i64} : (tensor<4x8xf32>, tensor<4x2xi64>) -> tensor<4x2xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntTensor:$indices, I64Attr:$axis);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input `,` $indices attr-dict `:` functional-type(operands, results)";
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

def NN_ReshapeOp : NN_InferredOp<"reshape"> {
  let summary = "The same elements in another shape";
  let description = [{
    Row-major order is kept. `shape` has a size per result dimension: -1 (once)
    is what remains, 0 is the size of the input's dimension of the same number.

    ```mlir
    %y = nn.reshape %x {shape = array<i64: 0, -1>} : tensor<?x4x8xf32> -> tensor<?x32xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$shape);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
  let hasFolder = 1;
}

def NN_TransposeOp : NN_InferredOp<"transpose"> {
  let summary = "Permutation of the dimensions";
  let description = [{
    Dimension `i` of the result is dimension `permutation[i]` of the input.

    ```mlir
    %y = nn.transpose %x {permutation = array<i64: 0, 2, 1>} : tensor<?x4x8xf32> -> tensor<?x8x4xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def NN_BroadcastToOp : NN_InferredOp<"broadcast_to"> {
  let summary = "Broadcast to a shape";
  let description = [{
    ONNX Expand: the result's shape is the NumPy broadcast of the input's shape and `shape`.

    ```mlir
    %y = nn.broadcast_to %x {shape = array<i64: 2, 3, 4>} : tensor<3x1xf32> -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$shape);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
  let hasFolder = 1;
}

def NN_ConcatOp : NN_InferredOp<"concat"> {
  let summary = "Concatenation along a dimension";
  let description = [{
    ```mlir
    %y = nn.concat %a, %b {axis = 1 : i64} : (tensor<?x4xf32>, tensor<?x8xf32>) -> tensor<?x12xf32>
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NN_SliceOp : NN_InferredOp<"slice"> {
  let summary = "Strided part of a tensor";
  let description = [{
    ONNX Slice with a start, end and step for every dimension: negative starts and
    ends count from the end, then they are limited to the dimension; a negative
    step runs backwards (an end of the smallest i64 then includes element 0).

    ```mlir
    %y = nn.slice %x {starts = array<i64: 0, 1>, ends = array<i64: 9223372036854775807, 7>,
        steps = array<i64: 1, 2>} : tensor<?x8xf32> -> tensor<?x3xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$ends,
      DenseI64ArrayAttr:$steps);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
  let hasFolder = 1;
}

def NN_PadOp : NN_InferredOp<"pad"> {
  let summary = "Padding of each dimension";
  let description = [{
    Adds `low[i]` elements before and `high[i]` after dimension `i` (negative: removes).
    `constant` mode adds `value` (of the element type; default 0), the others copy from the input.

    ```mlir
    %y = nn.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 2>, mode = #nn.pad_mode<constant>,
        value = 1.0 : f32} : tensor<?x4xf32> -> tensor<?x7xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high,
      NN_PadModeAttr:$mode, OptionalAttr<TypedAttrInterface>:$value);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
  let hasFolder = 1;
}

def NN_TileOp : NN_InferredOp<"tile"> {
  let summary = "Repetition along each dimension";
  let description = [{
    ```mlir
    %y = nn.tile %x {repeats = array<i64: 1, 3>} : tensor<?x4xf32> -> tensor<?x12xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$repeats);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
  let hasFolder = 1;
}

def NN_TriluOp : NN_SameTypeOp<"trilu", "upper or lower triangle of the last two dimensions", NN_Tensor> {
  let arguments = (ins NN_Tensor:$input, I64Attr:$diagonal, UnitAttr:$upper);
  let description = [{
    Keeps the elements on and above (`upper`) or on and below the diagonal with the
    number `diagonal` (0 is the main one, positive ones lie above) and zeroes the others.

    ```mlir
    %y = nn.trilu %x {diagonal = 0 : i64, upper} : tensor<?x4x4xf32>
    ```
  }];
  let hasVerifier = 1;
}

def NN_OneHotOp : NN_InferredOp<"one_hot"> {
  let summary = "One-hot encoding";
  let description = [{
    A dimension of size `depth` is inserted at `axis`: `on` at the index (negative ones
    count from the end), `off` elsewhere and everywhere for an index out of range.

    ```mlir
    %y = nn.one_hot %i, %on, %off {axis = 1 : i64, depth = 10 : i64}
        : (tensor<?xi64>, tensor<f32>, tensor<f32>) -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins NN_IntTensor:$indices, NN_Tensor:$on, NN_Tensor:$off, I64Attr:$axis, I64Attr:$depth);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$indices `,` $on `,` $off attr-dict `:` functional-type(operands, results)";
}

def NN_IotaOp : NN_InferredOp<"iota"> {
  let summary = "0, 1, ... along a dimension of another tensor";
  let description = [{
    A vector (i64) of as many numbers as dimension `dim` of `like` has elements, whose values do not matter: the
    positions of a sequence.

    ```mlir
    %i = nn.iota %ids {dim = 1 : i64} : tensor<?x?xi64> -> tensor<?xi64>
    ```
  }];
  let arguments = (ins NN_Tensor:$like, I64Attr:$dim);
  let results = (outs NN_IntTensor:$output);
  let assemblyFormat = "$like attr-dict `:` type($like) `->` type($output)";
}

include "condense/Dialect/NN/IR/NNGradientOps.td"

#endif // CONDENSE_DIALECT_NN_IR_NNOPS_TD
