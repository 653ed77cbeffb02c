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
def Compress_ValueTensor : RankedTensorOf<[AnyInteger, AnyFloat]>;
def Compress_ByteTensor : RankedTensorOf<[I8]>;

def Compress_QuantizeOp : Compress_Op<"quantize", [Pure]> {
  let summary = "Codes of a tensor for given scales";
  let description = [{
    `codes = saturate(round_half_even(x / scale) + zero_point)`, with each scale and
    zero point serving the block `codes.shape / scales.shape`, dimension by dimension.
    Without zero points they are 0. NaN becomes the zero point. Signed storage saturates to
    `[-2^(b-1), 2^(b-1) - 1]`, unsigned to `[0, 2^b - 1]`, floats to their largest
    finite value. `dequantize(quantize(x))` is how a quantized activation is written. A dynamic
    dimension has one scale in all, or one for each of its elements (scales are then dynamic, too).

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

class Compress_DecompressOp<string mnemonic, list<Trait> traits = []> : Compress_Op<mnemonic,
    !listconcat([Pure, DeclareOpInterfaceMethods<DecompressOpInterface, ["decompose", "evaluate"]>], traits)>;

def Compress_DequantizeOp : Compress_DecompressOp<"dequantize"> {
  let summary = "Tensor from codes and scales";
  let description = [{
    `x = (code - zero_point) * scale`, with each scale and zero point serving the block
    `codes.shape / scales.shape`, dimension by dimension: `tensor<1x1>` scales are per
    tensor, `<Nx1>` per row, `<NxK/32>` per group of 32. No axis is needed. Codes may
    also be numbers, as those of a `compress.lookup` are.

    ```mlir
    %w = compress.dequantize %codes, %scales : (tensor<1536x384xi4>, tensor<1536x12xf16>) -> tensor<1536x384xf32>
    ```
  }];
  let arguments = (ins Compress_ValueTensor:$codes, Compress_FloatTensor:$scales,
      Optional<Compress_CodeTensor>:$zero_points);
  let results = (outs Compress_FloatTensor:$output);
  let assemblyFormat = "$codes `,` $scales (`,` $zero_points^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Compress_UnpackOp : Compress_DecompressOp<"unpack"> {
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

def Compress_LookupOp : Compress_DecompressOp<"lookup"> {
  let summary = "Tensor from indices and a codebook";
  let description = [{
    `x = codebook[block of the element][index]`: the last dimension of the codebook
    holds the entries, the others divide those of the indices, so that each block of
    `indices.shape / codebook.shape` has entries of its own: `tensor<1x1x16>` is one
    codebook per tensor, `<Nx1x16>` one per row. Indices are unsigned, whatever the
    sign of their type. An index beyond the entries is an error when it is constant and
    reads the last entry otherwise.

    ```mlir
    %w = compress.lookup %indices, %codebook : (tensor<128x384xi4>, tensor<1x1x16xf16>) -> tensor<128x384xf32>
    ```
  }];
  let arguments = (ins Compress_CodeTensor:$indices, Compress_FloatTensor:$codebook);
  let results = (outs Compress_FloatTensor:$output);
  let assemblyFormat = "$indices `,` $codebook attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Compress_ScatterOp : Compress_DecompressOp<"scatter"> {
  let summary = "Tensor from the blocks that are not zero, and where they are";
  let description = [{
    Puts the blocks of `values` at their places, in row-major order of the places, and
    zero everywhere else. The tensor is seen as a matrix: its first dimension by all
    others. The matrix is divided into blocks of the shape `block` (absent: single
    elements), which are numbered row-major; blocks at an edge that `block` does not
    divide are smaller, and only their elements are stored.

    - `bitmap`: bit `i` of the bytes (least significant first) says whether block `i` has values.
    - `n_m`: groups of `m` consecutive elements of a row of the matrix (the last group of a
      row may be shorter) keep `n` each (of a shorter one `ceil(n * length / m)`); positions are
      the ascending indices in the group, of type `uiW` with `W = max(2, ceil(log2 m))`, unpacked or not.
    - `relative`: position `k` is the distance from block `k - 1` (from -1 for the first) minus one,
      as ui4 or ui8. The largest code stands for that many zeros and a value that is stored as 0.
    - `list`: ascending indices as i16 or ui16 (both unsigned), or i32 beyond 65536 blocks.

    ```mlir
    %w = compress.scatter %values, %bits <format = bitmap>
      : (tensor<58982xf32>, tensor<73728xi8>) -> tensor<1536x384xf32>
    ```
  }];
  let arguments = (ins Compress_ValueTensor:$values, Compress_CodeTensor:$positions,
      Compress_PositionsAttr:$layout);
  let results = (outs Compress_ValueTensor:$output);
  let assemblyFormat = "$values `,` $positions $layout attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Compress_EntropyDecodeOp : Compress_DecompressOp<"entropy_decode"> {
  let summary = "Symbols from an entropy-coded stream";
  let description = [{
    Decodes as many symbols as the result has elements, in row-major order; symbol `s`
    is the element whose bits, as an unsigned number, are `s`. `block` symbols at a time are coded independently, block `i` from byte `offsets[i]` on.
    `table`: of `huffman` 11 bytes, the numbers of canonical codes of each length, and the symbols in the order of their codes; of `rans` each symbol,
    ascending, and its frequency in two bytes (they sum to 4096); of `run_length` nothing. condense/Runtime/Codec.h describes the streams.

    ```mlir
    %codes = compress.entropy_decode %stream, %offsets, %table, huffman, 65536
      : (tensor<190000xi8>, tensor<9xi32>, tensor<27xi8>) -> tensor<1536x384xi4>
    ```
  }];
  let arguments = (ins Compress_ByteTensor:$stream, RankedTensorOf<[I32]>:$offsets, Compress_ByteTensor:$table,
      Compress_CoderAttr:$coder, I64Attr:$block);
  let results = (outs Compress_CodeTensor:$codes);
  let assemblyFormat = "$stream `,` $offsets `,` $table `,` $coder `,` $block attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Compress_JoinPlanesOp : Compress_DecompressOp<"join_planes"> {
  let summary = "Floats from the planes of their bytes";
  let description = [{
    Plane `i` holds byte `i`, most significant first, of each element's bits rotated left
    by one: the first plane of bf16 (and f32) is then the exponent, which compresses well
    (DFloat11, arXiv:2504.11651), and the sign is the lowest bit of the last.

    ```mlir
    %w = compress.join_planes %exponents, %rest : (tensor<64x32xi8>, tensor<64x32xi8>) -> tensor<64x32xbf16>
    ```
  }];
  let arguments = (ins Variadic<Compress_ByteTensor>:$planes);
  let results = (outs Compress_FloatTensor:$output);
  let assemblyFormat = "$planes attr-dict `:` functional-type(operands, results)";
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
