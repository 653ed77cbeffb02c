// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chooses the register tile of a kernel and the order of its loops.
//
// With `rows` x `vectors` accumulators, one step of the reduction loads
// `vectors` vectors and `rows` scalars for `rows * vectors` multiplications.
// The tile should therefore be nearly square, and as large as the registers
// allow.

#include "CodeTable.h"
#include "InvariantFactors.h"
#include "KernelPlan.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace condense::codegen;

/// Fewer independent accumulators leave the multipliers waiting.
static constexpr int64_t kBusyAccumulators = 8;

/// More multiplications per load do not make a tile faster.
static constexpr double kEnoughPerLoad = 1.5;

/// What a panel may take of the level-1 cache, and how fast one that does not fit arrives from the next.
static constexpr double kLevel1Bytes = 24 << 10, kLevel2BytesPerCycle = 28;

/// The widest element type of a body decides how many lanes fit. Tables, which are wider than any number, stay in a
/// register of their own.
static int64_t widestElement(linalg::LinalgOp op) {
  int64_t width = 8;
  op->getRegion(0).front().walk([&](Operation *inner) {
    for (Type type : llvm::concat<const Type>(SmallVector<Type>(inner->getOperandTypes()),
                                              SmallVector<Type>(inner->getResultTypes())))
      if (type.isIntOrFloat() && type.getIntOrFloatBitWidth() <= 64)
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
/// enough. Returns whether vectors are used again.
static bool chooseRowLoop(KernelPlan &plan) {
  linalg::LinalgOp op = plan.op;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  int64_t best = 0;
  for (unsigned loop = op.getNumLoops(); loop-- > 0;) {
    if (loop == plan.vectorLoop || iterators[loop] != utils::IteratorType::parallel || sizes[loop] == 1)
      continue;
    int64_t reused = llvm::count_if(op->getOpOperands(), [&](OpOperand &operand) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      return op.isDpsInput(&operand) && KernelPlan::dependsOn(map, plan.vectorLoop) &&
             !KernelPlan::dependsOn(map, loop);
    });
    int64_t length = ShapedType::isDynamic(sizes[loop]) ? 6 : std::min<int64_t>(sizes[loop], 8);
    int64_t score = reused * 100 + length;
    if (score <= best)
      continue;
    best = score;
    plan.rowLoop = loop;
  }
  return best >= 100;
}

/// The count of tiles when `size` is cut into pieces of at most `limit`, then
/// their even size.
static int64_t evenTile(int64_t size, int64_t limit) {
  return ShapedType::isDynamic(size) ? limit : llvm::divideCeil(size, llvm::divideCeil(size, limit));
}

/// Whether a step of the reduction is several: the codes of a byte.
static bool isUnrolled(linalg::LinalgOp op) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  return op.getNumReductionLoops() > 1 && iterators.back() == utils::IteratorType::reduction &&
         !ShapedType::isDynamic(sizes.back()) && sizes.back() <= 4;
}

/// Cycles to bring one vector of each operand that the rows share to the multipliers, or 0 if a panel of `vectors` of
/// them stays in the level-1 cache over the reduction. Two multiplications are done in a cycle meanwhile.
static double streamCycles(const KernelPlan &plan, int64_t vectors) {
  linalg::LinalgOp op = plan.op;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  double cycles = 0;
  // Packed codes are few bytes.
  if (plan.dot && plan.dot->codeLoop)
    return 0;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    Type element = getElementTypeOrSelf(operand->get().getType());
    bool isShared = !plan.rowLoop || !KernelPlan::dependsOn(map, *plan.rowLoop);
    if (!isShared || !KernelPlan::dependsOn(map, plan.vectorLoop) || !element.isIntOrFloat())
      continue;
    bool isDot = plan.dot && operand == plan.dot->lanesOperand;
    double bytes = double(plan.lanes) * element.getIntOrFloatBitWidth() / 8 * (isDot ? kDotLength : 1);
    double panel = bytes * double(vectors);
    for (unsigned loop : plan.reductionLoops)
      if (KernelPlan::dependsOn(map, loop))
        panel *= ShapedType::isDynamic(sizes[loop]) ? kLevel1Bytes : double(sizes[loop]);
    if (panel > kLevel1Bytes)
      cycles += bytes / kLevel2BytesPerCycle;
  }
  return cycles;
}

/// Whether the reductions are integer sums of blocks and a sum of those.
static bool sumsBlocks(const KernelPlan &plan) {
  return plan.dot && plan.dot->integer &&
         factorIntegerSum(plan.op, plan.reductionLoops, plan.dot->integer).levels.back().innerLoops <
             plan.reductionLoops.size();
}

/// Maximises multiplications per load. A dynamic size counts as long. Where
/// rows use no vector again, they are only there to keep the multipliers busy.
static void chooseTileSize(KernelPlan &plan, const VectorTarget &target, bool rowsReuse) {
  linalg::LinalgOp op = plan.op;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  int64_t size = sizes[plan.vectorLoop];
  int64_t maxVectors = ShapedType::isDynamic(size) ? 4 : llvm::divideCeil(size, plan.lanes);
  int64_t rowSize = plan.rowLoop ? sizes[*plan.rowLoop] : 1;
  if (plan.combiner) {
    plan.rows = evenTile(rowSize, 8);
    return;
  }
  int64_t budget = std::max<int64_t>(1, target.registers * 3 / 4);
  if (!rowsReuse && !plan.dot && !ShapedType::isDynamic(size)) {
    // Whole panels, so that each is read once and in one direction. Of packed
    // codes, a step holds the bytes of all accumulators too.
    budget = std::min(budget, kBusyAccumulators * (isUnrolled(op) ? 1 : 2));
    plan.vectors = evenTile(maxVectors, std::min<int64_t>(budget, 8));
    plan.rows = evenTile(rowSize, std::max<int64_t>(1, budget / plan.vectors));
    return;
  }
  // Partial sums that are scaled later are accumulators too; beside them, codes
  // are taken out of bytes.
  if (!plan.dot && factorSum(op, plan.reductionLoops))
    budget = std::max<int64_t>(1, target.registers / 2);
  if (sumsBlocks(plan))
    budget = std::max<int64_t>(1, target.registers * 3 / 8);
  if (plan.dot && plan.dot->integer && !rowsReuse && !ShapedType::isDynamic(size)) {
    // One panel after the other, as memory is read best; the sums of blocks are
    // short enough for the next ones to begin before they end.
    plan.vectors = evenTile(maxVectors, std::min<int64_t>(budget, 8));
    plan.rows = sumsBlocks(plan) ? 1 : evenTile(rowSize, std::max<int64_t>(1, kBusyAccumulators / plan.vectors));
    return;
  }
  std::pair<double, double> best;
  for (int64_t limit = 1; limit <= std::min<int64_t>(maxVectors, 8); ++limit) {
    int64_t vectors = ShapedType::isDynamic(size) ? limit : evenTile(maxVectors, limit);
    int64_t rows = evenTile(rowSize, std::max<int64_t>(1, std::min<int64_t>(budget / vectors, 16)));
    double count = double(rows) * double(vectors), perLoad = count / double(rows + vectors);
    double busy = std::min(1.0, count / double(kBusyAccumulators));
    // Few rows wait for their vectors.
    double meanRows = ShapedType::isDynamic(rowSize) ? rows : double(rowSize) / llvm::divideCeil(rowSize, rows);
    busy /= std::max(1.0, 2 * streamCycles(plan, vectors) / meanRows);
    std::pair<double, double> score(std::min(perLoad, kEnoughPerLoad) * busy, perLoad * busy);
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
      bool isDone = loop == plan.vectorLoop || (plan.dot && plan.dot->covers(loop));
      if (!isDone)
        plan.reductionLoops.push_back(loop);
      continue;
    }
    if (loop == plan.vectorLoop || plan.rowLoop == loop)
      continue;
    bool movesVectors = llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
      AffineMap map = op.getMatchingIndexingMap(operand);
      return KernelPlan::dependsOn(map, plan.vectorLoop) && KernelPlan::dependsOn(map, loop);
    });
    (movesVectors ? plan.outerLoops : plan.innerLoops).push_back(loop);
  }
  // The reduction that is lanes is the innermost one.
  if (plan.combiner)
    plan.reductionLoops.push_back(plan.vectorLoop);
}

/// Elementwise: the codes of a byte are rows, so that the place of each is known.
static void chooseUnrolledLoop(KernelPlan &plan) {
  linalg::LinalgOp op = plan.op;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (auto index : op.getBlock()->getOps<linalg::IndexOp>())
    if (int64_t size = sizes[index.getDim()]; index.getDim() != plan.vectorLoop && size > 1 && size <= 4) {
      plan.rowLoop = index.getDim();
      plan.rows = size;
      return;
    }
}

void condense::codegen::chooseTile(KernelPlan &plan, const VectorTarget &target) {
  linalg::LinalgOp op = plan.op;
  chooseLanes(plan, target);
  plan.usesTables = target.permute && plan.lanes == kTableEntries;
  bool isReduction = op.getNumReductionLoops() > 0;
  bool rowsReuse = isReduction && chooseRowLoop(plan);
  if (!isReduction)
    chooseUnrolledLoop(plan);
  orderLoops(plan);
  if (isReduction)
    chooseTileSize(plan, target, rowsReuse);
}
