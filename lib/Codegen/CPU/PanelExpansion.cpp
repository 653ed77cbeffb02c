// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights that are computed for one panel of lanes, before all the rows that
// multiply it.

#include "PanelExpansion.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace condense::codegen;

/// Bytes of a vector, and its lanes of four.
static constexpr int64_t kBytes = 64, kLanes = kBytes / kDotLength;
/// A loop whose index is a number in the body is unrolled.
static constexpr int64_t kMostUnrolled = 8;

static bool usesIndex(linalg::LinalgOp op, unsigned loop) {
  return llvm::any_of(op.getBlock()->getOps<linalg::IndexOp>(),
                      [&](linalg::IndexOp index) { return index.getDim() == loop; });
}

/// Whether the operand is a constant of bytes that is read at single loops, of
/// which n and the loop of four come last, if at all.
static bool isReadableConstant(linalg::LinalgOp op, OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  Operation *def = operand.get().getDefiningOp();
  unsigned groups = op.getNumLoops() - 1, lanes = groups - 1, rank = map.getNumResults();
  if (!def || !def->hasTrait<OpTrait::ConstantLike>() || !map.isProjectedPermutation() ||
      !getElementTypeOrSelf(operand.get().getType()).isInteger(8))
    return false;
  bool hasGroups = map.isFunctionOfDim(groups), hasLanes = map.isFunctionOfDim(lanes);
  if (hasGroups)
    return rank >= 2 && map.getDimPosition(rank - 1) == groups && map.getDimPosition(rank - 2) == lanes;
  return !hasLanes || map.getDimPosition(rank - 1) == lanes;
}

static bool isExpandable(linalg::LinalgOp op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.hasStaticShape() || !type.getElementType().isInteger(8) || type.getRank() < 3 ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() || !isLanewise(*op.getBlock()))
    return false;
  ArrayRef<int64_t> shape = type.getShape();
  unsigned groups = op.getNumLoops() - 1;
  if (shape.back() != kDotLength || shape[groups - 1] % kLanes != 0 || usesIndex(op, groups) ||
      usesIndex(op, groups - 1))
    return false;
  for (unsigned loop = 0; loop < groups; ++loop)
    if (usesIndex(op, loop) && shape[loop] > kMostUnrolled)
      return false;
  return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
    return !op.payloadUsesValueFromOperand(&operand) || isReadableConstant(op, operand);
  });
}

std::optional<PanelExpansion> PanelExpansion::match(linalg::LinalgOp consumer, OpOperand *lanes, unsigned vectorLoop) {
  auto producer = lanes->get().getDefiningOp<linalg::LinalgOp>();
  AffineMap map = consumer.getMatchingIndexingMap(lanes);
  if (!producer || producer->getNumResults() != 1 || !isExpandable(producer) || !map.isProjectedPermutation() ||
      map.getNumResults() < 3)
    return std::nullopt;
  PanelExpansion result;
  result.op = producer;
  result.map = map;
  unsigned first = map.getDimPosition(0);
  SmallVector<utils::IteratorType> iterators = consumer.getIteratorTypesArray();
  if (first != vectorLoop && iterators[first] == utils::IteratorType::parallel)
    result.panelLoop = first;
  return result;
}

AffineMap PanelExpansion::getMap() const { return panelLoop ? map.dropResult(0) : map; }

/// 64 bytes of the constant: as they are, or one of each lane four times.
Value PanelExpansion::read(OpBuilder &builder, Location loc, OpOperand &operand, ArrayRef<OpFoldResult> point) const {
  linalg::LinalgOp producer = op;
  AffineMap at = producer.getMatchingIndexingMap(&operand);
  unsigned groups = producer.getNumLoops() - 1;
  SmallVector<Value> indices;
  for (unsigned i = 0; i < at.getNumResults(); ++i)
    indices.push_back(getValueOrCreateConstantIndexOp(builder, loc, point[at.getDimPosition(i)]));
  Type byte = builder.getI8Type();
  bool hasGroups = at.isFunctionOfDim(groups);
  if (!hasGroups && !at.isFunctionOfDim(groups - 1))
    return tensor::ExtractOp::create(builder, loc, operand.get(), indices);
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(byte));
  if (hasGroups) {
    indices.pop_back();
    indices.back() = getValueOrCreateConstantIndexOp(
        builder, loc,
        affine::makeComposedFoldedAffineApply(builder, loc, builder.getAffineDimExpr(0) * kDotLength,
                                              {getAsOpFoldResult(indices.back())}));
    return loadDotLanes(builder, loc, collapseLast(builder, loc, operand.get()), indices, kLanes, Value());
  }
  Value values = vector::TransferReadOp::create(builder, loc, VectorType::get(kLanes, byte), operand.get(), indices,
                                                zero, ArrayRef<bool>{true});
  SmallVector<int64_t> repeated;
  for (int64_t i = 0; i < kBytes; ++i)
    repeated.push_back(i / kDotLength);
  return vector::ShuffleOp::create(builder, loc, values, values, repeated);
}

/// All vectors of lanes at `point` of the outer loops.
Value PanelExpansion::emitVectors(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> outer,
                                  Value destination) const {
  linalg::LinalgOp producer = op;
  int64_t lanes = cast<RankedTensorType>(producer->getResult(0).getType()).getShape()[outer.size()];
  for (int64_t lane = 0; lane < lanes; lane += kLanes) {
    SmallVector<OpFoldResult> point(outer);
    point.push_back(builder.getIndexAttr(lane));
    point.push_back(builder.getIndexAttr(0));
    IRMapping values;
    for (OpOperand &operand : producer->getOpOperands())
      if (producer.payloadUsesValueFromOperand(&operand))
        values.map(producer.getMatchingBlockArgument(&operand), read(builder, loc, operand, point));
    Value result = producer.getBlock()->getTerminator()->getOperand(0);
    result = evaluateOnBytes(builder, loc, *producer.getBlock(), result, values, point, kBytes);
    SmallVector<Value> indices;
    for (OpFoldResult index : outer.drop_front(panelLoop ? 1 : 0))
      indices.push_back(getValueOrCreateConstantIndexOp(builder, loc, index));
    indices.push_back(arith::ConstantIndexOp::create(builder, loc, lane * kDotLength));
    destination =
        vector::TransferWriteOp::create(builder, loc, result, destination, indices, ArrayRef<bool>{true}).getResult();
  }
  return destination;
}

Value PanelExpansion::emitLoops(OpBuilder &builder, Location loc, SmallVector<OpFoldResult> point,
                                Value destination) const {
  linalg::LinalgOp producer = op;
  ArrayRef<int64_t> shape = cast<RankedTensorType>(producer->getResult(0).getType()).getShape();
  unsigned loop = point.size();
  if (loop + 2 == shape.size())
    return emitVectors(builder, loc, point, destination);
  point.push_back({});
  if (usesIndex(producer, loop)) {
    for (int64_t i = 0; i < shape[loop]; ++i) {
      point.back() = builder.getIndexAttr(i);
      destination = emitLoops(builder, loc, point, destination);
    }
    return destination;
  }
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0), one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value size = arith::ConstantIndexOp::create(builder, loc, shape[loop]);
  auto nest = scf::ForOp::create(builder, loc, zero, size, one, destination);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(nest.getBody());
  point.back() = nest.getInductionVar();
  Value result = emitLoops(builder, loc, point, nest.getRegionIterArg(0));
  scf::YieldOp::create(builder, loc, result);
  return nest.getResult(0);
}

Value PanelExpansion::emit(OpBuilder &builder, Location loc, OpFoldResult panel) const {
  linalg::LinalgOp producer = op;
  SmallVector<int64_t> shape(cast<RankedTensorType>(producer->getResult(0).getType()).getShape());
  shape.pop_back();
  shape.back() *= kDotLength;
  SmallVector<OpFoldResult> point;
  if (panelLoop) {
    point.push_back(panel);
    shape.erase(shape.begin());
  }
  // Panels are computed by several threads: each has a buffer of its own, which no pass moves out of the loop.
  auto type = RankedTensorType::get(shape, builder.getI8Type());
  Value buffer = bufferization::AllocTensorOp::create(builder, loc, type, /*dynamicSizes=*/ValueRange());
  return emitLoops(builder, loc, point, buffer);
}
