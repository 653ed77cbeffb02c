// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types of the reductions.

#include "Inference.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

/// `shape` without the dimensions `axes`, or with size 1 there.
static SmallVector<int64_t> dropDims(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes, bool keepDims) {
  SmallVector<int64_t> result;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    bool reduced = llvm::is_contained(axes, static_cast<int64_t>(dim));
    if (!reduced)
      result.push_back(size);
    else if (keepDims)
      result.push_back(1);
  }
  return result;
}

LogicalResult nn::inferReduction(Inference inference, Value input, ArrayRef<int64_t> axes, bool keepDims) {
  int64_t previous = -1;
  for (int64_t axis : axes) {
    if (failed(inference.checkAxis(axis, getShape(input).size())))
      return failure();
    if (axis <= previous)
      return inference.error("requires axes in increasing order, found ", printShape(axes));
    previous = axis;
  }
  return inference.result(dropDims(getShape(input), axes, keepDims), getElementTypeOrSelf(input));
}

LogicalResult nn::inferArgReduction(Inference inference, Value input, int64_t axis, bool keepDims) {
  if (failed(inference.checkAxis(axis, getShape(input).size())))
    return failure();
  return inference.result(dropDims(getShape(input), axis, keepDims), IntegerType::get(input.getContext(), 64));
}
