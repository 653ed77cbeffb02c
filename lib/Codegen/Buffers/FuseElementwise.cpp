// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fuses chains of elementwise operations, and nothing else.

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENFUSEELEMENTWISEPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

/// A reshape of a constant moves no data: making it a part of its user would only give that the other shape.
static bool isReshapedConstant(Value value) {
  Operation *def = value.getDefiningOp();
  return isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(def) &&
         matchPattern(def->getOperand(0), m_Constant());
}

/// Upstream loses what an operation reads from the tensor that it overwrites.
static bool readsInit(Operation *op) {
  auto producer = dyn_cast_or_null<linalg::LinalgOp>(op);
  return producer && llvm::any_of(producer.getDpsInitsMutable(),
                                  [&](OpOperand &init) { return producer.payloadUsesValueFromOperand(&init); });
}

static bool shouldFuse(OpOperand *operand) {
  auto consumer = dyn_cast<linalg::LinalgOp>(operand->getOwner());
  return operand->get().hasOneUse() && consumer && consumer.getNumReductionLoops() == 0 &&
         !isReshapedConstant(operand->get()) && !readsInit(operand->get().getDefiningOp());
}

namespace {

struct FuseElementwisePass : public condense::impl::CodegenFuseElementwisePassBase<FuseElementwisePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, shouldFuse);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, shouldFuse);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
