// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that turn requests into weight expressions and integer arithmetic.

#ifndef CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PASSES_H
#define CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PASSES_H

#include "mlir/Pass/Pass.h"

namespace condense::compress {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PASSES_H
