// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// CompressibleOpInterface for linalg, from the indexing maps alone: a dimension
// of the weight is reduced if its iterator is a reduction.

#include "condense/ExternalModels/ExternalModels.h"

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
  bool onlyFirst =
      isConstant(op->getOperand(0)) && !isConstant(op->getOperand(1));
  return onlyFirst ? 0 : 1;
}

/// Dimensions of the weight with an iterator of the given type; those that the
/// activation indexes directly (channels) before those of a window (kernel).
static SmallVector<int64_t> getWeightDims(linalg::LinalgOp op,
                                          utils::IteratorType type) {
  unsigned weight = getWeightIndex(op);
  AffineMap weightMap = op.getMatchingIndexingMap(&op->getOpOperand(weight));
  AffineMap activationMap =
      op.getMatchingIndexingMap(&op->getOpOperand(1 - weight));
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

template <typename OpTy>
struct LinalgModel
    : CompressibleOpInterface::ExternalModel<LinalgModel<OpTy>, OpTy> {
  bool isCompressible(Operation *op) const {
    auto linalgOp = cast<linalg::LinalgOp>(op);
    return linalgOp.getNumDpsInputs() == 2 && linalgOp.getNumDpsInits() == 1 &&
           linalgOp.hasPureTensorSemantics() &&
           (linalg::isaContractionOpInterface(linalgOp) ||
            linalg::isaConvolutionOpInterface(linalgOp)) &&
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
    return getWeightDims(cast<linalg::LinalgOp>(op),
                         utils::IteratorType::reduction);
  }
  SmallVector<int64_t> getOutputChannelDims(Operation *op) const {
    return getWeightDims(cast<linalg::LinalgOp>(op),
                         utils::IteratorType::parallel);
  }
};

template <typename... Ops> void attachTo(MLIRContext *context) {
  (Ops::template attachInterface<LinalgModel<Ops>>(*context), ...);
}

} // namespace

void condense::registerLinalgExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, linalg::LinalgDialect *) {
    using namespace linalg;
    attachTo<GenericOp, ContractOp, MatmulOp, BatchMatmulOp, MatvecOp, VecmatOp,
             BatchMatvecOp, BatchVecmatOp>(context);
    attachTo<Conv1DNwcWcfOp, Conv1DNcwFcwOp, Conv2DNhwcHwcfOp, Conv2DNhwcFhwcOp,
             Conv2DNchwFchwOp, Conv2DNgchwFgchwOp, Conv2DNgchwGfchwOp,
             Conv2DNhwgcGfhwcOp, Conv3DNdhwcDhwcfOp, Conv3DNcdhwFcdhwOp>(
        context);
    attachTo<DepthwiseConv1DNwcWcOp, DepthwiseConv1DNcwCwOp,
             DepthwiseConv2DNhwcHwcOp, DepthwiseConv2DNchwChwOp,
             DepthwiseConv2DNhwcHwcmOp>(context);
  });
}
