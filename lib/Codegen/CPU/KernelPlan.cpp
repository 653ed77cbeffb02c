// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chooses what one kernel computes, and the loop along which its lanes run.

#include "KernelPlan.h"
#include "PanelExpansion.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

using namespace mlir;
using namespace condense::codegen;

OpOperand *KernelPlan::getDestination() const {
  linalg::LinalgOp last = epilogue ? epilogue : op;
  return const_cast<linalg::LinalgOp &>(last).getDpsInitOperand(0);
}

LaneStrides KernelPlan::getLoopStrides() const {
  LaneStrides strides(const_cast<linalg::LinalgOp &>(op).getNumLoops(), 0);
  strides[vectorLoop] = 1;
  return strides;
}

AffineMap KernelPlan::getEpilogueLoops() const {
  linalg::LinalgOp root = op, last = epilogue;
  AffineMap result = root.getMatchingIndexingMap(root.getDpsInitOperand(0));
  for (OpOperand &operand : last->getOpOperands())
    if (operand.get() == root->getResult(0))
      return inversePermutation(last.getMatchingIndexingMap(&operand)).compose(result);
  llvm_unreachable("the epilogue uses the result");
}

/// The only user of the result, if it applies an elementwise function to it.
static linalg::LinalgOp findEpilogue(linalg::LinalgOp op) {
  Value result = op->getResult(0);
  if (result.use_empty())
    return nullptr;
  auto user = dyn_cast<linalg::LinalgOp>(*result.user_begin());
  if (!user || user->getBlock() != op->getBlock() || user->getNumResults() != 1 ||
      !getElementwiseProducer(user->getResult(0)))
    return nullptr;
  AffineMap map;
  for (OpOperand &use : result.getUses()) {
    if (use.getOwner() != user || !user.isDpsInput(&use))
      return nullptr;
    AffineMap current = user.getMatchingIndexingMap(&use);
    if (!current.isPermutation() || (map && map != current))
      return nullptr;
    map = current;
  }
  return user;
}

/// Checks every operand that is read along the lanes; of `op` itself only the initial values, if `areInputsRead` is
/// false.
static LogicalResult checkOperands(const KernelPlan &plan, std::string &reason, bool areInputsRead = true) {
  linalg::LinalgOp op = plan.op;
  LaneStrides strides = plan.getLoopStrides();
  auto check = [&](linalg::LinalgOp op, OpOperand &operand, ArrayRef<int64_t> strides) -> LogicalResult {
    if (!op.payloadUsesValueFromOperand(&operand) || operand.get() == plan.op->getResult(0))
      return success();
    std::optional<LaneStrides> at = applyToStrides(op.getMatchingIndexingMap(&operand), strides);
    if (at)
      return checkReadable(operand.get(), *at, plan.initProducer, reason);
    return reason = "an operand is not linear in the lanes", failure();
  };
  for (OpOperand &operand : op->getOpOperands())
    if (!(plan.dot && (&operand == plan.dot->lanesOperand || &operand == plan.dot->groupOperand)) &&
        (areInputsRead || !op.isDpsInput(&operand)) && failed(check(op, operand, strides)))
      return failure();
  if (!plan.epilogue)
    return success();
  LaneStrides epilogueStrides = *applyToStrides(plan.getEpilogueLoops(), strides);
  for (OpOperand &operand : plan.epilogue->getOpOperands())
    if (failed(check(plan.epilogue, operand, epilogueStrides)))
      return failure();
  return success();
}

/// The strides of the lanes in the tensor that the kernel writes.
static std::optional<LaneStrides> destinationStrides(const KernelPlan &plan) {
  LaneStrides strides = plan.getLoopStrides();
  linalg::LinalgOp last = plan.op;
  if (plan.epilogue) {
    std::optional<LaneStrides> epilogueStrides = applyToStrides(plan.getEpilogueLoops(), strides);
    if (!epilogueStrides)
      return std::nullopt;
    strides = *epilogueStrides;
    last = plan.epilogue;
  }
  return applyToStrides(last.getMatchingIndexingMap(plan.getDestination()), strides);
}

/// Uses the instruction for dot products, if the operands are stored as it reads
/// them, or can be made so panel by panel.
static void planDot(KernelPlan &plan) {
  plan.dot = planDotProduct(plan.op, plan.vectorLoop);
  plan.expansion.reset();
  if (!plan.dot || isStored(plan.dot->lanesOperand))
    return;
  std::optional<PanelExpansion> expansion = PanelExpansion::match(plan.op, plan.dot->lanesOperand, plan.vectorLoop);
  if (expansion)
    plan.expansion = std::make_shared<PanelExpansion>(*expansion);
  else
    plan.dot.reset();
}

static LogicalResult chooseVectorLoop(KernelPlan &plan, const VectorTarget &target, std::string &reason) {
  linalg::LinalgOp op = plan.op;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  reason = "no parallel loop runs along the innermost dimension of the result";
  for (unsigned loop = op.getNumLoops(); loop-- > 0;) {
    plan.vectorLoop = loop;
    if (iterators[loop] != utils::IteratorType::parallel)
      continue;
    std::optional<LaneStrides> strides = destinationStrides(plan);
    if (!strides || !isContiguous(*strides))
      continue;
    if (sizes[loop] == 1) {
      reason = "the innermost dimension of the result has size 1";
      continue;
    }
    reason.clear();
    if (target.vnni)
      planDot(plan);
    return checkOperands(plan, reason);
  }
  return failure();
}

/// The lanes run along a reduction: its one operation combines them at the end.
static LogicalResult chooseReducedLoop(KernelPlan &plan) {
  linalg::LinalgOp op = plan.op;
  plan.dot.reset();
  plan.expansion.reset();
  SmallVector<Operation *, 4> combiners;
  if (!matchReduction(op.getRegionOutputArgs(), 0, combiners) || combiners.size() != 1 ||
      !linalg::getCombinerOpKind(combiners[0]) || !arith::getNeutralElement(combiners[0]))
    return failure();
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (unsigned loop = op.getNumLoops(); loop-- > 0;) {
    plan.vectorLoop = loop;
    if (iterators[loop] != utils::IteratorType::reduction || sizes[loop] == 1)
      continue;
    bool isContiguousInput = llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
      std::optional<LaneStrides> at = applyToStrides(op.getMatchingIndexingMap(operand), plan.getLoopStrides());
      return at && isContiguous(*at);
    });
    std::string ignored;
    if (!isContiguousInput || failed(checkOperands(plan, ignored)))
      continue;
    plan.combiner = combiners[0];
    return success();
  }
  return failure();
}

/// A vector of elements narrower than a byte is stored packed, but each of them
/// is read from a byte of its own.
static bool storesPackedBits(linalg::LinalgOp op) {
  Type element = getElementTypeOrSelf(op->getResultTypes().front());
  return element.isIntOrFloat() && element.getIntOrFloatBitWidth() < 8;
}

static KernelPlan absorbNeighbours(linalg::LinalgOp op) {
  KernelPlan plan;
  plan.op = op;
  Value init = op.getDpsInits()[0];
  if (init.hasOneUse() && getElementwiseProducer(init) && init.getDefiningOp()->getBlock() == op->getBlock())
    plan.initProducer = init.getDefiningOp();
  plan.epilogue = findEpilogue(op);
  return plan;
}

FailureOr<KernelPlan> condense::codegen::makeSurroundingPlan(linalg::LinalgOp op, unsigned vectorLoop,
                                                             std::string &reason) {
  KernelPlan plan = absorbNeighbours(op);
  plan.vectorLoop = vectorLoop;
  if (storesPackedBits(plan.epilogue ? plan.epilogue : op))
    return reason = "the result has elements narrower than a byte", failure();
  std::optional<LaneStrides> strides = destinationStrides(plan);
  if (!strides || !isContiguous(*strides))
    return reason = "the result is not contiguous along the columns", failure();
  if (failed(checkOperands(plan, reason, /*areInputsRead=*/false)))
    return failure();
  return plan;
}

FailureOr<KernelPlan> condense::codegen::makeKernelPlan(linalg::LinalgOp op, const VectorTarget &target,
                                                        std::string &reason) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1)
    return reason = "requires tensors and one result", failure();
  // Steps and lanes are divided by and derived from the sizes.
  if (llvm::is_contained(op.getStaticLoopRanges(), 0))
    return reason = "a loop has no iterations", failure();
  if (!isLanewise(op->getRegion(0).front()))
    return reason = "the body has an operation that is not lanewise", failure();
  KernelPlan plan = absorbNeighbours(op);
  if (storesPackedBits(plan.epilogue ? plan.epilogue : op))
    return reason = "the result has elements narrower than a byte", failure();
  if (failed(chooseVectorLoop(plan, target, reason)) && failed(chooseReducedLoop(plan)))
    return failure();
  chooseTile(plan, target);
  std::optional<unsigned> panelLoop = plan.expansion ? plan.expansion->getPanelLoop() : std::nullopt;
  if (!panelLoop || llvm::is_contained(plan.outerLoops, *panelLoop))
    return plan;
  // Nothing shares a panel: the elements are computed where they are needed.
  plan.dot.reset();
  plan.expansion.reset();
  for (SmallVector<unsigned> *loops : {&plan.outerLoops, &plan.innerLoops, &plan.reductionLoops})
    loops->clear();
  chooseTile(plan, target);
  return plan;
}
