// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Says which calls of intrinsics touch no memory. Kernels call them while their
// operands are still tensors, and passes on tensors and buffers refuse
// operations of which they know nothing.

#include "condense/ExternalModels/ExternalModels.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace {
struct CallIntrinsicEffects : MemoryEffectOpInterface::ExternalModel<CallIntrinsicEffects, LLVM::CallIntrinsicOp> {
  void getEffects(Operation *op, SmallVectorImpl<MemoryEffects::EffectInstance> &effects) const {
    StringRef name = cast<LLVM::CallIntrinsicOp>(op).getIntrin();
    if (name.starts_with("llvm.x86.avx512.vpdpbusd.") || name.starts_with("llvm.x86.avx512.permvar."))
      return;
    effects.emplace_back(MemoryEffects::Read::get());
    effects.emplace_back(MemoryEffects::Write::get());
  }
};
} // namespace

void condense::registerLLVMExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LLVM::LLVMDialect *) {
    LLVM::CallIntrinsicOp::attachInterface<CallIntrinsicEffects>(*context);
  });
}
