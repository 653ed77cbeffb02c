// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Makes the outermost loops of kernels parallel.
//
// On tensors a kernel's loops carry the result and look sequential. The
// kernels mark the outermost one, whose iterations write different elements;
// when the result is a buffer, the loop carries nothing. A mark that got lost
// leaves the loop sequential.

#include "KernelEmitter.h"
#include "condense/Codegen/CPU/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENPARALLELIZEKERNELSPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;

static void makeParallel(RewriterBase &rewriter, scf::ForOp loop) {
  rewriter.setInsertionPoint(loop);
  auto parallel = scf::ParallelOp::create(rewriter, loop.getLoc(), ValueRange{loop.getLowerBound()},
                                          ValueRange{loop.getUpperBound()}, ValueRange{loop.getStep()});
  rewriter.eraseOp(loop.getBody()->getTerminator());
  rewriter.inlineBlockBefore(loop.getBody(), parallel.getBody()->getTerminator(), parallel.getInductionVars());
  rewriter.eraseOp(loop);
}

namespace {

struct ParallelizeKernelsPass : condense::impl::CodegenParallelizeKernelsPassBase<ParallelizeKernelsPass> {
  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) {
      if (!loop->hasAttr(codegen::kParallelLoopAttrName))
        return;
      loop->removeAttr(codegen::kParallelLoopAttrName);
      if (loop.getNumResults() == 0)
        loops.push_back(loop);
    });
    IRRewriter rewriter(&getContext());
    for (scf::ForOp loop : loops)
      makeParallel(rewriter, loop);
    numParallel += loops.size();
  }
};

} // namespace
