// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass that lowers the `nn` dialect to linalg.

#ifndef CONDENSE_CONVERSION_NNTOLINALG_PASSES_TD
#define CONDENSE_CONVERSION_NNTOLINALG_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertNNToLinalgPass : Pass<"convert-nn-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Replace nn operations by linalg on tensors";
  let description = [{
    The reference semantics of every `nn` operation: named `linalg` operations
    for plain matrix products, otherwise `linalg.generic` whose maps are
    projected permutations wherever the operation allows it, so that tiling and
    fusion apply. Sums of f16 and bf16 are accumulated in f32; products of
    narrow integers in i32.

    `uiN` becomes `iN` with unsigned arithmetic, also in the signatures of
    functions; integers are signed otherwise, and `i1` is unsigned.

    `attention` stores the scores of all queries. With `query-block` it is loops over batches and heads (`scf.forall`)
    and blocks of that many queries, and stores the scores of one block: as exact, and without a tensor of
    `[heads, queries, keys]`.

    Two dynamic dimensions that broadcast are the same size where the graph
    shows it; otherwise the operands are first copied to the larger one, as
    found at run time.

    ```mlir
    %y = nn.linear %x, %w, %b : (tensor<?x384xf32>, tensor<10x384xf32>, tensor<10xf32>) -> tensor<?x10xf32>
    // becomes linalg.broadcast of %b, and a generic over (m, n, k) into it
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [Option<"queryBlock", "query-block", "int64_t", "0",
                        "Queries of attention that are computed together; 0: all of them">];
  let statistics = [Statistic<"converted", "converted", "Number of nn operations lowered">];
}

#endif // CONDENSE_CONVERSION_NNTOLINALG_PASSES_TD
