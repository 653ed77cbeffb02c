// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Raises the rotary position embedding that an exporter wrote as x cos + concat(-h, l) sin, l and h the halves of x,
// and moves it before the transpose that splits heads, so that attention finds that transpose.

#include "Formula.h"
#include "condense/Analysis/DimensionSource.h"
#include "condense/Dialect/NN/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace condense::nn {
#define GEN_PASS_DEF_RAISEROTARYPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

/// Whether the slice takes [start, end) of the last dimension and all of the others.
static bool takesLast(SliceOp slice, int64_t start, int64_t end) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(slice.getInput().getType()).getShape();
  int64_t last = shape.size() - 1;
  for (int64_t dim = 0; dim <= last; ++dim) {
    bool isWhole = slice.getStarts()[dim] == 0 && slice.getEnds()[dim] == INT64_MAX;
    int64_t to = std::min(slice.getEnds()[dim], shape[dim]);
    bool isPart = slice.getStarts()[dim] == start && to == end;
    if (slice.getSteps()[dim] != 1 || !(dim == last ? isPart : isWhole))
      return false;
  }
  return true;
}

/// x if `value` is concat(-h, l).
static Value matchRotated(Value value) {
  auto concat = value.getDefiningOp<ConcatOp>();
  auto type = cast<RankedTensorType>(value.getType());
  if (!concat || concat.getInputs().size() != 2 || static_cast<int64_t>(concat.getAxis()) != type.getRank() - 1)
    return Value();
  auto negative = concat.getInputs()[0].getDefiningOp<NegOp>();
  auto upper = negative ? negative.getInput().getDefiningOp<SliceOp>() : SliceOp();
  auto lower = concat.getInputs()[1].getDefiningOp<SliceOp>();
  int64_t size = type.getShape().back();
  if (!upper || !lower || upper.getInput() != lower.getInput() || upper.getInput().getType() != type ||
      ShapedType::isDynamic(size) || size % 2 != 0)
    return Value();
  bool areHalves = takesLast(lower, 0, size / 2) && takesLast(upper, size / 2, size);
  return areHalves ? upper.getInput() : Value();
}

/// Whether the angles stretch to x where they are of size 1, and have its sizes elsewhere.
static bool fitsInto(Value angles, Value x) {
  auto type = cast<RankedTensorType>(angles.getType()), to = cast<RankedTensorType>(x.getType());
  int64_t offset = to.getRank() - type.getRank();
  for (int64_t dim = 0; offset >= 0 && dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim) && getDimensionSource(angles, dim) != getDimensionSource(x, dim + offset))
      return false;
  return offset >= 0;
}

/// The angles that x is multiplied with in `value`.
static Value matchFactor(Value value, Value x) {
  auto product = value.getDefiningOp<MulOp>();
  for (unsigned i : {0, 1})
    if (product && product->getOperand(i) == x && product.getType() == x.getType() &&
        fitsInto(product->getOperand(1 - i), x))
      return product->getOperand(1 - i);
  return Value();
}

namespace {

struct RaiseRotary : OpRewritePattern<AddOp> {
  RaiseRotary(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(AddOp op, PatternRewriter &rewriter) const override {
    for (unsigned i : {0, 1}) {
      auto product = op->getOperand(i).getDefiningOp<MulOp>();
      for (unsigned j : {0, 1}) {
        Value rotated = product ? product->getOperand(j) : Value();
        Value x = rotated ? matchRotated(rotated) : Value();
        Value sin = x && x.getType() == op.getType() ? matchFactor(product, rotated) : Value();
        Value cos = sin ? matchFactor(op->getOperand(1 - i), x) : Value();
        if (!cos)
          continue;
        remarkRaised(op, RotaryOp::getOperationName());
        rewriter.replaceOpWithNewOp<RotaryOp>(op, x.getType(), x, cos, sin);
        ++count;
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "requires x cos + concat(-h, l) sin");
  }
  Pass::Statistic &count;
};

/// rotary(transpose(x)) is the transpose of a rotary embedding, if the last dimension stays.
struct MoveBeforeTranspose : OpRewritePattern<RotaryOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotaryOp op, PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().getDefiningOp<TransposeOp>();
    if (!transpose || transpose.getPermutation().back() + 1 != op.getType().getRank())
      return rewriter.notifyMatchFailure(op, "requires a transpose that keeps the last dimension");
    if (!hasStaticShape(op.getCos()) || !hasStaticShape(op.getSin()))
      return rewriter.notifyMatchFailure(op, "requires angles of static shape");
    Value cos = transposeBack(rewriter, op.getCos(), transpose), sin = transposeBack(rewriter, op.getSin(), transpose);
    Value input = transpose.getInput();
    Value rotated = RotaryOp::create(rewriter, op.getLoc(), input.getType(), input, cos, sin);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), rotated, transpose.getPermutationAttr());
    return success();
  }

  static bool hasStaticShape(Value value) { return cast<RankedTensorType>(value.getType()).hasStaticShape(); }

  static Value transposeBack(PatternRewriter &rewriter, Value angles, TransposeOp transpose) {
    auto type = cast<RankedTensorType>(angles.getType());
    int64_t rank = transpose.getType().getRank();
    SmallVector<int64_t> shape(rank - type.getRank(), 1), inverse(rank), result(rank);
    llvm::append_range(shape, type.getShape());
    for (auto [to, from] : llvm::enumerate(transpose.getPermutation())) {
      inverse[from] = to;
      result[from] = shape[to];
    }
    Location loc = angles.getLoc();
    Value full = ReshapeOp::create(rewriter, loc, type.clone(shape), angles, rewriter.getDenseI64ArrayAttr(shape));
    return TransposeOp::create(rewriter, loc, type.clone(result), full, rewriter.getDenseI64ArrayAttr(inverse));
  }
};

struct RaiseRotaryPass : nn::impl::RaiseRotaryPassBase<RaiseRotaryPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RaiseRotary>(&getContext(), numRaised);
    patterns.add<MoveBeforeTranspose>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     GreedyRewriteConfig().enableFolding(false).enableConstantCSE(false))))
      signalPassFailure();
  }
};

} // namespace
