// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Lowering of the `nn` dialect to linalg.

#ifndef CONDENSE_CONVERSION_NNTOLINALG_NNTOLINALG_H
#define CONDENSE_CONVERSION_NNTOLINALG_NNTOLINALG_H

#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/DialectConversion.h"

namespace condense {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "condense/Conversion/NNToLinalg/Passes.h.inc"

/// Turns `uiN` into `iN`, in tensors too, and keeps every other type.
class SignlessTypeConverter : public mlir::TypeConverter {
public:
  SignlessTypeConverter();
};

/// Adds the lowering of every `nn` operation. `converter` must be a
/// SignlessTypeConverter that outlives the patterns. Attention is lowered by blocks of `queryBlock` queries, or all at
/// once for 0.
void populateNNToLinalgPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns,
                                int64_t queryBlock = 0);

} // namespace condense

#endif // CONDENSE_CONVERSION_NNTOLINALG_NNTOLINALG_H
