// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Lowering of the `compress` dialect to linalg.

#ifndef CONDENSE_CONVERSION_COMPRESSTOLINALG_COMPRESSTOLINALG_H
#define CONDENSE_CONVERSION_COMPRESSTOLINALG_COMPRESSTOLINALG_H

#include "mlir/Pass/Pass.h"

namespace condense {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "condense/Conversion/CompressToLinalg/Passes.h.inc"

} // namespace condense

#endif // CONDENSE_CONVERSION_COMPRESSTOLINALG_COMPRESSTOLINALG_H
