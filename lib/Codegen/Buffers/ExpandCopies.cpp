// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes copies between strided buffers as linalg operations, which become loops.

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENEXPANDCOPIESPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

/// Whether the elements lie one after the other: LLVM lowers such a copy to memcpy.
static bool isContiguous(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && (memref.getLayout().isIdentity() ||
                    (memref.hasStaticShape() && memref.areTrailingDimsContiguous(memref.getRank())));
}

namespace {

struct ExpandCopiesPass : public condense::impl::CodegenExpandCopiesPassBase<ExpandCopiesPass> {
  void runOnOperation() override {
    SmallVector<memref::CopyOp> copies;
    getOperation()->walk([&](memref::CopyOp op) {
      if (!isContiguous(op.getSource().getType()) || !isContiguous(op.getTarget().getType()))
        copies.push_back(op);
    });
    for (memref::CopyOp op : copies) {
      OpBuilder builder(op);
      linalg::makeMemRefCopyOp(builder, op.getLoc(), op.getSource(), op.getTarget());
      op.erase();
      ++numExpanded;
    }
  }
};

} // namespace
