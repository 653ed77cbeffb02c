// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The order in which the kernel of one operation reads its weight.

#include "WeightPacking.h"
#include "RelayConstant.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// Panels this wide fill the accumulators of one tile; a loop that is not
/// longer is one panel.
static constexpr int64_t kPanelWidths[] = {64, 48, 32};

/// A cache line, and the 32-bit lanes that fill it.
static constexpr int64_t kLineBytes = 64, kLineLanes = 16;

void WeightPacking::splitPanels() {
  unsigned digit = digits.getInnermost(vectorLoop);
  int64_t size = digits.getSizes()[digit];
  if (size <= kPanelWidths[0])
    return;
  for (int64_t width : kPanelWidths)
    if (size % width == 0) {
      digits.split(vectorLoop, {width});
      return;
    }
}

/// The innermost reduction that is contiguous in the other operand is taken
/// four at a time.
bool WeightPacking::planDotProduct(std::string &reason) {
  std::optional<DotProduct> product = matchDotProduct(op);
  if (!product || product->signedOperand != &weight)
    return true;
  OpOperand *other = product->unsignedOperand;
  AffineMap map = op.getMatchingIndexingMap(other);
  auto last = map.getNumResults() ? dyn_cast<AffineDimExpr>(map.getResults().back()) : AffineDimExpr(nullptr);
  if (!last || op.getIteratorTypesArray()[last.getPosition()] != utils::IteratorType::reduction ||
      !op.getMatchingIndexingMap(&weight).isFunctionOfDim(last.getPosition()))
    return true;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  int64_t &size = sizes[last.getPosition()];
  if (size % kDotLength != 0) {
    padded = other;
    paddedDim = map.getNumResults() - 1;
    size = llvm::alignTo(size, kDotLength);
    digits = LoopDigits(sizes);
  }
  dotLoop = last.getPosition();
  if (size == kDotLength || digits.split(*dotLoop, {kDotLength}))
    return true;
  return reason = "the reduction does not split into groups of four", false;
}

bool WeightPacking::plan(bool vnni, std::string &reason) {
  AffineMap map = op.getMatchingIndexingMap(&weight);
  if (!inliner.analyze(weight.get(), map.getResults()))
    return reason = "the weight is not elementwise in its constants", false;
  for (const WeightLeaf &leaf : inliner.getLeaves())
    if (!getTensorConstant(leaf.constant))
      return reason = "a constant is narrower than a byte or has no data", false;
  if (vnni && !planDotProduct(reason))
    return false;
  auto fits = [&](AffineExpr expr) { return digits.splitFor(expr); };
  bool allFit = llvm::all_of(inliner.getIndices(), fits) &&
                llvm::all_of(inliner.getLeaves(), [&](const WeightLeaf &leaf) { return llvm::all_of(leaf.at, fits); });
  if (!allFit)
    return reason = "a constant is not read at linear places", false;
  splitPanels();
  for (AffineMap current : op.getIndexingMapsArray())
    if (current != map && !digits.rewrite(current))
      return reason = "an operand is not read at linear places", false;
  return true;
}

SmallVector<LinearForm> WeightPacking::linearize(ArrayRef<AffineExpr> at) const {
  return llvm::map_to_vector(at, [&](AffineExpr expr) { return *digits.linearize(expr); });
}

/// Panels, then the other loops as they are nested, then the lanes, then the
/// products of a group.
SmallVector<unsigned> WeightPacking::orderOf(ArrayRef<LinearForm> at) const {
  unsigned lanes = digits.getInnermost(vectorLoop);
  auto rank = [&](unsigned digit) {
    if (dotLoop && digit == digits.getInnermost(*dotLoop))
      return 3;
    return digit == lanes ? 2 : digits.getLoop(digit) == vectorLoop ? 0 : 1;
  };
  SmallVector<unsigned> order;
  for (unsigned digit = 0; digit < digits.getSizes().size(); ++digit)
    if (llvm::any_of(at, [&](const LinearForm &form) { return form.factors[digit] != 0; }))
      order.push_back(digit);
  llvm::sort(order, [&](unsigned lhs, unsigned rhs) { return std::pair(rank(lhs), lhs) < std::pair(rank(rhs), rhs); });
  return order;
}

/// The sizes of the dimensions `order`. Rows of vectors that would begin inside
/// of cache lines, so that every second load touches two, are made longer,
/// unless that takes much memory.
SmallVector<int64_t> WeightPacking::shapeOf(ArrayRef<unsigned> order, Type elementType) const {
  SmallVector<int64_t> shape = llvm::map_to_vector(order, [&](unsigned digit) { return digits.getSizes()[digit]; });
  bool hasGroups = !order.empty() && dotLoop && order.back() == digits.getInnermost(*dotLoop);
  int64_t lanes = static_cast<int64_t>(order.size()) - (hasGroups ? 2 : 1);
  if (lanes < 1 || order[lanes] != digits.getInnermost(vectorLoop))
    return shape;
  int64_t laneBytes = getElementBytes(elementType) * (hasGroups ? kDotLength : 1);
  if (laneBytes * kLineLanes != kLineBytes)
    return shape;
  int64_t padded = llvm::alignTo(shape[lanes], kLineLanes);
  if (shape[lanes] > kLineLanes && 4 * padded <= 5 * shape[lanes])
    shape[lanes] = padded;
  return shape;
}

/// The constant's dimensions where the operation reads them, as a map from
/// digits. A dimension that is longer than its loop becomes one with the outer
/// one: the size of a dimension that is indexed by a loop alone is the loop's.
AffineMap WeightPacking::joinPadded(ArrayRef<unsigned> order, SmallVectorImpl<int64_t> &shape) {
  SmallVector<AffineExpr> dims =
      llvm::map_to_vector(order, [&](unsigned digit) { return rewriter.getAffineDimExpr(digit); });
  for (unsigned dim = 1; dim < shape.size(); ++dim) {
    if (shape[dim] == digits.getSizes()[order[dim]])
      continue;
    dims[dim] = dims[dim - 1] * shape[dim] + dims[dim];
    shape[dim] *= shape[dim - 1];
    dims.erase(dims.begin() + dim - 1);
    shape.erase(shape.begin() + dim - 1);
    break;
  }
  return AffineMap::get(digits.getSizes().size(), 0, dims, rewriter.getContext());
}

/// A plain constant whose dimensions are the digits already.
bool WeightPacking::isInOrder() {
  if (inliner.getLeaves().size() != 1 || inliner.getLeaves()[0].constant != weight.get() || padded ||
      digits.getSizes().size() != op.getNumLoops())
    return false;
  AffineMap map = op.getMatchingIndexingMap(&weight);
  SmallVector<unsigned> order = orderOf(linearize(map.getResults()));
  auto type = cast<RankedTensorType>(weight.get().getType());
  if (type.getRank() == static_cast<int64_t>(order.size()) && shapeOf(order, type.getElementType()) != type.getShape())
    return false;
  return llvm::equal(order, map.getResults(), [](unsigned digit, AffineExpr expr) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    return dim && dim.getPosition() == digit;
  });
}

/// The weight is zero where the input is padded, so that its value there does
/// not matter: an input that was padded already is padded once, by both.
Value WeightPacking::padInput(Value input) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> shape(type.getShape());
  int64_t size = shape[paddedDim];
  shape[paddedDim] = llvm::alignTo(size, kDotLength);
  SmallVector<OpFoldResult> low(type.getRank(), rewriter.getIndexAttr(0)), high = low;
  high[paddedDim] = rewriter.getIndexAttr(shape[paddedDim] - size);
  if (auto outer = input.getDefiningOp<tensor::PadOp>(); outer && input.hasOneUse() &&
                                                         outer.getConstantPaddingValue() &&
                                                         isZeroInteger(outer.getMixedHighPad()[paddedDim])) {
    SmallVector<OpFoldResult> outerHigh = outer.getMixedHighPad();
    outerHigh[paddedDim] = high[paddedDim];
    return tensor::PadOp::create(rewriter, op.getLoc(), type.clone(shape), outer.getSource(), outer.getMixedLowPad(),
                                 outerHigh, outer.getConstantPaddingValue());
  }
  Value zero = arith::ConstantOp::create(rewriter, op.getLoc(), rewriter.getZeroAttr(type.getElementType()));
  return tensor::PadOp::create(rewriter, op.getLoc(), type.clone(shape), input, low, high, zero);
}

/// linalg finds the size of a loop in an operand that it indexes alone. Loops
/// for which there is none get an operand that nobody reads.
void WeightPacking::addUnnamedLoops(SmallVectorImpl<Value> &inputs, SmallVectorImpl<AffineMap> &maps) {
  SmallVector<AffineExpr> unnamed;
  SmallVector<int64_t> shape;
  for (auto [digit, size] : llvm::enumerate(digits.getSizes())) {
    AffineExpr dim = rewriter.getAffineDimExpr(digit);
    if (llvm::any_of(maps, [&](AffineMap map) { return llvm::is_contained(map.getResults(), dim); }))
      continue;
    unnamed.push_back(dim);
    shape.push_back(size);
  }
  if (unnamed.empty())
    return;
  inputs.push_back(tensor::EmptyOp::create(rewriter, op.getLoc(), shape, rewriter.getI8Type()));
  maps.insert(maps.end() - 1, AffineMap::get(digits.getSizes().size(), 0, unnamed, rewriter.getContext()));
}

/// Arguments: the inputs except the weight, the leaves, (an unused one,) the
/// result.
void WeightPacking::buildBody(OpBuilder &builder, Location loc, ValueRange arguments) {
  IRMapping values;
  unsigned others = op.getNumDpsInputs() - 1, next = 0;
  SmallVector<Value> leaves(arguments.slice(others, inliner.getLeaves().size()));
  for (OpOperand *operand : op.getDpsInputOperands())
    if (operand != &weight)
      values.map(op.getMatchingBlockArgument(operand), arguments[next++]);
  values.map(op.getMatchingBlockArgument(&weight), inliner.build(builder, loc, digits, leaves));
  values.map(op.getBlock()->getArguments().back(), arguments.back());
  for (Operation &inner : *op.getBlock()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner))
      values.map(index.getResult(),
                 buildIndex(builder, loc, *digits.linearize(builder.getAffineDimExpr(index.getDim()))));
    else
      builder.clone(inner, values);
  }
}

int64_t WeightPacking::addLeaves(SmallVectorImpl<Value> &inputs, SmallVectorImpl<AffineMap> &maps) {
  std::optional<Padding> padding;
  if (padded)
    padding = Padding{*digits.linearize(rewriter.getAffineDimExpr(*dotLoop)), op.getStaticLoopRanges()[*dotLoop]};
  ArrayRef<int64_t> sizes = digits.getSizes();
  int64_t bytes = 0;
  for (const WeightLeaf &leaf : inliner.getLeaves()) {
    TensorConstant constant = *getTensorConstant(leaf.constant);
    SmallVector<LinearForm> at = linearize(leaf.at);
    SmallVector<unsigned> order = orderOf(at);
    SmallVector<int64_t> stored = shapeOf(order, constant.getType().getElementType());
    SmallVector<int64_t> shape = stored;
    maps.push_back(joinPadded(order, shape));
    inputs.push_back(
        relayConstant(rewriter, leaf.constant.getLoc(), constant, at, order, sizes, stored, shape, padding));
    bytes += constant.getBytes().size();
  }
  return bytes;
}

int64_t WeightPacking::rewrite() {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    if (operand == &weight)
      continue;
    Value input = operand->get();
    inputs.push_back(operand == padded ? padInput(input) : input);
    maps.push_back(*digits.rewrite(op.getMatchingIndexingMap(operand)));
  }
  int64_t bytes = addLeaves(inputs, maps);
  OpOperand *init = op.getDpsInitOperand(0);
  maps.push_back(*digits.rewrite(op.getMatchingIndexingMap(init)));
  addUnnamedLoops(inputs, maps);
  SmallVector<utils::IteratorType> old = op.getIteratorTypesArray(), iterators;
  for (unsigned digit = 0; digit < digits.getSizes().size(); ++digit)
    iterators.push_back(old[digits.getLoop(digit)]);
  rewriter.replaceOpWithNewOp<linalg::GenericOp>(
      op, op->getResultTypes(), inputs, init->get(), maps, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange arguments) { buildBody(builder, loc, arguments); });
  return bytes;
}
