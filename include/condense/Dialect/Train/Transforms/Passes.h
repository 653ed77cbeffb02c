// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that make the training step of a network.

#ifndef CONDENSE_DIALECT_TRAIN_TRANSFORMS_PASSES_H
#define CONDENSE_DIALECT_TRAIN_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace condense::train {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "condense/Dialect/Train/Transforms/Passes.h.inc"

} // namespace condense::train

#endif // CONDENSE_DIALECT_TRAIN_TRANSFORMS_PASSES_H
