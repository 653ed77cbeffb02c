// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes around bufferization: what prepares for it, and what works on buffers before LLVM.

#ifndef CONDENSE_CODEGEN_BUFFERS_PASSES_TD
#define CONDENSE_CODEGEN_BUFFERS_PASSES_TD

include "mlir/Pass/PassBase.td"

def CodegenOutlineConstantsPass : Pass<"codegen-outline-constants", "::mlir::ModuleOp"> {
  let summary = "Move the bytes of constants out of the module";
  let description = [{
    Weights never pass through LLVM IR. Every constant `memref.global` larger than 64
    bytes moves to one array of bytes outside of the module, aligned to 64 bytes; equal
    contents are stored once. Its uses become views of the external array
    `@condense_weights`, which has no value and is public:

    ```mlir
    memref.global "private" constant @w : memref<64x3xf32> = dense_resource<w>
    func.func @before() -> memref<64x3xf32> {
      %0 = memref.get_global @w : memref<64x3xf32>
      return %0 : memref<64x3xf32>
    }
    // becomes
    memref.global @condense_weights : memref<768xi8>
    func.func @after() -> memref<64x3xf32> {
      %offset = arith.constant 0 : index
      %w = memref.get_global @condense_weights : memref<768xi8>
      %0 = memref.view %w[%offset][] : memref<768xi8> to memref<64x3xf32>
      return %0 : memref<64x3xf32>
    }
    ```

    The bytes are as in the attribute, one element after the other; an element takes
    whole bytes. They are written to the file given by `file`, or kept for the caller in
    the WeightBlob that the pass was created with. Without either the module is left
    unchanged. Values do not change.

    With `coded-file` (or a WeightBlob that codes), constants of which entropy coding saves at least 5 % move to
    a second array, `@condense_decoded_weights`, instead: only its coded form is stored,
    and the runtime decodes it when the model is loaded. A remark says how many bytes that saves.
  }];
  let options = [
    Option<"file", "file", "std::string", "\"\"", "File that receives the bytes">,
    Option<"codedFile", "coded-file", "std::string", "\"\"", "File that receives the coded bytes; empty: none are coded">
  ];
  let statistics = [
    Statistic<"numOutlined", "outlined", "Number of constants moved">,
    Statistic<"numBytes", "bytes", "Number of bytes stored outside of the module">,
    Statistic<"numCoded", "coded", "Number of constants that are stored coded">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def CodegenProtectArgumentsPass : Pass<"codegen-protect-arguments", "::mlir::ModuleOp"> {
  let summary = "Forbid writing into the buffers that a caller passes";
  let description = [{
    Bufferization may compute a result in the buffer of an argument that is not used
    afterwards. The inputs of a model belong to the program that calls it: this pass marks the
    tensor arguments of public functions as read-only (`bufferization.writable = false`), so that
    bufferization makes a copy where one is needed. Values do not change.
  }];
}

def CodegenApproximateMathPass : Pass<"codegen-approximate-math"> {
  let summary = "Expand exp, log, tanh and erf into arithmetic that vectorises";
  let description = [{
    Replaces `math.exp`, `expm1`, `log`, `log1p`, `tanh` and `erf` of f32, and of smaller
    types by computing in f32, by polynomial approximations: no calls, no branches, so
    that they work on vectors and in loops that LLVM vectorises. The relative error is
    below 1e-6 (1e-5 for `expm1`, `log1p` and `tanh`); infinities and NaN are as in the C
    library; the logarithm of a subnormal number is that of the smallest normal one, and `exp`
    is 0 where the result would be subnormal. f64
    and all other functions are left to the C library.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def CodegenExpandCopiesPass : Pass<"codegen-expand-copies"> {
  let summary = "Write copies between strided buffers as loops";
  let description = [{
    A `memref.copy` between contiguous buffers becomes one memcpy. All others would call
    a library function that copies element by element and that compiled models do not
    have: they become loops over copies of contiguous rows, or a `linalg.generic` if the rows
    have fewer than 16 elements. Values do not change.
  }];
  let statistics = [Statistic<"numExpanded", "expanded", "Number of copies written as loops">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def CodegenNarrowIntegersAsBytesPass : Pass<"codegen-narrow-integers-as-bytes"> {
  let summary = "Read and write vectors of bools and narrow integers as vectors of bytes";
  let description = [{
    An element of `i1` to `i7` takes a byte in memory, but LLVM loads and stores a vector of them
    as packed bits. Vector accesses to such buffers become accesses to the same bytes as `i8`,
    with a truncation after a read (for `i1` a comparison with 0) and a zero extension before a
    write. Values do not change.

    ```mlir
    vector.transfer_write %v, %m[%i] : vector<16xi1>, memref<?xi1>
    // becomes
    %b = arith.extui %v : vector<16xi1> to vector<16xi8>
    %c = builtin.unrealized_conversion_cast %m : memref<?xi1> to memref<?xi8>
    vector.transfer_write %b, %c[%i] : vector<16xi8>, memref<?xi8>
    ```

    The cast disappears in the conversion to LLVM, where both are the same.
  }];
  let statistics = [Statistic<"numAccesses", "accesses", "Number of accesses changed">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect"];
}

def CodegenFuseElementwisePass : Pass<"codegen-fuse-elementwise"> {
  let summary = "Make one operation of elementwise ones that follow each other";
  let description = [{
    Fuses an elementwise `linalg` operation into the only operation that uses it, if that is
    elementwise too. Operations with reductions keep their operands: computed inside of them a
    value would be computed again for every use, and kernels are made from their simple form.
    Values do not change.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def CodegenMapToThreadsPass : InterfacePass<"codegen-map-to-threads", "::mlir::FunctionOpInterface"> {
  let summary = "Decide which parallel loops are worth threads";
  let description = [{
    An `scf.parallel` stays parallel if it is outermost and does more work than starting
    threads costs: the elements computed by its operations (those of functions such as `math.exp` count 16 times)
    times the iterations of the loops around them (an unknown number of iterations counts as 16) is at least
    `min-work`, which is some 10 microseconds of one core. Only its first dimension with more than one iteration is distributed, so that
    the inner ones remain simple loops. All others become `scf.for`. Values do not change.
  }];
  let options = [
    Option<"minWork", "min-work", "int64_t", "1 << 20", "Least number of computed elements worth threads">
  ];
  let statistics = [
    Statistic<"numParallel", "parallel", "Number of loops distributed over threads">,
    Statistic<"numSequential", "sequential", "Number of parallel loops made sequential">
  ];
  let dependentDialects = ["::mlir::scf::SCFDialect"];
}

def CodegenExpandPadsPass : Pass<"codegen-expand-pads"> {
  let summary = "Write padding as a border around what is padded";
  let description = [{
    A `tensor.pad` with one padding value becomes a tensor whose borders are filled and into
    which the source is inserted: bufferization then lets the operation that computes the source
    write it there, and only the border is filled. Where the innermost dimension is padded, the
    whole is filled first. What else reads the source reads it in the result, if the amounts are known. Other padding is left unchanged. Values do not change.

    ```mlir
    %0 = tensor.pad %x low[1, 0] high[0, 0] { ^bb0(%i: index, %j: index): tensor.yield %zero : f32 } : tensor<4x8xf32> to tensor<5x8xf32>
    // becomes
    %empty = bufferization.alloc_tensor() : tensor<5x8xf32>
    %row = tensor.extract_slice %empty[0, 0] [1, 8] [1, 1] : tensor<5x8xf32> to tensor<1x8xf32>
    %filled = linalg.fill ins(%zero : f32) outs(%row : tensor<1x8xf32>) -> tensor<1x8xf32>
    %border = tensor.insert_slice %filled into %empty[0, 0] [1, 8] [1, 1] : tensor<1x8xf32> into tensor<5x8xf32>
    %1 = tensor.insert_slice %x into %border[1, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<5x8xf32>
    ```
  }];
  let statistics = [Statistic<"numExpanded", "expanded", "Number of pads written as borders">];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::bufferization::BufferizationDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def CodegenSeparateDestinationsPass : Pass<"codegen-separate-destinations"> {
  let summary = "Give every operation that writes to an empty tensor one of its own";
  let description = [{
    A `tensor.empty` with several uses is cloned for each of them, so that the elimination of empty
    tensors can decide for each use where it writes. Values do not change.
  }];
  let statistics = [Statistic<"numSeparated", "separated", "Number of destinations added">];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def CodegenOutlineKernelsPass : Pass<"codegen-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Make functions of the loop nests of a model, one for those that are equal";
  let description = [{
    A model is one function, and much of what compilers do takes time that grows with the square of a function's
    length. This pass moves each loop nest of the body of a public function (an `scf.for` or `scf.parallel` without
    results, with at least `min-operations` operations inside) to a private function that is not inlined again. Nests
    that differ only in the buffers that they work on, as those of the repeated layers of a network do, share one
    function. What a nest uses becomes an argument, but for constants; a function that is not shared computes the
    addresses of its weights itself. A function with fewer than `min-nests` of them is left alone: calls cost some nanoseconds, and
    LLVM sees less of the buffers. Values do not change.

    ```mlir
    func.func @before(%x: memref<4xf32>, %y: memref<4xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      scf.for %i = %c0 to %c4 step %c1 {
        %v = memref.load %x[%i] : memref<4xf32>
        memref.store %v, %y[%i] : memref<4xf32>
      }
      return
    }
    // becomes
    func.func @after(%x: memref<4xf32>, %y: memref<4xf32>) {
      func.call @kernel(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
      return
    }
    func.func private @kernel(%x: memref<4xf32>, %y: memref<4xf32>) attributes {llvm.bareptr, passthrough = ["noinline"]} {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      scf.for %i = %c0 to %c4 step %c1 {
        %v = memref.load %x[%i] : memref<4xf32>
        memref.store %v, %y[%i] : memref<4xf32>
      }
      return
    }
    ```

    Buffers are passed as pointers (`llvm.bareptr`) and the numbers that their types do not tell. Pointers to what does
    not overlap the others, or to what nothing writes to, are marked `llvm.noalias`: allocations differ from each other, and the inputs of a model and
    its weights are only read (codegen-protect-arguments).
  }];
  let options = [
    Option<"minOperations", "min-operations", "unsigned", "16", "Least number of operations in a nest">,
    Option<"minNests", "min-nests", "unsigned", "64", "Least number of nests in a function that are moved">
  ];
  let statistics = [
    Statistic<"numNests", "nests", "Number of loop nests moved">,
    Statistic<"numKernels", "kernels", "Number of functions made of them">
  ];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect"];
}

#endif // CONDENSE_CODEGEN_BUFFERS_PASSES_TD
