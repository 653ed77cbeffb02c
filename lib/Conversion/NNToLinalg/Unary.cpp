// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise functions of one operand without parameters.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

namespace {

/// Computes `OpTy` with one operation of the math dialect, in f32 or wider.
template <typename OpTy, typename MathOp> struct MathLowering : Lowering<OpTy> {
  using Lowering<OpTy>::Lowering;

  Value lower(OpTy op, typename OpTy::Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type element = type.getElementType(), compute = getComputeType(element);
    return createElementwise(b, adaptor.getInput(), getSizes(b, adaptor.getInput()), element,
                             [&](ImplicitLocOpBuilder &in, ValueRange args) {
                               Value x = convertScalar(in, args[0], compute, false, false);
                               Value y = MathOp::create(in, x);
                               return convertScalar(in, y, element, false, false);
                             });
  }
};

/// Computes `OpTy`, which integers have too, by `compute`.
template <typename OpTy> struct NumberLowering : Lowering<OpTy> {
  using Lowering<OpTy>::Lowering;

  virtual Value compute(ImplicitLocOpBuilder &b, Value x, bool isUnsigned) const = 0;

  Value lower(OpTy op, typename OpTy::Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    bool operandIsUnsigned = isUnsigned(op.getInput().getType().getElementType());
    return createElementwise(
        b, adaptor.getInput(), getSizes(b, adaptor.getInput()), type.getElementType(),
        [&](ImplicitLocOpBuilder &in, ValueRange args) { return compute(in, args[0], operandIsUnsigned); });
  }
};

struct AbsLowering : NumberLowering<AbsOp> {
  using NumberLowering::NumberLowering;
  Value compute(ImplicitLocOpBuilder &b, Value x, bool isUnsigned) const override {
    if (isa<FloatType>(x.getType()))
      return math::AbsFOp::create(b, x);
    return isUnsigned ? x : math::AbsIOp::create(b, x).getResult();
  }
};

struct NegLowering : NumberLowering<NegOp> {
  using NumberLowering::NumberLowering;
  Value compute(ImplicitLocOpBuilder &b, Value x, bool) const override {
    if (isa<FloatType>(x.getType()))
      return arith::NegFOp::create(b, x);
    return createSub(b, createConstant(b, x.getType(), 0), x);
  }
};

struct SignLowering : NumberLowering<SignOp> {
  using NumberLowering::NumberLowering;
  Value compute(ImplicitLocOpBuilder &b, Value x, bool isUnsigned) const override {
    Value zero = createConstant(b, x.getType(), 0);
    Value one = createConstant(b, x.getType(), 1);
    if (isa<FloatType>(x.getType())) {
      // Zeros and NaN are their own sign.
      Value own = arith::CmpFOp::create(b, arith::CmpFPredicate::UEQ, x, zero);
      return createSelect(b, own, x, math::CopySignOp::create(b, one, x));
    }
    Value isPositive = createCompare(b, Comparison::GT, x, zero, isUnsigned);
    Value sign = createSelect(b, isPositive, one, zero);
    if (isUnsigned)
      return sign;
    Value isNegative = createCompare(b, Comparison::LT, x, zero, false);
    return createSelect(b, isNegative, createConstant(b, x.getType(), -1), sign);
  }
};

struct ReluLowering : NumberLowering<ReluOp> {
  using NumberLowering::NumberLowering;
  Value compute(ImplicitLocOpBuilder &b, Value x, bool isUnsigned) const override {
    return createMax(b, x, createConstant(b, x.getType(), 0), isUnsigned);
  }
};

struct NotLowering : NumberLowering<NotOp> {
  using NumberLowering::NumberLowering;
  Value compute(ImplicitLocOpBuilder &b, Value x, bool) const override {
    return arith::XOrIOp::create(b, x, createConstant(b, x.getType(), -1));
  }
};

struct ClampLowering : Lowering<ClampOp> {
  using Lowering::Lowering;

  Value lower(ClampOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type element = type.getElementType();
    bool unsignedOperand = isUnsigned(op.getInput().getType().getElementType());
    return createElementwise(b, adaptor.getInput(), getSizes(b, adaptor.getInput()), element,
                             [&](ImplicitLocOpBuilder &in, ValueRange args) {
                               Value low = createBound(in, op.getLowAttr(), element);
                               Value high = createBound(in, op.getHighAttr(), element);
                               Value raised = createMax(in, args[0], low, unsignedOperand);
                               return createMin(in, raised, high, unsignedOperand);
                             });
  }

  static Value createBound(ImplicitLocOpBuilder &b, TypedAttr bound, Type element) {
    if (auto integer = dyn_cast<IntegerAttr>(bound))
      bound = IntegerAttr::get(element, integer.getValue());
    return arith::ConstantOp::create(b, bound);
  }
};

struct IsNaNLowering : Lowering<IsNaNOp> {
  using Lowering::Lowering;

  Value lower(IsNaNOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    return createElementwise(b, adaptor.getInput(), getSizes(b, adaptor.getInput()), type.getElementType(),
                             [](ImplicitLocOpBuilder &in, ValueRange args) -> Value {
                               return arith::CmpFOp::create(in, arith::CmpFPredicate::UNO, args[0], args[0]);
                             });
  }
};

struct IsInfLowering : Lowering<IsInfOp> {
  using Lowering::Lowering;

  Value lower(IsInfOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    return createElementwise(b, adaptor.getInput(), getSizes(b, adaptor.getInput()), type.getElementType(),
                             [&](ImplicitLocOpBuilder &in, ValueRange args) {
                               Value x = args[0];
                               Value found = createConstant(in, in.getI1Type(), 0);
                               if (op.getPositive())
                                 found =
                                     createCompare(in, Comparison::EQ, x, createHighest(in, x.getType(), false), false);
                               if (!op.getNegative())
                                 return found;
                               Value negative =
                                   createCompare(in, Comparison::EQ, x, createLowest(in, x.getType(), false), false);
                               return arith::OrIOp::create(in, found, negative).getResult();
                             });
  }
};

} // namespace

void lowering::populateUnaryPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns
      .add<MathLowering<ExpOp, math::ExpOp>, MathLowering<LogOp, math::LogOp>, MathLowering<SqrtOp, math::SqrtOp>,
           MathLowering<ErfOp, math::ErfOp>, MathLowering<TanhOp, math::TanhOp>, MathLowering<CeilOp, math::CeilOp>,
           MathLowering<FloorOp, math::FloorOp>, MathLowering<RoundOp, math::RoundEvenOp>,
           MathLowering<SinOp, math::SinOp>, MathLowering<CosOp, math::CosOp>, MathLowering<TanOp, math::TanOp>,
           MathLowering<AsinOp, math::AsinOp>, MathLowering<AcosOp, math::AcosOp>, MathLowering<AtanOp, math::AtanOp>,
           MathLowering<SinhOp, math::SinhOp>, MathLowering<CoshOp, math::CoshOp>, MathLowering<AsinhOp, math::AsinhOp>,
           MathLowering<AcoshOp, math::AcoshOp>, MathLowering<AtanhOp, math::AtanhOp>, AbsLowering, NegLowering,
           SignLowering, ReluLowering, NotLowering, ClampLowering, IsNaNLowering, IsInfLowering>(converter,
                                                                                                 patterns.getContext());
}
