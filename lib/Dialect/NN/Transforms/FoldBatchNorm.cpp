// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Folds batch normalisation into the layer before it:
//   s = scale / sqrt(variance + epsilon), w' = w s, b' = (b - mean) s + bias.

#include "ChannelDim.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/NN/Transforms/Passes.h"
#include "condense/IR/TensorConstant.h"
#include <cmath>

namespace condense::nn {
#define GEN_PASS_DEF_FOLDBATCHNORMPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

namespace {

/// y = x * scale + shift, per channel.
struct Affine {
  std::vector<double> scale, shift;
};

std::optional<TensorConstant> getFloats(Value value) {
  std::optional<TensorConstant> constant = getTensorConstant(value);
  if (!constant || !constant->getType().getElementType().isF32())
    return std::nullopt;
  return constant;
}

std::optional<Affine> getAffine(BatchNormOp op) {
  auto scale = getFloats(op.getScale()), bias = getFloats(op.getBias());
  auto mean = getFloats(op.getMean()), variance = getFloats(op.getVariance());
  if (!scale || !bias || !mean || !variance)
    return std::nullopt;
  // With a dynamic channel dimension nothing else makes them agree.
  ArrayRef<int64_t> shape = scale->getType().getShape();
  if (shape[0] == 0 || bias->getType().getShape() != shape || mean->getType().getShape() != shape ||
      variance->getType().getShape() != shape)
    return std::nullopt;
  double epsilon = op.getEpsilon().convertToDouble();
  Affine result;
  for (size_t c = 0, e = scale->as<float>().size(); c < e; ++c) {
    double s = scale->as<float>()[c] / std::sqrt(double(variance->as<float>()[c]) + epsilon);
    result.scale.push_back(s);
    result.shift.push_back(bias->as<float>()[c] - mean->as<float>()[c] * s);
  }
  return result;
}

std::vector<float> toFloats(ArrayRef<double> values) { return {values.begin(), values.end()}; }

/// The weight (output channels outermost) with each channel scaled.
Value scaleWeight(PatternRewriter &rewriter, Value value, const TensorConstant &weight, const Affine &affine) {
  ArrayRef<float> old = weight.as<float>();
  std::vector<float> scaled(old.size());
  size_t perChannel = old.size() / affine.scale.size();
  for (size_t i = 0; i < old.size(); ++i)
    scaled[i] = old[i] * affine.scale[i / perChannel];
  return createTensorConstant<float>(rewriter, value.getLoc(), weight.getType(), scaled, weight.getName());
}

template <typename LayerOp> Value getWeight(LayerOp layer) { return layer->getOperand(1); }

template <typename LayerOp> struct FoldIntoLayer : OpRewritePattern<BatchNormOp> {
  FoldIntoLayer(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern(context, /*benefit=*/2), count(count) {}
  LogicalResult matchAndRewrite(BatchNormOp op, PatternRewriter &rewriter) const override {
    auto layer = op.getInput().template getDefiningOp<LayerOp>();
    if (!layer || !layer->hasOneUse() || int64_t(op.getAxis()) != getChannelDim(layer))
      return rewriter.notifyMatchFailure(op, "requires a layer without other uses, normalised by output channel");
    std::optional<Affine> affine = getAffine(op);
    std::optional<TensorConstant> weight = getFloats(getWeight(layer)), bias;
    if (layer.getBias())
      bias = getFloats(layer.getBias());
    if (!affine || !weight || (layer.getBias() && !bias) ||
        weight->getType().getDimSize(0) != int64_t(affine->scale.size()))
      return rewriter.notifyMatchFailure(op, "requires constant f32 weights and statistics");
    std::vector<double> shift = affine->shift;
    for (size_t c = 0; bias && c < shift.size(); ++c)
      shift[c] += bias->template as<float>()[c] * affine->scale[c];
    rewriter.setInsertionPoint(layer);
    Value newWeight = scaleWeight(rewriter, getWeight(layer), *weight, *affine);
    auto biasType = RankedTensorType::get({int64_t(shift.size())}, rewriter.getF32Type());
    std::string name = (weight->getName() + ".folded_bias").str();
    Value newBias = createTensorConstant<float>(rewriter, op.getLoc(), biasType, toFloats(shift), name);
    rewriter.modifyOpInPlace(layer, [&] {
      layer->setOperand(1, newWeight);
      layer.getBiasMutable().assign(newBias);
    });
    rewriter.replaceOp(op, layer);
    ++count;
    return success();
  }
  Pass::Statistic &count;
};

struct TurnIntoMultiplyAdd : OpRewritePattern<BatchNormOp> {
  TurnIntoMultiplyAdd(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}
  LogicalResult matchAndRewrite(BatchNormOp op, PatternRewriter &rewriter) const override {
    std::optional<Affine> affine = getAffine(op);
    auto type = cast<RankedTensorType>(op.getType());
    if (!affine || !type.getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "requires constant f32 statistics");
    SmallVector<int64_t> shape(type.getRank() - op.getAxis(), 1);
    shape.front() = affine->scale.size();
    auto vectorType = RankedTensorType::get(shape, type.getElementType());
    std::string name = getLayerName(op.getLoc()).str();
    Value scale =
        createTensorConstant<float>(rewriter, op.getLoc(), vectorType, toFloats(affine->scale), name + ".scale");
    Value shift =
        createTensorConstant<float>(rewriter, op.getLoc(), vectorType, toFloats(affine->shift), name + ".shift");
    Value product = MulOp::create(rewriter, op.getLoc(), type, op.getInput(), scale);
    rewriter.replaceOpWithNewOp<AddOp>(op, type, product, shift);
    ++count;
    return success();
  }
  Pass::Statistic &count;
};

struct FoldBatchNormPass : nn::impl::FoldBatchNormPassBase<FoldBatchNormPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldIntoLayer<LinearOp>, FoldIntoLayer<Conv2DOp>>(&getContext(), numFolded);
    patterns.add<TurnIntoMultiplyAdd>(&getContext(), numScaled);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
