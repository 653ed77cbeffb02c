// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the loops of a contraction that skips the zeros of its weight:
//
//   tiles of rows                                    (parallel)
//     panel[units][rows] = x, transposed
//     groups of columns
//       pieces of the panel                          (one stays in the first-level cache)
//         columns
//           sums = 0, or those of the piece before
//           units of the column that are not zero:   sums += value * panel[place]
//           store sums
//         after the last piece: y = epilogue(sums, transposed back)

#include "SparseEmitter.h"
#include "AccessAnalysis.h"
#include "ExpressionEvaluator.h"
#include "KernelEmitter.h"
#include "LoopSegments.h"
#include "TileEmitter.h"
#include "VectorTranspose.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// Vectors of columns whose results are written together.
static constexpr int64_t kColumnVectors = 4;

namespace {

class SparseEmitter {
public:
  SparseEmitter(RewriterBase &rewriter, const SparseContraction &contraction, const KernelPlan &plan)
      : builder(rewriter), contraction(contraction), plan(plan), op(contraction.op), loc(op.getLoc()),
        evaluator(rewriter, loc, contraction.lanes, plan.initProducer), sizes(loopSizes(rewriter, op)),
        lanes(contraction.lanes) {}

  Value emit(const SparseWeight &weight);

private:
  using Values = SmallVector<Value>;
  using Body = function_ref<Values(Value index, ValueRange carried)>;

  Value index(int64_t value) { return arith::ConstantIndexOp::create(builder, loc, value); }
  Value asValue(OpFoldResult value) { return getValueOrCreateConstantIndexOp(builder, loc, value); }
  Value add(Value lhs, Value rhs) { return builder.createOrFold<arith::AddIOp>(loc, lhs, rhs); }
  Value multiply(Value lhs, Value rhs) { return builder.createOrFold<arith::MulIOp>(loc, lhs, rhs); }
  Value multiply(Value value, int64_t factor) { return multiply(value, index(factor)); }
  Value subtract(Value lhs, Value rhs) { return builder.createOrFold<arith::SubIOp>(loc, lhs, rhs); }
  Value divide(Value value, int64_t by) { return builder.createOrFold<arith::DivUIOp>(loc, value, index(by)); }
  Value minimum(Value lhs, Value rhs) { return builder.createOrFold<arith::MinUIOp>(loc, lhs, rhs); }
  /// Iterations write different elements.
  Values emitParallel(Value begin, Value end, int64_t step, ValueRange carried, Body body);
  Values emitLoop(Value begin, Value end, int64_t step, ValueRange carried, Body body, bool isParallel = false);
  Type elementType() { return contraction.isInteger ? Type(builder.getI32Type()) : Type(builder.getF32Type()); }
  VectorType vectorType() { return VectorType::get(lanes, elementType()); }
  Value allocate(int64_t rows);
  Value readVector(Value buffer, Value row, Value vector);
  Value writeVector(Value value, Value buffer, Value row, Value vector);

  /// The rows of a tile; of a partial one the last vector may have some that do not exist.
  struct Rows {
    Value begin;
    int64_t vectors = 1;
    bool isPartial = false;
  };
  Value emitTile(const Rows &rows, Value destination);
  Value packTile(const Rows &rows);
  Value packReductions(ArrayRef<unsigned> loops, Value outer, Value panel, const Rows &rows);
  Value packBlock(Value panel, Value outer, Value unit, Value vector, const Rows &rows, Value mask);
  Value readInput(Value row, Value unit, Value mask);
  Value rowOf(const Rows &rows, Value vector, int64_t row);
  void moveToRow(Value row);
  Value emitGroup(Value panel, Value group, const Rows &rows, Value destination);
  Value emitSums(Value panel, Value group, int64_t vectors);
  Value emitPiece(Value panel, Value sums, Value group, Value piece, Value begin, Value end, int64_t vectors,
                  bool isFirst);
  Values emitUnits(Value panel, Value first, Value piece, Values accumulators);
  Value multiplyAdd(Value unit, Value panelVector, Value accumulator);
  Values emitColumns(Value panel, Value group, Value column, Value end, const Rows &rows, ValueRange carried);
  Value emitResultBlock(Value sums, Value group, Value column, Value vector, const Rows &rows, Value mask,
                        Value destination);
  Value groupSize(Value group);

  RewriterBase &builder;
  const SparseContraction &contraction;
  KernelPlan plan;
  linalg::LinalgOp op;
  Location loc;
  ExpressionEvaluator evaluator;
  SmallVector<OpFoldResult> sizes;
  int64_t lanes;
  Value numRows;
  /// Where the loops are.
  LanePoint point;
  SparseWeight weight;
};

} // namespace

SmallVector<Value> SparseEmitter::emitLoop(Value begin, Value end, int64_t step, ValueRange carried, Body body,
                                           bool isParallel) {
  std::optional<int64_t> from = getConstantIntValue(begin), to = getConstantIntValue(end);
  if (from && to && *to <= *from)
    return Values(carried);
  if (from && to && *to - *from <= step)
    return body(begin, carried);
  auto loop = scf::ForOp::create(builder, loc, begin, end, index(step), carried);
  if (isParallel && loop->getBlock() == op->getBlock())
    loop->setAttr(kParallelLoopAttrName, builder.getUnitAttr());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(builder, loc, body(loop.getInductionVar(), loop.getRegionIterArgs()));
  return llvm::to_vector_of<Value>(loop.getResults());
}

SmallVector<Value> SparseEmitter::emitParallel(Value begin, Value end, int64_t step, ValueRange carried, Body body) {
  return emitLoop(begin, end, step, carried, body, /*isParallel=*/true);
}

/// LLVM shall not unroll a loop of few iterations: what is left over would be another branch to mispredict.
static Attribute keepRolled(MLIRContext *context) {
  auto unroll = LLVM::LoopUnrollAttr::get(context, /*disable=*/BoolAttr::get(context, true), {}, {}, {}, {}, {}, {});
  return LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, unroll, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
}

/// Scratch memory of this thread. An allocation, which nothing moves out of the loop over tiles.
Value SparseEmitter::allocate(int64_t rows) {
  auto type = RankedTensorType::get({rows * contraction.tileRows()}, elementType());
  return bufferization::AllocTensorOp::create(builder, loc, type, ValueRange());
}

Value SparseEmitter::readVector(Value buffer, Value row, Value vector) {
  Value at = add(multiply(row, contraction.tileRows()), multiply(vector, lanes));
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(elementType()));
  return vector::TransferReadOp::create(builder, loc, vectorType(), buffer, at, zero, ArrayRef<bool>{true});
}

Value SparseEmitter::writeVector(Value value, Value buffer, Value row, Value vector) {
  Value at = add(multiply(row, contraction.tileRows()), multiply(vector, lanes));
  return vector::TransferWriteOp::create(builder, loc, value, buffer, at, ArrayRef<bool>{true}).getResult();
}

/// The rows of a partial tile that do not exist are the last one: it is computed, and written, several times.
Value SparseEmitter::rowOf(const Rows &rows, Value vector, int64_t row) {
  Value at = add(add(rows.begin, multiply(vector, lanes)), index(row));
  if (!rows.isPartial)
    return at;
  return minimum(at, subtract(numRows, index(1)));
}

/// Moves the point to the row of that number.
void SparseEmitter::moveToRow(Value row) {
  for (unsigned loop : llvm::reverse(contraction.rowLoops)) {
    if (loop == contraction.rowLoops.front()) {
      point[loop] = {row, 0};
      return;
    }
    Value size = asValue(sizes[loop]);
    point[loop] = {builder.createOrFold<arith::RemUIOp>(loc, row, size), 0};
    row = builder.createOrFold<arith::DivUIOp>(loc, row, size);
  }
}

/// Consecutive units of one row of x.
Value SparseEmitter::readInput(Value row, Value unit, Value mask) {
  moveToRow(row);
  point[contraction.unitLoop] = {multiply(unit, contraction.unitSize()), 1};
  AffineMap map = op.getMatchingIndexingMap(contraction.input);
  SmallVector<Value> at = evaluator.bases(evaluator.apply(map, point));
  Type element = getElementTypeOrSelf(contraction.input->get().getType());
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  auto type = VectorType::get(lanes * contraction.unitSize(), element);
  auto read =
      vector::TransferReadOp::create(builder, loc, type, contraction.input->get(), at, zero, ArrayRef<bool>{true});
  if (mask)
    read.getMaskMutable().assign(mask);
  return contraction.isInteger ? vector::BitCastOp::create(builder, loc, vectorType(), read).getResult()
                               : read.getResult();
}

/// A square of rows and units.
Value SparseEmitter::packBlock(Value panel, Value outer, Value unit, Value vector, const Rows &rows, Value mask) {
  Values inputs;
  for (int64_t row = 0; row < lanes; ++row)
    inputs.push_back(readInput(rowOf(rows, vector, row), unit, mask));
  Value first = add(outer, unit);
  for (auto [i, value] : llvm::enumerate(transposeVectors(builder, loc, inputs)))
    panel = writeVector(value, panel, add(first, index(i)), vector);
  return panel;
}

/// `outer`: the units of the panel before those of the current outer reductions.
Value SparseEmitter::packReductions(ArrayRef<unsigned> loops, Value outer, Value panel, const Rows &rows) {
  if (!loops.empty()) {
    unsigned loop = loops.front();
    auto body = [&](Value at, ValueRange carried) -> Values {
      point[loop] = {at, 0};
      Value next = add(multiply(outer, contraction.size(loop)), at);
      return {packReductions(loops.drop_front(), next, carried[0], rows)};
    };
    return emitParallel(index(0), index(contraction.size(loop)), 1, panel, body)[0];
  }
  int64_t size = contraction.size(contraction.unitLoop), step = lanes * contraction.unitSize();
  outer = multiply(outer, contraction.paddedUnits());
  auto emitBlocks = [&](Value unit, Value mask, Value panel) {
    auto body = [&](Value vector, ValueRange carried) -> Values {
      return {packBlock(carried[0], outer, unit, vector, rows, mask)};
    };
    return emitParallel(index(0), index(rows.vectors), 1, panel, body)[0];
  };
  int64_t whole = size / step * lanes;
  auto body = [&](Value unit, ValueRange carried) -> Values { return {emitBlocks(unit, Value(), carried[0])}; };
  panel = emitParallel(index(0), index(whole), lanes, panel, body)[0];
  if (size % step == 0)
    return panel;
  Value mask =
      vector::CreateMaskOp::create(builder, loc, VectorType::get(step, builder.getI1Type()), index(size % step));
  return emitBlocks(index(whole), mask, panel);
}

Value SparseEmitter::packTile(const Rows &rows) {
  return packReductions(contraction.outerReductions, index(0), allocate(contraction.panelUnits()), rows);
}

Value SparseEmitter::multiplyAdd(Value unit, Value panelVector, Value accumulator) {
  Value factor = evaluator.broadcast(unit);
  if (!contraction.isInteger) {
    auto contract = arith::FastMathFlagsAttr::get(builder.getContext(), arith::FastMathFlags::contract);
    Value product = arith::MulFOp::create(builder, loc, factor, panelVector, contract);
    return arith::AddFOp::create(builder, loc, accumulator, product, contract);
  }
  auto bytes = VectorType::get(lanes * contraction.unitSize(), builder.getI8Type());
  return createDotProduct(builder, loc, accumulator, vector::BitCastOp::create(builder, loc, bytes, panelVector),
                          vector::BitCastOp::create(builder, loc, bytes, factor));
}

/// Adds what the units of a column in a piece contribute. `first`: where the column's first unit is told.
SmallVector<Value> SparseEmitter::emitUnits(Value panel, Value first, Value piece, Values accumulators) {
  auto readStart = [&](Value at) -> Value {
    Value start = tensor::ExtractOp::create(builder, loc, weight.starts, at);
    return arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(), start);
  };
  Value begin = readStart(first), end = readStart(add(first, index(1)));
  accumulators = emitLoop(begin, end, 1, accumulators, [&](Value at, ValueRange carried) {
    Value place = tensor::ExtractOp::create(builder, loc, weight.places, at);
    place = add(arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(), place), piece);
    Value unit = tensor::ExtractOp::create(builder, loc, weight.values, at);
    Values results;
    for (auto [vector, accumulator] : llvm::enumerate(carried))
      results.push_back(multiplyAdd(unit, readVector(panel, place, index(vector)), accumulator));
    return results;
  });
  accumulators.front().getDefiningOp()->setAttr("loop_annotation", keepRolled(builder.getContext()));
  return accumulators;
}

/// The number of columns in the group that begins at `group`.
Value SparseEmitter::groupSize(Value group) {
  return minimum(subtract(index(contraction.columns()), group), index(contraction.groupColumns()));
}

/// Columns `begin` to `end` of the group.
Value SparseEmitter::emitPiece(Value panel, Value sums, Value group, Value piece, Value begin, Value end,
                               int64_t vectors, bool isFirst) {
  // all groups before this one are full and have all pieces, and all pieces before this one have all its columns
  Value number = divide(piece, contraction.pieceUnits());
  Value first = add(multiply(group, contraction.pieces()), multiply(number, groupSize(group)));
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(vectorType()));
  auto body = [&](Value column, ValueRange carried) -> Values {
    Values accumulators;
    for (int64_t vector = 0; vector < vectors; ++vector)
      accumulators.push_back(isFirst ? zero : readVector(carried[0], column, index(vector)));
    accumulators = emitUnits(panel, add(first, column), piece, accumulators);
    Value next = carried[0];
    for (auto [vector, value] : llvm::enumerate(accumulators))
      next = writeVector(value, next, column, index(vector));
    return {next};
  };
  return emitParallel(begin, end, 1, sums, body)[0];
}

/// All pieces but the last.
Value SparseEmitter::emitSums(Value panel, Value group, int64_t vectors) {
  Value sums = allocate(contraction.groupColumns()), columns = groupSize(group);
  int64_t last = (contraction.pieces() - 1) * contraction.pieceUnits();
  if (last == 0)
    return sums;
  sums = emitPiece(panel, sums, group, index(0), index(0), columns, vectors, /*isFirst=*/true);
  auto body = [&](Value piece, ValueRange carried) -> Values {
    return {emitPiece(panel, carried[0], group, piece, index(0), columns, vectors, /*isFirst=*/false)};
  };
  return emitLoop(index(contraction.pieceUnits()), index(last), contraction.pieceUnits(), sums, body)[0];
}

/// A square of columns and rows.
Value SparseEmitter::emitResultBlock(Value sums, Value group, Value column, Value vector, const Rows &rows, Value mask,
                                     Value destination) {
  Values columns;
  for (int64_t i = 0; i < lanes; ++i)
    columns.push_back(readVector(sums, add(column, index(i)), vector));
  point[contraction.columnLoop] = {add(group, column), 1};
  for (auto [row, value] : llvm::enumerate(transposeVectors(builder, loc, columns))) {
    moveToRow(rowOf(rows, vector, row));
    destination = emitSum(builder, evaluator, plan, point, value, mask, destination);
  }
  return destination;
}

/// The last piece and the results of some columns, so that results are written while others are computed.
SmallVector<Value> SparseEmitter::emitColumns(Value panel, Value group, Value column, Value end, const Rows &rows,
                                              ValueRange carried) {
  Value last = index((contraction.pieces() - 1) * contraction.pieceUnits());
  Value sums = emitPiece(panel, carried[0], group, last, column, end, rows.vectors, contraction.pieces() == 1);
  Value whole = add(column, multiply(divide(subtract(end, column), lanes), lanes));
  // columns inside, so that a row is written in longer runs
  auto body = [&](Value vector, ValueRange outer) -> Values {
    auto emitBlock = [&](Value at, Value mask, Value destination) -> Values {
      return {emitResultBlock(sums, group, at, vector, rows, mask, destination)};
    };
    Values results = emitLoop(column, whole, lanes, outer,
                              [&](Value at, ValueRange inner) { return emitBlock(at, Value(), inner[0]); });
    if (contraction.columns() % lanes == 0)
      return results;
    return emitLoop(whole, end, lanes, results, [&](Value at, ValueRange inner) {
      auto type = VectorType::get(lanes, builder.getI1Type());
      return emitBlock(at, vector::CreateMaskOp::create(builder, loc, type, subtract(end, at)), inner[0]);
    });
  };
  return {sums, emitParallel(index(0), index(rows.vectors), 1, carried[1], body)[0]};
}

Value SparseEmitter::emitGroup(Value panel, Value group, const Rows &rows, Value destination) {
  Value columns = groupSize(group);
  auto body = [&](Value column, ValueRange inner) -> Values {
    Value end = minimum(add(column, index(kColumnVectors * lanes)), columns);
    return emitColumns(panel, group, column, end, rows, inner);
  };
  return emitParallel(index(0), columns, kColumnVectors * lanes,
                      Values{emitSums(panel, group, rows.vectors), destination}, body)[1];
}

Value SparseEmitter::emitTile(const Rows &rows, Value destination) {
  Value panel = packTile(rows);
  auto body = [&](Value group, ValueRange carried) -> Values { return {emitGroup(panel, group, rows, carried[0])}; };
  return emitParallel(index(0), index(contraction.columns()), contraction.groupColumns(), destination, body)[0];
}

Value SparseEmitter::emit(const SparseWeight &weight) {
  this->weight = weight;
  point.assign(op.getNumLoops(), {builder.getIndexAttr(0), 0});
  Value destination = plan.getDestination()->get();
  if (isConstantExpression(destination) || (plan.initProducer && destination.getDefiningOp() == plan.initProducer))
    destination = shapeSource(destination);
  // a number of rows that is known stays an attribute
  OpFoldResult rows = builder.getIndexAttr(1);
  for (unsigned loop : contraction.rowLoops)
    rows = affine::makeComposedFoldedAffineApply(
        builder, loc, builder.getAffineDimExpr(0) * builder.getAffineSymbolExpr(0), {rows, sizes[loop]});
  numRows = asValue(rows);
  for (const LoopSegment &segment : vectorSegments(builder, loc, rows, SparseContraction::kTileVectors, lanes)) {
    auto body = [&](Value begin, ValueRange carried) -> Values {
      return {emitTile({begin, segment.unroll, segment.isMasked}, carried[0])};
    };
    destination = emitParallel(asValue(segment.begin), asValue(segment.end), segment.step, destination, body)[0];
  }
  return destination;
}

LogicalResult condense::codegen::emitSparseKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                                                  const VectorTarget &target, std::string &reason) {
  FailureOr<SparseContraction> contraction = matchSparseContraction(op, target, reason);
  if (failed(contraction))
    return failure();
  if (contraction->isInteger && !matchDotProduct(op))
    return reason = "the input is signed", failure();
  if (contraction->rowLoops.empty())
    return reason = "there is one row", failure();
  FailureOr<KernelPlan> plan = makeSurroundingPlan(op, contraction->columnLoop, reason);
  if (failed(plan))
    return failure();
  linalg::LinalgOp last = plan->epilogue ? plan->epilogue : op;
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(last);
  SparseWeight weight = createSparseWeight(rewriter, *contraction, *getTensorConstant(contraction->weight->get()));
  Value result = SparseEmitter(rewriter, *contraction, *plan).emit(weight);
  rewriter.replaceOp(last, result);
  for (Operation *dead : {static_cast<Operation *>(op), plan->initProducer})
    if (dead && dead != last && dead->use_empty())
      rewriter.eraseOp(dead);
  return success();
}
