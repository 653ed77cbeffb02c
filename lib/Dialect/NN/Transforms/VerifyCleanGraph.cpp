// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Checks the contract of the import stage.

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/NN/Transforms/Passes.h"

namespace condense::nn {
#define GEN_PASS_DEF_VERIFYCLEANGRAPHPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;

/// By name, so that this library need not know the compress dialect.
static bool isAllowed(Operation *op) {
  StringRef dialect = op->getName().getDialectNamespace();
  return dialect == "nn" || dialect == "compress" || isa<arith::ConstantOp>(op) ||
         op->hasTrait<OpTrait::IsTerminator>();
}

namespace {
struct VerifyCleanGraphPass : condense::nn::impl::VerifyCleanGraphPassBase<VerifyCleanGraphPass> {
  void runOnOperation() override {
    WalkResult result = getOperation()->walk([&](Operation *op) {
      if (isa<ModuleOp, FunctionOpInterface>(op) || isAllowed(op))
        return WalkResult::advance();
      op->emitOpError("does not belong to the clean graph; only nn and "
                      "compress operations and constants do");
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
