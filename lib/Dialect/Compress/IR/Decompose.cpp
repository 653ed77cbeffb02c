// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reference semantics of quantize and dequantize as one linalg.generic.

#include "Blockwise.h"
#include "CodeArithmetic.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"

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

FailureOr<Value> QuantizeOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  RankedTensorType type = getCodes().getType();
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
