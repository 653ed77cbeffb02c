// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the loops of a contraction that skips the zeros of its weight.

#ifndef CONDENSE_LIB_CODEGEN_CPU_SPARSEEMITTER_H
#define CONDENSE_LIB_CODEGEN_CPU_SPARSEEMITTER_H

#include "SparseContraction.h"

#include "mlir/IR/PatternMatch.h"

namespace condense::codegen {

/// Replaces `op`, its epilogue and what initialises its result by a sparse kernel; fails with a reason, and changes
/// nothing, if it cannot.
mlir::LogicalResult emitSparseKernel(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op,
                                     const VectorTarget &target, std::string &reason);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_SPARSEEMITTER_H
