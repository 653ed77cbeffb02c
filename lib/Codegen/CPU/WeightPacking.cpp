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
  SmallVector<Value> leaves(arguments.slice(others, storedUses ? 0 : inliner.getLeaves().size()));
  for (OpOperand *operand : op.getDpsInputOperands())
    if (operand != &weight)
      values.map(op.getMatchingBlockArgument(operand), arguments[next++]);
  values.map(op.getMatchingBlockArgument(&weight),
             storedUses ? arguments[others] : inliner.build(builder, loc, digits, leaves));
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

int64_t condense::codegen::countUses(linalg::LinalgOp op, AffineMap map) {
  int64_t uses = 1;
  for (auto [loop, size] : llvm::enumerate(op.getStaticLoopRanges()))
    if (!map.isFunctionOfDim(loop))
      uses *= ShapedType::isDynamic(size) ? 0 : size;
  return uses;
}

/// The decoded weight, with the digits on which it depends as its dimensions.
linalg::GenericOp WeightPacking::decode(ValueRange leaves, ArrayRef<AffineMap> maps, AffineMap &decodedMap) {
  SmallVector<unsigned> order = panels.orderOf(panels.linearize(op.getMatchingIndexingMap(&weight).getResults()));
  MLIRContext *context = rewriter.getContext();
  SmallVector<AffineExpr> loops(digits.getSizes().size(), rewriter.getAffineConstantExpr(0)), dims;
  SmallVector<int64_t> shape;
  for (auto [position, digit] : llvm::enumerate(order)) {
    loops[digit] = rewriter.getAffineDimExpr(position);
    dims.push_back(rewriter.getAffineDimExpr(digit));
    shape.push_back(digits.getSizes()[digit]);
  }
  decodedMap = AffineMap::get(digits.getSizes().size(), 0, dims, context);
  SmallVector<AffineMap> decodeMaps;
  for (AffineMap map : maps)
    decodeMaps.push_back(map.replaceDimsAndSymbols(loops, {}, order.size(), 0));
  decodeMaps.push_back(rewriter.getMultiDimIdentityMap(order.size()));
  auto type = RankedTensorType::get(shape, op.getMatchingBlockArgument(&weight).getType());
  Value empty = tensor::EmptyOp::create(rewriter, op.getLoc(), shape, type.getElementType());
  auto body = [&](OpBuilder &builder, Location loc, ValueRange arguments) {
    SmallVector<Value> elements(arguments.drop_back());
    linalg::YieldOp::create(builder, loc, inliner.build(builder, loc, digits, elements));
  };
  SmallVector<utils::IteratorType> iterators(order.size(), utils::IteratorType::parallel);
  auto result = linalg::GenericOp::create(rewriter, op.getLoc(), type, leaves, empty, decodeMaps, iterators, body);
  result->setAttr(kStoredAttrName, rewriter.getUnitAttr());
  // the body counts loops as digits
  result.walk([&](linalg::IndexOp index) {
    index.setDim(std::distance(order.begin(), llvm::find(order, static_cast<unsigned>(index.getDim()))));
  });
  return result;
}

/// Decodes the weight before its kernel, if that pays: `leaves` and `maps` are then those of the result.
///
/// In the kernel, decoding takes its instructions for every tile of rows; before it, once, and a store
/// and a load that misses the first-level cache, which counts as four.
void WeightPacking::storeDecoded(SmallVectorImpl<Value> &leaves, SmallVectorImpl<AffineMap> &maps, int64_t mostStored) {
  constexpr int64_t kRows = 8, kStoring = 4;
  Type element = op.getMatchingBlockArgument(&weight).getType();
  int64_t uses = countUses(op, op.getMatchingIndexingMap(&weight));
  int64_t bytes = cast<RankedTensorType>(weight.get().getType()).getNumElements() * 4;
  if (panels.dotLoop || !element.isF32() || isa_and_nonnull<arith::ConstantOp>(weight.get().getDefiningOp()) ||
      uses <= kRows || bytes > mostStored)
    return;
  AffineMap decodedMap;
  linalg::GenericOp decoded = decode(leaves, maps, decodedMap);
  int64_t instructions = llvm::count_if(decoded.getBody()->without_terminator(), [](Operation &inner) {
    return !isa<linalg::IndexOp>(inner) && !inner.hasTrait<OpTrait::ConstantLike>();
  });
  if (kRows * (instructions + kStoring) >= instructions * uses) {
    rewriter.eraseOp(decoded);
    return;
  }
  storedUses = uses;
  leaves.assign({decoded.getResult(0)});
  maps.assign({decodedMap});
}

int64_t WeightPacking::rewrite(int64_t mostStored) {
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
  SmallVector<Value> leaves;
  SmallVector<AffineMap> leafMaps;
  int64_t bytes = addLeaves(leaves, leafMaps);
  storeDecoded(leaves, leafMaps, mostStored);
  llvm::append_range(inputs, leaves);
  llvm::append_range(maps, leafMaps);
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
