// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Marks the arguments of public functions as read-only for bufferization.

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENPROTECTARGUMENTSPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

namespace {

struct ProtectArgumentsPass : public condense::impl::CodegenProtectArgumentsPassBase<ProtectArgumentsPass> {
  void runOnOperation() override {
    auto readOnly = BoolAttr::get(&getContext(), false);
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!function.isPublic() || function.isDeclaration())
        continue;
      for (BlockArgument argument : function.getArguments())
        if (isa<TensorType>(argument.getType()))
          function.setArgAttr(argument.getArgNumber(), bufferization::BufferizationDialect::kWritableAttrName,
                              readOnly);
    }
  }
};

} // namespace
