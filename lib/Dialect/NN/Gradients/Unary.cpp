// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of elementwise functions of one operand: the result's adjoint times the derivative, written
// with the function's result where that is cheaper.

#include "Families.h"

#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::nn;

//===----------------------------------------------------------------------===//
// Functions of mathematics
//===----------------------------------------------------------------------===//

static Value derive(NegOp, Value dy, Adjoints &b) { return b.neg(dy); }
static Value derive(AbsOp op, Value dy, Adjoints &b) { return b.mul(dy, SignOp::create(b, op.getInput())); }
static Value derive(ExpOp op, Value dy, Adjoints &b) { return b.mul(dy, op.getOutput()); }
static Value derive(LogOp op, Value dy, Adjoints &b) { return b.div(dy, op.getInput()); }
static Value derive(SqrtOp op, Value dy, Adjoints &b) { return b.div(b.mul(dy, 0.5), op.getOutput()); }

static Value derive(ReciprocalOp op, Value dy, Adjoints &b) { return b.neg(b.mul(dy, b.square(op.getOutput()))); }

/// 2 / sqrt(pi) exp(-x^2)
static Value derive(ErfOp op, Value dy, Adjoints &b) {
  Value bell = ExpOp::create(b, b.neg(b.square(op.getInput())));
  return b.mul(dy, b.mul(bell, M_2_SQRTPI));
}

static Value derive(SinOp op, Value dy, Adjoints &b) { return b.mul(dy, CosOp::create(b, op.getInput())); }
static Value derive(CosOp op, Value dy, Adjoints &b) { return b.neg(b.mul(dy, SinOp::create(b, op.getInput()))); }
static Value derive(TanOp op, Value dy, Adjoints &b) { return b.mul(dy, b.add(b.square(op.getOutput()), 1)); }
static Value derive(SinhOp op, Value dy, Adjoints &b) { return b.mul(dy, CoshOp::create(b, op.getInput())); }
static Value derive(CoshOp op, Value dy, Adjoints &b) { return b.mul(dy, SinhOp::create(b, op.getInput())); }

static Value derive(AsinOp op, Value dy, Adjoints &b) {
  return b.div(dy, SqrtOp::create(b, b.complement(b.square(op.getInput()))));
}
static Value derive(AcosOp op, Value dy, Adjoints &b) {
  return b.neg(b.div(dy, SqrtOp::create(b, b.complement(b.square(op.getInput())))));
}
static Value derive(AtanOp op, Value dy, Adjoints &b) { return b.div(dy, b.add(b.square(op.getInput()), 1)); }
static Value derive(AsinhOp op, Value dy, Adjoints &b) {
  return b.div(dy, SqrtOp::create(b, b.add(b.square(op.getInput()), 1)));
}
static Value derive(AcoshOp op, Value dy, Adjoints &b) {
  return b.div(dy, SqrtOp::create(b, b.add(b.square(op.getInput()), -1)));
}
static Value derive(AtanhOp op, Value dy, Adjoints &b) { return b.div(dy, b.complement(b.square(op.getInput()))); }

/// Steps have the derivative 0 almost everywhere.
static Value derive(SignOp, Value, Adjoints &) { return {}; }
static Value derive(CeilOp, Value, Adjoints &) { return {}; }
static Value derive(FloorOp, Value, Adjoints &) { return {}; }
static Value derive(RoundOp, Value, Adjoints &) { return {}; }

//===----------------------------------------------------------------------===//
// Smooth activations
//===----------------------------------------------------------------------===//

/// y (1 - y)
static Value derive(SigmoidOp op, Value dy, Adjoints &b) {
  return b.mul(dy, b.mul(op.getOutput(), b.complement(op.getOutput())));
}

/// 1 - y^2
static Value derive(TanhOp op, Value dy, Adjoints &b) { return b.mul(dy, b.complement(b.square(op.getOutput()))); }

static Value derive(SoftplusOp op, Value dy, Adjoints &b) { return b.mul(dy, SigmoidOp::create(b, op.getInput())); }

/// s + y (1 - s) with s = sigmoid(x)
static Value derive(SiluOp op, Value dy, Adjoints &b) {
  Value s = SigmoidOp::create(b, op.getInput());
  return b.mul(dy, b.add(s, b.mul(op.getOutput(), b.complement(s))));
}

/// 1 / (1 + |x|)^2
static Value derive(SoftsignOp op, Value dy, Adjoints &b) {
  return b.div(dy, b.square(b.add(AbsOp::create(b, op.getInput()), 1)));
}

/// t + x s (1 - t^2) with t = tanh(softplus(x)), s = sigmoid(x)
static Value derive(MishOp op, Value dy, Adjoints &b) {
  Value x = op.getInput();
  Value t = TanhOp::create(b, SoftplusOp::create(b, x));
  Value slope = b.mul(SigmoidOp::create(b, x), b.complement(b.square(t)));
  return b.mul(dy, b.add(t, b.mul(x, slope)));
}

/// Phi(x) + x phi(x), or that of the approximation by tanh.
static Value derive(GeluOp op, Value dy, Adjoints &b) {
  Value x = op.getInput();
  if (!op.getTanh()) {
    Value below = b.mul(b.add(ErfOp::create(b, b.mul(x, M_SQRT1_2)), 1), 0.5);
    Value density = b.mul(ExpOp::create(b, b.mul(b.square(x), -0.5)), M_SQRT1_2 * M_2_SQRTPI / 2);
    return b.mul(dy, b.add(below, b.mul(x, density)));
  }
  const double scale = M_SQRT1_2 * M_2_SQRTPI, cubic = 0.044715; // sqrt(2 / pi)
  Value squared = b.square(x);
  Value t = TanhOp::create(b, b.mul(b.mul(x, b.add(b.mul(squared, cubic), 1)), scale));
  Value inner = b.mul(b.add(b.mul(squared, 3 * cubic), 1), scale);
  Value slope = b.mul(b.mul(x, b.complement(b.square(t))), inner);
  return b.mul(dy, b.mul(b.add(b.add(t, 1), slope), 0.5));
}

//===----------------------------------------------------------------------===//
// Piecewise activations: one choice between adjoints, decided by the result where it tells
//===----------------------------------------------------------------------===//

static Value derive(ReluOp op, Value dy, Adjoints &b) {
  return b.select(b.compare(Comparison::GT, op.getOutput(), 0), dy);
}

static Value derive(LeakyReluOp op, Value dy, Adjoints &b) {
  Value isNegative = b.compare(Comparison::LT, op.getInput(), 0);
  return b.select(isNegative, b.mul(dy, op.getAlpha().convertToDouble()), dy);
}

/// Below zero alpha exp(x) = y + alpha.
static Value derive(EluOp op, Value dy, Adjoints &b) {
  Value isNegative = b.compare(Comparison::LT, op.getInput(), 0);
  return b.select(isNegative, b.mul(dy, b.add(op.getOutput(), op.getAlpha().convertToDouble())), dy);
}

static Value derive(CeluOp op, Value dy, Adjoints &b) {
  Value isNegative = b.compare(Comparison::LT, op.getInput(), 0);
  Value slope = b.add(b.mul(op.getOutput(), 1 / op.getAlpha().convertToDouble()), 1);
  return b.select(isNegative, b.mul(dy, slope), dy);
}

/// Below zero beta alpha exp(x) = y + beta alpha.
static Value derive(SeluOp op, Value dy, Adjoints &b) {
  double alpha = op.getAlpha().convertToDouble(), beta = op.getBeta().convertToDouble();
  Value isPositive = b.compare(Comparison::GT, op.getInput(), 0);
  return b.select(isPositive, b.mul(dy, beta), b.mul(dy, b.add(op.getOutput(), alpha * beta)));
}

static Value derive(ThresholdedReluOp op, Value dy, Adjoints &b) {
  return b.select(b.compare(Comparison::GT, op.getInput(), op.getAlpha().convertToDouble()), dy);
}

static Value between(Value value, double low, double high, Adjoints &b) {
  return AndOp::create(b, b.compare(Comparison::GT, value, low), b.compare(Comparison::LT, value, high));
}

static Value derive(HardSigmoidOp op, Value dy, Adjoints &b) {
  return b.select(between(op.getOutput(), 0, 1, b), b.mul(dy, op.getAlpha().convertToDouble()));
}

/// 0 below -3, 1 above 3 and x / 3 + 1/2 between.
static Value derive(HardSwishOp op, Value dy, Adjoints &b) {
  Value x = op.getInput();
  Value inner = b.mul(dy, b.add(b.mul(x, 1.0 / 3), 0.5));
  Value outer = b.select(b.compare(Comparison::GT, x, 0), dy);
  return b.select(between(x, -3, 3, b), inner, outer);
}

/// The bounds belong to the linear part, as in the usual frameworks.
static Value derive(ClampOp op, Value dy, Adjoints &b) {
  auto bound = [&](TypedAttr value) { return b.constant(dy, cast<FloatAttr>(value).getValueAsDouble()); };
  Value above = b.compare(Comparison::GE, op.getInput(), bound(op.getLow()));
  Value below = b.compare(Comparison::LE, op.getInput(), bound(op.getHigh()));
  return b.select(AndOp::create(b, above, below), dy);
}

/// Adjoints have the element type of what they belong to.
static Value derive(CastOp op, Value dy, Adjoints &b) { return b.cast(dy, op.getInput().getType().getElementType()); }

template <typename OpTy> static LogicalResult adjoint(OpTy op, Adjoints &b) {
  b.set(0, derive(op, b.of(), b));
  return success();
}

template <typename... Ops> static void attach(MLIRContext *context) {
  (Ops::template attachInterface<AdjointModel<Ops, adjoint<Ops>>>(*context), ...);
}

void gradients::attachUnary(MLIRContext *context) {
  attach<NegOp, AbsOp, ExpOp, LogOp, SqrtOp, ReciprocalOp, ErfOp, SinOp, CosOp, TanOp, SinhOp, CoshOp, AsinOp, AcosOp,
         AtanOp, AsinhOp, AcoshOp, AtanhOp, SignOp, CeilOp, FloorOp, RoundOp>(context);
  attach<SigmoidOp, TanhOp, SoftplusOp, SiluOp, SoftsignOp, MishOp, GeluOp>(context);
  attach<ReluOp, LeakyReluOp, EluOp, CeluOp, SeluOp, ThresholdedReluOp, HardSigmoidOp, HardSwishOp, ClampOp, CastOp>(
      context);
}
