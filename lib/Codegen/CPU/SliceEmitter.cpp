// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the loops of a product of few rows that skips the zeros of its weight:
//
//   panels of columns                                (parallel)
//     sums = 0                                       (vectors of columns, for every row)
//     slices of the reduction
//       inputs = a vector of x for every row
//       pairs of weights
//         sums += value * inputs[place]              (a permutation)
//     y = epilogue(sums)

#include "SliceEmitter.h"
#include "AccessAnalysis.h"
#include "ExpressionEvaluator.h"
#include "KernelEmitter.h"
#include "LoopSegments.h"
#include "TileEmitter.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

namespace {

class SliceEmitter {
public:
  SliceEmitter(RewriterBase &rewriter, const SparseContraction &contraction, const KernelPlan &plan,
               const SparseSlices &slices, const SliceWeight &weight)
      : builder(rewriter), contraction(contraction), plan(plan), slices(slices), weight(weight), op(contraction.op),
        loc(op.getLoc()), evaluator(rewriter, loc, contraction.lanes, plan.initProducer), lanes(contraction.lanes) {}

  Value emit();

private:
  using Values = SmallVector<Value>;

  Value index(int64_t value) { return arith::ConstantIndexOp::create(builder, loc, value); }
  Value add(Value lhs, Value rhs) { return builder.createOrFold<arith::AddIOp>(loc, lhs, rhs); }
  Value multiply(Value lhs, int64_t rhs) { return builder.createOrFold<arith::MulIOp>(loc, lhs, index(rhs)); }
  VectorType vectorOf(Type type) { return VectorType::get(lanes, type); }
  Value read(Value tensor, ValueRange at, Type element, Value mask = Value());
  SmallVector<LanePoint> rowPoints();
  Values readInputs(Value slice);
  Values emitSlice(Value slice, Value column, int64_t vectors, Values sums);
  Values emitPair(Value pair, ArrayRef<Value> inputs, int64_t vectors, ValueRange sums);
  std::pair<Value, Value> pairsOf(Value slice, Value column);
  Value emitPanel(Value column, int64_t vectors, Value mask, Value destination);

  RewriterBase &builder;
  const SparseContraction &contraction;
  KernelPlan plan;
  const SparseSlices &slices;
  const SliceWeight &weight;
  linalg::LinalgOp op;
  Location loc;
  ExpressionEvaluator evaluator;
  int64_t lanes;
};

} // namespace

Value SliceEmitter::read(Value tensor, ValueRange at, Type element, Value mask) {
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  auto read = vector::TransferReadOp::create(builder, loc, vectorOf(element), tensor, at, zero, ArrayRef<bool>{true});
  if (mask)
    read.getMaskMutable().assign(mask);
  return read;
}

/// The loops at each row.
SmallVector<LanePoint> SliceEmitter::rowPoints() {
  SmallVector<LanePoint> points{LanePoint(op.getNumLoops(), {builder.getIndexAttr(0), 0})};
  for (unsigned loop : contraction.rowLoops) {
    SmallVector<LanePoint> next;
    for (const LanePoint &point : points)
      for (int64_t row = 0; row < contraction.size(loop); ++row) {
        next.push_back(point);
        next.back()[loop] = {builder.getIndexAttr(row), 0};
      }
    points = next;
  }
  return points;
}

/// What each row multiplies in a slice.
SmallVector<Value> SliceEmitter::readInputs(Value slice) {
  Value first = multiply(slice, lanes), mask;
  int64_t size = contraction.units();
  if (size % lanes != 0) {
    Value left = builder.createOrFold<arith::SubIOp>(loc, index(size), first);
    mask = vector::CreateMaskOp::create(builder, loc, vectorOf(builder.getI1Type()), left);
  }
  AffineMap map = op.getMatchingIndexingMap(contraction.input);
  Values inputs;
  for (LanePoint &point : rowPoints()) {
    point[contraction.unitLoop] = {first, 1};
    inputs.push_back(
        read(contraction.input->get(), evaluator.bases(evaluator.apply(map, point)), builder.getF32Type(), mask));
  }
  return inputs;
}

/// The pairs of a slice in the panel that begins at `column`: from the first to before the second.
std::pair<Value, Value> SliceEmitter::pairsOf(Value slice, Value column) {
  Value panel = builder.createOrFold<arith::DivUIOp>(loc, column, index(SparseSlices::panelColumns(contraction)));
  Value number = add(multiply(panel, SparseSlices::slicesPerPanel(contraction)), slice);
  if (slices.uniform) {
    Value first = multiply(number, *slices.uniform);
    return {first, add(first, index(*slices.uniform))};
  }
  auto readStart = [&](Value at) -> Value {
    Value start = tensor::ExtractOp::create(builder, loc, weight.starts, at);
    return arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(), start);
  };
  return {readStart(number), readStart(add(number, index(1)))};
}

SmallVector<Value> SliceEmitter::emitPair(Value pair, ArrayRef<Value> inputs, int64_t vectors, ValueRange sums) {
  Values results(sums);
  VectorType words = vectorOf(builder.getI32Type()), floats = vectorOf(builder.getF32Type());
  Value four = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(words, builder.getI32IntegerAttr(4)));
  auto contract = arith::FastMathFlagsAttr::get(builder.getContext(), arith::FastMathFlags::contract);
  for (int64_t vector = 0; vector < vectors; ++vector) {
    Value at = add(multiply(pair, SparseSlices::panelColumns(contraction)), index(vector * lanes));
    // a permutation looks at the low four bits only
    Value place = arith::ExtUIOp::create(builder, loc, words, read(weight.places, at, builder.getI8Type()));
    for (int64_t half : {0, 1}) {
      Value first = add(multiply(pair, 2), index(half));
      Value from = add(multiply(first, SparseSlices::panelColumns(contraction)), index(vector * lanes));
      Value value = read(weight.values, from, builder.getF32Type());
      if (half)
        place = arith::ShRUIOp::create(builder, loc, place, four);
      for (auto [row, input] : llvm::enumerate(inputs)) {
        Value chosen = LLVM::CallIntrinsicOp::create(builder, loc, TypeRange(floats),
                                                     builder.getStringAttr("llvm.x86.avx512.permvar.sf.512"),
                                                     ValueRange{input, place}, LLVM::FastmathFlagsAttr())
                           .getResults();
        Value &sum = results[row * vectors + vector];
        sum = arith::AddFOp::create(builder, loc, sum, arith::MulFOp::create(builder, loc, value, chosen, contract),
                                    contract);
      }
    }
  }
  return results;
}

SmallVector<Value> SliceEmitter::emitSlice(Value slice, Value column, int64_t vectors, Values sums) {
  Values inputs = readInputs(slice);
  auto [begin, end] = pairsOf(slice, column);
  // a uniform number is told by the length of the loop, which LLVM unrolls
  Value from = slices.uniform ? index(0) : begin, to = slices.uniform ? index(*slices.uniform) : end;
  auto loop = scf::ForOp::create(builder, loc, from, to, index(1), sums);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value pair = slices.uniform ? add(begin, loop.getInductionVar()) : loop.getInductionVar();
  scf::YieldOp::create(builder, loc, emitPair(pair, inputs, vectors, loop.getRegionIterArgs()));
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// `mask` is that of the last vector.
Value SliceEmitter::emitPanel(Value column, int64_t vectors, Value mask, Value destination) {
  SmallVector<LanePoint> rows = rowPoints();
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(vectorOf(builder.getF32Type())));
  Values sums(rows.size() * vectors, zero);
  auto loop =
      scf::ForOp::create(builder, loc, index(0), index(SparseSlices::slicesPerPanel(contraction)), index(1), sums);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    scf::YieldOp::create(builder, loc,
                         emitSlice(loop.getInductionVar(), column, vectors, Values(loop.getRegionIterArgs())));
  }
  for (auto [row, point] : llvm::enumerate(rows))
    for (int64_t vector = 0; vector < vectors; ++vector) {
      point[contraction.columnLoop] = {add(column, index(vector * lanes)), 1};
      destination = emitSum(builder, evaluator, plan, point, loop.getResult(row * vectors + vector),
                            vector + 1 == vectors ? mask : Value(), destination);
    }
  return destination;
}

Value SliceEmitter::emit() {
  Value destination = plan.getDestination()->get();
  if (isConstantExpression(destination) || (plan.initProducer && destination.getDefiningOp() == plan.initProducer))
    destination = shapeSource(destination);
  int64_t step = SparseSlices::panelColumns(contraction), columns = contraction.columns();
  if (int64_t whole = columns / step * step) {
    auto loop = scf::ForOp::create(builder, loc, index(0), index(whole), index(step), destination);
    if (loop->getBlock() == op->getBlock())
      loop->setAttr(kParallelLoopAttrName, builder.getUnitAttr());
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value result = emitPanel(loop.getInductionVar(), SparseSlices::kPanelVectors, Value(), loop.getRegionIterArg(0));
    scf::YieldOp::create(builder, loc, result);
    destination = loop.getResult(0);
  }
  int64_t rest = columns % step;
  if (rest == 0)
    return destination;
  Value mask;
  if (rest % lanes != 0)
    mask = vector::CreateMaskOp::create(builder, loc, vectorOf(builder.getI1Type()), index(rest % lanes));
  return emitPanel(index(columns - rest), llvm::divideCeil(rest, lanes), mask, destination);
}

LogicalResult condense::codegen::emitSliceKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                                                 const VectorTarget &target, std::string &reason) {
  FailureOr<SparseContraction> contraction = matchSparseContraction(op, target, reason);
  if (failed(contraction) || failed(checkSlices(*contraction, target, reason)))
    return failure();
  FailureOr<KernelPlan> plan = makeSurroundingPlan(op, contraction->columnLoop, reason);
  if (failed(plan))
    return failure();
  linalg::LinalgOp last = plan->epilogue ? plan->epilogue : op;
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(last);
  TensorConstant constant = *getTensorConstant(contraction->weight->get());
  SparseSlices slices = planSlices(*contraction, constant);
  SliceWeight weight = createSliceWeight(rewriter, *contraction, slices, constant);
  Value result = SliceEmitter(rewriter, *contraction, *plan, slices, weight).emit();
  rewriter.replaceOp(last, result);
  for (Operation *dead : {static_cast<Operation *>(op), plan->initProducer})
    if (dead && dead != last && dead->use_empty())
      rewriter.eraseOp(dead);
  return success();
}
