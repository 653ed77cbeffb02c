// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Activation functions: formulas of several operations, in f32 or wider.

#include "Structured.h"

#include <cmath>
#include <numbers>

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

namespace {
/// Arithmetic on one scalar type, so that formulas read as such.
struct Formula {
  ImplicitLocOpBuilder &b;
  Type type;

  Value number(double value) const { return createConstant(b, type, value); }
  Value add(Value x, Value y) const { return createAdd(b, x, y); }
  Value mul(Value x, Value y) const { return createMul(b, x, y); }
  Value div(Value x, Value y) const { return createDiv(b, x, y, false); }
  Value neg(Value x) const { return arith::NegFOp::create(b, x); }
  Value abs(Value x) const { return math::AbsFOp::create(b, x); }
  Value exp(Value x) const { return math::ExpOp::create(b, x); }
  Value expMinusOne(Value x) const { return math::ExpM1Op::create(b, x); }
  Value tanh(Value x) const { return math::TanhOp::create(b, x); }
  Value max(Value x, Value y) const { return createMax(b, x, y, false); }
  Value min(Value x, Value y) const { return createMin(b, x, y, false); }
  Value select(Comparison kind, Value x, Value y, Value onTrue, Value onFalse) const {
    Value condition = createCompare(b, kind, x, y, false);
    return createSelect(b, condition, onTrue, onFalse);
  }
  Value logistic(Value x) const { // 1 / (1 + exp(-x))
    return div(number(1), add(number(1), exp(neg(x))));
  }
  Value softplus(Value x) const {
    // ln(1 + exp(x)) without overflow: max(x, 0) + ln(1 + exp(-|x|)).
    Value rest = math::Log1pOp::create(b, exp(neg(abs(x))));
    return add(max(x, number(0)), rest);
  }
};
} // namespace

static Value compute(ReciprocalOp, const Formula &f, Value x) { return f.div(f.number(1), x); }

static Value compute(SigmoidOp, const Formula &f, Value x) { return f.logistic(x); }

static Value compute(SiluOp, const Formula &f, Value x) { return f.div(x, f.add(f.number(1), f.exp(f.neg(x)))); }

static Value compute(SoftplusOp, const Formula &f, Value x) { return f.softplus(x); }

static Value compute(SoftsignOp, const Formula &f, Value x) { return f.div(x, f.add(f.number(1), f.abs(x))); }

static Value compute(MishOp, const Formula &f, Value x) { return f.mul(x, f.tanh(f.softplus(x))); }

/// min(max(alpha x + beta, 0), 1)
static Value createHardSigmoid(const Formula &f, Value x, double alpha, double beta) {
  Value line = f.add(f.mul(f.number(alpha), x), f.number(beta));
  return f.min(f.max(line, f.number(0)), f.number(1));
}

static Value compute(HardSwishOp, const Formula &f, Value x) {
  return f.mul(x, createHardSigmoid(f, x, 1.0 / 6.0, 0.5));
}

static Value compute(HardSigmoidOp op, const Formula &f, Value x) {
  return createHardSigmoid(f, x, op.getAlpha().convertToDouble(), op.getBeta().convertToDouble());
}

static Value compute(GeluOp op, const Formula &f, Value x) {
  Value half = f.mul(f.number(0.5), x);
  if (!op.getTanh()) {
    Value scaled = f.mul(x, f.number(1.0 / std::numbers::sqrt2));
    Value erf = math::ErfOp::create(f.b, scaled);
    return f.mul(half, f.add(f.number(1), erf));
  }
  Value cube = f.mul(x, f.mul(x, x));
  Value inner = f.add(x, f.mul(f.number(0.044715), cube));
  double factor = std::sqrt(2.0 / std::numbers::pi);
  Value tanh = f.tanh(f.mul(f.number(factor), inner));
  return f.mul(half, f.add(f.number(1), tanh));
}

static Value compute(LeakyReluOp op, const Formula &f, Value x) {
  Value scaled = f.mul(f.number(op.getAlpha().convertToDouble()), x);
  return f.select(Comparison::LT, x, f.number(0), scaled, x);
}

static Value compute(EluOp op, const Formula &f, Value x) {
  Value alpha = f.number(op.getAlpha().convertToDouble());
  return f.select(Comparison::LT, x, f.number(0), f.mul(alpha, f.expMinusOne(x)), x);
}

static Value compute(CeluOp op, const Formula &f, Value x) {
  Value alpha = f.number(op.getAlpha().convertToDouble());
  Value curve = f.mul(alpha, f.expMinusOne(f.div(x, alpha)));
  return f.add(f.max(f.number(0), x), f.min(f.number(0), curve));
}

static Value compute(SeluOp op, const Formula &f, Value x) {
  Value alpha = f.number(op.getAlpha().convertToDouble());
  Value beta = f.number(op.getBeta().convertToDouble());
  Value curve = f.mul(alpha, f.expMinusOne(x));
  return f.mul(beta, f.select(Comparison::LE, x, f.number(0), curve, x));
}

static Value compute(ThresholdedReluOp op, const Formula &f, Value x) {
  Value alpha = f.number(op.getAlpha().convertToDouble());
  return f.select(Comparison::GT, x, alpha, x, f.number(0));
}

namespace {
/// Applies the overload of `compute` for `OpTy`.
template <typename OpTy> struct ActivationLowering : Lowering<OpTy> {
  using Lowering<OpTy>::Lowering;

  Value lower(OpTy op, typename OpTy::Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type element = type.getElementType(), wide = getComputeType(element);
    return createElementwise(b, adaptor.getInput(), getSizes(b, adaptor.getInput()), element,
                             [&](ImplicitLocOpBuilder &in, ValueRange args) {
                               Value x = convertScalar(in, args[0], wide, false, false);
                               Value y = compute(op, Formula{in, wide}, x);
                               return convertScalar(in, y, element, false, false);
                             });
  }
};
} // namespace

void lowering::populateActivationPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<ActivationLowering<ReciprocalOp>, ActivationLowering<SigmoidOp>, ActivationLowering<SiluOp>,
               ActivationLowering<SoftplusOp>, ActivationLowering<SoftsignOp>, ActivationLowering<MishOp>,
               ActivationLowering<HardSwishOp>, ActivationLowering<HardSigmoidOp>, ActivationLowering<GeluOp>,
               ActivationLowering<LeakyReluOp>, ActivationLowering<EluOp>, ActivationLowering<CeluOp>,
               ActivationLowering<SeluOp>, ActivationLowering<ThresholdedReluOp>>(converter, patterns.getContext());
}
