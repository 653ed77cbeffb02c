// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the code for one register tile of a kernel:
//
//   accumulators = initial values
//   reduction loops                          (carry the accumulators)
//     accumulators = body(operands, accumulators)
//   write epilogue(accumulators)

#include "TileEmitter.h"
#include "LoopSegments.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace condense::codegen;

static Value maskOf(const Tile &tile, int64_t vector) { return vector + 1 == tile.vectors ? tile.mask : Value(); }

TileEmitter::TileEmitter(OpBuilder &builder, const KernelPlan &plan, ArrayRef<OpFoldResult> sizes)
    : builder(builder), plan(plan), op(plan.op), loc(op.getLoc()),
      evaluator(builder, loc, plan.lanes, plan.initProducer, plan.usesTables), sizes(sizes) {
  if ((prefetch = planPrefetch(plan))) {
    auto type = cast<RankedTensorType>(prefetch->weight->get().getType());
    prefetched =
        bufferization::ToBufferOp::create(builder, loc, MemRefType::get(type.getShape(), type.getElementType()),
                                          prefetch->weight->get(), /*read_only=*/true);
  }
  if (!plan.dot && !plan.combiner)
    factored = factorSum(op, plan.reductionLoops);
  if (plan.dot && plan.dot->integer)
    factored = factorIntegerSum(op, plan.reductionLoops, plan.dot->integer);
  if (plan.dot && !plan.expansion)
    setDotLanes(collapseLast(builder, loc, plan.dot->lanesOperand->get()),
                op.getMatchingIndexingMap(plan.dot->lanesOperand));
}

bool TileEmitter::isComputed(Value tensor) const {
  return isConstantExpression(tensor) || (plan.initProducer && tensor.getDefiningOp() == plan.initProducer);
}

OpFoldResult TileEmitter::offset(OpFoldResult index, int64_t delta) {
  return affine::makeComposedFoldedAffineApply(builder, loc, builder.getAffineDimExpr(0) + delta, {index});
}

LanePoint TileEmitter::pointInTile(const LanePoint &point, int64_t row, int64_t vector) {
  LanePoint result = point;
  if (plan.rowLoop)
    result[*plan.rowLoop].base = offset(point[*plan.rowLoop].base, row);
  LaneIndex &lane = result[plan.vectorLoop];
  lane = {offset(lane.base, vector * plan.lanes), 1};
  return result;
}

/// One application of the body to every accumulator. Each operand is read once
/// for all the rows or vectors that share it. `partial` is what the arguments
/// that the body has besides those of the operation are, or empty.
SmallVector<Value> TileEmitter::emitStep(Block &body, const LanePoint &point, const Tile &tile,
                                         ArrayRef<Value> accumulators, ArrayRef<Value> partial) {
  Accumulators results;
  SmallVector<SmallVector<Value>> readAtVector(op.getNumDpsInputs(), SmallVector<Value>(tile.vectors));
  for (int64_t row = 0; row < tile.rows; ++row) {
    SmallVector<Value> inRow(op.getNumDpsInputs());
    for (int64_t vector = 0; vector < tile.vectors; ++vector) {
      LanePoint loops = pointInTile(point, row, vector);
      SmallVector<Value> arguments;
      for (OpOperand *operand : op.getDpsInputOperands()) {
        unsigned number = operand->getOperandNumber();
        AffineMap map = op.getMatchingIndexingMap(operand);
        bool movesWithRow = plan.rowLoop && KernelPlan::dependsOn(map, *plan.rowLoop);
        bool movesWithVector = KernelPlan::dependsOn(map, plan.vectorLoop);
        Value unique;
        Value &value = !movesWithVector ? inRow[number] : !movesWithRow ? readAtVector[number][vector] : unique;
        if (!value && !body.getArgument(number).use_empty())
          value = evaluator.read(operand->get(), evaluator.apply(map, loops), maskOf(tile, vector));
        arguments.push_back(value);
      }
      for (ArrayRef<Value> values : {accumulators, partial})
        if (!values.empty())
          arguments.push_back(values[row * tile.vectors + vector]);
      results.push_back(evaluator.broadcast(evaluator.evaluateBody(body, arguments, loops, /*contract=*/true)));
    }
  }
  return results;
}

/// A loop that carries the accumulators; one iteration needs none.
static SmallVector<Value> emitLoop(OpBuilder &builder, Location loc, const LoopSegment &segment,
                                   SmallVector<Value> accumulators,
                                   function_ref<SmallVector<Value>(OpFoldResult, SmallVector<Value>)> body) {
  std::optional<int64_t> begin = getConstantIntValue(segment.begin), end = getConstantIntValue(segment.end);
  if (begin && end && *end <= *begin)
    return accumulators;
  if (begin && end && *end - *begin <= segment.step)
    return body(segment.begin, accumulators);
  auto asValue = [&](OpFoldResult index) { return getValueOrCreateConstantIndexOp(builder, loc, index); };
  auto loop = scf::ForOp::create(builder, loc, asValue(segment.begin), asValue(segment.end),
                                 asValue(builder.getIndexAttr(segment.step)), accumulators);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> results = body(loop.getInductionVar(), llvm::to_vector_of<Value>(loop.getRegionIterArgs()));
  scf::YieldOp::create(builder, loc, results);
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// Short innermost loops of known size are unrolled: their loads share
/// addresses and values.
SmallVector<Value> TileEmitter::emitReduction(ArrayRef<unsigned> loops, LanePoint point, const Tile &tile,
                                              Accumulators accumulators) {
  if (factored && level < factored->levels.size() && loops.size() == factored->levels[level].innerLoops)
    return emitLevel(loops, point, tile, accumulators);
  if (loops.empty() && prefetch)
    emitPrefetch(point, tile);
  if (loops.empty() && plan.dot)
    return plan.dot->code ? emitCodeStep(point, tile, accumulators) : emitDotStep(point, tile, accumulators);
  if (loops.empty())
    return factored ? emitStep(*factored->step, point, tile, accumulators, accumulators)
                    : emitStep(*op.getBlock(), point, tile, accumulators);
  unsigned loop = loops.front();
  if (plan.combiner && loop == plan.vectorLoop)
    return emitLanes(point, tile, accumulators);
  auto body = [&](OpFoldResult index, Accumulators inner) {
    point[loop].base = index;
    return emitReduction(loops.drop_front(), point, tile, inner);
  };
  std::optional<int64_t> size = getConstantIntValue(sizes[loop]);
  if (!size || loops.size() > 1 || *size > 4)
    return emitLoop(builder, loc, {builder.getIndexAttr(0), sizes[loop]}, accumulators, body);
  for (int64_t i = 0; i < *size; ++i)
    accumulators = body(builder.getIndexAttr(i), accumulators);
  return accumulators;
}

/// Into the level-2 cache: the first one has the panel that is being read.
void TileEmitter::emitPrefetch(const LanePoint &point, const Tile &tile) {
  if (tile.vectors != plan.vectors)
    return;
  LanePoint next = prefetchedPoint(builder, loc, plan, *prefetch, point, tile.vectors);
  if (plan.dot)
    next[plan.dot->loop] = {builder.getIndexAttr(0), 0};
  SmallVector<Value> indices = evaluator.bases(evaluator.apply(op.getMatchingIndexingMap(prefetch->weight), next));
  memref::PrefetchOp::create(builder, loc, prefetched, indices, /*isWrite=*/false, /*localityHint=*/2,
                             /*isDataCache=*/true);
}

/// Sums from zero, then multiplies by what the loops do not change.
SmallVector<Value> TileEmitter::emitLevel(ArrayRef<unsigned> loops, const LanePoint &point, const Tile &tile,
                                          ArrayRef<Value> accumulators) {
  const SumLevel &current = factored->levels[level];
  Value zero = evaluator.broadcast(arith::ConstantOp::create(builder, loc, builder.getZeroAttr(current.partial)));
  ++level;
  Accumulators partial = emitReduction(loops, point, tile, Accumulators(accumulators.size(), zero));
  --level;
  return emitStep(*current.update, point, tile, accumulators, partial);
}

/// A reduction that is lanes. Lanes past its end keep what they have.
SmallVector<Value> TileEmitter::emitLanes(LanePoint point, Tile tile, Accumulators accumulators) {
  OpFoldResult size = sizes[plan.vectorLoop];
  for (const LoopSegment &segment : vectorSegments(builder, loc, size, /*vectors=*/1, plan.lanes)) {
    auto body = [&](OpFoldResult base, Accumulators inner) {
      point[plan.vectorLoop].base = base;
      tile.mask = segment.isMasked ? makeMask(builder, loc, segment, base, plan.lanes) : Value();
      Accumulators next = emitStep(*op.getBlock(), point, tile, inner);
      if (tile.mask)
        for (auto [value, old] : llvm::zip_equal(next, inner))
          value = arith::SelectOp::create(builder, loc, tile.mask, value, old);
      return next;
    };
    accumulators = emitLoop(builder, loc, segment, accumulators, body);
  }
  return accumulators;
}

Value condense::codegen::emitEpilogue(ExpressionEvaluator &evaluator, const KernelPlan &plan, const LanePoint &loops,
                                      Value accumulator, Value mask) {
  linalg::LinalgOp op = plan.op, last = plan.epilogue;
  SmallVector<Value> arguments;
  for (OpOperand &operand : last->getOpOperands()) {
    Value argument;
    if (operand.get() == op->getResult(0))
      argument = accumulator;
    else if (last.payloadUsesValueFromOperand(&operand))
      argument = evaluator.read(operand.get(), evaluator.apply(last.getMatchingIndexingMap(&operand), loops), mask);
    arguments.push_back(argument);
  }
  return evaluator.evaluateBody(last->getRegion(0).front(), arguments, loops);
}

/// The initial accumulators. What was computed into the destination is read
/// from there, so that the kernel can update it in place.
SmallVector<Value> TileEmitter::emitInit(const LanePoint &point, const Tile &tile, Value destination) {
  OpOperand *init = op.getDpsInitOperand(0);
  AffineMap map = op.getMatchingIndexingMap(init);
  bool isUpdate = !plan.epilogue && !isComputed(init->get());
  Accumulators accumulators(tile.rows * tile.vectors);
  if (!op.payloadUsesValueFromOperand(init))
    return accumulators;
  for (int64_t row = 0; row < tile.rows; ++row)
    for (int64_t vector = 0; vector < tile.vectors; ++vector) {
      LanePoint at = evaluator.apply(map, pointInTile(point, row, vector));
      accumulators[row * tile.vectors + vector] =
          evaluator.read(isUpdate ? destination : init->get(), at, maskOf(tile, vector));
    }
  return accumulators;
}

/// `combiner` applied to other operands.
static Value combine(OpBuilder &builder, Location loc, Operation *combiner, Value lhs, Value rhs) {
  OperationState state(loc, combiner->getName(), {lhs, rhs}, lhs.getType());
  return builder.create(state)->getResult(0);
}

/// Halves the vector until one lane is left. LLVM would compare the lanes one by one where NaN matters.
static Value combineHalves(OpBuilder &builder, Location loc, Operation *combiner, Value vector) {
  for (int64_t lanes = cast<VectorType>(vector.getType()).getNumElements(); lanes > 1; lanes /= 2) {
    auto low = llvm::to_vector(llvm::seq<int64_t>(0, lanes / 2)),
         high = llvm::to_vector(llvm::seq<int64_t>(lanes / 2, lanes));
    Value lower = vector::ShuffleOp::create(builder, loc, vector, vector, low);
    Value upper = vector::ShuffleOp::create(builder, loc, vector, vector, high);
    vector = combine(builder, loc, combiner, lower, upper);
  }
  return vector::ExtractOp::create(builder, loc, vector, ArrayRef<int64_t>{0});
}

/// Starts every lane from the combiner's neutral element, and combines what
/// the lanes have at the end with the initial value.
SmallVector<Value> TileEmitter::emitLaneReduction(const LanePoint &point, const Tile &tile, ArrayRef<Value> init) {
  TypedAttr neutral = *arith::getNeutralElement(plan.combiner);
  Value start = evaluator.broadcast(arith::ConstantOp::create(builder, loc, neutral));
  Accumulators accumulators = emitReduction(plan.reductionLoops, point, tile, Accumulators(init.size(), start));
  vector::CombiningKind kind = *linalg::getCombinerOpKind(plan.combiner);
  auto flags = isa<FloatType>(neutral.getType()) ? arith::FastMathFlags::reassoc : arith::FastMathFlags::none;
  bool isExtremum = isa<arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp, arith::MinNumFOp>(plan.combiner);
  for (auto [value, initial] : llvm::zip_equal(accumulators, init)) {
    if (isExtremum)
      value = combine(builder, loc, plan.combiner, combineHalves(builder, loc, plan.combiner, value), initial);
    else
      value = vector::ReductionOp::create(builder, loc, kind, value, initial, flags);
  }
  return accumulators;
}

Value condense::codegen::emitLanesWrite(OpBuilder &builder, Location loc, Value vector, Value destination,
                                        ValueRange indices, Value mask) {
  auto write = vector::TransferWriteOp::create(builder, loc, vector, destination, indices, ArrayRef<bool>{true});
  if (mask)
    write.getMaskMutable().assign(mask);
  return write.getResult();
}

Value condense::codegen::emitSum(OpBuilder &builder, ExpressionEvaluator &evaluator, const KernelPlan &plan,
                                 const LanePoint &point, Value sum, Value mask, Value destination) {
  linalg::LinalgOp op = plan.op, last = op;
  Location loc = op.getLoc();
  OpOperand *init = op.getDpsInitOperand(0);
  Value initial =
      evaluator.broadcast(evaluator.read(init->get(), evaluator.apply(op.getMatchingIndexingMap(init), point), mask));
  Value value = isa<IntegerType>(getElementTypeOrSelf(sum))
                    ? arith::AddIOp::create(builder, loc, sum, initial).getResult()
                    : arith::AddFOp::create(builder, loc, sum, initial).getResult();
  LanePoint loops = point;
  if (plan.epilogue) {
    last = plan.epilogue;
    loops = evaluator.apply(plan.getEpilogueLoops(), loops);
    value = emitEpilogue(evaluator, plan, loops, value, mask);
  }
  LanePoint at = evaluator.apply(last.getMatchingIndexingMap(plan.getDestination()), loops);
  return emitLanesWrite(builder, loc, evaluator.broadcast(value), destination, evaluator.bases(at), mask);
}

Value TileEmitter::write(Value value, Value destination, const LanePoint &at, Value mask) {
  SmallVector<Value> indices = evaluator.bases(at);
  if (plan.combiner)
    return tensor::InsertOp::create(builder, loc, value, destination, indices);
  return emitLanesWrite(builder, loc, evaluator.broadcast(value), destination, indices, mask);
}

Value TileEmitter::emit(const LanePoint &point, const Tile &tile, Value destination) {
  Accumulators accumulators = emitInit(point, tile, destination);
  if (plan.combiner) {
    accumulators = emitLaneReduction(point, tile, accumulators);
  } else {
    for (Value &value : accumulators)
      value = value ? evaluator.broadcast(value) : value;
    accumulators = emitReduction(plan.reductionLoops, point, tile, accumulators);
  }
  linalg::LinalgOp last = plan.epilogue ? plan.epilogue : op;
  AffineMap map = last.getMatchingIndexingMap(plan.getDestination());
  for (int64_t row = 0; row < tile.rows; ++row)
    for (int64_t vector = 0; vector < tile.vectors; ++vector) {
      Value value = accumulators[row * tile.vectors + vector];
      Value mask = maskOf(tile, vector);
      LanePoint loops = pointInTile(point, row, vector);
      if (plan.epilogue) {
        loops = evaluator.apply(plan.getEpilogueLoops(), loops);
        value = emitEpilogue(evaluator, plan, loops, value, mask);
      }
      destination = write(value, destination, evaluator.apply(map, loops), mask);
    }
  return destination;
}
