// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constants in another order of dimensions.

#include "PermuteConstant.h"

#include "condense/Dialect/NN/IR/NN.h"

using namespace mlir;
using namespace condense;

/// Copies `source` (row-major, `shape`) so that the permuted tensor is
/// row-major.
static std::vector<char> permuteBytes(ArrayRef<char> source,
                                      ArrayRef<int64_t> shape,
                                      ArrayRef<int64_t> permutation,
                                      int64_t width) {
  int64_t rank = shape.size();
  SmallVector<int64_t> sourceStride(rank, width), size(rank), stride(rank),
      index(rank, 0);
  for (int64_t i = rank - 2; i >= 0; --i)
    sourceStride[i] = sourceStride[i + 1] * shape[i + 1];
  for (int64_t i = 0; i < rank; ++i) {
    size[i] = shape[permutation[i]];
    stride[i] = sourceStride[permutation[i]];
  }
  std::vector<char> result(source.size());
  int64_t offset = 0;
  for (size_t out = 0; out < result.size(); out += width) {
    std::memcpy(result.data() + out, source.data() + offset, width);
    for (int64_t i = rank - 1; i >= 0; --i) {
      offset += stride[i];
      if (++index[i] < size[i])
        break;
      offset -= stride[i] * size[i];
      index[i] = 0;
    }
  }
  return result;
}

Value nn::createPermutedConstant(OpBuilder &builder, Location loc,
                                 const TensorConstant &constant,
                                 ArrayRef<int64_t> permutation) {
  RankedTensorType type = constant.getType();
  SmallVector<int64_t> shape;
  for (int64_t dim : permutation)
    shape.push_back(type.getDimSize(dim));
  std::vector<char> bytes =
      permuteBytes(constant.getBytes(), type.getShape(), permutation,
                   getElementBytes(type.getElementType()));
  std::string name = constant.getName().empty()
                         ? ""
                         : (constant.getName() + ".transposed").str();
  return createTensorConstant(
      builder, loc, RankedTensorType::get(shape, type.getElementType()),
      std::move(bytes), name);
}

Value nn::permute(OpBuilder &builder, Location loc, Value value,
                  ArrayRef<int64_t> permutation) {
  if (std::optional<TensorConstant> constant = getTensorConstant(value))
    return createPermutedConstant(builder, loc, *constant, permutation);
  return TransposeOp::create(builder, loc, value, permutation);
}
