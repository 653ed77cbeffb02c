// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constants in another order of dimensions.

#include "PermuteConstant.h"

#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/IR/Matchers.h"

#include <algorithm>
#include <cstring>

using namespace mlir;
using namespace condense;

/// Elements per side of the squares in which two dimensions are exchanged: a
/// row of the source and one of the result stay in the first-level cache.
static constexpr int64_t kTile = 32;

namespace {
/// The dimensions of a permuted tensor, outermost first.
struct Permutation {
  SmallVector<int64_t> size;
  SmallVector<int64_t> sourceStride, resultStride; // in elements

  Permutation(ArrayRef<int64_t> shape, ArrayRef<int64_t> permutation) {
    int64_t rank = shape.size();
    SmallVector<int64_t> strides(rank, 1);
    resultStride.assign(rank, 1);
    for (int64_t i = rank - 2; i >= 0; --i)
      strides[i] = strides[i + 1] * shape[i + 1];
    for (int64_t dim : permutation) {
      size.push_back(shape[dim]);
      sourceStride.push_back(strides[dim]);
    }
    for (int64_t i = rank - 2; i >= 0; --i)
      resultStride[i] = resultStride[i + 1] * size[i + 1];
  }

  /// Moves the dimension that is contiguous in the source before the last one,
  /// which is contiguous in the result.
  void bringContiguousDimsTogether() {
    int64_t last = size.size() - 1;
    int64_t dim = last;
    for (int64_t i = 0; i < last; ++i)
      if (sourceStride[i] == 1 && size[i] != 1)
        dim = i;
    if (dim == last)
      return;
    for (SmallVector<int64_t> *list : {&size, &sourceStride, &resultStride})
      std::rotate(list->begin() + dim, list->begin() + dim + 1, list->begin() + last);
  }
};
} // namespace

/// Copies a matrix of which one dimension is contiguous in the source and the
/// other in the result, square by square. Nothing aligns the bytes of a file.
template <int64_t Width> static void copyMatrix(const char *source, char *result, const Permutation &p) {
  int64_t last = p.size.size() - 1;
  int64_t rows = p.size[last - 1], columns = p.size[last];
  auto copy = [&](int64_t i, int64_t j) {
    int64_t to = i * p.resultStride[last - 1] + j * p.resultStride[last];
    int64_t from = i * p.sourceStride[last - 1] + j * p.sourceStride[last];
    std::memcpy(result + to * Width, source + from * Width, Width);
  };
  for (int64_t row = 0; row < rows; row += kTile)
    for (int64_t column = 0; column < columns; column += kTile)
      for (int64_t i = row, e = std::min(rows, row + kTile); i < e; ++i)
        for (int64_t j = column, f = std::min(columns, column + kTile); j < f; ++j)
          copy(i, j);
}

/// Copies everything below the `dim` outermost dimensions.
template <int64_t Width>
static void copyDims(const char *source, char *result, const Permutation &p, unsigned dim = 0) {
  if (dim + 2 == p.size.size())
    return copyMatrix<Width>(source, result, p);
  for (int64_t i = 0; i < p.size[dim]; ++i)
    copyDims<Width>(source + i * p.sourceStride[dim] * Width, result + i * p.resultStride[dim] * Width, p, dim + 1);
}

/// Copies `source` (row-major, `shape`) so that the permuted tensor is
/// row-major.
static std::vector<char> permuteBytes(ArrayRef<char> source, ArrayRef<int64_t> shape, ArrayRef<int64_t> permutation,
                                      int64_t width) {
  if (shape.size() < 2)
    return {source.begin(), source.end()};
  std::vector<char> result(source.size());
  Permutation p(shape, permutation);
  p.bringContiguousDimsTogether();
  auto *copy = width == 1 ? copyDims<1> : width == 2 ? copyDims<2> : width == 4 ? copyDims<4> : copyDims<8>;
  copy(source.data(), result.data(), p, 0);
  return result;
}

Value nn::createPermutedConstant(OpBuilder &builder, Location loc, const TensorConstant &constant,
                                 ArrayRef<int64_t> permutation) {
  RankedTensorType type = constant.getType();
  SmallVector<int64_t> shape;
  for (int64_t dim : permutation)
    shape.push_back(type.getDimSize(dim));
  std::vector<char> bytes =
      permuteBytes(constant.getBytes(), type.getShape(), permutation, getElementBytes(type.getElementType()));
  std::string name = constant.getName().empty() ? "" : (constant.getName() + ".transposed").str();
  return createTensorConstant(builder, loc, RankedTensorType::get(shape, type.getElementType()), std::move(bytes),
                              name);
}

Value nn::createReshapedConstant(OpBuilder &builder, Value value, RankedTensorType type) {
  Attribute attr;
  if (!type.hasStaticShape() || !matchPattern(value, m_Constant(&attr)))
    return {};
  TypedAttr reshaped;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr))
    reshaped = DenseResourceElementsAttr::get(type, resource.getRawHandle());
  else if (auto dense = dyn_cast<DenseElementsAttr>(attr))
    reshaped = dense.reshape(type);
  if (!reshaped)
    return {};
  return arith::ConstantOp::create(builder, value.getLoc(), reshaped);
}

Value nn::permute(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> permutation) {
  if (std::optional<TensorConstant> constant = getTensorConstant(value))
    return createPermutedConstant(builder, loc, *constant, permutation);
  return TransposeOp::create(builder, loc, value, permutation);
}
