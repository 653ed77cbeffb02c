// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which part of a weight a kernel asks for before it needs it. The hardware follows the rows of a panel as they are
// read for the first time, which is as slow as memory; the other rows read what the cache has by then. Asking for the
// next panel meanwhile spreads its transfer over all of them.

#include "Prefetch.h"
#include "InvariantFactors.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace condense::codegen;

/// A weight that is not larger stays in the level-2 cache from one run to the next, and a panel in the first one.
static constexpr int64_t kLevel2Bytes = 512 << 10, kLevel1Bytes = 24 << 10;

/// Vectors, steps and passes are as many as their sizes say.
static bool isLarge(const KernelPlan &plan, OpOperand &operand, unsigned panelLoop) {
  auto type = cast<RankedTensorType>(operand.get().getType());
  linalg::LinalgOp op = plan.op;
  int64_t bytes = type.getNumElements() * llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  return bytes > kLevel2Bytes && bytes / op.getStaticLoopRanges()[panelLoop] > kLevel1Bytes;
}

/// The constant that all rows share.
static OpOperand *findWeight(const KernelPlan &plan, unsigned panelLoop, unsigned stepLoop) {
  linalg::LinalgOp op = plan.op;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    bool moves = llvm::all_of(ArrayRef<unsigned>{plan.vectorLoop, panelLoop, stepLoop},
                              [&](unsigned loop) { return KernelPlan::dependsOn(map, loop); });
    if (moves && !KernelPlan::dependsOn(map, *plan.rowLoop) && matchPattern(operand->get(), m_Constant()) &&
        isLarge(plan, *operand, panelLoop))
      return operand;
  }
  return nullptr;
}

std::optional<PrefetchPlan> condense::codegen::planPrefetch(const KernelPlan &plan) {
  linalg::LinalgOp op = plan.op;
  if (plan.combiner || !plan.rowLoop || plan.outerLoops.empty() || plan.reductionLoops.empty() ||
      (plan.dot ? static_cast<bool>(plan.dot->integer) : factorSum(op, plan.reductionLoops).has_value()))
    return std::nullopt;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  unsigned panelLoop = plan.outerLoops.back(), stepLoop = plan.reductionLoops.back();
  PrefetchPlan result{nullptr, panelLoop, *plan.rowLoop, stepLoop, plan.rows, 1};
  if (!plan.innerLoops.empty() && sizes[plan.innerLoops.back()] > sizes[*plan.rowLoop] / plan.rows) {
    result.passLoop = plan.innerLoops.back();
    result.passStep = 1;
  }
  bool areStatic = llvm::none_of(ArrayRef<unsigned>{panelLoop, stepLoop, result.passLoop},
                                 [&](unsigned loop) { return ShapedType::isDynamic(sizes[loop]); });
  if (!areStatic || sizes[panelLoop] == 1)
    return std::nullopt;
  int64_t passes = sizes[result.passLoop] / result.passStep;
  if (passes < plan.vectors || !(result.weight = findWeight(plan, panelLoop, stepLoop)))
    return std::nullopt;
  result.parts = llvm::PowerOf2Ceil(passes / plan.vectors + 1) / 2;
  if (sizes[stepLoop] % result.parts != 0)
    result.parts = 1;
  return result;
}

LanePoint condense::codegen::prefetchedPoint(OpBuilder &builder, Location loc, const KernelPlan &kernel,
                                             const PrefetchPlan &plan, LanePoint point, int64_t vectors) {
  linalg::LinalgOp op = kernel.op;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  auto apply = [&](AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(builder, loc, expr, operands);
  };
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  AffineExpr pass = a.floorDiv(plan.passStep);
  OpFoldResult passAt = point[plan.passLoop].base, step = point[plan.stepLoop].base;
  OpFoldResult &lane = point[kernel.vectorLoop].base;
  lane = apply(b + pass % vectors * kernel.lanes, {passAt, lane});
  if (plan.parts > 1)
    point[plan.stepLoop].base =
        apply(pass.floorDiv(vectors) % plan.parts * (sizes[plan.stepLoop] / plan.parts) + b.floorDiv(plan.parts),
              {passAt, step});
  AffineMap next =
      AffineMap::get(1, 0, {a + 1, builder.getAffineConstantExpr(sizes[plan.panelLoop] - 1)}, builder.getContext());
  OpFoldResult &panel = point[plan.panelLoop].base;
  panel = affine::makeComposedFoldedAffineMin(builder, loc, next, {panel});
  return point;
}
