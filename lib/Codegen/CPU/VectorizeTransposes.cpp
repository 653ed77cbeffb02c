// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes copies that exchange the innermost dimension as loops over squares of lanes, which are read and written as
// rows and transposed in registers. Reading single elements at a distance would cost several times as much.

#include "AccessAnalysis.h"
#include "KernelEmitter.h"
#include "LoopSegments.h"
#include "VectorTranspose.h"
#include "condense/Codegen/CPU/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Remarks.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENVECTORIZETRANSPOSESPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// Of shorter dimensions most of a square would be empty.
static constexpr int64_t kShortest = 8;

namespace {

/// A copy, and the loops along the innermost dimensions of what it reads and writes.
struct TransposedCopy {
  linalg::GenericOp op;
  unsigned inputLoop, resultLoop;
};

} // namespace

static unsigned innermostLoop(AffineMap map) { return map.getDimPosition(map.getNumResults() - 1); }

static std::optional<TransposedCopy> matchCopy(linalg::GenericOp op) {
  if (!op.hasPureTensorSemantics() || op.getNumDpsInputs() != 1 || op.getNumResults() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() || op.getNumLoops() < 2 ||
      codegen::isConstantExpression(op.getDpsInputOperand(0)->get()))
    return std::nullopt;
  Block &body = op.getRegion().front();
  Type element = body.getArgument(0).getType();
  if (!llvm::hasSingleElement(body) || body.getTerminator()->getOperand(0) != body.getArgument(0) ||
      !element.isIntOrFloat() || element.getIntOrFloatBitWidth() != 32)
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (!maps[0].isPermutation() || !maps[1].isPermutation())
    return std::nullopt;
  TransposedCopy copy{op, innermostLoop(maps[0]), innermostLoop(maps[1])};
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  auto isShort = [&](unsigned loop) { return !ShapedType::isDynamic(sizes[loop]) && sizes[loop] < kShortest; };
  if (copy.inputLoop == copy.resultLoop || isShort(copy.inputLoop) || isShort(copy.resultLoop))
    return std::nullopt;
  return copy;
}

namespace {

class TransposeEmitter {
public:
  TransposeEmitter(RewriterBase &rewriter, const TransposedCopy &copy, int64_t lanes)
      : rewriter(rewriter), copy(copy), op(copy.op), loc(op.getLoc()), lanes(lanes),
        sizes(loopSizes(rewriter, cast<linalg::LinalgOp>(op.getOperation()))),
        position(op.getNumLoops(), rewriter.getIndexAttr(0)) {}

  Value emit();

private:
  Value emitLoops(ArrayRef<unsigned> loops, Value destination);
  Value emitSegment(ArrayRef<unsigned> loops, OpFoldResult begin, OpFoldResult end, int64_t step, Value destination);
  Value emitSquare(Value destination);
  Value createMask(Value count);
  Value readRow(int64_t number);
  Value writeRow(Value row, int64_t number, Value destination);
  /// The square's place along `loop` plus `delta`, not past the end.
  OpFoldResult place(unsigned loop, int64_t delta);
  SmallVector<Value> indices(unsigned operand, unsigned loop, int64_t delta);
  /// What is left along `loop`.
  Value rest(unsigned loop);
  Value asValue(OpFoldResult index) { return getValueOrCreateConstantIndexOp(rewriter, loc, index); }

  RewriterBase &rewriter;
  TransposedCopy copy;
  linalg::GenericOp op;
  Location loc;
  int64_t lanes;
  SmallVector<OpFoldResult> sizes, position;
  /// The loops of which the square may be past the end.
  llvm::SmallDenseSet<unsigned> partial;
};

} // namespace

Value TransposeEmitter::rest(unsigned loop) {
  AffineExpr left = rewriter.getAffineDimExpr(0) - rewriter.getAffineDimExpr(1);
  return asValue(affine::makeComposedFoldedAffineApply(rewriter, loc, left, {sizes[loop], position[loop]}));
}

OpFoldResult TransposeEmitter::place(unsigned loop, int64_t delta) {
  AffineExpr dim = rewriter.getAffineDimExpr(0);
  OpFoldResult at = affine::makeComposedFoldedAffineApply(rewriter, loc, dim + delta, {position[loop]});
  if (!partial.contains(loop))
    return at;
  OpFoldResult last = affine::makeComposedFoldedAffineApply(rewriter, loc, dim - 1, {sizes[loop]});
  return arith::MinSIOp::create(rewriter, loc, asValue(at), asValue(last)).getResult();
}

SmallVector<Value> TransposeEmitter::indices(unsigned operand, unsigned loop, int64_t delta) {
  SmallVector<Value> result;
  AffineMap map = op.getIndexingMapsArray()[operand];
  for (unsigned i = 0; i < map.getNumResults(); ++i) {
    unsigned dim = map.getDimPosition(i);
    result.push_back(asValue(dim == loop ? place(loop, delta) : position[dim]));
  }
  return result;
}

Value TransposeEmitter::createMask(Value count) {
  auto type = VectorType::get(lanes, rewriter.getI1Type());
  return vector::CreateMaskOp::create(rewriter, loc, type, count);
}

Value TransposeEmitter::readRow(int64_t number) {
  Type element = op.getRegion().front().getArgument(0).getType();
  auto type = VectorType::get(lanes, element);
  Value mask = partial.contains(copy.inputLoop) ? createMask(rest(copy.inputLoop)) : Value();
  Value padding = arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(element));
  auto read = vector::TransferReadOp::create(rewriter, loc, type, op.getDpsInputOperand(0)->get(),
                                             indices(0, copy.resultLoop, number), padding, ArrayRef<bool>{true});
  if (mask)
    read.getMaskMutable().assign(mask);
  return read;
}

/// Rows past the end have an empty mask.
Value TransposeEmitter::writeRow(Value row, int64_t number, Value destination) {
  Value mask;
  if (!partial.empty()) {
    Value count = partial.contains(copy.resultLoop) ? rest(copy.resultLoop) : asValue(rewriter.getIndexAttr(lanes));
    if (partial.contains(copy.inputLoop)) {
      Value isInside = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::sgt, rest(copy.inputLoop),
                                             asValue(rewriter.getIndexAttr(number)));
      count = arith::SelectOp::create(rewriter, loc, isInside, count, asValue(rewriter.getIndexAttr(0)));
    }
    mask = createMask(count);
  }
  auto write = vector::TransferWriteOp::create(rewriter, loc, row, destination, indices(1, copy.inputLoop, number),
                                               ArrayRef<bool>{true});
  if (mask)
    write.getMaskMutable().assign(mask);
  return write.getResult();
}

Value TransposeEmitter::emitSquare(Value destination) {
  SmallVector<Value> rows;
  for (int64_t i = 0; i < lanes; ++i)
    rows.push_back(readRow(i));
  for (auto [number, row] : llvm::enumerate(transposeVectors(rewriter, loc, rows)))
    destination = writeRow(row, number, destination);
  return destination;
}

Value TransposeEmitter::emitSegment(ArrayRef<unsigned> loops, OpFoldResult begin, OpFoldResult end, int64_t step,
                                    Value destination) {
  std::optional<int64_t> first = getConstantIntValue(begin), last = getConstantIntValue(end);
  if (first && last && *first >= *last)
    return destination;
  if (first && last && *last - *first <= step) {
    position[loops.front()] = begin;
    return emitLoops(loops.drop_front(), destination);
  }
  auto loop = scf::ForOp::create(rewriter, loc, asValue(begin), asValue(end), asValue(rewriter.getIndexAttr(step)),
                                 destination);
  if (loop->getBlock() == op->getBlock())
    loop->setAttr(kParallelLoopAttrName, rewriter.getUnitAttr());
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  position[loops.front()] = loop.getInductionVar();
  scf::YieldOp::create(rewriter, loc, emitLoops(loops.drop_front(), loop.getRegionIterArg(0)));
  return loop.getResult(0);
}

Value TransposeEmitter::emitLoops(ArrayRef<unsigned> loops, Value destination) {
  if (loops.empty())
    return emitSquare(destination);
  unsigned loop = loops.front();
  OpFoldResult zero = rewriter.getIndexAttr(0), size = sizes[loop];
  if (loop != copy.inputLoop && loop != copy.resultLoop)
    return emitSegment(loops, zero, size, 1, destination);
  AffineExpr whole = rewriter.getAffineDimExpr(0).floorDiv(lanes) * lanes;
  OpFoldResult end = affine::makeComposedFoldedAffineApply(rewriter, loc, whole, {size});
  destination = emitSegment(loops, zero, end, lanes, destination);
  partial.insert(loop);
  destination = emitSegment(loops, end, size, lanes, destination);
  partial.erase(loop);
  return destination;
}

Value TransposeEmitter::emit() {
  SmallVector<unsigned> loops;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (loop != copy.inputLoop && loop != copy.resultLoop)
      loops.push_back(loop);
  loops.push_back(copy.inputLoop);
  loops.push_back(copy.resultLoop);
  return emitLoops(loops, op.getDpsInits()[0]);
}

namespace {

struct VectorizeTransposesPass : condense::impl::CodegenVectorizeTransposesPassBase<VectorizeTransposesPass> {
  using CodegenVectorizeTransposesPassBase::CodegenVectorizeTransposesPassBase;

  void runOnOperation() override {
    SmallVector<TransposedCopy> copies;
    getOperation().walk([&](linalg::GenericOp op) {
      if (std::optional<TransposedCopy> copy = matchCopy(op))
        copies.push_back(*copy);
    });
    IRRewriter rewriter(&getContext());
    for (TransposedCopy copy : copies) {
      rewriter.setInsertionPoint(copy.op);
      Location loc = copy.op.getLoc();
      rewriter.replaceOp(copy.op, TransposeEmitter(rewriter, copy, vectorBits / 32).emit());
      remark::passed(loc, remark::RemarkOpts::name("transpose").category("codegen"))
          << "transposed by squares of lanes";
      ++numTransposed;
    }
  }
};

} // namespace
