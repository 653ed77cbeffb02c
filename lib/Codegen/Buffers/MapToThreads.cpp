// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decides which parallel loops are distributed over threads. Starting threads and waiting for the last
// costs some microseconds even when they are awake, so small loops are faster on one.

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/Support/MathExtras.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENMAPTOTHREADSPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

/// What an unknown number of iterations counts as.
static constexpr int64_t assumedIterations = 16;

static int64_t countIterations(OpFoldResult lower, OpFoldResult upper, OpFoldResult step) {
  std::optional<int64_t> from = getConstantIntValue(lower), to = getConstantIntValue(upper),
                         by = getConstantIntValue(step);
  if (!from || !to || !by || *by <= 0)
    return assumedIterations;
  return std::max<int64_t>(0, llvm::divideCeilSigned(*to - *from, *by));
}

static int64_t countIterations(Operation *op) {
  auto loop = dyn_cast<LoopLikeOpInterface>(op);
  if (!loop)
    return 1;
  auto lower = loop.getLoopLowerBounds(), upper = loop.getLoopUpperBounds(), steps = loop.getLoopSteps();
  if (!lower || !upper || !steps)
    return assumedIterations;
  int64_t iterations = 1;
  for (auto [from, to, by] : llvm::zip_equal(*lower, *upper, *steps))
    iterations = llvm::MulOverflow(iterations, countIterations(from, to, by), iterations)
                     ? std::numeric_limits<int64_t>::max()
                     : iterations;
  return iterations;
}

/// How many instructions a function such as exp becomes, roughly.
static constexpr int64_t functionInstructions = 16;

static int64_t countElements(Operation &op) {
  int64_t elements = 1;
  for (Type type : op.getResultTypes())
    if (auto vector = dyn_cast<VectorType>(type))
      elements = std::max(elements, vector.getNumElements());
  bool isFunction = isa_and_nonnull<math::MathDialect>(op.getDialect()) && !isa<math::FmaOp, math::AbsFOp>(op);
  return isFunction ? elements * functionInstructions : elements;
}

/// Elements computed by one execution of `op`, saturating.
static int64_t estimateWork(Operation &op) {
  uint64_t inside = op.getNumRegions() ? 0 : countElements(op);
  for (Region &region : op.getRegions())
    for (Block &block : region)
      for (Operation &nested : block)
        inside = llvm::SaturatingAdd<uint64_t>(inside, estimateWork(nested));
  uint64_t work = llvm::SaturatingMultiply<uint64_t>(inside, countIterations(&op));
  return std::min<uint64_t>(work, std::numeric_limits<int64_t>::max());
}

/// The first dimension with more than one iteration.
static unsigned findDistributedDim(scf::ParallelOp loop) {
  for (unsigned d = 0, e = loop.getNumLoops(); d < e; ++d)
    if (countIterations(OpFoldResult(loop.getLowerBound()[d]), loop.getUpperBound()[d], loop.getStep()[d]) > 1)
      return d;
  return 0;
}

/// Keeps dimension `dim` of `loop` parallel; the others become loops inside of it.
static void keepOneDim(IRRewriter &rewriter, scf::ParallelOp loop, unsigned dim) {
  rewriter.setInsertionPoint(loop);
  Location loc = loop.getLoc();
  auto outer = scf::ParallelOp::create(rewriter, loc, ValueRange{loop.getLowerBound()[dim]},
                                       ValueRange{loop.getUpperBound()[dim]}, ValueRange{loop.getStep()[dim]});
  SmallVector<Value> ivs(loop.getNumLoops());
  ivs[dim] = outer.getInductionVars()[0];
  rewriter.setInsertionPointToStart(outer.getBody());
  for (unsigned d = 0, e = loop.getNumLoops(); d < e; ++d) {
    if (d == dim)
      continue;
    auto inner = scf::ForOp::create(rewriter, loc, loop.getLowerBound()[d], loop.getUpperBound()[d], loop.getStep()[d]);
    ivs[d] = inner.getInductionVar();
    rewriter.setInsertionPointToStart(inner.getBody());
  }
  rewriter.eraseOp(loop.getBody()->getTerminator());
  rewriter.inlineBlockBefore(loop.getBody(), rewriter.getInsertionBlock(), rewriter.getInsertionPoint(), ivs);
  rewriter.eraseOp(loop);
}

namespace {

struct MapToThreadsPass : public condense::impl::CodegenMapToThreadsPassBase<MapToThreadsPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<scf::ParallelOp> sequential, parallel;
    getOperation()->walk<WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
      bool worthIt = !loop->getParentOfType<scf::ParallelOp>() && estimateWork(*loop) >= minWork;
      if (worthIt && loop.getNumReductions() == 0)
        parallel.push_back(loop);
      else
        sequential.push_back(loop);
    });
    // A loop in a sequential one may be worth threads where its parent is not only if it does more
    // work, which is impossible; so one decision per loop suffices.
    IRRewriter rewriter(&getContext());
    for (scf::ParallelOp loop : llvm::reverse(sequential))
      makeSequential(rewriter, loop);
    for (scf::ParallelOp loop : parallel) {
      if (loop.getNumLoops() > 1)
        keepOneDim(rewriter, loop, findDistributedDim(loop));
      ++numParallel;
    }
  }

  void makeSequential(IRRewriter &rewriter, scf::ParallelOp loop) {
    if (loop.getNumReductions() != 0)
      return; // convert-scf-to-cf makes it sequential
    rewriter.setInsertionPoint(loop);
    if (succeeded(scf::parallelForToNestedFors(rewriter, loop)))
      ++numSequential;
  }
};

} // namespace
