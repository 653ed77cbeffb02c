// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which part of a weight a kernel asks for before it needs it.

#ifndef CONDENSE_LIB_CODEGEN_CPU_PREFETCH_H
#define CONDENSE_LIB_CODEGEN_CPU_PREFETCH_H

#include "ExpressionEvaluator.h"
#include "KernelPlan.h"

namespace condense::codegen {

/// While all rows read one panel of a weight, the kernel asks for the next one: that of the next iteration of
/// `panelLoop`. Each iteration of `passLoop` (a step of `passStep`) reads the panel once; it asks for one vector of
/// each row of the next panel, or for those of one of `parts` parts of them.
struct PrefetchPlan {
  mlir::OpOperand *weight;
  unsigned panelLoop, passLoop, stepLoop;
  int64_t passStep, parts;
};

/// The plan, if the kernel has a weight that comes from memory or the last cache, in panels that many rows share.
std::optional<PrefetchPlan> planPrefetch(const KernelPlan &plan);

/// The place of the weight (a point of the loops) that the step at `point` asks for.
LanePoint prefetchedPoint(mlir::OpBuilder &builder, mlir::Location loc, const KernelPlan &kernel,
                          const PrefetchPlan &plan, LanePoint point, int64_t vectors);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_PREFETCH_H
