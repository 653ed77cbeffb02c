// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of reductions and running sums.

#include "Families.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

/// A reduced tensor (the result or its adjoint) with the reduced dimensions in place.
template <typename OpTy> static Value expand(OpTy op, Adjoints &b, Value reduced) {
  return op.getKeepDims() ? reduced : b.expandDims(reduced, op.getAxes(), op.getInput());
}

static LogicalResult adjoint(ReduceSumOp op, Adjoints &b) {
  b.set(0, b.broadcastLike(expand(op, b, b.of()), op.getInput()));
  return success();
}

static LogicalResult adjoint(ReduceMeanOp op, Adjoints &b) {
  Value count = b.count(op.getInput(), op.getAxes());
  std::optional<double> known = getSplat(count);
  Value scaled = known ? b.mul(b.of(), 1 / *known) : b.div(b.of(), count);
  b.set(0, b.broadcastLike(expand(op, b, scaled), op.getInput()));
  return success();
}

/// The product of the others. It is y / x, but where there are zeros: of one zero the product of the
/// rest, of several 0.
static LogicalResult adjoint(ReduceProdOp op, Adjoints &b) {
  Value x = op.getInput(), one = b.constant(x, 1);
  Value isZero = b.compare(Comparison::EQ, x, 0);
  Value nonZero = b.select(isZero, one, x);
  Value product = ReduceProdOp::create(b, nonZero, op.getAxes(), /*keep_dims=*/true);
  Value zeros = b.sum(b.select(isZero, b.broadcastLike(one, x)), op.getAxes(), /*keepDims=*/true);
  Value ofZero = b.select(b.compare(Comparison::EQ, zeros, 1), product);
  Value ofOthers = b.div(b.select(b.compare(Comparison::EQ, zeros, 0), product), nonZero);
  b.set(0, b.mul(expand(op, b, b.of()), b.select(isZero, ofZero, ofOthers)));
  return success();
}

/// The extreme elements share the adjoint.
template <typename OpTy> static LogicalResult adjointOfExtreme(OpTy op, Adjoints &b) {
  Value x = op.getInput();
  Value isExtreme = b.compare(Comparison::EQ, x, expand(op, b, op.getOutput()));
  Value ones = b.select(isExtreme, b.constant(x, 1));
  Value count = b.sum(ones, op.getAxes(), /*keepDims=*/true);
  b.set(0, b.select(isExtreme, b.div(expand(op, b, b.of()), count)));
  return success();
}
static LogicalResult adjoint(ReduceMaxOp op, Adjoints &b) { return adjointOfExtreme(op, b); }
static LogicalResult adjoint(ReduceMinOp op, Adjoints &b) { return adjointOfExtreme(op, b); }

/// Each element is part of the sums that follow it.
static LogicalResult adjoint(CumSumOp op, Adjoints &b) {
  b.set(0, CumSumOp::create(b, b.of(), op.getAxis(), op.getExclusive(), !op.getReverse()));
  return success();
}

template <typename... Ops> static void attach(MLIRContext *context) {
  (Ops::template attachInterface<AdjointModel<Ops, adjoint>>(*context), ...);
}

void gradients::attachReduction(MLIRContext *context) {
  attach<ReduceSumOp, ReduceMeanOp, ReduceProdOp, ReduceMaxOp, ReduceMinOp, CumSumOp>(context);
}
