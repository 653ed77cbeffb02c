// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Computes images with the channels innermost, where they are contiguous for
// vectors and integer dot products. Each convolution and pooling is converted
// between two transposes; the second one then sinks until it meets its inverse.

#include "PermuteConstant.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/NN/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace condense::nn {
#define GEN_PASS_DEF_CHANNELSLASTPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static constexpr int64_t kToLast[] = {0, 2, 3, 1};
static constexpr int64_t kToFirst[] = {0, 3, 1, 2};

/// The transpose from channels-last that defines `value`, if one does. Only
/// these sink.
static TransposeOp getTransposeToFirst(Value value) {
  auto op = value.getDefiningOp<TransposeOp>();
  return op && op.getPermutation() == ArrayRef<int64_t>(kToFirst) ? op : TransposeOp();
}

namespace {

struct ConvertConv : OpRewritePattern<Conv2DOp> {
  ConvertConv(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}
  LogicalResult matchAndRewrite(Conv2DOp op, PatternRewriter &rewriter) const override {
    if (op.getLayout() != Layout::NCHW)
      return rewriter.notifyMatchFailure(op, "is in nhwc already");
    Value input = TransposeOp::create(rewriter, op.getLoc(), op.getInput(), kToLast);
    Value filter = permute(rewriter, op.getFilter().getLoc(), op.getFilter(), kToLast);
    auto conv = Conv2DOp::create(rewriter, op.getLoc(), input, filter, op.getBias(), op.getStrides(), op.getDilations(),
                                 op.getPads(), op.getGroups(), Layout::NHWC);
    conv->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), conv, kToFirst);
    ++count;
    return success();
  }
  Pass::Statistic &count;
};

template <typename PoolOp> struct ConvertPool : OpRewritePattern<PoolOp> {
  ConvertPool(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern<PoolOp>(context), count(count) {}
  LogicalResult matchAndRewrite(PoolOp op, PatternRewriter &rewriter) const override {
    if (op.getLayout() != Layout::NCHW)
      return rewriter.notifyMatchFailure(op, "is in nhwc already");
    Value input = TransposeOp::create(rewriter, op.getLoc(), op.getInput(), kToLast);
    auto pool = cast<PoolOp>(rewriter.clone(*op));
    pool.setLayout(Layout::NHWC);
    pool->setOperand(0, input);
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> shape;
    for (int64_t dim : kToLast)
      shape.push_back(type.getDimSize(dim));
    pool->getResult(0).setType(type.clone(shape));
    rewriter.replaceOpWithNewOp<TransposeOp>(op, type, pool->getResult(0), kToFirst);
    ++count;
    return success();
  }
  Pass::Statistic &count;
};

/// Whether `toChannelsLast` knows what to do: a value of lower rank must be a
/// scalar or a constant.
bool canMoveToChannelsLast(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() == 4 || (type.hasStaticShape() && type.getNumElements() == 1 && type.getRank() <= 1) ||
         getTensorConstant(value);
}

/// The operand of an operation on channels-last tensors that stands for
/// `value`, an operand that broadcasts to a rank-4 channels-first tensor.
Value toChannelsLast(PatternRewriter &rewriter, Value value) {
  if (TransposeOp transpose = getTransposeToFirst(value))
    return transpose.getInput();
  auto type = cast<RankedTensorType>(value.getType());
  if (type.hasStaticShape() && type.getNumElements() == 1 && type.getRank() <= 1)
    return value;
  if (type.getRank() == 4)
    return permute(rewriter, value.getLoc(), value, kToLast);
  std::optional<TensorConstant> constant = getTensorConstant(value);
  SmallVector<int64_t> shape(4 - type.getRank(), 1);
  llvm::append_range(shape, type.getShape());
  ArrayRef<char> bytes = constant->getBytes();
  Value expanded = createTensorConstant(rewriter, value.getLoc(), type.clone(shape),
                                        std::vector<char>(bytes.begin(), bytes.end()), constant->getName());
  return permute(rewriter, value.getLoc(), expanded, kToLast);
}

/// Elementwise operations: the transpose moves from the operands to the result.
struct SinkElementwise : RewritePattern {
  SinkElementwise(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  static bool isElementwise(Operation *op) {
    return op->hasTrait<OpTrait::Elementwise>() ||
           isa<AddOp, SubOp, MulOp, DivOp, PowOp, MaxOp, MinOp, PReluOp, CompareOp, SelectOp>(op);
  }
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa_and_nonnull<NNDialect>(op->getDialect()) || !isElementwise(op) || op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "requires an elementwise nn operation");
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    if (type.getRank() != 4 || llvm::none_of(op->getOperands(), getTransposeToFirst))
      return rewriter.notifyMatchFailure(op, "requires a transposed operand");
    if (!llvm::all_of(op->getOperands(), canMoveToChannelsLast))
      return rewriter.notifyMatchFailure(op, "requires what broadcasts to be constant");
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(toChannelsLast(rewriter, operand));
    SmallVector<int64_t> shape;
    for (int64_t dim : kToLast)
      shape.push_back(type.getDimSize(dim));
    Operation *moved = rewriter.clone(*op);
    moved->setOperands(operands);
    moved->getResult(0).setType(type.clone(shape));
    rewriter.replaceOpWithNewOp<TransposeOp>(op, type, moved->getResult(0), kToFirst);
    return success();
  }
};

struct SinkConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op, PatternRewriter &rewriter) const override {
    if (!llvm::all_of(op.getInputs(), getTransposeToFirst))
      return rewriter.notifyMatchFailure(op, "requires transposed operands only");
    SmallVector<Value> inputs;
    for (Value input : op.getInputs())
      inputs.push_back(getTransposeToFirst(input).getInput());
    Value moved = ConcatOp::create(rewriter, op.getLoc(), inputs, uint64_t(kToFirst[op.getAxis()]));
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), moved, kToFirst);
    return success();
  }
};

struct SinkPad : OpRewritePattern<PadOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PadOp op, PatternRewriter &rewriter) const override {
    TransposeOp transpose = getTransposeToFirst(op.getInput());
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "requires a transposed operand");
    SmallVector<int64_t> low, high;
    for (int64_t dim : kToLast) {
      low.push_back(op.getLow()[dim]);
      high.push_back(op.getHigh()[dim]);
    }
    Value moved =
        PadOp::create(rewriter, op.getLoc(), transpose.getInput(), low, high, op.getMode(), op.getValueAttr());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), moved, kToFirst);
    return success();
  }
};

/// Reductions: over height and width no transpose is left, otherwise it stays
/// behind.
template <typename ReduceOp> struct SinkReduction : OpRewritePattern<ReduceOp> {
  using OpRewritePattern<ReduceOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    TransposeOp transpose = getTransposeToFirst(op.getInput());
    bool overImage = op.getAxes() == ArrayRef<int64_t>{2, 3};
    if (!transpose || !(op.getKeepDims() || overImage))
      return rewriter.notifyMatchFailure(op, "requires a transposed operand, and "
                                             "kept dimensions or the whole image");
    SmallVector<int64_t> axes;
    for (int64_t axis : op.getAxes())
      axes.push_back(kToFirst[axis]);
    llvm::sort(axes);
    Value moved = ReduceOp::create(rewriter, op.getLoc(), transpose.getInput(), axes, op.getKeepDims());
    if (op.getKeepDims())
      moved = TransposeOp::create(rewriter, op.getLoc(), moved, kToFirst);
    rewriter.replaceOp(op, moved);
    return success();
  }
};

struct SinkBatchNorm : OpRewritePattern<BatchNormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BatchNormOp op, PatternRewriter &rewriter) const override {
    TransposeOp transpose = getTransposeToFirst(op.getInput());
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "requires a transposed operand");
    Value moved =
        BatchNormOp::create(rewriter, op.getLoc(), transpose.getInput(), op.getScale(), op.getBias(), op.getMean(),
                            op.getVariance(), uint64_t(kToFirst[op.getAxis()]), op.getEpsilon());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), moved, kToFirst);
    return success();
  }
};

/// A dense layer of a flattened image: the columns of its weight move instead.
struct AbsorbFlatten : OpRewritePattern<LinearOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LinearOp op, PatternRewriter &rewriter) const override {
    auto flatten = op.getInput().getDefiningOp<ReshapeOp>();
    TransposeOp transpose = flatten ? getTransposeToFirst(flatten.getInput()) : TransposeOp();
    std::optional<TensorConstant> weight = getTensorConstant(op.getWeight());
    if (!transpose || !weight)
      return rewriter.notifyMatchFailure(op, "requires a flattened transpose and a constant weight");
    auto image = cast<RankedTensorType>(transpose.getType());
    auto flat = cast<RankedTensorType>(flatten.getType());
    ArrayRef<int64_t> pixels = image.getShape().drop_front();
    if (flat.getRank() != 2 || ShapedType::isDynamicShape(pixels) ||
        flat.getDimSize(1) != ShapedType::getNumElements(pixels))
      return rewriter.notifyMatchFailure(op, "requires whole images as rows");
    SmallVector<int64_t> shape{weight->getType().getDimSize(0)};
    llvm::append_range(shape, pixels);
    Value byPixel = createReshapedConstant(rewriter, op.getWeight(), weight->getType().clone(shape));
    Value moved = permute(rewriter, op.getWeight().getLoc(), byPixel, kToLast);
    Value columns = createReshapedConstant(rewriter, moved, weight->getType());
    Value rows = ReshapeOp::create(rewriter, flatten.getLoc(), flat, transpose.getInput(),
                                   ArrayRef<int64_t>{-1, flat.getDimSize(1)});
    rewriter.modifyOpInPlace(op, [&] {
      op->setOperand(0, rows);
      op->setOperand(1, columns);
    });
    return success();
  }
};

struct ChannelsLastPass : nn::impl::ChannelsLastPassBase<ChannelsLastPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ConvertConv, ConvertPool<MaxPool2DOp>, ConvertPool<AvgPool2DOp>>(context, numConverted);
    patterns.add<SinkElementwise, SinkConcat, SinkPad, SinkBatchNorm, AbsorbFlatten>(context);
    patterns.add<SinkReduction<ReduceSumOp>, SinkReduction<ReduceMeanOp>, SinkReduction<ReduceMaxOp>,
                 SinkReduction<ReduceMinOp>, SinkReduction<ReduceProdOp>>(context);
    TransposeOp::getCanonicalizationPatterns(patterns, context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
