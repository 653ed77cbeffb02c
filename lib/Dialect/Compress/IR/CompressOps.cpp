// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Verification of the `compress` operations. The rules of block structure are
// shared: quantize and dequantize differ only in which tensor holds the values.

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

#define GET_OP_CLASSES
#include "condense/Dialect/Compress/IR/CompressOps.cpp.inc"

static LogicalResult verifyBlocks(Operation *op, RankedTensorType codes, RankedTensorType scales) {
  if (codes.getRank() != scales.getRank())
    return op->emitOpError() << "scales must have the rank of the codes, " << codes.getRank() << ", found "
                             << scales.getRank();
  for (auto [dim, sizes] : llvm::enumerate(llvm::zip_equal(codes.getShape(), scales.getShape()))) {
    auto [size, blocks] = sizes;
    // one for all, or for each
    if (blocks == 1 || (ShapedType::isDynamic(size) && ShapedType::isDynamic(blocks)))
      continue;
    if (ShapedType::isDynamic(blocks))
      return op->emitOpError() << "scales of dimension " << dim << " must be as many as their shape says, found "
                               << scales;
    if (ShapedType::isDynamic(size))
      return op->emitOpError() << "dynamic dimension " << dim << " must share one scale or have one for each element, "
                               << "found " << blocks;
    if (blocks == 0 || size % blocks != 0)
      return op->emitOpError() << "dimension " << dim << " of size " << size << " is not divisible into " << blocks
                               << " blocks";
  }
  return success();
}

/// What `tensor -> codes` and `codes -> tensor` have in common.
static LogicalResult verifyQuantization(Operation *op, RankedTensorType codes, RankedTensorType values,
                                        RankedTensorType scales, Value zeroPoints) {
  Type code = codes.getElementType();
  if (!isCodeType(code) && !(isa<FloatType>(code) && isa<DequantizeOp>(op)))
    return op->emitOpError() << "codes must be iN or uiN with N from 2 to 8, 16 or 32, f8E4M3FN or f8E5M2, found "
                             << code;
  if (failed(verifyCompatibleShape(codes, values)))
    return op->emitOpError() << "codes and values must have the same shape, found " << codes << " and " << values;
  if (failed(verifyBlocks(op, codes, scales)))
    return failure();
  if (!zeroPoints)
    return success();
  auto zeroType = cast<RankedTensorType>(zeroPoints.getType());
  if (isa<FloatType>(code))
    return op->emitOpError() << "codes of type " << code << " take no zero points";
  if (zeroType.getShape() != scales.getShape())
    return op->emitOpError() << "zero points must have the shape of the scales, found " << zeroType << " and "
                             << scales;
  if (zeroType.getElementType() != code)
    return op->emitOpError() << "zero points must have the codes' type " << code << ", found "
                             << zeroType.getElementType();
  return success();
}

LogicalResult QuantizeOp::verify() {
  if (Type code = getCodes().getType().getElementType(); getCodeWidth(code) > 16)
    return emitOpError() << "codes must have at most 16 bits, found " << code;
  return verifyQuantization(*this, getCodes().getType(), getInput().getType(), getScales().getType(), getZeroPoints());
}

LogicalResult DequantizeOp::verify() {
  return verifyQuantization(*this, getCodes().getType(), getOutput().getType(), getScales().getType(), getZeroPoints());
}

LogicalResult UnpackOp::verify() {
  RankedTensorType codes = getCodes().getType(), bytes = getBytes().getType();
  if (!isWeightStorage(codes.getElementType()))
    return emitOpError() << "cannot unpack codes of type " << codes.getElementType();
  if (!codes.hasStaticShape() || !bytes.hasStaticShape() || bytes.getRank() != 1)
    return emitOpError() << "requires static shapes and bytes of rank 1, found " << bytes << " and " << codes;
  if (!getHostBytes(codes))
    return emitOpError() << "has more codes than can be counted: " << codes;
  int64_t expected = llvm::divideCeil(codes.getNumElements() * getCodeWidth(codes.getElementType()), 8);
  if (bytes.getNumElements() != expected)
    return emitOpError() << codes.getNumElements() << " codes of type " << codes.getElementType() << " take "
                         << expected << " bytes, found " << bytes.getNumElements();
  return success();
}
