// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the loop nest of a kernel plan:
//
//   outer loops, loop over vectors, inner loops, loop over rows
//     tile
//
// All of them are parallel and carry the result.

#include "KernelEmitter.h"
#include "LoopSegments.h"
#include "PanelExpansion.h"
#include "TileEmitter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace condense::codegen;

namespace {

class KernelEmitter {
public:
  KernelEmitter(RewriterBase &rewriter, const KernelPlan &plan)
      : rewriter(rewriter), plan(plan), op(plan.op), loc(op.getLoc()), sizes(loopSizes(rewriter, op)),
        tiles(rewriter, plan, sizes) {}

  Value emit();

private:
  SmallVector<LoopSegment> segmentsOf(unsigned loop);
  void expandPanel(OpFoldResult panel);
  Value emitLoops(ArrayRef<unsigned> loops, LanePoint point, Tile tile, Value destination);
  Value emitSegment(ArrayRef<unsigned> loops, const LoopSegment &segment, LanePoint point, Tile tile,
                    Value destination);

  RewriterBase &rewriter;
  const KernelPlan &plan;
  linalg::LinalgOp op;
  Location loc;
  SmallVector<OpFoldResult> sizes;
  TileEmitter tiles;
};

} // namespace

/// Computes the lanes of a panel for all that is inside of its loop.
void KernelEmitter::expandPanel(OpFoldResult panel) {
  tiles.setDotLanes(plan.expansion->emit(rewriter, loc, panel), plan.expansion->getMap());
}

SmallVector<LoopSegment> KernelEmitter::segmentsOf(unsigned loop) {
  if (plan.rowLoop == loop)
    return rowSegments(rewriter, loc, sizes[loop], plan.rows);
  if (plan.vectorLoop == loop)
    return vectorSegments(rewriter, loc, sizes[loop], plan.vectors, plan.lanes);
  return {{rewriter.getIndexAttr(0), sizes[loop]}};
}

Value KernelEmitter::emitSegment(ArrayRef<unsigned> loops, const LoopSegment &segment, LanePoint point, Tile tile,
                                 Value destination) {
  std::optional<int64_t> begin = getConstantIntValue(segment.begin), end = getConstantIntValue(segment.end);
  auto emitBody = [&](OpFoldResult base, Value destination) {
    point[loops.front()].base = base;
    if (plan.expansion && plan.expansion->getPanelLoop() == loops.front())
      expandPanel(base);
    if (plan.rowLoop == loops.front())
      tile.rows = segment.unroll;
    if (plan.vectorLoop == loops.front()) {
      tile.vectors = segment.unroll;
      tile.mask = segment.isMasked ? makeMask(rewriter, loc, segment, base, plan.lanes) : Value();
      tile.groupMask =
          segment.isMasked && plan.dot ? makeMask(rewriter, loc, segment, base, plan.lanes, kDotLength) : Value();
    }
    return emitLoops(loops.drop_front(), point, tile, destination);
  };
  if (begin && end && *begin >= *end)
    return destination;
  if (begin && end && *end - *begin <= segment.step)
    return emitBody(segment.begin, destination);
  auto asValue = [&](OpFoldResult index) { return getValueOrCreateConstantIndexOp(rewriter, loc, index); };
  auto loop = scf::ForOp::create(rewriter, loc, asValue(segment.begin), asValue(segment.end),
                                 asValue(rewriter.getIndexAttr(segment.step)), destination);
  if (loop->getBlock() == op->getBlock())
    loop->setAttr(kParallelLoopAttrName, rewriter.getUnitAttr());
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  Value result = emitBody(loop.getInductionVar(), loop.getRegionIterArg(0));
  scf::YieldOp::create(rewriter, loc, result);
  return loop.getResult(0);
}

Value KernelEmitter::emitLoops(ArrayRef<unsigned> loops, LanePoint point, Tile tile, Value destination) {
  if (loops.empty())
    return tiles.emit(point, tile, destination);
  for (const LoopSegment &segment : segmentsOf(loops.front()))
    destination = emitSegment(loops, segment, point, tile, destination);
  return destination;
}

Value KernelEmitter::emit() {
  SmallVector<unsigned> loops = plan.outerLoops;
  if (!plan.combiner)
    loops.push_back(plan.vectorLoop);
  llvm::append_range(loops, plan.innerLoops);
  if (plan.rowLoop)
    loops.push_back(*plan.rowLoop);
  Value destination = plan.getDestination()->get();
  // What would have been overwritten first need not be written.
  if (tiles.isComputed(destination))
    destination = shapeSource(destination);
  LanePoint point(op.getNumLoops(), {rewriter.getIndexAttr(0), 0});
  if (plan.expansion && !plan.expansion->getPanelLoop())
    expandPanel(rewriter.getIndexAttr(0));
  return emitLoops(loops, point, Tile(), destination);
}

void condense::codegen::emitKernel(RewriterBase &rewriter, const KernelPlan &plan) {
  linalg::LinalgOp last = plan.epilogue ? plan.epilogue : plan.op;
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(last);
  Value result = KernelEmitter(rewriter, plan).emit();
  rewriter.replaceOp(last, result);
  for (Operation *op : {static_cast<Operation *>(plan.op), plan.initProducer})
    if (op && op != last && op->use_empty())
      rewriter.eraseOp(op);
}
