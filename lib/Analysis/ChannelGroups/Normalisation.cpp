// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Normalisation and reductions. A stored statistic belongs to its channel; one that
// is computed over channels would change with them, so these dimensions stay as they
// are unless that is asked for.

#include "IndexRelations.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static constexpr StringLiteral kNormalised = "normalises over the dimension";

static int64_t getRank(Value value) { return cast<RankedTensorType>(value.getType()).getRank(); }

static void linkAll(Value a, Value b, IndexRelations &relations) {
  for (int64_t dim = 0; dim < getRank(a); ++dim)
    relations.link(a, dim, b, dim);
}

static void relateBatchNorm(BatchNormOp op, IndexRelations &relations) {
  linkAll(op.getInput(), op.getOutput(), relations);
  for (Value vector : {op.getScale(), op.getBias(), op.getMean(), op.getVariance()})
    relations.link(vector, 0, op.getOutput(), op.getAxis());
}

/// Layer and RMS normalisation from `axis` on, with parameters that broadcast to the input.
static void relateNorm(Operation *op, int64_t axis, IndexRelations &relations, bool across) {
  Value output = op->getResult(0);
  int64_t rank = getRank(output);
  for (Value operand : op->getOperands()) {
    int64_t operandRank = getRank(operand);
    for (int64_t dim = 0; dim < operandRank; ++dim)
      relations.link(operand, dim, output, rank - operandRank + dim);
  }
  for (int64_t dim = axis; dim < rank && !across; ++dim)
    relations.keep(output, dim, kNormalised);
}

/// Operations along one axis whose result has the operand's shape.
static void relateAlong(Operation *op, int64_t axis, StringRef reason, IndexRelations &relations) {
  linkAll(op->getOperand(0), op->getResult(0), relations);
  relations.keep(op->getResult(0), axis, reason);
}

bool condense::relateNormalisation(Operation *op, IndexRelations &relations, bool across) {
  return TypeSwitch<Operation *, bool>(op)
      .Case([&](BatchNormOp op) { return relateBatchNorm(op, relations), true; })
      .Case<LayerNormOp, RMSNormOp>([&](auto op) {
        relateNorm(op, op.getAxis(), relations, across);
        return true;
      })
      .Case<SoftmaxOp, LogSoftmaxOp>([&](auto op) {
        relateAlong(op, op.getAxis(), kNormalised, relations);
        return true;
      })
      .Case([&](CumSumOp op) {
        relateAlong(op, op.getAxis(), "sums along the dimension", relations);
        return true;
      })
      .Default(false);
}

/// The dimensions that a reduction leaves; `reason` forbids to remove from the others.
static void relateRest(Operation *op, ArrayRef<int64_t> axes, bool keepDims, StringRef reason,
                       IndexRelations &relations) {
  Value input = op->getOperand(0), output = op->getResult(0);
  for (int64_t dim = 0, to = 0; dim < getRank(input); ++dim) {
    bool isReduced = llvm::is_contained(axes, dim);
    if (!isReduced)
      relations.link(input, dim, output, to);
    else if (!reason.empty())
      relations.keep(input, dim, reason);
    to += !isReduced || keepDims;
  }
}

bool condense::relateReductions(Operation *op, IndexRelations &relations, bool across) {
  return TypeSwitch<Operation *, bool>(op)
      // These are what normalisations are written with.
      .Case<ReduceSumOp, ReduceMeanOp>([&](auto op) {
        relateRest(op, op.getAxes(), op.getKeepDims(), across ? "" : "sums over the dimension", relations);
        return true;
      })
      .Case<ReduceProdOp, ReduceMaxOp, ReduceMinOp>([&](auto op) {
        relateRest(op, op.getAxes(), op.getKeepDims(), "reduces the dimension", relations);
        return true;
      })
      .Case<ArgMaxOp, ArgMinOp>([&](auto op) {
        relateRest(op, {static_cast<int64_t>(op.getAxis())}, op.getKeepDims(), "numbers the dimension", relations);
        return true;
      })
      .Default(false);
}
