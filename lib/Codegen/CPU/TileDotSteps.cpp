// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The innermost step of kernels that multiply bytes: one instruction for four
// products of every lane.

#include "TileEmitter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace condense::codegen;

/// The groups of one vector of lanes.
Value TileEmitter::readDotLanes(const LanePoint &point, const Tile &tile, int64_t row, int64_t vector) {
  // The last two dimensions are one: lane n begins at 4 n.
  SmallVector<Value> indices = evaluator.bases(evaluator.apply(dotLanesMap, pointInTile(point, row, vector)));
  indices.pop_back();
  indices.back() = getValueOrCreateConstantIndexOp(
      builder, loc,
      affine::makeComposedFoldedAffineApply(builder, loc, builder.getAffineDimExpr(0) * kDotLength, {indices.back()}));
  Value mask = vector + 1 == tile.vectors ? tile.groupMask : Value();
  return loadDotLanes(builder, loc, dotLanes, indices, plan.lanes, mask);
}

/// One dot product for every accumulator. Vectors of lanes are read once for
/// all rows, unless they move with them.
SmallVector<Value> TileEmitter::emitDotStep(const LanePoint &point, const Tile &tile, ArrayRef<Value> accumulators) {
  const DotPlan &dot = *plan.dot;
  AffineMap groupMap = op.getMatchingIndexingMap(dot.groupOperand);
  bool movesWithRow = plan.rowLoop && KernelPlan::dependsOn(dotLanesMap, *plan.rowLoop);
  Accumulators results(accumulators);
  for (int64_t vector = 0; vector < tile.vectors; ++vector) {
    Value lanes;
    for (int64_t row = 0; row < tile.rows; ++row) {
      if (!lanes || movesWithRow)
        lanes = readDotLanes(point, tile, row, vector);
      LanePoint at = evaluator.apply(groupMap, pointInTile(point, row, vector));
      Value group = loadDotGroup(builder, loc, dot.groupOperand->get(), evaluator.bases(at), plan.lanes);
      Value &sum = results[row * tile.vectors + vector];
      sum = createDotProduct(builder, loc, sum, dot.lanesAreSigned ? group : lanes, dot.lanesAreSigned ? lanes : group);
    }
  }
  return results;
}

/// The group of one row, in every lane.
Value TileEmitter::readDotGroup(const LanePoint &point, int64_t row) {
  OpOperand *operand = plan.dot->groupOperand;
  LanePoint at = evaluator.apply(op.getMatchingIndexingMap(operand), pointInTile(point, row, 0));
  return loadDotGroup(builder, loc, operand->get(), evaluator.bases(at), plan.lanes);
}

/// The dot products of all codes in the bytes of each vector: these are read
/// once, and each code is taken out once, for all rows, unless they move with
/// the rows.
SmallVector<Value> TileEmitter::emitCodeStep(LanePoint point, const Tile &tile, ArrayRef<Value> accumulators) {
  const DotPlan &dot = *plan.dot;
  bool movesWithRow = plan.rowLoop && KernelPlan::dependsOn(dotLanesMap, *plan.rowLoop);
  int64_t codes = dot.codeLoop ? *getConstantIntValue(sizes[*dot.codeLoop]) : 1;
  Accumulators results(accumulators);
  for (int64_t first = 0; first < tile.rows; first += movesWithRow ? 1 : tile.rows) {
    SmallVector<Value> bytes;
    for (int64_t vector = 0; vector < tile.vectors; ++vector)
      bytes.push_back(readDotLanes(point, tile, first, vector));
    for (int64_t index = 0; index < codes; ++index) {
      if (dot.codeLoop)
        point[*dot.codeLoop].base = builder.getIndexAttr(index);
      SmallVector<Value> lanes;
      for (Value value : bytes)
        lanes.push_back(evaluateCode(builder, op, dot, index, value));
      for (int64_t row = first; row < (movesWithRow ? first + 1 : tile.rows); ++row) {
        Value group = readDotGroup(point, row);
        for (int64_t vector = 0; vector < tile.vectors; ++vector) {
          Value &sum = results[row * tile.vectors + vector];
          sum = createDotProduct(builder, loc, sum, group, lanes[vector]);
        }
      }
    }
  }
  return results;
}
