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
    constexpr StringLiteral pure[] = {
        "llvm.x86.avx512.vpdpbusd.", "llvm.x86.avx512.permvar.", "llvm.x86.avx2.pmadd.wd", "llvm.x86.avx512.pmaddw.d.",
        "llvm.x86.sse2.pmadd.wd",    "llvm.aarch64.neon.usdot.", "llvm.aarch64.neon.sdot."};
    if (llvm::any_of(pure, [&](StringRef prefix) { return name.starts_with(prefix); }))
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
