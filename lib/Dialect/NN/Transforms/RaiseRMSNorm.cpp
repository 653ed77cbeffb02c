// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Raises root-mean-square normalisation that an exporter wrote in elementary operations:
// x / sqrt(mean(x^2) + epsilon), and the constant that it is multiplied with.

#include "Formula.h"
#include "condense/Dialect/NN/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace condense::nn {
#define GEN_PASS_DEF_RAISERMSNORMPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

namespace {

template <typename OpTy> struct RaiseRMSNorm : OpRewritePattern<OpTy> {
  RaiseRMSNorm(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern<OpTy>(context), count(count) {}

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    std::optional<OverDeviation> norm = matchOverDeviation(op);
    if (!norm || norm->numerator != norm->squared)
      return rewriter.notifyMatchFailure(op, "requires a division by the root of the mean square");
    if (matchCentred(norm->numerator, norm->axis))
      return rewriter.notifyMatchFailure(op, "is a layer normalisation");
    auto type = cast<RankedTensorType>(op.getType());
    auto [scaling, scale] = findConstantUse<MulOp>(op.getResult());
    Operation *last = scaling ? scaling.getOperation() : op.getOperation();
    rewriter.setInsertionPoint(last);
    if (!scale)
      scale = createOnes(rewriter, op.getLoc(), type, norm->axis);
    if (!scale)
      return rewriter.notifyMatchFailure(op, "requires a scale, or known sizes of the dimensions");
    remarkRaised(op, RMSNormOp::getOperationName());
    rewriter.replaceOpWithNewOp<RMSNormOp>(last, type, norm->numerator, scale, rewriter.getI64IntegerAttr(norm->axis),
                                           rewriter.getF64FloatAttr(norm->epsilon));
    ++count;
    return success();
  }
  Pass::Statistic &count;
};

struct RaiseRMSNormPass : nn::impl::RaiseRMSNormPassBase<RaiseRMSNormPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RaiseRMSNorm<DivOp>, RaiseRMSNorm<MulOp>>(&getContext(), numRaised);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     GreedyRewriteConfig().enableFolding(false).enableConstantCSE(false))))
      signalPassFailure();
  }
};

} // namespace
