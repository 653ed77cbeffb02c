// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// x = (code - zero point) scale: a scale gets the sum of dx (code - zero point) over its block, a code that is a
// number (of a codebook) dx scale.

#include "Rules.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

LogicalResult condense::compress::differentiate(DequantizeOp op, nn::Adjoints &b) {
  RankedTensorType type = op.getOutput().getType(), scalesType = op.getScales().getType();
  if (!type.hasStaticShape() || !scalesType.hasStaticShape())
    return op.emitOpError("has no adjoint for a tensor of unknown shape");
  Type element = type.getElementType();
  Blocks blocks(type.getShape(), scalesType.getShape());
  Value adjoint = b.reshape(b.of(), blocks.shape);
  if (b.needs(0)) {
    Value scales = b.reshape(b.cast(op.getScales(), element), blocks.perBlock);
    Value codes = b.reshape(b.mul(adjoint, scales), type.getShape());
    b.set(0, b.cast(codes, getElementTypeOrSelf(op.getCodes())));
  }
  if (b.needs(1)) {
    Value codes = b.reshape(b.cast(op.getCodes(), element), blocks.shape);
    if (Value zero = op.getZeroPoints())
      codes = b.sub(codes, b.reshape(b.cast(zero, element), blocks.perBlock));
    Value sum = b.sum(b.mul(adjoint, codes), blocks.inner, /*keepDims=*/false);
    b.set(1, b.cast(b.reshape(sum, scalesType.getShape()), scalesType.getElementType()));
  }
  return success();
}
