// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the loop nest of a kernel plan.

#ifndef CONDENSE_LIB_CODEGEN_CPU_KERNELEMITTER_H
#define CONDENSE_LIB_CODEGEN_CPU_KERNELEMITTER_H

#include "KernelPlan.h"

#include "mlir/IR/PatternMatch.h"

namespace condense::codegen {

/// Marks a loop whose iterations write different elements.
inline constexpr llvm::StringLiteral kParallelLoopAttrName = "condense.parallel";

/// Replaces the operations of the plan by loops with vectors.
void emitKernel(mlir::RewriterBase &rewriter, const KernelPlan &plan);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_KERNELEMITTER_H
