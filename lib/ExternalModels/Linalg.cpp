// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// CompressibleOpInterface for linalg, from the indexing maps alone: a dimension
// of the weight is reduced if its iterator is a reduction.

#include "condense/ExternalModels/ExternalModels.h"

#include "ActivationRows.h"
#include "condense/Interfaces/CompressibleOpInterface.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace condense;

/// Constants are also recognised behind a transpose, as importers write `x
/// W^T`.
static bool isConstant(Value value) {
  if (auto transpose = value.getDefiningOp<linalg::TransposeOp>())
    return isConstant(transpose.getInput());
  return matchPattern(value, m_Constant());
}

/// 1 unless only operand 0 is constant.
static unsigned getWeightIndex(linalg::LinalgOp op) {
  bool onlyFirst = isConstant(op->getOperand(0)) && !isConstant(op->getOperand(1));
  return onlyFirst ? 0 : 1;
}

/// Dimensions of the weight with an iterator of the given type; those that the
/// activation indexes directly (channels) before those of a window (kernel).
static SmallVector<int64_t> getWeightDims(linalg::LinalgOp op, utils::IteratorType type) {
  unsigned weight = getWeightIndex(op);
  AffineMap weightMap = op.getMatchingIndexingMap(&op->getOpOperand(weight));
  AffineMap activationMap = op.getMatchingIndexingMap(&op->getOpOperand(1 - weight));
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  SmallVector<int64_t> channels, window;
  for (auto [dim, expr] : llvm::enumerate(weightMap.getResults())) {
    auto iterator = dyn_cast<AffineDimExpr>(expr);
    if (!iterator || iterators[iterator.getPosition()] != type)
      continue;
    bool isChannel = llvm::is_contained(activationMap.getResults(), expr);
    (isChannel ? channels : window).push_back(dim);
  }
  llvm::append_range(channels, window);
  return channels;
}

namespace {
/// The loops of an operation as its weight sees them, each list in the order of
/// the weight's dimensions: those that only the activation has are rows.
struct WeightLoops {
  SmallVector<unsigned> groups, channels, columns, rows;
};
} // namespace

/// Nothing where a channel comes before a group: the groups are then no runs of
/// the weight's rows. Neither where a dimension of the weight is no loop.
static std::optional<WeightLoops> getWeightLoops(linalg::LinalgOp op) {
  unsigned weight = getWeightIndex(op);
  AffineMap weightMap = op.getMatchingIndexingMap(&op->getOpOperand(weight));
  AffineMap activationMap = op.getMatchingIndexingMap(&op->getOpOperand(1 - weight));
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  WeightLoops loops;
  llvm::SmallDenseSet<unsigned> ofWeight;
  for (AffineExpr expr : weightMap.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim || !ofWeight.insert(dim.getPosition()).second)
      return std::nullopt;
    unsigned loop = dim.getPosition();
    if (iterators[loop] == utils::IteratorType::reduction)
      loops.columns.push_back(loop);
    else if (!activationMap.isFunctionOfDim(loop))
      loops.channels.push_back(loop);
    else if (loops.channels.empty())
      loops.groups.push_back(loop);
    else
      return std::nullopt;
  }
  for (unsigned loop = 0; loop < iterators.size(); ++loop) {
    if (ofWeight.contains(loop))
      continue;
    if (iterators[loop] == utils::IteratorType::reduction)
      return std::nullopt;
    loops.rows.push_back(loop);
  }
  return loops;
}

/// The activation at the loops that are not only the weight's.
static FailureOr<Value> buildRowsOf(linalg::LinalgOp op, OpOperand &activation, OpBuilder &builder) {
  std::optional<WeightLoops> loops = getWeightLoops(op);
  if (!loops || !isa<FloatType>(getElementTypeOrSelf(activation.get())))
    return failure();
  ImplicitLocOpBuilder b(op.getLoc(), builder);
  SmallVector<Range, 4> ranges = op.createLoopRanges(b, op.getLoc());
  RowLoops sizes;
  SmallVector<AffineExpr> dims(ranges.size(), b.getAffineConstantExpr(0));
  unsigned count = 0;
  auto add = [&](ArrayRef<unsigned> from, SmallVector<OpFoldResult> &to) {
    for (unsigned loop : from) {
      to.push_back(ranges[loop].size);
      dims[loop] = b.getAffineDimExpr(count++);
    }
    if (!from.empty())
      return;
    to.push_back(b.getIndexAttr(1));
    ++count;
  };
  add(loops->groups, sizes.groups);
  add(loops->rows, sizes.rows);
  add(loops->columns, sizes.columns);
  AffineMap map = op.getMatchingIndexingMap(&activation).replaceDimsAndSymbols(dims, {}, count, 0);
  return buildRows(b, activation.get(), map, sizes);
}

namespace {

template <typename OpTy> struct LinalgModel : CompressibleOpInterface::ExternalModel<LinalgModel<OpTy>, OpTy> {
  bool isCompressible(Operation *op) const {
    auto linalgOp = cast<linalg::LinalgOp>(op);
    return linalgOp.getNumDpsInputs() == 2 && linalgOp.getNumDpsInits() == 1 && linalgOp.hasPureTensorSemantics() &&
           (linalg::isaContractionOpInterface(linalgOp) || linalg::isaConvolutionOpInterface(linalgOp)) &&
           !getWeightDims(linalgOp, utils::IteratorType::reduction).empty() &&
           !getWeightDims(linalgOp, utils::IteratorType::parallel).empty();
  }
  OpOperand &getWeightOperand(Operation *op) const {
    return op->getOpOperand(getWeightIndex(cast<linalg::LinalgOp>(op)));
  }
  OpOperand &getActivationOperand(Operation *op) const {
    return op->getOpOperand(1 - getWeightIndex(cast<linalg::LinalgOp>(op)));
  }
  SmallVector<int64_t> getReductionDims(Operation *op) const {
    return getWeightDims(cast<linalg::LinalgOp>(op), utils::IteratorType::reduction);
  }
  SmallVector<int64_t> getOutputChannelDims(Operation *op) const {
    return getWeightDims(cast<linalg::LinalgOp>(op), utils::IteratorType::parallel);
  }
  int64_t getNumGroups(Operation *op) const {
    auto linalgOp = cast<linalg::LinalgOp>(op);
    std::optional<WeightLoops> loops = getWeightLoops(linalgOp);
    if (!loops)
      return 1;
    SmallVector<int64_t> ranges = linalgOp.getStaticLoopRanges();
    int64_t groups = 1;
    for (unsigned loop : loops->groups)
      groups *= ranges[loop];
    return llvm::any_of(loops->groups, [&](unsigned loop) { return ShapedType::isDynamic(ranges[loop]); }) ? 1 : groups;
  }
  FailureOr<Value> buildActivationMatrix(Operation *op, OpBuilder &builder) const {
    return buildRowsOf(cast<linalg::LinalgOp>(op), getActivationOperand(op), builder);
  }
};

template <typename... Ops> void attachTo(MLIRContext *context) {
  (Ops::template attachInterface<LinalgModel<Ops>>(*context), ...);
}

} // namespace

void condense::registerLinalgExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, linalg::LinalgDialect *) {
    using namespace linalg;
    attachTo<GenericOp, ContractOp, MatmulOp, BatchMatmulOp, MatvecOp, VecmatOp, BatchMatvecOp, BatchVecmatOp>(context);
    attachTo<Conv1DNwcWcfOp, Conv1DNcwFcwOp, Conv2DNhwcHwcfOp, Conv2DNhwcFhwcOp, Conv2DNchwFchwOp, Conv2DNgchwFgchwOp,
             Conv2DNgchwGfchwOp, Conv2DNhwgcGfhwcOp, Conv3DNdhwcDhwcfOp, Conv3DNcdhwFcdhwOp>(context);
    attachTo<DepthwiseConv1DNwcWcOp, DepthwiseConv1DNcwCwOp, DepthwiseConv2DNhwcHwcOp, DepthwiseConv2DNchwChwOp,
             DepthwiseConv2DNhwcHwcmOp>(context);
  });
}
