// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of elementwise functions of several operands. What broadcasting repeated is summed.

#include "Families.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

/// Sets the adjoint of an operand, summed over the dimensions along which it was broadcast.
static void setSummed(Operation *op, Adjoints &b, unsigned operand, Value adjoint) {
  b.set(operand, b.sumLike(adjoint, op->getOperand(operand)));
}

static LogicalResult adjoint(AddOp op, Adjoints &b) {
  for (unsigned operand : {0, 1})
    if (b.needs(operand))
      setSummed(op, b, operand, b.of());
  return success();
}

static LogicalResult adjoint(SubOp op, Adjoints &b) {
  if (b.needs(0))
    setSummed(op, b, 0, b.of());
  // Negated after the sum, which is smaller.
  if (b.needs(1))
    b.set(1, b.neg(b.sumLike(b.of(), op.getRhs())));
  return success();
}

static LogicalResult adjoint(MulOp op, Adjoints &b) {
  if (b.needs(0))
    setSummed(op, b, 0, b.mul(b.of(), op.getRhs()));
  if (b.needs(1))
    setSummed(op, b, 1, b.mul(b.of(), op.getLhs()));
  return success();
}

/// With q = a / b the adjoint of b is -dy q / b.
static LogicalResult adjoint(DivOp op, Adjoints &b) {
  Value scaled = b.div(b.of(), op.getRhs());
  if (b.needs(0))
    setSummed(op, b, 0, scaled);
  if (b.needs(1))
    b.set(1, b.neg(b.sumLike(b.mul(scaled, op.getOutput()), op.getRhs())));
  return success();
}

/// The exponent may have another element type; the logarithm is taken of positive bases only.
static LogicalResult adjoint(PowOp op, Adjoints &b) {
  Value base = op.getLhs(), exponent = b.cast(op.getRhs(), getElementTypeOrSelf(base));
  if (b.needs(0)) {
    Value slope =
        getSplat(op.getRhs()) == 2.0 ? b.mul(base, 2) : b.mul(PowOp::create(b, base, b.add(exponent, -1)), exponent);
    setSummed(op, b, 0, b.mul(b.of(), slope));
  }
  if (b.needs(1)) {
    Value isPositive = b.compare(Comparison::GT, base, 0);
    Value logarithm = LogOp::create(b, b.select(isPositive, base, b.constant(base, 1)));
    Value product = b.mul(b.mul(b.of(), op.getOutput()), logarithm);
    setSummed(op, b, 1, b.cast(product, getElementTypeOrSelf(op.getRhs())));
  }
  return success();
}

/// The extreme operand takes the adjoint; of equal ones each takes half.
template <typename OpTy> static LogicalResult adjointOfExtreme(OpTy op, Adjoints &b, Comparison wins) {
  Value half = b.select(b.compare(Comparison::EQ, op.getLhs(), op.getRhs()), b.mul(b.of(), 0.5));
  for (unsigned operand : {0, 1})
    if (b.needs(operand)) {
      Value isExtreme = b.compare(wins, op->getOperand(operand), op->getOperand(1 - operand));
      setSummed(op, b, operand, b.select(isExtreme, b.of(), half));
    }
  return success();
}
static LogicalResult adjoint(MaxOp op, Adjoints &b) { return adjointOfExtreme(op, b, Comparison::GT); }
static LogicalResult adjoint(MinOp op, Adjoints &b) { return adjointOfExtreme(op, b, Comparison::LT); }

/// a - trunc(a / b) b
static LogicalResult adjoint(RemOp op, Adjoints &b) {
  if (b.needs(0))
    setSummed(op, b, 0, b.of());
  if (b.needs(1)) {
    Value whole = RoundOp::create(b, b.div(b.sub(op.getLhs(), op.getOutput()), op.getRhs()));
    b.set(1, b.neg(b.sumLike(b.mul(b.of(), whole), op.getRhs())));
  }
  return success();
}

static LogicalResult adjoint(PReluOp op, Adjoints &b) {
  Value isNegative = b.compare(Comparison::LT, op.getLhs(), 0);
  if (b.needs(0))
    setSummed(op, b, 0, b.select(isNegative, b.mul(b.of(), op.getRhs()), b.of()));
  if (b.needs(1))
    setSummed(op, b, 1, b.select(isNegative, b.mul(b.of(), op.getLhs())));
  return success();
}

static LogicalResult adjoint(SelectOp op, Adjoints &b) {
  if (b.needs(1))
    setSummed(op, b, 1, b.select(op.getCondition(), b.of()));
  if (b.needs(2))
    setSummed(op, b, 2, b.select(op.getCondition(), {}, b.of()));
  return success();
}

template <typename... Ops> static void attach(MLIRContext *context) {
  (Ops::template attachInterface<AdjointModel<Ops, adjoint>>(*context), ...);
}

void gradients::attachBinary(MLIRContext *context) {
  attach<AddOp, SubOp, MulOp, DivOp, PowOp, MaxOp, MinOp, RemOp, PReluOp, SelectOp>(context);
}
