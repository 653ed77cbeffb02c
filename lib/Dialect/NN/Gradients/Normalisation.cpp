// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of softmax and of the normalisations. Statistics are computed again from the input: reductions
// are cheap beside the layers around them, and nothing but the input is kept.

#include "Families.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static SmallVector<int64_t> range(int64_t first, int64_t last) {
  return llvm::to_vector(llvm::seq<int64_t>(first, last));
}

/// y (dy - sum(dy y))
static LogicalResult adjoint(SoftmaxOp op, Adjoints &b) {
  int64_t axis = op.getAxis();
  Value y = op.getOutput();
  Value total = b.sum(b.mul(b.of(), y), axis, /*keepDims=*/true);
  b.set(0, b.mul(y, b.sub(b.of(), total)));
  return success();
}

/// dy - softmax(x) sum(dy): for cross entropy, whose dy is minus one at the label, the probabilities
/// minus the label without any division.
static LogicalResult adjoint(LogSoftmaxOp op, Adjoints &b) {
  int64_t axis = op.getAxis();
  Value total = b.sum(b.of(), axis, /*keepDims=*/true);
  b.set(0, b.sub(b.of(), b.mul(ExpOp::create(b, op.getOutput()), total)));
  return success();
}

/// 1 / sqrt(variance + epsilon)
static Value createInverse(Adjoints &b, Value variance, const APFloat &epsilon) {
  return ReciprocalOp::create(b, SqrtOp::create(b, b.add(variance, epsilon.convertToDouble())));
}

/// With stored statistics each channel is scaled and shifted.
static LogicalResult adjoint(BatchNormOp op, Adjoints &b) {
  Value x = op.getInput(), dy = b.of();
  int64_t rank = op.getInput().getType().getRank(), axis = op.getAxis();
  SmallVector<int64_t> axes = range(0, rank);
  axes.erase(axes.begin() + axis);
  Value inverse = createInverse(b, op.getVariance(), op.getEpsilon()), factor = b.mul(inverse, op.getScale());
  if (b.needs(0))
    b.set(0, b.mul(dy, b.alongAxis(factor, axis, rank)));
  Value total = b.needs(2) || b.needs(3) ? b.sum(dy, axes, false) : Value();
  Value product;
  if (b.needs(1) || b.needs(4))
    product = b.sum(b.mul(dy, b.sub(x, b.alongAxis(op.getMean(), axis, rank))), axes, false);
  if (b.needs(1))
    b.set(1, b.mul(product, inverse));
  if (b.needs(2))
    b.set(2, total);
  if (b.needs(3))
    b.set(3, b.neg(b.mul(total, factor)));
  if (b.needs(4))
    b.set(4, b.mul(b.mul(b.mul(product, factor), b.square(inverse)), -0.5));
  return success();
}

/// With h = (x - mean) inverse and N elements for each channel, dx = scale inverse (dy - (sum dy + h sum dy h) / N),
/// and what the statistics themselves are used for.
static LogicalResult adjoint(BatchNormTrainingOp op, Adjoints &b) {
  Value x = op.getInput(), dy = b.of();
  int64_t rank = op.getInput().getType().getRank(), axis = op.getAxis();
  SmallVector<int64_t> axes = range(0, rank);
  axes.erase(axes.begin() + axis);
  Value inverse = createInverse(b, op.getVariance(), op.getEpsilon());
  Value centred = b.sub(x, b.alongAxis(op.getMean(), axis, rank));
  Value count = b.count(x, axes);
  // sum dy and sum dy (x - mean), one number for each channel
  Value total = b.sum(dy, axes, false);
  Value product = dy ? b.sum(b.mul(dy, centred), axes, false) : Value();
  if (b.needs(1) && dy)
    b.set(1, b.mul(product, inverse));
  if (b.needs(2) && dy)
    b.set(2, total);
  if (!b.needs(0))
    return success();
  // dx = dy f - (f sum dy - d mean) / N - centred (f inverse^2 sum dy centred - 2 d variance) / N
  Value factor = b.mul(inverse, op.getScale());
  Value shift = b.sub(b.mul(factor, total), b.of(1));
  Value slope = b.sub(b.mul(b.mul(factor, b.square(inverse)), product), b.mul(b.of(2), 2));
  Value result = b.mul(dy, b.alongAxis(factor, axis, rank));
  auto subtract = [&](Value value, Value perChannel) {
    Value spread = b.alongAxis(b.div(perChannel, count), axis, rank);
    return spread ? b.mul(value, spread) : Value();
  };
  if (slope)
    result = b.sub(result, subtract(centred, slope));
  if (shift) {
    Value spread = b.alongAxis(b.div(shift, count), axis, rank);
    result = result ? b.sub(result, spread) : b.broadcastLike(b.neg(spread), x);
  }
  b.set(0, result);
  return success();
}

namespace {
/// The adjoint of h = (x - mean) inverse (or of x inverse), the mean and inverse over `axes`:
/// inverse (dh - mean dh - h mean (dh h)).
struct Standardised {
  Adjoints &b;
  SmallVector<int64_t> axes;
  Value count, inverse, h;

  Standardised(Adjoints &b, Value x, int64_t axis, const APFloat &epsilon, bool centres) : b(b) {
    axes = range(axis, cast<RankedTensorType>(x.getType()).getRank());
    count = b.count(x, axes);
    Value centred = centres ? b.sub(x, mean(x)) : x;
    inverse = createInverse(b, mean(b.square(centred)), epsilon);
    h = b.mul(centred, inverse);
  }

  Value mean(Value value) const { return ReduceMeanOp::create(b, value, axes, /*keep_dims=*/true); }

  Value adjoint(Value dh, bool centres) const {
    Value inner = b.sub(dh, b.mul(h, mean(b.mul(dh, h))));
    if (centres)
      inner = b.sub(inner, mean(dh));
    return b.mul(inner, inverse);
  }
};
} // namespace

static LogicalResult adjoint(LayerNormOp op, Adjoints &b) {
  Standardised parts(b, op.getInput(), op.getAxis(), op.getEpsilon(), /*centres=*/true);
  if (b.needs(0))
    b.set(0, parts.adjoint(b.mul(b.of(), op.getScale()), /*centres=*/true));
  if (b.needs(1))
    b.set(1, b.sumLike(b.mul(b.of(), parts.h), op.getScale()));
  if (op.getBias() && b.needs(2))
    b.set(2, b.sumLike(b.of(), op.getBias()));
  return success();
}

static LogicalResult adjoint(RMSNormOp op, Adjoints &b) {
  Standardised parts(b, op.getInput(), op.getAxis(), op.getEpsilon(), /*centres=*/false);
  if (b.needs(0))
    b.set(0, parts.adjoint(b.mul(b.of(), op.getScale()), /*centres=*/false));
  if (b.needs(1))
    b.set(1, b.sumLike(b.mul(b.of(), parts.h), op.getScale()));
  return success();
}

template <typename... Ops> static void attach(MLIRContext *context) {
  (Ops::template attachInterface<AdjointModel<Ops, adjoint>>(*context), ...);
}

void gradients::attachNormalisation(MLIRContext *context) {
  attach<SoftmaxOp, LogSoftmaxOp, BatchNormOp, BatchNormTrainingOp, LayerNormOp, RMSNormOp>(context);
}
