// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The operations of the `compress` dialect.

#ifndef CONDENSE_DIALECT_COMPRESS_IR_COMPRESSOPS_TD
#define CONDENSE_DIALECT_COMPRESS_IR_COMPRESSOPS_TD

include "condense/Dialect/Compress/IR/CompressDialect.td"
include "condense/Interfaces/DecompressOpInterface.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Compress_Op<string mnemonic, list<Trait> traits = []> : Op<Compress_Dialect, mnemonic, traits>;

def Compress_FloatTensor : RankedTensorOf<[AnyFloat]>;
def Compress_CodeTensor : RankedTensorOf<[AnyInteger, F8E4M3FN, F8E5M2]>;

def Compress_QuantizeOp : Compress_Op<"quantize", [Pure]> {
  let summary = "Codes of a tensor for given scales";
  let description = [{
    `codes = saturate(round_half_even(x / scale) + zero_point)`, with each scale and
    zero point serving the block `codes.shape / scales.shape`, dimension by dimension.
    Without zero points they are 0. NaN becomes the zero point. Signed storage saturates to
    `[-2^(b-1), 2^(b-1) - 1]`, unsigned to `[0, 2^b - 1]`, floats to their largest
    finite value. `dequantize(quantize(x))` is how a quantized activation is written.

    ```mlir
    %q = compress.quantize %x, %scale, %zero : (tensor<?x64xf32>, tensor<1x1xf32>, tensor<1x1xui8>) -> tensor<?x64xui8>
    ```
  }];
  let arguments = (ins Compress_FloatTensor:$input, Compress_FloatTensor:$scales,
      Optional<Compress_CodeTensor>:$zero_points);
  let results = (outs Compress_CodeTensor:$codes);
  let assemblyFormat = "$input `,` $scales (`,` $zero_points^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Builds the reference semantics from linalg, tensor and arith operations.
    ::mlir::FailureOr<::mlir::Value> decompose(::mlir::OpBuilder &builder);
  }];
}

def Compress_DequantizeOp : Compress_Op<"dequantize", [Pure, DeclareOpInterfaceMethods<DecompressOpInterface, ["decompose"]>]> {
  let summary = "Tensor from codes and scales";
  let description = [{
    `x = (code - zero_point) * scale`, with each scale and zero point serving the block
    `codes.shape / scales.shape`, dimension by dimension: `tensor<1x1>` scales are per
    tensor, `<Nx1>` per row, `<NxK/32>` per group of 32. No axis is needed.

    ```mlir
    %w = compress.dequantize %codes, %scales : (tensor<1536x384xi4>, tensor<1536x12xf16>) -> tensor<1536x384xf32>
    ```
  }];
  let arguments = (ins Compress_CodeTensor:$codes, Compress_FloatTensor:$scales,
      Optional<Compress_CodeTensor>:$zero_points);
  let results = (outs Compress_FloatTensor:$output);
  let assemblyFormat = "$codes `,` $scales (`,` $zero_points^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Compress_UnpackOp : Compress_Op<"unpack", [Pure, DeclareOpInterfaceMethods<DecompressOpInterface, ["decompose"]>]> {
  let summary = "Narrow codes from packed bytes";
  let description = [{
    Element `i` (row-major) of width `b` is the bits `i * b ... i * b + b - 1` of the
    bytes, least significant first. The number of bytes is `ceil(elements * b / 8)`
    exactly; unused bits are 0.

    ```mlir
    %codes = compress.unpack %bytes : tensor<294912xi8> -> tensor<1536x384xi4>
    ```
  }];
  let arguments = (ins RankedTensorOf<[I8]>:$bytes);
  let results = (outs Compress_CodeTensor:$codes);
  let assemblyFormat = "$bytes attr-dict `:` type($bytes) `->` type($codes)";
  let hasVerifier = 1;
}

def Compress_ObserveOp : Compress_Op<"observe", [AllTypesMatch<["input", "output"]>]> {
  let summary = "Marks a tensor whose values calibration records";
  let description = [{
    The identity on `input`. Calibration records the values that pass, under `name`.

    ```mlir
    %y = compress.observe %x, "conv1.input" : tensor<?x3x32x32xf32>
    ```
  }];
  let arguments = (ins Compress_FloatTensor:$input, StrAttr:$name);
  let results = (outs Compress_FloatTensor:$output);
  let assemblyFormat = "$input `,` $name attr-dict `:` type($input)";
}

#endif // CONDENSE_DIALECT_COMPRESS_IR_COMPRESSOPS_TD
