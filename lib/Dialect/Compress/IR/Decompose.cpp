// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reference semantics of quantize and dequantize as one linalg.generic.

#include "Blockwise.h"
#include "CodeArithmetic.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace condense::compress;

FailureOr<Value> DequantizeOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  RankedTensorType type = getOutput().getType();
  ArrayRef<int64_t> blocks = getScales().getType().getShape();
  Type codeType = getCodes().getType().getElementType();
  BlockwiseOperands operands{{}, {getScales()}, llvm::to_vector(blocks), codeType, getCodesPerByte(getCodes(), blocks)};
  if (getZeroPoints())
    operands.perBlock.push_back(getBlockwiseValues(b, getZeroPoints(), /*perByte=*/1));
  operands.values = getBlockwiseValues(b, getCodes(), operands.perByte);
  return buildBlockwise(b, operands, type, [&](ImplicitLocOpBuilder &in, const BlockSpace &, ValueRange args) {
    Value zero = args.size() > 2 ? args[2] : Value();
    return buildDequantize(in, codeType, args[0], args[1], zero, type.getElementType());
  });
}

/// `1 / scale` of each scale.
static Value buildReciprocals(ImplicitLocOpBuilder &b, Value scales) {
  auto type = cast<RankedTensorType>(scales.getType());
  BlockwiseOperands operands{scales, {}, SmallVector<int64_t>(type.getRank(), 1), type.getElementType()};
  return buildBlockwise(b, operands, type.clone(b.getF32Type()),
                        [](ImplicitLocOpBuilder &in, const BlockSpace &, ValueRange args) -> Value {
                          Value one = arith::ConstantOp::create(in, in.getF32FloatAttr(1));
                          return arith::DivFOp::create(in, one, buildNumber(in, args[0], in.getF32Type()));
                        });
}

/// `round_half_even(x * reciprocal)` of what fits 8 bits. Adding 1.5 * 2^23 to a float of less than 2^22 rounds it, and
/// leaves the integer in the low bits.
static Value buildFitting(ImplicitLocOpBuilder &b, Value x, Value reciprocal) {
  Value anchor = arith::ConstantOp::create(b, b.getF32FloatAttr(12582912));
  Value sum = math::FmaOp::create(b, buildNumber(b, x, b.getF32Type()), reciprocal, anchor);
  return arith::TruncIOp::create(b, b.getI8Type(), arith::BitcastOp::create(b, b.getI32Type(), sum));
}

FailureOr<Value> QuantizeOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  RankedTensorType type = getCodes().getType();
  bool fits = (*this)->hasAttr(CompressDialect::kFitsAttrName) && type.getElementType().isSignlessInteger(8) &&
              !getZeroPoints() && getInput().getType().getElementTypeBitWidth() <= 32;
  if (fits) {
    BlockwiseOperands operands{getInput(),
                               {buildReciprocals(b, getScales())},
                               llvm::to_vector(getScales().getType().getShape()),
                               type.getElementType()};
    return buildBlockwise(b, operands, type, [](ImplicitLocOpBuilder &in, const BlockSpace &, ValueRange args) {
      return buildFitting(in, args[0], args[1]);
    });
  }
  auto signless = cast<RankedTensorType>(getSignlessType(type));
  BlockwiseOperands operands{
      getInput(), {getScales()}, llvm::to_vector(getScales().getType().getShape()), type.getElementType()};
  if (getZeroPoints())
    operands.perBlock.push_back(toSignless(b, getZeroPoints()));
  Value codes =
      buildBlockwise(b, operands, signless, [&](ImplicitLocOpBuilder &in, const BlockSpace &, ValueRange args) {
        Value zero = args.size() > 2 ? args[2] : Value();
        return buildQuantize(in, type.getElementType(), args[0], args[1], zero);
      });
  return castSignedness(b, type, codes);
}
