// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The matrix view of a weight.

#include "condense/Analysis/WeightMatrix.h"

using namespace mlir;
using namespace condense;

/// The dimensions of the weight that make up a row's index.
static SmallVector<int64_t> getRowDims(CompressibleOpInterface layer) {
  SmallVector<int64_t> dims = layer.getOutputChannelDims();
  llvm::sort(dims);
  return dims;
}

WeightMatrix WeightMatrix::get(CompressibleOpInterface layer, const WeightTarget &target) {
  WeightMatrix matrix;
  auto type = cast<RankedTensorType>(target.value.getType());
  matrix.shape.assign(type.getShape().begin(), type.getShape().end());
  SmallVector<int64_t> rowDims = getRowDims(layer), rows, columns, inner;
  for (auto [dim, weightDim] : llvm::enumerate(target.dims))
    (weightDim < 0 ? inner : llvm::is_contained(rowDims, weightDim) ? rows : columns).push_back(dim);
  auto byWeightDim = [&](int64_t a, int64_t b) { return target.dims[a] < target.dims[b]; };
  llvm::sort(rows, byWeightDim);
  llvm::sort(columns, byWeightDim);
  // the inner dimension of a product takes the side that is free
  (rows.empty() ? rows : columns).append(inner);
  for (int64_t dim : rows)
    matrix.rows *= matrix.shape[dim];
  for (int64_t dim : columns)
    matrix.columns *= matrix.shape[dim];
  int64_t groups = layer.getNumGroups();
  if (inner.empty() && groups > 1 && matrix.rows % groups == 0) {
    matrix.groups = groups;
    matrix.rows /= groups;
  }
  matrix.permutation = rows;
  matrix.permutation.append(columns);
  return matrix;
}

bool WeightMatrix::isRowMajor() const {
  int64_t last = -1;
  for (int64_t dim : permutation) {
    if (shape[dim] == 1)
      continue;
    if (dim < last)
      return false;
    last = dim;
  }
  return true;
}

void WeightMatrix::forEach(llvm::function_ref<void(int64_t, int64_t)> visit) const {
  int64_t rank = shape.size(), count = groups * rows * columns;
  SmallVector<int64_t> strides(rank, 1), index(rank, 0);
  for (int64_t dim = rank - 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * shape[dim + 1];
  int64_t element = 0;
  for (int64_t place = 0; place < count; ++place) {
    visit(element, place);
    for (int64_t i = rank - 1; i >= 0; --i) {
      int64_t dim = permutation[i];
      element += strides[dim];
      if (++index[i] < shape[dim])
        break;
      element -= strides[dim] * shape[dim];
      index[i] = 0;
    }
  }
}

std::vector<float> WeightMatrix::toMatrix(ArrayRef<float> elements) const {
  if (isRowMajor())
    return elements.vec();
  std::vector<float> matrix(elements.size());
  forEach([&](int64_t element, int64_t place) { matrix[place] = elements[element]; });
  return matrix;
}
