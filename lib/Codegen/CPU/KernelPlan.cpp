// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chooses which loops of a linalg operation become lanes and rows of a register
// tile.
//
// With `rows` x `vectors` accumulators, one step of the reduction loads
// `vectors` vectors and `rows` scalars for `rows * vectors` multiplications.
// The tile should therefore be nearly square, and as large as the registers
// allow.

#include "KernelPlan.h"

#include "llvm/Support/MathExtras.h"

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
      return inversePermutation(last.getMatchingIndexingMap(&operand))
          .compose(result);
  llvm_unreachable("the epilogue uses the result");
}

/// The only user of the result, if it applies an elementwise function to it.
static linalg::LinalgOp findEpilogue(linalg::LinalgOp op) {
  Value result = op->getResult(0);
  if (result.use_empty())
    return nullptr;
  auto user = dyn_cast<linalg::LinalgOp>(*result.user_begin());
  if (!user || user->getBlock() != op->getBlock() ||
      user->getNumResults() != 1 || !getElementwiseProducer(user->getResult(0)))
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

/// Checks every operand that is read along the lanes.
static LogicalResult checkOperands(const KernelPlan &plan,
                                   std::string &reason) {
  linalg::LinalgOp op = plan.op;
  LaneStrides strides = plan.getLoopStrides();
  auto check = [&](linalg::LinalgOp op, OpOperand &operand,
                   ArrayRef<int64_t> strides) -> LogicalResult {
    if (!op.payloadUsesValueFromOperand(&operand) ||
        operand.get() == plan.op->getResult(0))
      return success();
    std::optional<LaneStrides> at =
        applyToStrides(op.getMatchingIndexingMap(&operand), strides);
    if (at)
      return checkReadable(operand.get(), *at, plan.initProducer, reason);
    return reason = "an operand is not linear in the lanes", failure();
  };
  for (OpOperand &operand : op->getOpOperands())
    if (!(plan.dot && op.isDpsInput(&operand)) &&
        failed(check(op, operand, strides)))
      return failure();
  if (!plan.epilogue)
    return success();
  LaneStrides epilogueStrides =
      *applyToStrides(plan.getEpilogueLoops(), strides);
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
    std::optional<LaneStrides> epilogueStrides =
        applyToStrides(plan.getEpilogueLoops(), strides);
    if (!epilogueStrides)
      return std::nullopt;
    strides = *epilogueStrides;
    last = plan.epilogue;
  }
  return applyToStrides(last.getMatchingIndexingMap(plan.getDestination()),
                        strides);
}

static LogicalResult chooseVectorLoop(KernelPlan &plan,
                                      const VectorTarget &target,
                                      std::string &reason) {
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
      plan.dot = planDotProduct(op, loop);
    return checkOperands(plan, reason);
  }
  return failure();
}

/// The widest element type of a body decides how many lanes fit.
static int64_t widestElement(linalg::LinalgOp op) {
  int64_t width = 8;
  op->getRegion(0).front().walk([&](Operation *inner) {
    for (Type type :
         llvm::concat<const Type>(SmallVector<Type>(inner->getOperandTypes()),
                                  SmallVector<Type>(inner->getResultTypes())))
      if (type.isIntOrFloat())
        width = std::max<int64_t>(width, type.getIntOrFloatBitWidth());
  });
  return width;
}

static void chooseLanes(KernelPlan &plan, const VectorTarget &target) {
  linalg::LinalgOp op = plan.op;
  int64_t width = widestElement(op);
  if (plan.epilogue)
    width = std::max(width, widestElement(plan.epilogue));
  plan.lanes = std::max<int64_t>(1, target.bits / width);
  int64_t size = op.getStaticLoopRanges()[plan.vectorLoop];
  if (!ShapedType::isDynamic(size))
    plan.lanes = std::min<int64_t>(plan.lanes, llvm::PowerOf2Ceil(size));
  // The instruction exists for 4, 8 and 16 lanes.
  if (plan.dot)
    plan.lanes = std::max<int64_t>(plan.lanes, 4);
}

/// Rows run along a loop over which some vector is used again; if there is
/// none, along any. Among those, the innermost one in the result that is long
/// enough.
static void chooseRowLoop(KernelPlan &plan) {
  linalg::LinalgOp op = plan.op;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  int64_t best = 0;
  for (unsigned loop = op.getNumLoops(); loop-- > 0;) {
    if (loop == plan.vectorLoop ||
        iterators[loop] != utils::IteratorType::parallel || sizes[loop] == 1)
      continue;
    int64_t reused =
        llvm::count_if(op->getOpOperands(), [&](OpOperand &operand) {
          AffineMap map = op.getMatchingIndexingMap(&operand);
          return op.isDpsInput(&operand) &&
                 KernelPlan::dependsOn(map, plan.vectorLoop) &&
                 !KernelPlan::dependsOn(map, loop);
        });
    int64_t length = ShapedType::isDynamic(sizes[loop])
                         ? 6
                         : std::min<int64_t>(sizes[loop], 8);
    int64_t score = reused * 100 + length;
    if (score <= best)
      continue;
    best = score;
    plan.rowLoop = loop;
  }
}

/// The count of tiles when `size` is cut into pieces of at most `limit`, then
/// their even size.
static int64_t evenTile(int64_t size, int64_t limit) {
  return ShapedType::isDynamic(size)
             ? limit
             : llvm::divideCeil(size, llvm::divideCeil(size, limit));
}

/// Maximises multiplications per load. A dynamic size counts as long.
static void chooseTile(KernelPlan &plan, const VectorTarget &target) {
  linalg::LinalgOp op = plan.op;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  int64_t size = sizes[plan.vectorLoop];
  int64_t maxVectors =
      ShapedType::isDynamic(size) ? 4 : llvm::divideCeil(size, plan.lanes);
  int64_t rowSize = plan.rowLoop ? sizes[*plan.rowLoop] : 1;
  int64_t budget = std::max<int64_t>(1, target.registers * 3 / 4);
  double best = 0;
  for (int64_t limit = 1; limit <= std::min<int64_t>(maxVectors, 8); ++limit) {
    int64_t vectors =
        ShapedType::isDynamic(size) ? limit : evenTile(maxVectors, limit);
    int64_t rows = evenTile(
        rowSize, std::max<int64_t>(1, std::min<int64_t>(budget / vectors, 16)));
    double count = double(rows) * double(vectors);
    // Fewer than eight independent accumulators leave the multipliers waiting.
    double score = count / double(rows + vectors) * std::min(1.0, count / 8);
    if (score <= best)
      continue;
    best = score;
    plan.vectors = vectors;
    plan.rows = rows;
  }
}

/// Loops on which the operands with lanes depend contain the loop over lanes,
/// so that each such vector (a weight) is brought into the cache once for all
/// the loops inside.
static void orderLoops(KernelPlan &plan) {
  linalg::LinalgOp op = plan.op;
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (iterator == utils::IteratorType::reduction) {
      if (!plan.dot || plan.dot->loop != loop)
        plan.reductionLoops.push_back(loop);
      continue;
    }
    if (loop == plan.vectorLoop || plan.rowLoop == loop)
      continue;
    bool movesVectors =
        llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
          AffineMap map = op.getMatchingIndexingMap(operand);
          return KernelPlan::dependsOn(map, plan.vectorLoop) &&
                 KernelPlan::dependsOn(map, loop);
        });
    (movesVectors ? plan.outerLoops : plan.innerLoops).push_back(loop);
  }
}

/// A vector of elements narrower than a byte is stored packed, but each of them
/// is read from a byte of its own.
static bool storesPackedBits(linalg::LinalgOp op) {
  Type element = getElementTypeOrSelf(op->getResultTypes().front());
  return element.isIntOrFloat() && element.getIntOrFloatBitWidth() < 8;
}

FailureOr<KernelPlan> condense::codegen::makeKernelPlan(
    linalg::LinalgOp op, const VectorTarget &target, std::string &reason) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1)
    return reason = "requires tensors and one result", failure();
  if (!isLanewise(op->getRegion(0).front()))
    return reason = "the body has an operation that is not lanewise", failure();
  KernelPlan plan;
  plan.op = op;
  Value init = op.getDpsInits()[0];
  if (init.hasOneUse() && getElementwiseProducer(init) &&
      init.getDefiningOp()->getBlock() == op->getBlock())
    plan.initProducer = init.getDefiningOp();
  plan.epilogue = findEpilogue(op);
  if (storesPackedBits(plan.epilogue ? plan.epilogue : op))
    return reason = "the result has elements narrower than a byte", failure();
  if (failed(chooseVectorLoop(plan, target, reason)))
    return failure();
  chooseLanes(plan, target);
  if (op.getNumReductionLoops() > 0) {
    chooseRowLoop(plan);
    chooseTile(plan, target);
  }
  orderLoops(plan);
  return plan;
}
