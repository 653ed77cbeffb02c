// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a loop of a linalg operation is cut into whole tiles and a rest.

#include "LoopSegments.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace condense::codegen;

static OpFoldResult roundDown(OpBuilder &builder, Location loc, OpFoldResult size, int64_t step) {
  AffineExpr whole = builder.getAffineDimExpr(0).floorDiv(step) * step;
  return affine::makeComposedFoldedAffineApply(builder, loc, whole, {size});
}

SmallVector<LoopSegment> condense::codegen::rowSegments(OpBuilder &builder, Location loc, OpFoldResult size,
                                                        int64_t rows) {
  OpFoldResult end = roundDown(builder, loc, size, rows);
  std::optional<int64_t> staticSize = getConstantIntValue(size);
  int64_t rest = staticSize ? std::max<int64_t>(1, *staticSize % rows) : 1;
  return {{builder.getIndexAttr(0), end, rows, rows}, {end, size, rest, rest}};
}

SmallVector<LoopSegment> condense::codegen::vectorSegments(OpBuilder &builder, Location loc, OpFoldResult size,
                                                           int64_t vectors, int64_t lanes) {
  int64_t step = vectors * lanes;
  OpFoldResult end = roundDown(builder, loc, size, step);
  LoopSegment rest{end, size, lanes, 1, true};
  if (std::optional<int64_t> staticSize = getConstantIntValue(size)) {
    rest.unroll = llvm::divideCeil(*staticSize % step, lanes);
    rest.step = std::max<int64_t>(1, rest.unroll * lanes);
    rest.isMasked = *staticSize % lanes != 0;
  }
  return {{builder.getIndexAttr(0), end, step, vectors}, rest};
}

Value condense::codegen::makeMask(OpBuilder &builder, Location loc, const LoopSegment &segment, OpFoldResult base,
                                  int64_t lanes, int64_t perLane) {
  AffineExpr left = builder.getAffineDimExpr(0) - builder.getAffineDimExpr(1) - (segment.unroll - 1) * lanes;
  OpFoldResult active = affine::makeComposedFoldedAffineApply(builder, loc, left * perLane, {segment.end, base});
  auto type = VectorType::get(lanes * perLane, builder.getI1Type());
  return vector::CreateMaskOp::create(builder, loc, type, getValueOrCreateConstantIndexOp(builder, loc, active));
}

Value condense::codegen::shapeSource(Value tensor) {
  while (auto op = tensor.getDefiningOp<DestinationStyleOpInterface>())
    tensor = op.getTiedOpOperand(cast<OpResult>(tensor))->get();
  return tensor;
}

SmallVector<OpFoldResult> condense::codegen::loopSizes(OpBuilder &builder, linalg::LinalgOp op) {
  SmallVector<OpFoldResult> sizes;
  for (auto [loop, size] : llvm::enumerate(op.getStaticLoopRanges())) {
    sizes.push_back(builder.getIndexAttr(size));
    if (!ShapedType::isDynamic(size))
      continue;
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      if (std::optional<unsigned> position = map.getResultPosition(builder.getAffineDimExpr(loop)))
        sizes.back() = tensor::getMixedSize(builder, op.getLoc(), shapeSource(operand.get()), *position);
    }
  }
  return sizes;
}
