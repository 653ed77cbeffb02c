// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The values of dequantize and unpack, bit by bit as decomposed.

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Numerics/Packing.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

FailureOr<HostTensor> UnpackOp::evaluate(ArrayRef<HostTensor> operands) {
  RankedTensorType type = getCodes().getType();
  ArrayRef<uint8_t> packed = operands[0].as<uint8_t>();
  std::vector<char> codes(type.getNumElements());
  numerics::CodeFormat format = getCodeFormat(type.getElementType());
  numerics::unpackCodes({packed.data(), packed.size()}, format.width, format.kind == numerics::CodeFormat::Kind::Signed,
                        {reinterpret_cast<uint8_t *>(codes.data()), codes.size()});
  return HostTensor(type, std::move(codes));
}

FailureOr<HostTensor> DequantizeOp::evaluate(ArrayRef<HostTensor> operands) {
  RankedTensorType type = getOutput().getType();
  if (!type.hasStaticShape() || type.getElementTypeBitWidth() > 32)
    return failure();
  FailureOr<std::vector<float>> codes = operands[0].toFloats(), scales = operands[1].toFloats();
  FailureOr<std::vector<float>> zeroPoints = std::vector<float>();
  if (getZeroPoints())
    zeroPoints = operands[2].toFloats();
  if (failed(codes) || failed(scales) || failed(zeroPoints))
    return failure();
  numerics::BlockLayout layout(type.getShape(), getScales().getType().getShape());
  for (int64_t block = 0; block < layout.getNumBlocks(); ++block) {
    float scale = (*scales)[block], zero = zeroPoints->empty() ? 0 : (*zeroPoints)[block];
    layout.forEachSegment(block, [&](int64_t first) {
      for (int64_t i = first; i < first + layout.getSegment(); ++i)
        (*codes)[i] = ((*codes)[i] - zero) * scale;
    });
  }
  return HostTensor::fromFloats(type, *codes);
}
