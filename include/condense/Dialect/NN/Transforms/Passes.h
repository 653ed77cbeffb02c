// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes on the `nn` graph.

#ifndef CONDENSE_DIALECT_NN_TRANSFORMS_PASSES_H
#define CONDENSE_DIALECT_NN_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace condense::nn {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "condense/Dialect/NN/Transforms/Passes.h.inc"

} // namespace condense::nn

#endif // CONDENSE_DIALECT_NN_TRANSFORMS_PASSES_H
