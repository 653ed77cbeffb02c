// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Raises layer normalisation that an exporter wrote in elementary operations:
// (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon), and the constants that it is multiplied with and added to.

#include "Formula.h"
#include "condense/Dialect/NN/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace condense::nn {
#define GEN_PASS_DEF_RAISELAYERNORMPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

namespace {

template <typename OpTy> struct RaiseLayerNorm : OpRewritePattern<OpTy> {
  RaiseLayerNorm(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern<OpTy>(context), count(count) {}

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    std::optional<OverDeviation> norm = matchOverDeviation(op);
    if (!norm)
      return rewriter.notifyMatchFailure(op, "requires a division by a standard deviation");
    Value x = matchCentred(norm->numerator, norm->axis);
    if (!x || matchCentred(norm->squared, norm->axis) != x)
      return rewriter.notifyMatchFailure(op, "requires the difference to the mean, and the mean of its square");
    auto type = cast<RankedTensorType>(x.getType());
    auto [scaling, scale] = findConstantUse<MulOp>(op.getResult());
    auto [shift, bias] = findConstantUse<AddOp>(scaling ? scaling.getResult() : op.getResult());
    Operation *last = shift ? shift.getOperation() : scaling ? scaling.getOperation() : op.getOperation();
    rewriter.setInsertionPoint(last);
    if (!scale)
      scale = createOnes(rewriter, op.getLoc(), type, norm->axis);
    if (!scale)
      return rewriter.notifyMatchFailure(op, "requires a scale, or known sizes of the dimensions");
    remarkRaised(op, LayerNormOp::getOperationName());
    rewriter.replaceOpWithNewOp<LayerNormOp>(last, type, x, scale, bias, rewriter.getI64IntegerAttr(norm->axis),
                                             rewriter.getF64FloatAttr(norm->epsilon));
    ++count;
    return success();
  }
  Pass::Statistic &count;
};

struct RaiseLayerNormPass : nn::impl::RaiseLayerNormPassBase<RaiseLayerNormPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RaiseLayerNorm<DivOp>, RaiseLayerNorm<MulOp>>(&getContext(), numRaised);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     GreedyRewriteConfig().enableFolding(false).enableConstantCSE(false))))
      signalPassFailure();
  }
};

} // namespace
