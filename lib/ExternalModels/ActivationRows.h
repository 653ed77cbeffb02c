// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The rows of an activation that a weight multiplies, for operations that are
// described by loops and index maps.

#ifndef CONDENSE_LIB_EXTERNALMODELS_ACTIVATIONROWS_H
#define CONDENSE_LIB_EXTERNALMODELS_ACTIVATIONROWS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace condense {

/// Sizes of the loops of an activation matrix; its index map has them as
/// dimensions in this order.
struct RowLoops {
  llvm::SmallVector<mlir::OpFoldResult> groups, rows, columns;
};

/// `activation` at `map`, for all loops: `[groups, rows, columns]`.
mlir::Value buildRows(mlir::ImplicitLocOpBuilder &b, mlir::Value activation, mlir::AffineMap map,
                      const RowLoops &loops);

} // namespace condense

#endif // CONDENSE_LIB_EXTERNALMODELS_ACTIVATIONROWS_H
