// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Factors of a sum of products that inner loops do not change: scales.

#include "InvariantFactors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace condense::codegen;

/// A shorter sum is not worth its own accumulator.
static constexpr int64_t kShortestSum = 8;

/// The factors of a product, without those of products that others use too.
static void collectFactors(Value value, SmallVectorImpl<Value> &factors) {
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
static Block *copyBody(linalg::LinalgOp op, Region &region, IRMapping &values) {
  Block *body = op.getBlock(), *copy = new Block;
  region.push_back(copy);
  for (BlockArgument argument : body->getArguments())
    values.map(argument, copy->addArgument(argument.getType(), argument.getLoc()));
  copy->addArgument(body->getArguments().back().getType(), op.getLoc());
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

std::optional<FactoredSum> condense::codegen::factorSum(linalg::LinalgOp op, ArrayRef<unsigned> loops) {
  Value accumulator = op.getBlock()->getArguments().back();
  auto sum = op.getBlock()->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum || !accumulator.hasOneUse() || (sum.getLhs() != accumulator && sum.getRhs() != accumulator))
    return std::nullopt;
  SmallVector<Value> factors, inner, outer;
  collectFactors(sum.getLhs() == accumulator ? sum.getRhs() : sum.getLhs(), factors);
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

  FactoredSum result{loops.size() - *depth, nullptr, nullptr, std::make_unique<Region>()};
  OpBuilder builder(op->getContext());
  IRMapping inStep, inUpdate;
  auto mapped = [](ArrayRef<Value> values, IRMapping &mapping) {
    return llvm::map_to_vector(values, [&](Value value) { return mapping.lookupOrDefault(value); });
  };
  result.step = copyBody(op, *result.region, inStep);
  finishBlock(builder, op.getLoc(), result.step, result.step->getArguments().back(), mapped(inner, inStep));
  result.update = copyBody(op, *result.region, inUpdate);
  SmallVector<Value> scales = mapped(outer, inUpdate);
  scales.insert(scales.begin(), result.update->getArguments().back());
  finishBlock(builder, op.getLoc(), result.update, inUpdate.lookup(accumulator), scales);
  return result;
}
