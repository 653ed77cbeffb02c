// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Removes dimensions of size 1, which hide that the next one is contiguous.
//
// Upstream's pass also removes a loop of one iteration from sums like
// `stride * oh + kh`. The window loop is then alone in the image's map, whose
// size is larger than the window's if the image has rows that no window
// reaches. Such loops are kept.

#include "condense/Codegen/CPU/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENDROPUNITDIMSPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;

/// Loops that no map adds to another one.
static SmallVector<unsigned> findSeparateLoops(linalg::GenericOp op) {
  SmallVector<unsigned> loops;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool isSeparate = llvm::all_of(op.getIndexingMapsArray(), [&](AffineMap map) {
      return llvm::all_of(map.getResults(),
                          [&](AffineExpr expr) { return isa<AffineDimExpr>(expr) || !expr.isFunctionOfDim(loop); });
    });
    if (isSeparate)
      loops.push_back(loop);
  }
  return loops;
}

namespace {

struct DropUnitDimsPass : condense::impl::CodegenDropUnitDimsPassBase<DropUnitDimsPass> {
  void runOnOperation() override {
    linalg::ControlDropUnitDims options;
    auto dropDefault = options.controlFn;
    options.controlFn = [dropDefault](Operation *op) {
      auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
      return generic ? findSeparateLoops(generic) : dropDefault(op);
    };
    RewritePatternSet patterns(&getContext());
    linalg::populateFoldUnitExtentDimsPatterns(patterns, options);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
    // Reshapes that meet cancel each other.
    RewritePatternSet cleanup(&getContext());
    linalg::populateFoldUnitExtentDimsCanonicalizationPatterns(cleanup, options);
    if (failed(applyPatternsGreedily(getOperation(), std::move(cleanup))))
      signalPassFailure();
  }
};

} // namespace
