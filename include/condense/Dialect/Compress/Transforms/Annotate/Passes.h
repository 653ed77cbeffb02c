// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that say what shall be compressed.

#ifndef CONDENSE_DIALECT_COMPRESS_TRANSFORMS_ANNOTATE_PASSES_H
#define CONDENSE_DIALECT_COMPRESS_TRANSFORMS_ANNOTATE_PASSES_H

#include "mlir/Pass/Pass.h"

namespace condense::compress {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_ANNOTATE_PASSES_H
