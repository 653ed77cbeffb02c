// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The matrix view of a weight, on which the mathematics of compression works.

#ifndef CONDENSE_ANALYSIS_WEIGHTMATRIX_H
#define CONDENSE_ANALYSIS_WEIGHTMATRIX_H

#include "condense/Analysis/Layers.h"
#include <vector>

namespace condense {

/// A weight (or a factor of one) as matrices `[groups, rows, columns]`. Rows: output
/// channels, row-major over their dimensions in the order of the layer's weight. Columns:
/// the dimensions that an output sums over, row-major in that order too. In the first
/// factor of a product the columns, in the second the rows, are the inner dimension. The
/// rows of a grouped convolution are cut into `groups` runs; those of a table are its rows.
class WeightMatrix {
public:
  /// The view of a target of `layer`.
  static WeightMatrix get(CompressibleOpInterface layer, const WeightTarget &target);

  bool operator==(const WeightMatrix &) const = default;

  int64_t getGroups() const { return groups; }
  int64_t getRows() const { return rows; } ///< of one group
  int64_t getColumns() const { return columns; }
  /// Whether the target's own order of elements is that of the matrices.
  bool isRowMajor() const;
  /// Dimension `i` of the matrices' unflattened form is dimension `permutation[i]` of the target.
  llvm::ArrayRef<int64_t> getPermutation() const { return permutation; }

  /// Elements of the target, row-major in its shape, in the order of the matrices.
  std::vector<float> toMatrix(llvm::ArrayRef<float> elements) const;
  /// Back again; any elements of a fixed width.
  template <typename T> std::vector<T> fromMatrix(llvm::ArrayRef<T> matrix) const {
    std::vector<T> elements(matrix.size());
    forEach([&](int64_t element, int64_t place) { elements[element] = matrix[place]; });
    return elements;
  }
  /// Calls `visit(index in the target, index in the matrices)` for each element.
  void forEach(llvm::function_ref<void(int64_t, int64_t)> visit) const;

private:
  int64_t groups = 1, rows = 1, columns = 1;
  llvm::SmallVector<int64_t> shape, permutation;
};

} // namespace condense

#endif // CONDENSE_ANALYSIS_WEIGHTMATRIX_H
