// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that turn linalg operations on tensors into vector kernels for CPUs.

#ifndef CONDENSE_CODEGEN_CPU_PASSES_H
#define CONDENSE_CODEGEN_CPU_PASSES_H

#include "mlir/Pass/Pass.h"

namespace condense {

#define GEN_PASS_DECL
#include "condense/Codegen/CPU/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "condense/Codegen/CPU/Passes.h.inc"

} // namespace condense

#endif // CONDENSE_CODEGEN_CPU_PASSES_H
