// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the loops of a product of few rows that skips the zeros of its weight.

#ifndef CONDENSE_LIB_CODEGEN_CPU_SLICEEMITTER_H
#define CONDENSE_LIB_CODEGEN_CPU_SLICEEMITTER_H

#include "SparseSlices.h"

#include "mlir/IR/PatternMatch.h"

namespace condense::codegen {

/// Replaces `op`, its epilogue and what initialises its result by a kernel that reads slices; fails with a reason, and
/// changes nothing, if it cannot.
mlir::LogicalResult emitSliceKernel(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op, const VectorTarget &target,
                                    std::string &reason);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_SLICEEMITTER_H
