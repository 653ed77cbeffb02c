// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scalar arithmetic for floats and for signed and unsigned integers.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

bool lowering::isUnsigned(Type elementType) { return elementType.isUnsignedInteger() || elementType.isInteger(1); }

Type lowering::getComputeType(Type elementType) {
  if (auto type = dyn_cast<FloatType>(elementType))
    return type.getWidth() < 32 ? Float32Type::get(type.getContext()) : type;
  if (auto type = dyn_cast<IntegerType>(elementType))
    return IntegerType::get(type.getContext(), type.getWidth());
  return elementType;
}

Value lowering::createConstant(ImplicitLocOpBuilder &b, Type type, double value) {
  TypedAttr attr;
  if (isa<FloatType>(type))
    attr = b.getFloatAttr(type, value);
  else
    attr = b.getIntegerAttr(type, static_cast<int64_t>(value));
  return arith::ConstantOp::create(b, attr);
}

Value lowering::createIndex(ImplicitLocOpBuilder &b, int64_t value) { return arith::ConstantIndexOp::create(b, value); }

/// -inf or +inf, or the extreme integer.
static Value createExtreme(ImplicitLocOpBuilder &b, Type type, bool isUnsigned, bool lowest) {
  if (auto floatType = dyn_cast<FloatType>(type)) {
    const llvm::fltSemantics &semantics = floatType.getFloatSemantics();
    return arith::ConstantOp::create(b, b.getFloatAttr(floatType, APFloat::getInf(semantics, lowest)));
  }
  unsigned width = type.getIntOrFloatBitWidth();
  APInt value = isUnsigned ? (lowest ? APInt::getMinValue(width) : APInt::getMaxValue(width))
                           : (lowest ? APInt::getSignedMinValue(width) : APInt::getSignedMaxValue(width));
  return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
}

Value lowering::createLowest(ImplicitLocOpBuilder &b, Type type, bool isUnsigned) {
  return createExtreme(b, type, isUnsigned, true);
}

Value lowering::createHighest(ImplicitLocOpBuilder &b, Type type, bool isUnsigned) {
  return createExtreme(b, type, isUnsigned, false);
}

Value lowering::createAdd(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  if (isa<FloatType>(lhs.getType()))
    return arith::AddFOp::create(b, lhs, rhs);
  return arith::AddIOp::create(b, lhs, rhs);
}

Value lowering::createSub(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  if (isa<FloatType>(lhs.getType()))
    return arith::SubFOp::create(b, lhs, rhs);
  return arith::SubIOp::create(b, lhs, rhs);
}

Value lowering::createMul(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  if (isa<FloatType>(lhs.getType()))
    return arith::MulFOp::create(b, lhs, rhs);
  return arith::MulIOp::create(b, lhs, rhs);
}

/// Processors trap on division by zero and on the smallest integer by -1:
/// divides by 1 then. `isTrap` tells where that was done.
static Value guardDivisor(ImplicitLocOpBuilder &b, Value divisor, bool isUnsigned, Value &isZero, Value &isMinusOne) {
  Type type = divisor.getType();
  Value zero = lowering::createConstant(b, type, 0);
  Value one = lowering::createConstant(b, type, 1);
  isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, divisor, zero);
  Value trap = isZero;
  if (!isUnsigned) {
    Value minusOne = lowering::createConstant(b, type, -1);
    isMinusOne = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, divisor, minusOne);
    trap = arith::OrIOp::create(b, isZero, isMinusOne);
  }
  return arith::SelectOp::create(b, trap, one, divisor);
}

Value lowering::createDiv(ImplicitLocOpBuilder &b, Value lhs, Value rhs, bool isUnsigned) {
  Type type = lhs.getType();
  if (isa<FloatType>(type))
    return arith::DivFOp::create(b, lhs, rhs);
  Value isZero, isMinusOne;
  Value divisor = guardDivisor(b, rhs, isUnsigned, isZero, isMinusOne);
  Value zero = createConstant(b, type, 0);
  Value quotient;
  if (isUnsigned) {
    quotient = arith::DivUIOp::create(b, lhs, divisor);
  } else {
    quotient = arith::DivSIOp::create(b, lhs, divisor);
    Value negated = arith::SubIOp::create(b, zero, lhs);
    quotient = arith::SelectOp::create(b, isMinusOne, negated, quotient);
  }
  return arith::SelectOp::create(b, isZero, zero, quotient);
}

Value lowering::createRem(ImplicitLocOpBuilder &b, Value lhs, Value rhs, bool isUnsigned) {
  if (isa<FloatType>(lhs.getType()))
    return arith::RemFOp::create(b, lhs, rhs);
  // The remainder by 1, which replaces the trapping divisors, is 0.
  Value isZero, isMinusOne;
  Value divisor = guardDivisor(b, rhs, isUnsigned, isZero, isMinusOne);
  if (isUnsigned)
    return arith::RemUIOp::create(b, lhs, divisor);
  return arith::RemSIOp::create(b, lhs, divisor);
}

Value lowering::createMax(ImplicitLocOpBuilder &b, Value lhs, Value rhs, bool isUnsigned) {
  if (isa<FloatType>(lhs.getType()))
    return arith::MaximumFOp::create(b, lhs, rhs);
  if (isUnsigned)
    return arith::MaxUIOp::create(b, lhs, rhs);
  return arith::MaxSIOp::create(b, lhs, rhs);
}

Value lowering::createMin(ImplicitLocOpBuilder &b, Value lhs, Value rhs, bool isUnsigned) {
  if (isa<FloatType>(lhs.getType()))
    return arith::MinimumFOp::create(b, lhs, rhs);
  if (isUnsigned)
    return arith::MinUIOp::create(b, lhs, rhs);
  return arith::MinSIOp::create(b, lhs, rhs);
}

static arith::CmpFPredicate getFloatPredicate(Comparison kind) {
  switch (kind) {
  case Comparison::EQ:
    return arith::CmpFPredicate::OEQ;
  case Comparison::NE:
    return arith::CmpFPredicate::UNE;
  case Comparison::LT:
    return arith::CmpFPredicate::OLT;
  case Comparison::LE:
    return arith::CmpFPredicate::OLE;
  case Comparison::GT:
    return arith::CmpFPredicate::OGT;
  case Comparison::GE:
    return arith::CmpFPredicate::OGE;
  }
  llvm_unreachable("unknown comparison");
}

static arith::CmpIPredicate getIntegerPredicate(Comparison kind, bool isUnsigned) {
  using Predicate = arith::CmpIPredicate;
  switch (kind) {
  case Comparison::EQ:
    return Predicate::eq;
  case Comparison::NE:
    return Predicate::ne;
  case Comparison::LT:
    return isUnsigned ? Predicate::ult : Predicate::slt;
  case Comparison::LE:
    return isUnsigned ? Predicate::ule : Predicate::sle;
  case Comparison::GT:
    return isUnsigned ? Predicate::ugt : Predicate::sgt;
  case Comparison::GE:
    return isUnsigned ? Predicate::uge : Predicate::sge;
  }
  llvm_unreachable("unknown comparison");
}

Value lowering::createCompare(ImplicitLocOpBuilder &b, Comparison kind, Value lhs, Value rhs, bool isUnsigned) {
  if (isa<FloatType>(lhs.getType()))
    return arith::CmpFOp::create(b, getFloatPredicate(kind), lhs, rhs);
  return arith::CmpIOp::create(b, getIntegerPredicate(kind, isUnsigned), lhs, rhs);
}

Value lowering::createSelect(ImplicitLocOpBuilder &b, Value condition, Value onTrue, Value onFalse) {
  return arith::SelectOp::create(b, condition, onTrue, onFalse);
}
