// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes on code that works on buffers, after bufferization and before LLVM.

#ifndef CONDENSE_CODEGEN_BUFFERS_PASSES_H
#define CONDENSE_CODEGEN_BUFFERS_PASSES_H

#include "mlir/Pass/Pass.h"
#include <memory>

namespace condense {

class WeightBlob;

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "condense/Codegen/Buffers/Passes.h.inc"

/// Creates codegen-outline-constants such that the bytes go to `blob`.
std::unique_ptr<mlir::Pass> createCodegenOutlineConstantsPass(std::shared_ptr<WeightBlob> blob);

} // namespace condense

#endif // CONDENSE_CODEGEN_BUFFERS_PASSES_H
