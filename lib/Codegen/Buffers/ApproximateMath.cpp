// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Expands transcendental functions into arithmetic. The approximations are those of MLIR; which
// of them are accurate over the whole range of f32 is decided here. (Those of sin and cos are
// not: their reduction of the argument loses all digits of large ones.)

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENAPPROXIMATEMATHPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

static bool isApproximated(StringRef name) {
  return llvm::is_contained({math::ExpOp::getOperationName(), math::ExpM1Op::getOperationName(),
                             math::LogOp::getOperationName(), math::Log1pOp::getOperationName(),
                             math::TanhOp::getOperationName(), math::ErfOp::getOperationName()},
                            name);
}

namespace {

struct ApproximateMathPass : public condense::impl::CodegenApproximateMathPassBase<ApproximateMathPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateMathF32ExpansionPatterns(patterns, isApproximated);
    populateMathPolynomialApproximationPatterns(patterns, isApproximated);
    GreedyRewriteConfig config;
    config.enableFolding(false).enableConstantCSE(false);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};

} // namespace
