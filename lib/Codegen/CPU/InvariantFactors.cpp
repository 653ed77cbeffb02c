// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Factors of a sum of products that inner loops do not change: scales.

#include "InvariantFactors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace condense::codegen;

/// A shorter sum is not worth its own accumulator.
static constexpr int64_t kShortestSum = 8;

void condense::codegen::collectFactors(Value value, SmallVectorImpl<Value> &factors) {
  auto product = value.getDefiningOp<arith::MulFOp>();
  if (!product || !value.hasOneUse())
    return factors.push_back(value);
  collectFactors(product.getLhs(), factors);
  collectFactors(product.getRhs(), factors);
}

/// The number of loops, from the outermost, outside of which `value` changes.
static size_t depthOf(linalg::LinalgOp op, ArrayRef<unsigned> loops, Value value) {
  auto depthOfMap = [&](AffineMap map) -> size_t {
    for (size_t depth = loops.size(); depth > 0; --depth)
      if (map.isFunctionOfDim(loops[depth - 1]))
        return depth;
    return 0;
  };
  if (auto argument = dyn_cast<BlockArgument>(value); argument && argument.getOwner() == op.getBlock()) {
    OpOperand *operand = &op->getOpOperand(argument.getArgNumber());
    return depthOfMap(op.getMatchingIndexingMap(operand));
  }
  Operation *def = value.getDefiningOp();
  if (!def || def->getBlock() != op.getBlock())
    return 0;
  if (auto index = dyn_cast<linalg::IndexOp>(def))
    return depthOfMap(AffineMap::get(op.getNumLoops(), 0, getAffineDimExpr(index.getDim(), op->getContext())));
  size_t depth = 0;
  for (Value operand : def->getOperands())
    depth = std::max(depth, depthOf(op, loops, operand));
  return depth;
}

/// Whether the loops from `depth` on have enough iterations.
static bool isLong(linalg::LinalgOp op, ArrayRef<unsigned> loops, size_t depth) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  int64_t count = 1;
  for (unsigned loop : loops.drop_front(depth)) {
    if (ShapedType::isDynamic(sizes[loop]))
      return true;
    count *= sizes[loop];
  }
  return count >= kShortestSum;
}

/// A copy of the body up to its terminator, with an argument `partial` more.
static Block *copyBody(linalg::LinalgOp op, Region &region, IRMapping &values, Type partial) {
  Block *body = op.getBlock(), *copy = new Block;
  region.push_back(copy);
  for (BlockArgument argument : body->getArguments())
    values.map(argument, copy->addArgument(argument.getType(), argument.getLoc()));
  copy->addArgument(partial, op.getLoc());
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToEnd(copy);
  for (Operation &inner : body->without_terminator())
    builder.clone(inner, values);
  return copy;
}

/// Whether a float holds every value of `value`, an integer, exactly, and of
/// its difference from another such integer.
static bool isSmall(Value value) {
  Operation *extend = value.getDefiningOp();
  return isa_and_nonnull<arith::ExtUIOp, arith::ExtSIOp>(extend) &&
         extend->getOperand(0).getType().getIntOrFloatBitWidth() <= 16 && value.getType().getIntOrFloatBitWidth() >= 32;
}

/// `float(code - zero)` as `float(code) - float(zero)`, which is the same: the
/// zero point is converted outside of the loops, and the code by a table.
static Value splitDifference(OpBuilder &builder, Value factor) {
  auto convert = factor.getDefiningOp<arith::SIToFPOp>();
  auto difference = convert ? convert.getIn().getDefiningOp<arith::SubIOp>() : nullptr;
  if (!difference || !factor.getType().isF32() || !isSmall(difference.getLhs()) || !isSmall(difference.getRhs()))
    return factor;
  auto toFloat = [&](Value value) -> Value {
    return arith::SIToFPOp::create(builder, factor.getLoc(), factor.getType(), value);
  };
  return arith::SubFOp::create(builder, factor.getLoc(), toFloat(difference.getLhs()), toFloat(difference.getRhs()));
}

/// Ends `block` with `sum + product(factors)`, and drops what is not needed.
static void finishBlock(OpBuilder builder, Location loc, Block *block, Value sum, ArrayRef<Value> factors) {
  builder.setInsertionPointToEnd(block);
  Value product;
  for (Value factor : factors) {
    factor = splitDifference(builder, factor);
    product = product ? arith::MulFOp::create(builder, loc, product, factor).getResult() : factor;
  }
  Value result = arith::AddFOp::create(builder, loc, sum, product);
  linalg::YieldOp::create(builder, loc, result);
  for (Operation &inner : llvm::make_early_inc_range(llvm::reverse(*block)))
    if (isOpTriviallyDead(&inner))
      inner.erase();
}

/// The factors of the product in `acc + product`, in floats; empty if the body
/// is another.
static SmallVector<Value> collectSummedFactors(linalg::LinalgOp op) {
  Value accumulator = op.getBlock()->getArguments().back();
  auto sum = op.getBlock()->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  SmallVector<Value> factors;
  if (sum && accumulator.hasOneUse() && (sum.getLhs() == accumulator || sum.getRhs() == accumulator))
    collectFactors(sum.getLhs() == accumulator ? sum.getRhs() : sum.getLhs(), factors);
  return factors;
}

/// Adds the level whose partial sums, as floats, are multiplied with `factors`.
static void addLevel(FactoredSum &sum, linalg::LinalgOp op, size_t innerLoops, Type partial, ArrayRef<Value> factors) {
  OpBuilder builder(op->getContext());
  IRMapping values;
  Block *update = copyBody(op, *sum.region, values, partial);
  Block *body = op.getBlock();
  Value accumulator = update->getArgument(body->getNumArguments() - 1), value = update->getArguments().back();
  builder.setInsertionPointToEnd(update);
  if (isa<IntegerType>(partial))
    value = arith::SIToFPOp::create(builder, op.getLoc(), accumulator.getType(), value);
  SmallVector<Value> scales{value};
  for (Value factor : factors)
    scales.push_back(values.lookupOrDefault(factor));
  finishBlock(builder, op.getLoc(), update, accumulator, scales);
  sum.levels.push_back({innerLoops, update, partial});
}

std::optional<FactoredSum> condense::codegen::factorSum(linalg::LinalgOp op, ArrayRef<unsigned> loops) {
  SmallVector<Value> factors = collectSummedFactors(op), inner, outer;
  std::optional<size_t> depth;
  for (Value factor : factors) {
    size_t at = depthOf(op, loops, factor);
    if (at < loops.size() && isLong(op, loops, at))
      depth = std::max(depth.value_or(0), at);
  }
  if (!depth)
    return std::nullopt;
  for (Value factor : factors)
    (depthOf(op, loops, factor) <= *depth ? outer : inner).push_back(factor);
  if (inner.empty())
    return std::nullopt;

  FactoredSum result;
  OpBuilder builder(op->getContext());
  IRMapping values;
  Type type = op.getBlock()->getArguments().back().getType();
  result.step = copyBody(op, *result.region, values, type);
  SmallVector<Value> scales = llvm::map_to_vector(inner, [&](Value value) { return values.lookupOrDefault(value); });
  finishBlock(builder, op.getLoc(), result.step, result.step->getArguments().back(), scales);
  addLevel(result, op, loops.size() - *depth, type, outer);
  return result;
}

FactoredSum condense::codegen::factorIntegerSum(linalg::LinalgOp op, ArrayRef<unsigned> loops, Value integer) {
  SmallVector<Value> whole, blocks;
  size_t depth = 0;
  for (Value factor : collectSummedFactors(op)) {
    auto convert = factor.getDefiningOp<arith::SIToFPOp>();
    if (convert && convert.getIn() == integer)
      continue;
    size_t at = depthOf(op, loops, factor);
    depth = std::max(depth, at);
    (at == 0 ? whole : blocks).push_back(factor);
  }
  FactoredSum result;
  Type type = op.getBlock()->getArguments().back().getType();
  if (blocks.empty()) {
    addLevel(result, op, loops.size(), integer.getType(), whole);
    return result;
  }
  // Without factors of the whole sum it begins with the initial value.
  if (!whole.empty())
    addLevel(result, op, loops.size(), type, whole);
  addLevel(result, op, loops.size() - depth, integer.getType(), blocks);
  return result;
}
