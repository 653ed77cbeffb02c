// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Raises attention that an exporter wrote as softmax(Q K^T * scale + mask) V.
//
// The operands are [batch, head, position, depth] (or [batch, position, depth], one head): they are transposed to what
// nn.attention takes, which cancels with the transposes that split the heads.

#include "Formula.h"
#include "condense/Analysis/DimensionSource.h"
#include "condense/Dialect/NN/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cmath>

namespace condense::nn {
#define GEN_PASS_DEF_RAISEATTENTIONPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

/// The parts of softmax(Q K^T * scale + mask) V.
struct Attention {
  Value query, key, value; // the key is transposed: [..., depth, position]
  Value mask;              // added, or null
  Value kept;              // the keys of which it is true are kept, or null
  double excluded = 0;     // the score of the others
  double scale = 1;
};

} // namespace

/// A score that takes part in no softmax: minus infinity or a large negative number.
static bool isExcluding(double number) { return number <= -1e4; }

/// Takes mask and scale off the scores. Returns the product of queries and keys.
static MatmulOp matchScores(Value scores, Attention &attention) {
  if (auto sum = scores.getDefiningOp<AddOp>()) {
    bool isLhs = sum.getLhs().getType() == scores.getType() &&
                 (peelFactor(sum.getLhs()) || sum.getLhs().getDefiningOp<MatmulOp>());
    attention.mask = isLhs ? sum.getRhs() : sum.getLhs();
    scores = isLhs ? sum.getLhs() : sum.getRhs();
    if (scores.getType() != sum.getType())
      return MatmulOp();
  } else if (auto select = scores.getDefiningOp<SelectOp>()) {
    std::optional<double> number = getNumber(select.getOnFalse());
    if (!number || !isExcluding(*number) || select.getOnTrue().getType() != select.getType())
      return MatmulOp();
    attention.kept = select.getCondition();
    attention.excluded = *number;
    scores = select.getOnTrue();
  }
  while (std::optional<Scaled> scaled = peelFactor(scores)) {
    attention.scale *= scaled->factor;
    scores = scaled->value;
  }
  return scores.getDefiningOp<MatmulOp>();
}

/// Takes factors off an operand of the scores, also before its transpose.
static Value peelOperand(OpBuilder &builder, Value operand, double &scale) {
  while (std::optional<Scaled> scaled = peelFactor(operand)) {
    scale *= scaled->factor;
    operand = scaled->value;
  }
  auto transpose = operand.getDefiningOp<TransposeOp>();
  std::optional<Scaled> scaled = transpose ? peelFactor(transpose.getInput()) : std::nullopt;
  if (!scaled)
    return operand;
  scale *= scaled->factor;
  Value input = peelOperand(builder, scaled->value, scale);
  return TransposeOp::create(builder, transpose.getLoc(), transpose.getType(), input, transpose.getPermutationAttr());
}

static bool haveSameSize(Value a, int64_t aDim, Value b, int64_t bDim) {
  int64_t aSize = getType(a).getDimSize(aDim), bSize = getType(b).getDimSize(bDim);
  if (!ShapedType::isDynamic(aSize) || !ShapedType::isDynamic(bSize))
    return aSize == bSize;
  return getDimensionSource(a, aDim) == getDimensionSource(b, bDim);
}

/// One batch and one number of heads, no broadcasting of either.
static bool checkShapes(const Attention &attention) {
  int64_t rank = getType(attention.query).getRank();
  if ((rank != 3 && rank != 4) || getType(attention.key).getRank() != rank ||
      getType(attention.value).getRank() != rank)
    return false;
  for (Value other : {attention.key, attention.value})
    for (int64_t dim = 0; dim < rank - 2; ++dim)
      if (!haveSameSize(attention.query, dim, other, dim))
        return false;
  return (rank == 3 || !getType(attention.query).isDynamicDim(1)) &&
         haveSameSize(attention.key, rank - 1, attention.value, rank - 2);
}

/// Whether the mask stretches only where its size is 1. What is of another unknown size may stretch at run time.
static bool isMask(Value mask, RankedTensorType scores) {
  auto type = getType(mask);
  int64_t offset = scores.getRank() - type.getRank();
  for (int64_t dim = 0; offset >= 0 && dim < type.getRank(); ++dim) {
    int64_t size = type.getDimSize(dim), target = scores.getDimSize(dim + offset);
    if (size != 1 && size != target && !ShapedType::isDynamic(size) && !ShapedType::isDynamic(target))
      return false;
  }
  return offset >= 0;
}

/// The operand as [batch, position, head, depth]: dimensions `order` of it, with a head of its own if it has none.
static Value arrange(OpBuilder &builder, Value operand, ArrayRef<int64_t> order) {
  auto type = getType(operand);
  Location loc = operand.getLoc();
  SmallVector<int64_t> shape;
  for (int64_t dim : order)
    shape.push_back(type.getDimSize(dim));
  operand = TransposeOp::create(builder, loc, type.clone(shape), operand, builder.getDenseI64ArrayAttr(order));
  if (order.size() == 4)
    return operand;
  shape.insert(shape.begin() + 2, 1);
  SmallVector<int64_t> request{0, 0, 1, -1};
  return ReshapeOp::create(builder, loc, type.clone(shape), operand, builder.getDenseI64ArrayAttr(request));
}

/// The mask of three-dimensional scores gets a head.
static Value insertHead(OpBuilder &builder, Value mask) {
  auto type = getType(mask);
  SmallVector<int64_t> shape(type.getShape()), request{0, 1, -1, 0};
  shape.insert(shape.begin() + 1, 1);
  if (type.getRank() < 3)
    return mask;
  if (!type.isDynamicDim(1))
    request[2] = type.getDimSize(1);
  request[3] = type.isDynamicDim(2) && request[2] != -1 ? -1 : type.getDimSize(2);
  bool isAmbiguous = llvm::count(request, -1) > 1 || llvm::is_contained(request, ShapedType::kDynamic);
  if (isAmbiguous)
    return Value();
  return ReshapeOp::create(builder, mask.getLoc(), type.clone(shape), mask, builder.getDenseI64ArrayAttr(request));
}

/// What is selected by a finite number is added as one: if all keys are excluded, all weigh the same.
static Value createMask(OpBuilder &builder, const Attention &attention, Type element) {
  if (!attention.kept || std::isinf(attention.excluded))
    return attention.kept ? attention.kept : attention.mask;
  Location loc = attention.kept.getLoc();
  auto scalar = RankedTensorType::get({}, element);
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(scalar, builder.getFloatAttr(element, value)));
  };
  return SelectOp::create(builder, loc, getType(attention.kept).clone(element), attention.kept, constant(0),
                          constant(attention.excluded));
}

namespace {

struct RaiseAttention : OpRewritePattern<MatmulOp> {
  RaiseAttention(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    auto softmax = op.getLhs().getDefiningOp<SoftmaxOp>();
    if (!softmax || static_cast<int64_t>(softmax.getAxis()) != getType(softmax).getRank() - 1)
      return rewriter.notifyMatchFailure(op, "requires a softmax over the keys");
    Attention attention;
    MatmulOp product = matchScores(softmax.getInput(), attention);
    if (!product || product.getType() != softmax.getType())
      return rewriter.notifyMatchFailure(op, "requires scores that are a product, scaled and masked");
    attention.query = product.getLhs();
    attention.key = product.getRhs();
    attention.value = op.getRhs();
    Value mask = attention.kept ? attention.kept : attention.mask;
    if (!checkShapes(attention) || (mask && !isMask(mask, getType(product))))
      return rewriter.notifyMatchFailure(op, "requires operands of one batch and the same heads");
    return createAttention(op, attention, rewriter);
  }

  LogicalResult createAttention(MatmulOp op, Attention attention, PatternRewriter &rewriter) const {
    Type element = getType(op).getElementType();
    int64_t rank = getType(op).getRank();
    Value mask = createMask(rewriter, attention, element);
    if (mask && rank == 3 && !(mask = insertHead(rewriter, mask)))
      return rewriter.notifyMatchFailure(op, "requires a mask with at most one unknown size beside the batch");
    Value query = peelOperand(rewriter, attention.query, attention.scale);
    Value key = peelOperand(rewriter, attention.key, attention.scale);
    SmallVector<int64_t> order{0, 2, 1, 3}, keyOrder{0, 3, 1, 2};
    if (rank == 3) {
      order = {0, 1, 2};
      keyOrder = {0, 2, 1};
    }
    query = arrange(rewriter, query, order);
    key = arrange(rewriter, key, keyOrder);
    Value value = arrange(rewriter, attention.value, order);
    SmallVector<int64_t> shape(getType(query).getShape());
    shape.back() = getType(value).getShape().back();
    Value result = AttentionOp::create(rewriter, op.getLoc(), RankedTensorType::get(shape, element), query, key, value,
                                       mask, rewriter.getF64FloatAttr(attention.scale), /*causal=*/UnitAttr());
    remarkRaised(op, AttentionOp::getOperationName());
    if (rank == 3)
      rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), result, rewriter.getDenseI64ArrayAttr({0, 0, shape[3]}));
    else
      rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), result, rewriter.getDenseI64ArrayAttr(order));
    ++count;
    return success();
  }
  Pass::Statistic &count;
};

struct RaiseAttentionPass : nn::impl::RaiseAttentionPassBase<RaiseAttentionPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RaiseAttention>(&getContext(), numRaised);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     GreedyRewriteConfig().enableFolding(false).enableConstantCSE(false))))
      signalPassFailure();
  }
};

} // namespace
