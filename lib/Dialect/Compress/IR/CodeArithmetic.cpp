// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The scalar arithmetic of codes. Arithmetic is in f32 (f64 for f64 tensors).
//
// 8-bit floats are decoded and encoded by integer operations, because no CPU
// target converts them: E5M2 is the upper byte of an f16; the fields of E4M3FN
// placed in an f16 read as the number times 2^-8, subnormals included.

#include "CodeArithmetic.h"

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace condense::compress;

static Value constantInt(ImplicitLocOpBuilder &b, Type type, int64_t value) {
  return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
}

static Value constantFloat(ImplicitLocOpBuilder &b, Type type, double value) {
  return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
}

static Value castFloat(ImplicitLocOpBuilder &b, Type type, Value x) {
  unsigned from = x.getType().getIntOrFloatBitWidth(), to = type.getIntOrFloatBitWidth();
  if (x.getType() == type)
    return x;
  if (from < to)
    return arith::ExtFOp::create(b, type, x);
  if (from > to)
    return arith::TruncFOp::create(b, type, x);
  // f16 and bf16 have the same width: through f32.
  return castFloat(b, type, castFloat(b, b.getF32Type(), x));
}

static Value extendInt(ImplicitLocOpBuilder &b, Type codeType, Type to, Value code) {
  if (code.getType() == to)
    return code;
  if (cast<IntegerType>(codeType).isUnsigned())
    return arith::ExtUIOp::create(b, to, code);
  return arith::ExtSIOp::create(b, to, code);
}

/// The type that arithmetic on numbers of `type` is done in.
static Type getComputeType(ImplicitLocOpBuilder &b, Type type) {
  return type.isF64() ? Type(b.getF64Type()) : Type(b.getF32Type());
}

/// Exact value of a power of two in eight bits as f32: they are its exponent, except
/// that 0 is 2^-127, which is subnormal, and 255 is NaN.
static Value decodePowerOfTwo(ImplicitLocOpBuilder &b, Value code) {
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  Value exponent = arith::ExtUIOp::create(b, i32, arith::BitcastOp::create(b, b.getI8Type(), code));
  Value bits = arith::ShLIOp::create(b, exponent, constantInt(b, i32, 23));
  bits = arith::MaxUIOp::create(b, bits, constantInt(b, i32, 0x00400000));
  Value isNaN = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, exponent, constantInt(b, i32, 255));
  Value nan = arith::ConstantOp::create(b, b.getFloatAttr(f32, APFloat::getNaN(APFloat::IEEEsingle())));
  return arith::SelectOp::create(b, isNaN, nan, arith::BitcastOp::create(b, f32, bits));
}

/// Exact value of an 8-bit float as f32.
static Value decodeFloat8(ImplicitLocOpBuilder &b, Type codeType, Value code) {
  Type i16 = b.getIntegerType(16);
  Value bits = arith::ExtUIOp::create(b, i16, arith::BitcastOp::create(b, b.getI8Type(), code));
  auto asFloat = [&](Value half) {
    Value number = arith::BitcastOp::create(b, b.getF16Type(), half);
    return castFloat(b, b.getF32Type(), number);
  };
  if (isa<Float8E5M2Type>(codeType))
    return asFloat(arith::ShLIOp::create(b, bits, constantInt(b, i16, 8)));

  Value magnitude = arith::AndIOp::create(b, bits, constantInt(b, i16, 0x7f));
  Value sign = arith::AndIOp::create(b, bits, constantInt(b, i16, 0x80));
  Value half = arith::OrIOp::create(b, arith::ShLIOp::create(b, sign, constantInt(b, i16, 8)),
                                    arith::ShLIOp::create(b, magnitude, constantInt(b, i16, 7)));
  Value number = arith::MulFOp::create(b, asFloat(half), constantFloat(b, b.getF32Type(), 256.0));
  Value isNaN = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, magnitude, constantInt(b, i16, 0x7f));
  Value nan = arith::ConstantOp::create(b, b.getFloatAttr(b.getF32Type(), APFloat::getNaN(APFloat::IEEEsingle())));
  return arith::SelectOp::create(b, isNaN, nan, number);
}

/// Nearest 8-bit float (ties to even) of the f32 `x`, saturated; NaN becomes 0.
static Value encodeFloat8(ImplicitLocOpBuilder &b, Type codeType, Value x) {
  bool e4m3 = isa<Float8E4M3FNType>(codeType);
  int mantissa = e4m3 ? 3 : 2, bias = e4m3 ? 7 : 15, shift = 23 - mantissa;
  double largest = e4m3 ? 448.0 : 57344.0;
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  auto bitsOf = [&](Value v) -> Value { return arith::BitcastOp::create(b, i32, v); };

  Value isNaN = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, x, x);
  x = arith::SelectOp::create(b, isNaN, constantFloat(b, f32, 0.0), x);
  Value magnitude = arith::MinimumFOp::create(b, math::AbsFOp::create(b, x), constantFloat(b, f32, largest));

  // Normal: round the f32's mantissa to `mantissa` bits, then change the bias.
  Value bits = bitsOf(magnitude);
  Value odd =
      arith::AndIOp::create(b, arith::ShRUIOp::create(b, bits, constantInt(b, i32, shift)), constantInt(b, i32, 1));
  Value half = arith::AddIOp::create(b, odd, constantInt(b, i32, (1 << (shift - 1)) - 1));
  Value rounded = arith::ShRUIOp::create(b, arith::AddIOp::create(b, bits, half), constantInt(b, i32, shift));
  Value normal = arith::SubIOp::create(b, rounded, constantInt(b, i32, (127 - bias) << mantissa));

  // Subnormal: adding a number whose last bit is the smallest subnormal rounds to it.
  double anchor = std::ldexp(1.0, 23 + 1 - bias - mantissa);
  Value sum = arith::AddFOp::create(b, magnitude, constantFloat(b, f32, anchor));
  Value subnormal = arith::SubIOp::create(b, bitsOf(sum), bitsOf(constantFloat(b, f32, anchor)));

  Value isNormal =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, magnitude, constantFloat(b, f32, std::ldexp(1.0, 1 - bias)));
  Value sign = arith::AndIOp::create(b, arith::ShRUIOp::create(b, bitsOf(x), constantInt(b, i32, 24)),
                                     constantInt(b, i32, 0x80));
  Value code = arith::OrIOp::create(b, arith::SelectOp::create(b, isNormal, normal, subnormal), sign);
  return arith::BitcastOp::create(b, codeType, arith::TruncIOp::create(b, b.getI8Type(), code));
}

Value condense::compress::buildNumber(ImplicitLocOpBuilder &b, Value x, Type type) {
  if (isa<Float8E8M0FNUType>(x.getType()))
    x = decodePowerOfTwo(b, x);
  else if (isa<Float8E4M3FNType, Float8E5M2Type>(x.getType()))
    x = decodeFloat8(b, x.getType(), x);
  return castFloat(b, type, x);
}

Value condense::compress::buildDequantize(ImplicitLocOpBuilder &b, Type codeType, Value code, Value scale, Value zero,
                                          Type resultType) {
  Type compute = getComputeType(b, resultType);
  Value number;
  if (isa<IntegerType>(codeType)) {
    // One bit more than the code for the difference.
    bool fits = getCodeWidth(codeType) < 32 || (!zero && !cast<IntegerType>(codeType).isUnsigned());
    Type wide = b.getIntegerType(fits ? 32 : 64);
    Value difference = extendInt(b, codeType, wide, code);
    if (zero)
      difference = arith::SubIOp::create(b, difference, extendInt(b, codeType, wide, zero));
    number = arith::SIToFPOp::create(b, compute, difference);
  } else {
    number = buildNumber(b, code, compute);
  }
  Value product = arith::MulFOp::create(b, number, buildNumber(b, scale, compute));
  return castFloat(b, resultType, product);
}

Value condense::compress::buildQuantize(ImplicitLocOpBuilder &b, Type codeType, Value x, Value scale, Value zero) {
  Type compute = getComputeType(b, x.getType()), i32 = b.getI32Type();
  Value quotient = arith::DivFOp::create(b, castFloat(b, compute, x), buildNumber(b, scale, compute));
  if (!isa<IntegerType>(codeType))
    return encodeFloat8(b, codeType, castFloat(b, b.getF32Type(), quotient));

  CodeRange range = getCodeRange(codeType);
  Value low = constantInt(b, i32, range.low), high = constantInt(b, i32, range.high);
  // Limiting before and after adding the zero point keeps the conversion to an
  // integer defined for infinities: no difference to a zero point is larger.
  double limit = 1 << 17;
  Value rounded = math::RoundEvenOp::create(b, quotient);
  Value isNaN = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, rounded, rounded);
  rounded = arith::SelectOp::create(b, isNaN, constantFloat(b, compute, 0.0), rounded);
  rounded = arith::MaximumFOp::create(b, rounded, constantFloat(b, compute, -limit));
  rounded = arith::MinimumFOp::create(b, rounded, constantFloat(b, compute, limit));
  Value code = arith::FPToSIOp::create(b, i32, rounded);
  if (zero)
    code = arith::AddIOp::create(b, code, extendInt(b, codeType, i32, zero));
  code = arith::MinSIOp::create(b, arith::MaxSIOp::create(b, code, low), high);
  return arith::TruncIOp::create(b, b.getIntegerType(getCodeWidth(codeType)), code);
}
