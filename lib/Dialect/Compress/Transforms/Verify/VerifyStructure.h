// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Checks that techniques left each other's structure intact.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_VERIFY_VERIFYSTRUCTURE_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_VERIFY_VERIFYSTRUCTURE_H

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"

namespace condense::compress {

/// Whether the positions of a scatter are in range, ascending, and those of its values.
/// Positions that are no constant expression cannot be checked.
mlir::LogicalResult verifyPositions(ScatterOp op);

/// Whether constant indices of a look-up are those of entries.
mlir::LogicalResult verifyIndices(LookupOp op);

/// Evaluates the weight of a layer and checks what its `compress.structure` declares.
mlir::LogicalResult verifyStructure(const Layer &layer);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_VERIFY_VERIFYSTRUCTURE_H
