// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where the size of a dimension comes from.

#ifndef CONDENSE_ANALYSIS_DIMENSIONSOURCE_H
#define CONDENSE_ANALYSIS_DIMENSIONSOURCE_H

#include "mlir/IR/Value.h"

namespace condense {

/// A value of the graph and its dimension.
struct DimensionSource {
  mlir::Value value;
  int64_t dim;
  bool operator==(const DimensionSource &) const = default;
};

/// Follows the graph backwards as long as the size stays the same. Dimensions of one source have one size.
DimensionSource getDimensionSource(mlir::Value tensor, int64_t dim);

} // namespace condense

#endif // CONDENSE_ANALYSIS_DIMENSIONSOURCE_H
