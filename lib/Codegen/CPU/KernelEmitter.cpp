// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the loop nest of a kernel plan:
//
//   outer loops, loop over vectors, inner loops, loop over rows      (parallel;
//   carry the result)
//     accumulators = initial values
//     reduction loops                                                (carry the
//     accumulators)
//       accumulators = body(operands, accumulators)
//     write epilogue(accumulators)

#include "KernelEmitter.h"
#include "ExpressionEvaluator.h"
#include "LoopSegments.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace condense::codegen;

namespace {

/// The rows and vectors computed together, and the lanes of the last vector.
struct Tile {
  int64_t rows = 1, vectors = 1;
  Value mask;
};

class KernelEmitter {
public:
  KernelEmitter(RewriterBase &rewriter, const KernelPlan &plan);
  Value emit();

private:
  using Accumulators = SmallVector<Value>;

  SmallVector<LoopSegment> segmentsOf(unsigned loop);
  Value emitLoops(ArrayRef<unsigned> loops, LanePoint point, Tile tile,
                  Value destination);
  Value emitSegment(ArrayRef<unsigned> loops, const LoopSegment &segment,
                    LanePoint point, Tile tile, Value destination);
  Value makeMask(const LoopSegment &segment, OpFoldResult base);
  Accumulators emitInit(const LanePoint &point, const Tile &tile,
                        Value destination);
  Value emitTile(const LanePoint &point, const Tile &tile, Value destination);
  Accumulators emitReduction(ArrayRef<unsigned> loops, LanePoint point,
                             const Tile &tile, Accumulators accumulators);
  Accumulators emitStep(const LanePoint &point, const Tile &tile,
                        ArrayRef<Value> accumulators);
  Value emitEpilogue(const LanePoint &loops, Value accumulator, Value mask);
  LanePoint pointInTile(const LanePoint &point, int64_t row, int64_t vector);
  OpFoldResult offset(OpFoldResult index, int64_t delta);
  /// The tensor is evaluated where it is needed, not stored.
  bool isComputed(Value tensor) {
    return isConstantExpression(tensor) ||
           (plan.initProducer && tensor.getDefiningOp() == plan.initProducer);
  }
  Value maskOf(const Tile &tile, int64_t vector) {
    return vector + 1 == tile.vectors ? tile.mask : Value();
  }

  RewriterBase &rewriter;
  KernelPlan plan;
  linalg::LinalgOp op;
  Location loc;
  ExpressionEvaluator evaluator;
  SmallVector<OpFoldResult> sizes;
};

} // namespace

KernelEmitter::KernelEmitter(RewriterBase &rewriter, const KernelPlan &plan)
    : rewriter(rewriter), plan(plan), op(plan.op), loc(op.getLoc()),
      evaluator(rewriter, loc, plan.lanes, plan.initProducer),
      sizes(loopSizes(rewriter, op)) {}

OpFoldResult KernelEmitter::offset(OpFoldResult index, int64_t delta) {
  return affine::makeComposedFoldedAffineApply(
      rewriter, loc, rewriter.getAffineDimExpr(0) + delta, {index});
}

LanePoint KernelEmitter::pointInTile(const LanePoint &point, int64_t row,
                                     int64_t vector) {
  LanePoint result = point;
  if (plan.rowLoop)
    result[*plan.rowLoop].base = offset(point[*plan.rowLoop].base, row);
  LaneIndex &lane = result[plan.vectorLoop];
  lane = {offset(lane.base, vector * plan.lanes), 1};
  return result;
}

SmallVector<LoopSegment> KernelEmitter::segmentsOf(unsigned loop) {
  if (plan.rowLoop == loop)
    return rowSegments(rewriter, loc, sizes[loop], plan.rows);
  if (plan.vectorLoop == loop)
    return vectorSegments(rewriter, loc, sizes[loop], plan.vectors, plan.lanes);
  return {{rewriter.getIndexAttr(0), sizes[loop]}};
}

Value KernelEmitter::makeMask(const LoopSegment &segment, OpFoldResult base) {
  AffineExpr left = rewriter.getAffineDimExpr(0) -
                    rewriter.getAffineDimExpr(1) -
                    (segment.unroll - 1) * plan.lanes;
  OpFoldResult active = affine::makeComposedFoldedAffineApply(
      rewriter, loc, left, {segment.end, base});
  auto type = VectorType::get(plan.lanes, rewriter.getI1Type());
  return vector::CreateMaskOp::create(
      rewriter, loc, type,
      getValueOrCreateConstantIndexOp(rewriter, loc, active));
}

Value KernelEmitter::emitSegment(ArrayRef<unsigned> loops,
                                 const LoopSegment &segment, LanePoint point,
                                 Tile tile, Value destination) {
  std::optional<int64_t> begin = getConstantIntValue(segment.begin),
                         end = getConstantIntValue(segment.end);
  auto emitBody = [&](OpFoldResult base, Value destination) {
    point[loops.front()].base = base;
    if (plan.rowLoop == loops.front())
      tile.rows = segment.unroll;
    if (plan.vectorLoop == loops.front()) {
      tile.vectors = segment.unroll;
      tile.mask = segment.isMasked ? makeMask(segment, base) : Value();
    }
    return emitLoops(loops.drop_front(), point, tile, destination);
  };
  if (begin && end && *begin >= *end)
    return destination;
  if (begin && end && *end - *begin <= segment.step)
    return emitBody(segment.begin, destination);
  auto asValue = [&](OpFoldResult index) {
    return getValueOrCreateConstantIndexOp(rewriter, loc, index);
  };
  auto loop = scf::ForOp::create(
      rewriter, loc, asValue(segment.begin), asValue(segment.end),
      asValue(rewriter.getIndexAttr(segment.step)), destination);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  Value result = emitBody(loop.getInductionVar(), loop.getRegionIterArg(0));
  scf::YieldOp::create(rewriter, loc, result);
  return loop.getResult(0);
}

Value KernelEmitter::emitLoops(ArrayRef<unsigned> loops, LanePoint point,
                               Tile tile, Value destination) {
  if (loops.empty())
    return emitTile(point, tile, destination);
  for (const LoopSegment &segment : segmentsOf(loops.front()))
    destination = emitSegment(loops, segment, point, tile, destination);
  return destination;
}

/// One application of the body to every accumulator. Each operand is read once
/// for all the rows or vectors that share it.
SmallVector<Value> KernelEmitter::emitStep(const LanePoint &point,
                                           const Tile &tile,
                                           ArrayRef<Value> accumulators) {
  Accumulators results;
  SmallVector<SmallVector<Value>> readAtVector(
      op.getNumDpsInputs(), SmallVector<Value>(tile.vectors));
  for (int64_t row = 0; row < tile.rows; ++row) {
    SmallVector<Value> inRow(op.getNumDpsInputs());
    for (int64_t vector = 0; vector < tile.vectors; ++vector) {
      LanePoint loops = pointInTile(point, row, vector);
      SmallVector<Value> arguments;
      for (OpOperand *operand : op.getDpsInputOperands()) {
        unsigned number = operand->getOperandNumber();
        AffineMap map = op.getMatchingIndexingMap(operand);
        bool movesWithRow =
            plan.rowLoop && KernelPlan::dependsOn(map, *plan.rowLoop);
        bool movesWithVector = KernelPlan::dependsOn(map, plan.vectorLoop);
        Value unique;
        Value &value = !movesWithVector ? inRow[number]
                       : !movesWithRow  ? readAtVector[number][vector]
                                        : unique;
        if (!value && op.payloadUsesValueFromOperand(operand))
          value = evaluator.read(operand->get(), evaluator.apply(map, loops),
                                 maskOf(tile, vector));
        arguments.push_back(value);
      }
      arguments.push_back(accumulators[row * tile.vectors + vector]);
      results.push_back(evaluator.broadcast(evaluator.evaluateBody(
          op->getRegion(0).front(), arguments, loops, /*contract=*/true)));
    }
  }
  return results;
}

/// Short innermost loops of known size are unrolled: their loads share
/// addresses and values.
SmallVector<Value> KernelEmitter::emitReduction(ArrayRef<unsigned> loops,
                                                LanePoint point,
                                                const Tile &tile,
                                                Accumulators accumulators) {
  if (loops.empty())
    return emitStep(point, tile, accumulators);
  unsigned loop = loops.front();
  std::optional<int64_t> size = getConstantIntValue(sizes[loop]);
  if (size && (*size == 1 || (loops.size() == 1 && *size <= 4))) {
    for (int64_t i = 0; i < *size; ++i) {
      point[loop].base = rewriter.getIndexAttr(i);
      accumulators =
          emitReduction(loops.drop_front(), point, tile, accumulators);
    }
    return accumulators;
  }
  Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
  Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
  Value end = getValueOrCreateConstantIndexOp(rewriter, loc, sizes[loop]);
  auto forOp = scf::ForOp::create(rewriter, loc, zero, end, one, accumulators);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(forOp.getBody());
  point[loop].base = forOp.getInductionVar();
  SmallVector<Value> results =
      emitReduction(loops.drop_front(), point, tile,
                    llvm::to_vector_of<Value>(forOp.getRegionIterArgs()));
  scf::YieldOp::create(rewriter, loc, results);
  return llvm::to_vector_of<Value>(forOp.getResults());
}

Value KernelEmitter::emitEpilogue(const LanePoint &loops, Value accumulator,
                                  Value mask) {
  linalg::LinalgOp last = plan.epilogue;
  SmallVector<Value> arguments;
  for (OpOperand &operand : last->getOpOperands()) {
    Value argument;
    if (operand.get() == op->getResult(0))
      argument = accumulator;
    else if (last.payloadUsesValueFromOperand(&operand))
      argument = evaluator.read(
          operand.get(),
          evaluator.apply(last.getMatchingIndexingMap(&operand), loops), mask);
    arguments.push_back(argument);
  }
  return evaluator.evaluateBody(last->getRegion(0).front(), arguments, loops);
}

/// The initial accumulators. What was computed into the destination is read
/// from there, so that the kernel can update it in place.
SmallVector<Value> KernelEmitter::emitInit(const LanePoint &point,
                                           const Tile &tile,
                                           Value destination) {
  OpOperand *init = op.getDpsInitOperand(0);
  AffineMap map = op.getMatchingIndexingMap(init);
  bool isUpdate = !plan.epilogue && !isComputed(init->get());
  Accumulators accumulators(tile.rows * tile.vectors);
  if (!op.payloadUsesValueFromOperand(init))
    return accumulators;
  for (int64_t row = 0; row < tile.rows; ++row)
    for (int64_t vector = 0; vector < tile.vectors; ++vector) {
      LanePoint at = evaluator.apply(map, pointInTile(point, row, vector));
      Value value = evaluator.read(isUpdate ? destination : init->get(), at,
                                   maskOf(tile, vector));
      accumulators[row * tile.vectors + vector] = evaluator.broadcast(value);
    }
  return accumulators;
}

Value KernelEmitter::emitTile(const LanePoint &point, const Tile &tile,
                              Value destination) {
  Accumulators accumulators = emitReduction(plan.reductionLoops, point, tile,
                                            emitInit(point, tile, destination));
  linalg::LinalgOp last = plan.epilogue ? plan.epilogue : op;
  AffineMap map = last.getMatchingIndexingMap(plan.getDestination());
  for (int64_t row = 0; row < tile.rows; ++row)
    for (int64_t vector = 0; vector < tile.vectors; ++vector) {
      Value value = accumulators[row * tile.vectors + vector],
            mask = maskOf(tile, vector);
      LanePoint loops = pointInTile(point, row, vector);
      if (plan.epilogue) {
        loops = evaluator.apply(plan.getEpilogueLoops(), loops);
        value = evaluator.broadcast(emitEpilogue(loops, value, mask));
      }
      auto write = vector::TransferWriteOp::create(
          rewriter, loc, value, destination,
          evaluator.bases(evaluator.apply(map, loops)), ArrayRef<bool>{true});
      if (mask)
        write.getMaskMutable().assign(mask);
      destination = write.getResult();
    }
  return destination;
}

Value KernelEmitter::emit() {
  SmallVector<unsigned> loops = plan.outerLoops;
  loops.push_back(plan.vectorLoop);
  llvm::append_range(loops, plan.innerLoops);
  if (plan.rowLoop)
    loops.push_back(*plan.rowLoop);
  Value destination = plan.getDestination()->get();
  if (isComputed(destination)) {
    auto type = cast<RankedTensorType>(destination.getType());
    destination = tensor::EmptyOp::create(
        rewriter, loc,
        tensor::getMixedSizes(rewriter, loc, shapeSource(destination)),
        type.getElementType());
  }
  LanePoint point(op.getNumLoops(), {rewriter.getIndexAttr(0), 0});
  return emitLoops(loops, point, Tile(), destination);
}

void condense::codegen::emitKernel(RewriterBase &rewriter,
                                   const KernelPlan &plan) {
  linalg::LinalgOp last = plan.epilogue ? plan.epilogue : plan.op;
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(last);
  Value result = KernelEmitter(rewriter, plan).emit();
  rewriter.replaceOp(last, result);
  for (Operation *op : {static_cast<Operation *>(plan.op), plan.initProducer})
    if (op && op != last && op->use_empty())
      rewriter.eraseOp(op);
}
