// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Evaluates layout changes and arithmetic of constants, on the raw bytes of the
// blobs: the folders of the dialect would have to go through uniqued
// attributes.

#include "PermuteConstant.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/NN/Transforms/Passes.h"

namespace condense::nn {
#define GEN_PASS_DEF_FOLDCONSTANTSPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

/// Arithmetic is evaluated up to this size; larger results would only cost
/// memory.
static constexpr int64_t kMaxElements = 65536;

namespace {

struct FoldTranspose : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    std::optional<TensorConstant> constant = getTensorConstant(op.getInput());
    if (!constant)
      return rewriter.notifyMatchFailure(op, "requires a constant");
    rewriter.replaceOp(op, createPermutedConstant(rewriter, op.getInput().getLoc(), *constant, op.getPermutation()));
    return success();
  }
};

struct FoldReshape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    Value reshaped = createReshapedConstant(rewriter, op.getInput(), cast<RankedTensorType>(op.getType()));
    if (!reshaped)
      return rewriter.notifyMatchFailure(op, "requires a dense constant");
    rewriter.replaceOp(op, reshaped);
    return success();
  }
};

/// Element offsets of an operand while its result is walked in row-major order.
SmallVector<int64_t> getBroadcastStrides(ArrayRef<int64_t> shape, int64_t resultRank) {
  SmallVector<int64_t> strides(resultRank, 0);
  int64_t stride = 1;
  for (int64_t i = shape.size() - 1, out = resultRank - 1; i >= 0; --i, --out) {
    strides[out] = shape[i] == 1 ? 0 : stride;
    stride *= shape[i];
  }
  return strides;
}

std::vector<float> evaluate(const TensorConstant &lhs, const TensorConstant &rhs, RankedTensorType type,
                            function_ref<float(float, float)> function) {
  int64_t rank = type.getRank();
  SmallVector<int64_t> left = getBroadcastStrides(lhs.getType().getShape(), rank);
  SmallVector<int64_t> right = getBroadcastStrides(rhs.getType().getShape(), rank);
  std::vector<float> result(type.getNumElements());
  for (int64_t i = 0; i < int64_t(result.size()); ++i) {
    int64_t rest = i, a = 0, b = 0;
    for (int64_t dim = rank - 1; dim >= 0; --dim) {
      int64_t index = rest % type.getDimSize(dim);
      rest /= type.getDimSize(dim);
      a += index * left[dim];
      b += index * right[dim];
    }
    result[i] = function(lhs.as<float>()[a], rhs.as<float>()[b]);
  }
  return result;
}

template <typename OpTy> struct FoldArithmetic : OpRewritePattern<OpTy> {
  using Function = float (*)(float, float);
  FoldArithmetic(MLIRContext *context, Function function) : OpRewritePattern<OpTy>(context), function(function) {}
  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    if (!type.getElementType().isF32() || !type.hasStaticShape() || type.getNumElements() > kMaxElements)
      return rewriter.notifyMatchFailure(op, "requires a small static f32 result");
    std::optional<TensorConstant> lhs = getTensorConstant(op.getLhs());
    std::optional<TensorConstant> rhs = getTensorConstant(op.getRhs());
    if (!lhs || !rhs)
      return rewriter.notifyMatchFailure(op, "requires two constants");
    std::vector<float> values = evaluate(*lhs, *rhs, type, function);
    rewriter.replaceOp(op, createTensorConstant<float>(rewriter, op.getLoc(), type, values, getLayerName(op.getLoc())));
    return success();
  }
  Function function;
};

struct FoldConstantsPass : nn::impl::FoldConstantsPassBase<FoldConstantsPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<FoldTranspose, FoldReshape>(context);
    patterns.add<FoldArithmetic<AddOp>>(context, [](float a, float b) { return a + b; });
    patterns.add<FoldArithmetic<SubOp>>(context, [](float a, float b) { return a - b; });
    patterns.add<FoldArithmetic<MulOp>>(context, [](float a, float b) { return a * b; });
    patterns.add<FoldArithmetic<DivOp>>(context, [](float a, float b) { return a / b; });
    int64_t before = countOperations();
    walkAndApplyPatterns(getOperation(), std::move(patterns));
    numFolded += before - countOperations();
  }

  int64_t countOperations() {
    int64_t count = 0;
    getOperation()->walk([&](Operation *op) { count += isa_and_nonnull<NNDialect>(op->getDialect()); });
    return count;
  }
};

} // namespace
