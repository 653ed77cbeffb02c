// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Gives every dense layer one form: linear(x, W[out, in], bias). Exporters
// write them as MatMul and Add, with the weight either way round.

#include "ChannelDim.h"
#include "PermuteConstant.h"
#include "condense/Analysis/Layers.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/NN/Transforms/Passes.h"

namespace condense::nn {
#define GEN_PASS_DEF_FUSEBIASPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

namespace {

struct MatmulToLinear : OpRewritePattern<MatmulOp> {
  MatmulToLinear(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    std::optional<TensorConstant> weight = getTensorConstant(op.getRhs());
    if (!weight || weight->getType().getRank() != 2)
      return rewriter.notifyMatchFailure(op, "requires a constant matrix on the right");
    if (isConstantExpression(op.getLhs()))
      return rewriter.notifyMatchFailure(op, "is part of a weight, not a layer");
    if (cast<RankedTensorType>(op.getLhs().getType()).getRank() < 2)
      return rewriter.notifyMatchFailure(op, "requires a left operand of rank 2 or more");
    Value transposed = createPermutedConstant(rewriter, op.getRhs().getLoc(), *weight, {1, 0});
    auto linear = rewriter.replaceOpWithNewOp<LinearOp>(op, op.getType(), op.getLhs(), transposed,
                                                        /*bias=*/Value());
    linear->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    ++count;
    return success();
  }
  Pass::Statistic &count;
};

/// Whether broadcasting `type` to a tensor of `rank` dimensions varies it along
/// `channelDim` only, over all of the `channels`.
bool isPerChannel(RankedTensorType type, int64_t rank, int64_t channelDim, int64_t channels) {
  int64_t offset = rank - type.getRank();
  if (offset < 0 || channelDim < offset || type.getDimSize(channelDim - offset) != channels)
    return false;
  return type.getNumElements() == channels;
}

template <typename LayerOp> struct FuseAdd : OpRewritePattern<AddOp> {
  FuseAdd(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}
  LogicalResult matchAndRewrite(AddOp op, PatternRewriter &rewriter) const override {
    auto layer = op.getLhs().template getDefiningOp<LayerOp>();
    Value addend = layer ? op.getRhs() : op.getLhs();
    if (!layer)
      layer = op.getRhs().template getDefiningOp<LayerOp>();
    if (!layer || !layer->hasOneUse() || layer.getBias() || layer.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "requires a layer without bias and without other uses");
    std::optional<TensorConstant> constant = getTensorConstant(addend);
    auto type = cast<RankedTensorType>(layer.getType());
    int64_t channelDim = getChannelDim(layer);
    if (!constant || !isPerChannel(constant->getType(), type.getRank(), channelDim, type.getDimSize(channelDim)))
      return rewriter.notifyMatchFailure(op, "requires a constant per output channel");
    auto biasType = RankedTensorType::get({type.getDimSize(channelDim)}, type.getElementType());
    ArrayRef<char> bytes = constant->getBytes();
    rewriter.setInsertionPoint(layer);
    Value bias = createTensorConstant(rewriter, addend.getLoc(), biasType,
                                      std::vector<char>(bytes.begin(), bytes.end()), constant->getName());
    rewriter.modifyOpInPlace(layer, [&] { layer.getBiasMutable().assign(bias); });
    rewriter.replaceOp(op, layer);
    ++count;
    return success();
  }
  Pass::Statistic &count;
};

struct FuseBiasPass : nn::impl::FuseBiasPassBase<FuseBiasPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<MatmulToLinear>(&getContext(), numLinear);
    patterns.add<FuseAdd<LinearOp>, FuseAdd<Conv2DOp>>(&getContext(), numBias);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
