// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Gives every operation a destination of its own. Common subexpression elimination has merged those of the same shape,
// but the elimination of empty tensors replaces a tensor for all who write to it, or for nobody.

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENSEPARATEDESTINATIONSPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

namespace {

struct SeparateDestinationsPass : public condense::impl::CodegenSeparateDestinationsPassBase<SeparateDestinationsPass> {
  void runOnOperation() override {
    SmallVector<tensor::EmptyOp> shared;
    getOperation()->walk([&](tensor::EmptyOp op) {
      if (!op->use_empty() && !op->hasOneUse())
        shared.push_back(op);
    });
    for (tensor::EmptyOp op : shared)
      for (OpOperand &use : llvm::make_early_inc_range(llvm::drop_begin(op->getUses()))) {
        OpBuilder builder(use.getOwner());
        use.set(builder.clone(*op)->getResult(0));
        ++numSeparated;
      }
  }
};

} // namespace
