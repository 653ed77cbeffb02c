// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that turn linalg operations on tensors into vector kernels for CPUs.

#ifndef CONDENSE_CODEGEN_CPU_PASSES_TD
#define CONDENSE_CODEGEN_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def CodegenInlineLookUpsPass : InterfacePass<"codegen-inline-look-ups", "::mlir::FunctionOpInterface"> {
  let summary = "Compute the elements that a look-up reads instead of the whole table";
  let description = [{
    A `tensor.extract` in the body of a `linalg` operation (an embedding) that reads a tensor made
    from constants by elementwise operations and reshapes (dequantize, unpack) is replaced by
    the computation of that one element, so that the table is read in its stored form. Other
    reads are left unchanged. Values do not change.
  }];
  let statistics = [Statistic<"numInlined", "inlined", "Number of reads replaced">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def CodegenPackWeightsPass : InterfacePass<"codegen-pack-weights", "::mlir::FunctionOpInterface"> {
  let summary = "Store constant weights in the order in which vector kernels read them";
  let description = [{
    Takes every linalg operation with a reduction and an operand that is a constant or
    is made from constants (dequantize, unpack) and depends on the innermost dimension
    of the result, the vectorised one. The expression that makes the weight is pulled into
    the operation's body. Loops are split where blocks of codes end and at the codes of a
    byte, so that every constant is read at linear places. Then each constant is stored in
    the order of the loops that read it: reductions from outer to inner, and last the
    vectorised loop. If that loop is long, it is split into panels of up to 64 (32 if rows would share one of more than 512 KiB), and the
    panel comes first: a kernel then reads memory in one direction. Rows of 32-bit lanes
    that would begin inside of cache lines are padded with zeros to whole lines, unless
    that takes more than a quarter of the memory.

    With `vnni`, weights of products `u8 x i8 -> i32` are stored in groups of four along
    the innermost reduction, `[..., k/4, n, 4]`; if it is not a multiple of four, the weight
    gets zeros, and the other operand is padded. Products `i8 x i8 -> i32` with a constant
    weight become such products of `x + 128` (the sign bit flipped), with
    `-128 * sum(w)` added to the initial value: the results are equal, bit by bit.

    With `vnni`, sums of `dequantize(x) * dequantize(w)`, where `x` is quantized to i8 with scales for
    rows, or rows and blocks, and `w` is a constant whose codes fit 8 bits, become sums of integers within the blocks
    in which no scale changes:

        init - 128 * sum(w) * sw * sx + sum over blocks of float(sum of (x + 128) * w) * sw * sx

    The codes are stored anew in 2, 4 or 8 bits, whatever they were computed from: a byte has codes at
    distances of four in k, which one shift and one mask make signed bytes. Only the rounding of
    floats changes: sums of a block, at most 65536 long, fit 32 bits. Scales of blocks that are integers (of two levels:
    an integer for each block, a float for each column) and whose products with the codes fit 8 bits are
    multiplied with them in an operation of its own, if there are at least 32 rows: all of k is then one block.

    The bytes are moved at compile time; values do not change. Weights whose constants are not
    read at linear places are left unchanged, with a remark.

    A weight that is not a plain constant is decoded by an operation of its own before the kernel, with the
    attribute `condense.stored`, if it is of f32, takes at most `most-stored` bytes then, and is used for so many
    rows that storing it takes fewer instructions than decoding it for each tile of rows. Scales are then multiplied with
    each element, which changes rounding only. So is one that stays in its order, if its elements are used in several tiles.

    ```
    %0 = linalg.generic {indexing_maps = [(m, n, k) -> (m, k), (m, n, k) -> (n, k), (m, n, k) -> (m, n)]}
           ins(%x, %w : tensor<?x32xf32>, tensor<16x32xf32>) ...
    // becomes
    %0 = linalg.generic {indexing_maps = [(m, n, k) -> (m, k), (m, n, k) -> (k, n), (m, n, k) -> (m, n)]}
           ins(%x, %transposed : tensor<?x32xf32>, tensor<32x16xf32>) ...
    ```
  }];
  let options = [
    Option<"vnni", "vnni", "bool", "false", "The target multiplies bytes: AVX-512 VNNI, or what codegen-lower-dot-products writes">,
    Option<"mostStored", "most-stored", "int64_t", "1048576",
           "Largest number of bytes of a weight that is decoded before its kernel">
  ];
  let statistics = [
    Statistic<"numPacked", "packed", "Number of weights stored in another order">,
    Statistic<"numBytes", "bytes", "Number of bytes of those weights">,
    Statistic<"numDecoded", "decoded", "Number of weights that are decoded before their kernels">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def CodegenDropUnitDimsPass : Pass<"codegen-drop-unit-dims"> {
  let summary = "Remove dimensions of size 1 from generic operations";
  let description = [{
    Like `linalg-fold-unit-extent-dims`, but keeps loops that an indexing map adds to
    another one (the output rows of a convolution): without them a map would no longer
    tell the size of the window. Values do not change.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def CodegenWidenOddCodesPass
    : InterfacePass<"codegen-widen-odd-codes", "::mlir::FunctionOpInterface"> {
  let summary = "Unpack codes at compile time where rows do not begin at whole bytes";
  let description = [{
    A constant `compress.unpack` whose rows (innermost dimension) do not end at a whole byte,
    or whose codes do not divide a byte, and that only `compress.dequantize` without zero
    points or only `compress.lookup` uses, becomes a constant with a byte per code. Kernels cannot step to such codes. Values do not change.

    ```
    %c = compress.unpack %bytes : tensor<14xi8> -> tensor<4x7xi4>
    %w = compress.dequantize %c, %scales : (tensor<4x7xi4>, tensor<4x1xf16>) -> tensor<4x7xf32>
    // becomes
    %w = compress.dequantize %wide, %scales : (tensor<4x7xi8>, tensor<4x1xf16>) -> tensor<4x7xf32>
    ```
  }];
  let statistics = [Statistic<"numWidened", "widened", "Number of constants unpacked">];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def CodegenTransposeOperandsPass
    : InterfacePass<"codegen-transpose-operands", "::mlir::FunctionOpInterface"> {
  let summary = "Transpose what a contraction would read across rows";
  let description = [{
    An operand of a `linalg.generic` with a reduction that is no constant, and whose
    innermost dimension is not the vectorised one although another is (the keys of
    attention), is transposed before the operation, if each of its elements is used at least
    eight times. Values do not change.

    ```
    %s = linalg.generic {indexing_maps = [(h, i, j, d) -> (h, i, d), (h, i, j, d) -> (h, j, d), (h, i, j, d) -> (h, i, j)]} ins(%q, %k) ...
    // becomes
    %t = linalg.transpose ins(%k) ... permutation = [0, 2, 1]
    %s = linalg.generic {indexing_maps = [(h, i, j, d) -> (h, i, d), (h, i, j, d) -> (h, d, j), (h, i, j, d) -> (h, i, j)]} ins(%q, %t) ...
    ```
  }];
  let statistics = [Statistic<"numTransposed", "transposed", "Number of operands transposed">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def CodegenParallelizeKernelsPass
    : InterfacePass<"codegen-parallelize-kernels", "::mlir::FunctionOpInterface"> {
  let summary = "Make the outermost loops of kernels parallel";
  let description = [{
    After bufferization, turns the outermost loops of kernels, which the vectorising
    passes mark with `condense.parallel`, into `scf.parallel`. Loops that still carry values
    stay sequential. Values do not change.
  }];
  let statistics = [Statistic<"numParallel", "parallel", "Number of loops made parallel">];
  let dependentDialects = ["::mlir::scf::SCFDialect"];
}

def CodegenVectorizeContractionsPass
    : InterfacePass<"codegen-vectorize-contractions", "::mlir::FunctionOpInterface"> {
  let summary = "Rewrite linalg operations with reductions into register-blocked vector loops";
  let description = [{
    Takes every linalg operation on tensors that has a reduction (contractions,
    convolutions, pooling; any affine access maps) and writes one loop nest for

      - the operation itself: a tile of accumulators is held in vectors over the
        reduction loops. The lanes run along the parallel dimension that is
        contiguous in the result; the rows of the tile along another one, over which
        the vectors that were loaded are used again;
      - the elementwise expression that makes its weight from constants (dequantize,
        unpack): it is evaluated on vectors where they are needed, so that the weight
        is read in its stored form. A sequence of `linalg.generic`, reshapes and
        slices qualifies, and so does what initialises the accumulators;
      - its only consumer, if that is elementwise (bias, activation, residual,
        requantization).

    The order of the reduction is kept; a multiplication followed by an addition may
    be contracted into one rounding. A factor that inner reductions do not change (the scale of a
    block or channel) is multiplied with their sum, not with each element: only rounding changes.
    With `permute`, floats that depend on four bits of a byte (4-bit and 2-bit codes, indices into
    one codebook) are looked up in a register, with the same values. If no parallel dimension can be the lanes (row sums and
    maxima, products with one column), the lanes run along a reduction that is contiguous
    in the operands, and are combined at its end: floats are then added in another order. Sizes may be dynamic or not divide the tile: rows
    that are left get a smaller tile, lanes that are left a mask. The type `i8 x i8 ->
    i32` with four contiguous products uses `vpdpbusd` under `vnni`, with the same
    result as the portable form; so does a sum of floats made of such products and scales, which are multiplied
    with the integer sums of blocks. What makes the i8 operand of such products from constants, element by element,
    is computed for one panel of lanes before all its rows.

    While many rows read one panel of a constant of more than 512 KiB, the kernel asks for the next panel
    (`memref.prefetch`): else all of them would wait while the first one brings it from memory.

    An operation whose operands are not contiguous (or constant) along the lanes is
    left unchanged, with a remark that says why.

    ```mlir
    %0 = linalg.matmul ins(%a, %b : tensor<?x64xf32>, tensor<64x32xf32>) outs(%zero : tensor<?x32xf32>) -> tensor<?x32xf32>
    ```

    becomes, with 16 lanes, roughly

    ```
    %0 = scf.for %i = 0 to %m step 12 iter_args(%dest = %empty) {
      %acc:24 = scf.for %k = 0 to 64 iter_args(...) -> vector<16xf32>, ... {
        %b0 = vector.transfer_read %b[%k, 0]
        %a0 = tensor.extract %a[%i, %k]
        ...
      }
      vector.transfer_write %acc#0, %dest[%i, 0]
    ```
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "512", "Width of a vector register in bits (128, 256 or 512)">,
    Option<"registers", "registers", "int64_t", "32", "Number of vector registers">,
    Option<"vnni", "vnni", "bool", "false", "The target multiplies bytes: AVX-512 VNNI, or what codegen-lower-dot-products writes">,
    Option<"permute", "permute", "bool", "false", "The target has AVX-512 permutations of 32-bit lanes">
  ];
  let statistics = [
    Statistic<"numKernels", "kernels", "Number of operations rewritten">,
    Statistic<"numSkipped", "skipped", "Number of operations left unchanged">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect"];
}

def CodegenVectorizeElementwisePass
    : InterfacePass<"codegen-vectorize-elementwise", "::mlir::FunctionOpInterface"> {
  let summary = "Rewrite elementwise linalg operations into vector loops";
  let description = [{
    Takes every linalg operation on tensors without a reduction and writes a loop
    nest with vectors along the innermost dimension of the result, if its operands are
    contiguous or constant along it; the rest of a row is masked. Other operations are
    left unchanged, with a remark that says why. Values do not change.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "512", "Width of a vector register in bits (128, 256 or 512)">,
    Option<"permute", "permute", "bool", "false", "The target has AVX-512 permutations of 32-bit lanes">
  ];
  let statistics = [
    Statistic<"numKernels", "kernels", "Number of operations rewritten">,
    Statistic<"numSkipped", "skipped", "Number of operations left unchanged">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect", "::mlir::vector::VectorDialect"];
}

def CodegenExpandFloat8Pass : InterfacePass<"codegen-expand-float8", "::mlir::FunctionOpInterface"> {
  let summary = "Decode 8-bit floats by integer arithmetic";
  let description = [{
    `arith.extf` of a scalar f8E4M3FN, f8E5M2 or f8E8M0FNU, such as models with weights of these
    types contain, becomes integer operations and a `bitcast`, which can be vectors. Other
    arithmetic on floats of at most 8 bits is an error that says so: LLVM has none. Values do not change.

    ```
    %x = arith.extf %code : f8E5M2 to f32
    // becomes
    %0 = arith.bitcast %code : f8E5M2 to i8
    %1 = arith.extui %0 : i8 to i16
    %2 = arith.shli %1, %c8 : i16
    %3 = arith.bitcast %2 : i16 to f16
    %x = arith.extf %3 : f16 to f32
    ```
  }];
  let statistics = [Statistic<"numExpanded", "expanded", "Number of conversions replaced">];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def CodegenDecodeLargeCodebooksPass
    : InterfacePass<"codegen-decode-large-codebooks", "::mlir::FunctionOpInterface"> {
  let summary = "Look up entries of large codebooks at compile time";
  let description = [{
    A `compress.lookup` of constant indices in a codebook of more than 16 entries becomes a
    constant of the entries, in the codebook's type, with a remark. Smaller codebooks, and
    indices that are no constants, are left unchanged. Values do not change.

    ```
    %w = compress.lookup %indices, %book : (tensor<8x16xui8>, tensor<1x1x256xf16>) -> tensor<8x16xf32>
    // becomes
    %w = linalg.generic ... ins(%entries : tensor<8x16xf16>) { arith.extf }
    ```
  }];
  let statistics = [Statistic<"numDecoded", "decoded", "Number of look-ups evaluated">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def CodegenSelectCodebookEntriesPass
    : InterfacePass<"codegen-select-codebook-entries", "::mlir::FunctionOpInterface"> {
  let summary = "Choose entries of small codebooks by the bits of the index";
  let description = [{
    A `tensor.extract` in the body of a `linalg.generic` that reads a constant codebook of floats
    with at most 16 entries becomes a tree of selects over the bits of the index, so that
    kernels evaluate it on vectors. If there are several codebooks (one per group of channels),
    each entry becomes an operand that is read like a scale. Larger codebooks are left
    unchanged. Values do not change.

    ```
    %e = tensor.extract %book[%index] : tensor<4xf32>
    // becomes
    %0 = arith.select %bit0, %e1, %e0 : f32
    %1 = arith.select %bit0, %e3, %e2 : f32
    %e = arith.select %bit1, %1, %0 : f32
    ```
  }];
  let statistics = [Statistic<"numSelected", "selected", "Number of reads replaced">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect"];
}

def CodegenLowerDotProductsPass : Pass<"codegen-lower-dot-products"> {
  let summary = "Multiply bytes with the instructions of CPUs without vpdpbusd";
  let description = [{
    Kernels sum four products of an unsigned and a signed byte by `vpdpbusd`. For other CPUs this pass writes each as

    | `instruction` | CPU | |
    |---|---|---|
    | `pmaddwd` | AVX2, AVX-512 without VNNI | the bytes at even and at odd places as 16-bit integers, and two sums of pairs of products |
    | `usdot` | AArch64 with i8mm | the same instruction, of 128 bits |
    | `sdot` | AArch64 with dotprod | `u * s = (u - 128) * s + 64 * s + 64 * s`, three sums of signed products |

    Nothing saturates: the values are the same.

    ```mlir
    %r = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.128"(%sum, %u, %s) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
    // becomes with usdot
    %q = llvm.call_intrinsic "llvm.aarch64.neon.usdot.v4i32.v16i8"(%sum, %u, %s) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
    ```
  }];
  let options = [
    Option<"instruction", "instruction", "std::string", "\"pmaddwd\"", "pmaddwd, usdot or sdot">
  ];
  let statistics = [Statistic<"numLowered", "lowered", "Number of dot products">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect"];
}

def CodegenChooseSparseKernelsPass
    : InterfacePass<"codegen-choose-sparse-kernels", "::mlir::FunctionOpInterface"> {
  let summary = "Decide which contractions skip the zeros of their weights";
  let description = [{
    Takes every contraction of rows with a constant weight that has zeros, of f32, or of bytes if there is `vnni`
    (then a unit is four bytes along the reduction that the input is contiguous along). It asks for a sparse
    kernel, by the attribute `condense.sparse`, where that takes fewer instructions than the dense one: a dense
    kernel takes one for a vector of rows and a unit of the weight, a sparse one `vectors + 3` for
    `vectors` vectors and a unit that is not zero, besides what it takes to transpose rows and results and to load and
    store sums. A dynamic number of rows counts as 64. Each decision is a remark with the density and the cost. Products
    of signed bytes become such of `x + 128` there, as in `codegen-pack-weights`. Values do not change.

    `codegen-vectorize-contractions` writes the kernel. It copies a tile of rows of the input, transposed, and keeps
    units that are not zero, with their places, in the order in which it reads them. The sums of a column are
    vectors along the rows; they stay in registers for a piece of the reduction that fits into the
    first-level cache. Only rounding differs from the dense kernel, as zeros are not added.

    Up to four rows of f32, whose weights are read once only, have kernels with lanes along the columns if there is
    `permute`. The weight is stored in slices of 16 columns or more by 16 elements of the reduction, in which every column has
    as many values as the one with most (N:M pruning leaves the same number everywhere), so that a lane chooses its input by
    its place in one vector. Here the cost is the longer one of the time for instructions and that to read the weight.

    ```
    %y = linalg.generic ... ins(%x, %w : tensor<128x384xf32>, tensor<1536x384xf32>) ...
    // becomes, if four of five weights are zero
    %y = linalg.generic ... ins(%x, %w : tensor<128x384xf32>, tensor<1536x384xf32>) attrs = {condense.sparse = "rows"} ...
    ```
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "512", "Width of a vector register in bits (128, 256 or 512)">,
    Option<"vnni", "vnni", "bool", "false", "The target multiplies bytes: AVX-512 VNNI, or what codegen-lower-dot-products writes">,
    Option<"permute", "permute", "bool", "false", "The target has AVX-512 permutations of 32-bit lanes">,
    Option<"maxCost", "max-cost", "double", "0.9",
           "Largest cost of a sparse kernel, relative to the dense one; a large number asks for all, 0 for none">
  ];
  let statistics = [
    Statistic<"numSparse", "sparse", "Number of sparse kernels">,
    Statistic<"numDense", "dense", "Number of contractions with zeros that are left dense">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def CodegenVectorizeTransposesPass
    : InterfacePass<"codegen-vectorize-transposes", "::mlir::FunctionOpInterface"> {
  let summary = "Transpose by squares of lanes";
  let description = [{
    A `linalg.generic` that copies 32-bit elements from a tensor whose innermost dimension is not that of the result
    becomes loops over squares of as many rows as a vector has lanes: rows are read, transposed by shuffles and
    written. Rests are masked. Left unchanged: copies that compute something, other element types, and dimensions of
    fewer than 8 elements. Values do not change.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "512", "Width of a vector register in bits (128, 256 or 512)">
  ];
  let statistics = [Statistic<"numTransposed", "transposed", "Number of copies rewritten">];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::mlir::vector::VectorDialect"];
}

def CodegenRowCodebooksPass : InterfacePass<"codegen-row-codebooks", "::mlir::FunctionOpInterface"> {
  let summary = "Look weights up in one register where each output channel has a codebook";
  let description = [{
    For CPUs that permute 16 lanes of 32 bits (AVX-512). An `nn.linear` of floats whose weight is `compress.lookup` with a
    codebook of at most 16 entries for each output channel becomes a `linalg.generic` whose innermost sum has 16 steps, along which
    kernels put their lanes: the 16 entries of the channel are one integer of 512 bits, a register, and one
    permutation looks up the weights of a vector. 4-bit numbers are stored so that a shift and a mask take them out of
    bytes. With lanes along the channels, each lane would choose from 16 vectors.

    Inputs are padded with zeros to a multiple of 32 columns. Left alone: codebooks that all channels share, that have more
    entries, or that hold infinities or NaN. Numeric effect: floats are added in another order.
  }];
  let statistics = [Statistic<"numRewritten", "rewritten", "Number of layers">];
  let dependentDialects = ["::condense::nn::NNDialect", "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // CONDENSE_CODEGEN_CPU_PASSES_TD
