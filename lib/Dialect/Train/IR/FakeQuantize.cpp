// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Type, verification and meaning of train.fake_quantize.

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Train/IR/Train.h"

using namespace mlir;
using namespace condense;
using namespace condense::train;

#define GET_OP_CLASSES
#include "condense/Dialect/Train/IR/TrainOps.cpp.inc"

LogicalResult FakeQuantizeOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

/// Whether a dimension of the input is divided into equal blocks.
static LogicalResult verifyBlocks(FakeQuantizeOp op) {
  RankedTensorType input = op.getInput().getType(), scales = op.getScales().getType();
  if (input.getRank() != scales.getRank() || !scales.hasStaticShape())
    return op.emitOpError() << "requires scales of static shape and of the rank of the input, " << input.getRank()
                            << ", found " << scales;
  for (auto [dim, sizes] : llvm::enumerate(llvm::zip_equal(input.getShape(), scales.getShape()))) {
    auto [size, blocks] = sizes;
    if (blocks == 1)
      continue;
    if (ShapedType::isDynamic(size) || blocks == 0 || size % blocks != 0)
      return op.emitOpError() << "dimension " << dim << " of " << input << " is not divisible into " << blocks
                              << " blocks";
  }
  return success();
}

LogicalResult FakeQuantizeOp::verify() {
  if (!compress::isWeightStorage(getStorage()))
    return emitOpError() << "requires storage i2 to i8, ui2 to ui8, f8E4M3FN or f8E5M2, found " << getStorage();
  if (failed(verifyBlocks(*this)))
    return failure();
  if (!getZeroPoints())
    return success();
  auto zeroType = RankedTensorType::get(getScales().getType().getShape(), getStorage());
  if (isa<FloatType>(getStorage()))
    return emitOpError() << "storage " << getStorage() << " takes no zero points";
  if (getZeroPoints().getType() != zeroType)
    return emitOpError() << "requires zero points of type " << zeroType << ", found " << getZeroPoints().getType();
  return success();
}

Value FakeQuantizeOp::decompose(OpBuilder &builder) {
  auto codeType = cast<RankedTensorType>(getInput().getType().clone(getStorage()));
  Value codes = compress::QuantizeOp::create(builder, getLoc(), codeType, getInput(), getScales(), getZeroPoints());
  return compress::DequantizeOp::create(builder, getLoc(), getOutput().getType(), codes, getScales(), getZeroPoints());
}
