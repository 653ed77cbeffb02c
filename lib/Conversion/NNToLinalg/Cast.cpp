// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Conversion of element types.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

static Value convertFloat(ImplicitLocOpBuilder &b, Value scalar, Type type) {
  unsigned from = scalar.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (scalar.getType() == type)
    return scalar;
  if (from < to)
    return arith::ExtFOp::create(b, type, scalar);
  if (from > to)
    return arith::TruncFOp::create(b, type, scalar);
  // f16 and bf16 have no direct conversion.
  Value wide = arith::ExtFOp::create(b, b.getF32Type(), scalar);
  return arith::TruncFOp::create(b, type, wide);
}

static Value convertInteger(ImplicitLocOpBuilder &b, Value scalar, Type type, bool isUnsigned) {
  unsigned from = scalar.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (from == to)
    return scalar;
  if (from > to)
    return arith::TruncIOp::create(b, type, scalar);
  if (isUnsigned)
    return arith::ExtUIOp::create(b, type, scalar);
  return arith::ExtSIOp::create(b, type, scalar);
}

/// The largest number of a float type that is at most 2^bits - 1 (2^bits is
/// representable, so it is the one before).
static Value createLargestBelow(ImplicitLocOpBuilder &b, FloatType type, unsigned bits) {
  APFloat value(type.getFloatSemantics());
  value.convertFromAPInt(APInt::getOneBitSet(bits + 2, bits), false, APFloat::rmNearestTiesToEven);
  if (value.isFinite() && bits >= type.getFPMantissaWidth())
    value.next(/*nextDown=*/true);
  else if (value.isFinite())
    value = APFloat(type.getFloatSemantics(), APInt::getMaxValue(bits).getZExtValue());
  return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
}

/// Truncates towards zero. What the integer cannot hold would be undefined:
/// NaN becomes 0, and numbers are limited to the range of an integer that is
/// wide enough, which then wraps.
static Value convertFloatToInteger(ImplicitLocOpBuilder &b, Value scalar, Type type, bool isUnsigned) {
  unsigned width = type.getIntOrFloatBitWidth();
  Type source = getComputeType(scalar.getType());
  scalar = convertFloat(b, scalar, source);
  Value zero = createConstant(b, source, 0);
  if (width == 1)
    return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, scalar, zero);
  bool asUnsigned = isUnsigned && width == 64;
  unsigned wide = width < 32 || (width == 32 && !isUnsigned) ? 32 : 64;
  Value isNumber = arith::CmpFOp::create(b, arith::CmpFPredicate::ORD, scalar, scalar);
  Value number = createSelect(b, isNumber, scalar, zero);
  Value high = createLargestBelow(b, cast<FloatType>(source), asUnsigned ? wide : wide - 1);
  Value low = asUnsigned ? zero : createConstant(b, source, -std::ldexp(1.0, wide - 1));
  number = createMin(b, createMax(b, number, low, false), high, false);
  Type wideType = b.getIntegerType(wide);
  Value integer = asUnsigned ? arith::FPToUIOp::create(b, wideType, number).getResult()
                             : arith::FPToSIOp::create(b, wideType, number).getResult();
  return convertInteger(b, integer, type, isUnsigned);
}

Value lowering::convertScalar(ImplicitLocOpBuilder &b, Value scalar, Type type, bool fromUnsigned, bool toUnsigned) {
  bool fromFloat = isa<FloatType>(scalar.getType());
  if (fromFloat && isa<FloatType>(type))
    return convertFloat(b, scalar, type);
  if (fromFloat)
    return convertFloatToInteger(b, scalar, type, toUnsigned);
  if (isa<FloatType>(type)) {
    if (fromUnsigned)
      return arith::UIToFPOp::create(b, type, scalar);
    return arith::SIToFPOp::create(b, type, scalar);
  }
  if (type.isInteger(1) && !scalar.getType().isInteger(1)) {
    Value zero = createConstant(b, scalar.getType(), 0);
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, scalar, zero);
  }
  return convertInteger(b, scalar, type, fromUnsigned);
}

Value lowering::convertTensor(ImplicitLocOpBuilder &b, Value tensor, Type elementType) {
  if (getElementTypeOrSelf(tensor) == elementType)
    return tensor;
  return createElementwise(b, tensor, getSizes(b, tensor), elementType, [&](ImplicitLocOpBuilder &in, ValueRange args) {
    return convertScalar(in, args[0], elementType, false, false);
  });
}

namespace {
struct CastLowering : Lowering<CastOp> {
  using Lowering::Lowering;

  Value lower(CastOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type from = op.getInput().getType().getElementType();
    return createElementwise(b, adaptor.getInput(), getSizes(b, adaptor.getInput()), type.getElementType(),
                             [&](ImplicitLocOpBuilder &in, ValueRange args) {
                               return convertScalar(in, args[0], type.getElementType(), isUnsigned(from),
                                                    isUnsigned(op.getTo()));
                             });
  }
};
} // namespace

void lowering::populateCastPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<CastLowering>(converter, patterns.getContext());
}
