// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// All passes of the `compress` dialect.

#ifndef CONDENSE_DIALECT_COMPRESS_TRANSFORMS_PASSES_H
#define CONDENSE_DIALECT_COMPRESS_TRANSFORMS_PASSES_H

#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/Compress/Transforms/Verify/Passes.h"

namespace condense::compress {

/// Registers the passes of all stages.
inline void registerCompressPasses() {
  registerCompressAnnotatePasses();
  registerCompressRealizePasses();
  registerCompressVerifyPasses();
}

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_PASSES_H
