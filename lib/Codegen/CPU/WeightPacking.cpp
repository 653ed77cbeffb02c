// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The order in which the kernel of one operation reads its weight.

#include "WeightPacking.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

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
  panels.dotLoop = last.getPosition();
  if (size == kDotLength || digits.split(*panels.dotLoop, {kDotLength}))
    return true;
  return reason = "the reduction does not split into groups of four", false;
}

/// Wide panels are read least often, but all rows read one: it has to stay in the level-2 cache meanwhile.
int64_t WeightPacking::getWidestPanel() {
  constexpr int64_t kWide = 64, kNarrow = 32, kLevel2Bytes = 512 << 10;
  AffineMap map = op.getMatchingIndexingMap(&weight);
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  bool areRows = llvm::any_of(llvm::seq(op.getNumLoops()),
                              [&](unsigned loop) { return sizes[loop] != 1 && !map.isFunctionOfDim(loop); });
  int64_t bytes = 0;
  for (const WeightLeaf &leaf : inliner.getLeaves())
    bytes += getTensorConstant(leaf.constant)->getBytes().size();
  return areRows && bytes / std::max<int64_t>(1, sizes[panels.vectorLoop]) * kWide > kLevel2Bytes ? kNarrow : kWide;
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
  panels.splitPanels(getWidestPanel());
  for (AffineMap current : op.getIndexingMapsArray())
    if (current != map && !digits.rewrite(current))
      return reason = "an operand is not read at linear places", false;
  return true;
}

/// A plain constant whose dimensions are the digits already.
bool WeightPacking::isInOrder() {
  if (inliner.getLeaves().size() != 1 || inliner.getLeaves()[0].constant != weight.get() || padded ||
      digits.getSizes().size() != op.getNumLoops())
    return false;
  AffineMap map = op.getMatchingIndexingMap(&weight);
  SmallVector<unsigned> order = panels.orderOf(panels.linearize(map.getResults()));
  auto type = cast<RankedTensorType>(weight.get().getType());
  if (type.getRank() == static_cast<int64_t>(order.size()) &&
      panels.shapeOf(order, getElementBytes(type.getElementType())) != type.getShape())
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
    padding = Padding{*digits.linearize(rewriter.getAffineDimExpr(*panels.dotLoop)),
                      op.getStaticLoopRanges()[*panels.dotLoop]};
  int64_t bytes = 0;
  for (const WeightLeaf &leaf : inliner.getLeaves()) {
    TensorConstant constant = *getTensorConstant(leaf.constant);
    AffineMap map;
    HostArray source{constant.getType(), constant.getBytes(), constant.getName()};
    inputs.push_back(panels.relay(rewriter, leaf.constant.getLoc(), source, panels.linearize(leaf.at), padding, map));
    maps.push_back(map);
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
  panels.addUnnamedLoops(rewriter, op.getLoc(), inputs, maps);
  SmallVector<utils::IteratorType> old = op.getIteratorTypesArray(), iterators;
  for (unsigned digit = 0; digit < digits.getSizes().size(); ++digit)
    iterators.push_back(old[digits.getLoop(digit)]);
  rewriter.replaceOpWithNewOp<linalg::GenericOp>(
      op, op->getResultTypes(), inputs, init->get(), maps, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange arguments) { buildBody(builder, loc, arguments); });
  return bytes;
}
