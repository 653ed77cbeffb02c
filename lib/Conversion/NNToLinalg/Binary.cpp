// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise functions of several operands, which broadcast.

#include "Structured.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

static Value compute(AddOp, ImplicitLocOpBuilder &b, Value x, Value y, bool) { return createAdd(b, x, y); }

static Value compute(SubOp, ImplicitLocOpBuilder &b, Value x, Value y, bool) { return createSub(b, x, y); }

static Value compute(MulOp, ImplicitLocOpBuilder &b, Value x, Value y, bool) { return createMul(b, x, y); }

static Value compute(DivOp, ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned) {
  return createDiv(b, x, y, isUnsigned);
}

static Value compute(MaxOp, ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned) {
  return createMax(b, x, y, isUnsigned);
}

static Value compute(MinOp, ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned) {
  return createMin(b, x, y, isUnsigned);
}

static Value compute(RemOp, ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned) {
  return createRem(b, x, y, isUnsigned);
}

/// The remainder takes the divisor's sign by adding the divisor.
static Value compute(ModOp, ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned) {
  Value remainder = createRem(b, x, y, isUnsigned);
  if (isUnsigned)
    return remainder;
  Value zero = createConstant(b, x.getType(), 0);
  Value signs = arith::XOrIOp::create(b, remainder, y);
  Value differ = createCompare(b, Comparison::LT, signs, zero, false);
  Value isNonZero = createCompare(b, Comparison::NE, remainder, zero, false);
  Value adjust = arith::AndIOp::create(b, differ, isNonZero);
  return createSelect(b, adjust, createAdd(b, remainder, y), remainder);
}

static Value compute(PReluOp, ImplicitLocOpBuilder &b, Value x, Value slope, bool) {
  Value zero = createConstant(b, x.getType(), 0);
  Value isNegative = createCompare(b, Comparison::LT, x, zero, false);
  return createSelect(b, isNegative, createMul(b, slope, x), x);
}

static Value compute(AndOp, ImplicitLocOpBuilder &b, Value x, Value y, bool) { return arith::AndIOp::create(b, x, y); }

static Value compute(OrOp, ImplicitLocOpBuilder &b, Value x, Value y, bool) { return arith::OrIOp::create(b, x, y); }

static Value compute(XorOp, ImplicitLocOpBuilder &b, Value x, Value y, bool) { return arith::XOrIOp::create(b, x, y); }

/// The amount of a shift limited to width - 1; `isTooFar` where it was larger.
static Value limitShift(ImplicitLocOpBuilder &b, Value amount, Value &isTooFar) {
  Type type = amount.getType();
  Value largest = createConstant(b, type, type.getIntOrFloatBitWidth() - 1);
  isTooFar = createCompare(b, Comparison::GT, amount, largest, true);
  return createMin(b, amount, largest, true);
}

static Value compute(ShiftLeftOp, ImplicitLocOpBuilder &b, Value x, Value y, bool) {
  Value isTooFar;
  Value amount = limitShift(b, y, isTooFar);
  return createSelect(b, isTooFar, createConstant(b, x.getType(), 0), arith::ShLIOp::create(b, x, amount));
}

static Value compute(ShiftRightOp, ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned) {
  Value isTooFar;
  Value amount = limitShift(b, y, isTooFar);
  if (!isUnsigned) // the sign remains
    return arith::ShRSIOp::create(b, x, amount);
  return createSelect(b, isTooFar, createConstant(b, x.getType(), 0), arith::ShRUIOp::create(b, x, amount));
}

/// Small constant exponents are products, so that no call of `pow` remains.
static Value createConstantPower(ImplicitLocOpBuilder &b, Value base, Value exponent) {
  FloatAttr attr;
  if (!matchPattern(exponent, m_Constant(&attr)))
    return {};
  double value = attr.getValueAsDouble();
  if (value == 1.0)
    return base;
  if (value != 2.0 && value != 3.0)
    return {};
  Value square = createMul(b, base, base);
  return value == 2.0 ? square : createMul(b, square, base);
}

namespace {

/// Applies the overload of `compute` for `OpTy`.
template <typename OpTy> struct BinaryLowering : Lowering<OpTy> {
  using Lowering<OpTy>::Lowering;

  Value lower(OpTy op, typename OpTy::Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type element = type.getElementType(), wide = getComputeType(element);
    bool operandIsUnsigned = isUnsigned(getElementTypeOrSelf(op.getLhs()));
    Broadcasted operands = broadcast(b, op->getOperands(), adaptor.getOperands());
    return createElementwise(b, operands.operands, operands.sizes, element,
                             [&](ImplicitLocOpBuilder &in, ValueRange args) {
                               Value x = convertScalar(in, args[0], wide, false, false);
                               Value y = convertScalar(in, args[1], wide, false, false);
                               Value z = compute(op, in, x, y, operandIsUnsigned);
                               return convertScalar(in, z, element, false, false);
                             });
  }
};

struct PowLowering : Lowering<PowOp> {
  using Lowering::Lowering;

  Value lower(PowOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type baseType = getElementTypeOrSelf(op.getLhs());
    Type exponentType = getElementTypeOrSelf(op.getRhs());
    // Integers up to 2^53 are exact in f64.
    Type wide = isa<FloatType>(baseType) ? getComputeType(baseType) : Type(b.getF64Type());
    Broadcasted operands = broadcast(b, op->getOperands(), adaptor.getOperands());
    return createElementwise(b, operands.operands, operands.sizes, type.getElementType(),
                             [&](ImplicitLocOpBuilder &in, ValueRange args) {
                               Value base = convertScalar(in, args[0], wide, isUnsigned(baseType), false);
                               Value power = createConstantPower(in, base, args[1]);
                               if (!power) {
                                 Value exponent = convertScalar(in, args[1], wide, isUnsigned(exponentType), false);
                                 power = math::PowFOp::create(in, base, exponent);
                               }
                               return convertScalar(in, power, type.getElementType(), false, isUnsigned(baseType));
                             });
  }
};

struct CompareLowering : Lowering<CompareOp> {
  using Lowering::Lowering;

  Value lower(CompareOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    bool operandIsUnsigned = isUnsigned(getElementTypeOrSelf(op.getLhs()));
    Broadcasted operands = broadcast(b, op->getOperands(), adaptor.getOperands());
    return createElementwise(b, operands.operands, operands.sizes, type.getElementType(),
                             [&](ImplicitLocOpBuilder &in, ValueRange args) {
                               return createCompare(in, op.getKind(), args[0], args[1], operandIsUnsigned);
                             });
  }
};

struct SelectLowering : Lowering<SelectOp> {
  using Lowering::Lowering;

  Value lower(SelectOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Broadcasted operands = broadcast(b, op->getOperands(), adaptor.getOperands());
    return createElementwise(
        b, operands.operands, operands.sizes, type.getElementType(),
        [](ImplicitLocOpBuilder &in, ValueRange args) { return createSelect(in, args[0], args[1], args[2]); });
  }
};

} // namespace

void lowering::populateBinaryPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<BinaryLowering<AddOp>, BinaryLowering<SubOp>, BinaryLowering<MulOp>, BinaryLowering<DivOp>,
               BinaryLowering<MaxOp>, BinaryLowering<MinOp>, BinaryLowering<RemOp>, BinaryLowering<ModOp>,
               BinaryLowering<PReluOp>, BinaryLowering<AndOp>, BinaryLowering<OrOp>, BinaryLowering<XorOp>,
               BinaryLowering<ShiftLeftOp>, BinaryLowering<ShiftRightOp>, PowLowering, CompareLowering, SelectLowering>(
      converter, patterns.getContext());
}
