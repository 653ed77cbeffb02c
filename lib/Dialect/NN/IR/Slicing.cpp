// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types and folds of the operations that cut tensors and put them together.

#include "Inference.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

//===----------------------------------------------------------------------===//
// Concat
//===----------------------------------------------------------------------===//

/// Merges the shape of a further input of a concatenation into `shape`.
static LogicalResult appendShape(Inference inference, int64_t axis, ArrayRef<int64_t> other,
                                 SmallVectorImpl<int64_t> &shape) {
  bool fits = other.size() == shape.size();
  for (size_t dim = 0; fits && dim < shape.size(); ++dim) {
    int64_t &size = shape[dim];
    if (static_cast<int64_t>(dim) != axis) {
      fits = mayBeEqual(size, other[dim]);
      size = ShapedType::isDynamic(size) ? other[dim] : size;
    } else if (ShapedType::isDynamic(size) || ShapedType::isDynamic(other[dim]))
      size = ShapedType::kDynamic;
    else if (llvm::AddOverflow(size, other[dim], size))
      return inference.error("has a result that is too large");
  }
  if (fits)
    return success();
  return inference.error("requires inputs that agree but along the axis, found ", printShape(shape), " and ",
                         printShape(other));
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ValueRange inputs = adaptor.getInputs();
  if (inputs.empty())
    return inference.error("requires at least one input");
  SmallVector<int64_t> shape(getShape(inputs.front()));
  int64_t axis = adaptor.getAxis();
  if (failed(inference.checkAxis(axis, shape.size())) || failed(inference.checkElementTypes(inputs)))
    return failure();
  for (Value input : inputs.drop_front())
    if (failed(appendShape(inference, axis, getShape(input), shape)))
      return failure();
  return inference.result(shape, getElementTypeOrSelf(inputs.front()));
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  bool alone = getInputs().size() == 1 && getInputs().front().getType() == getType();
  return alone ? getInputs().front() : Value();
}

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

/// The number of elements of `start:end:step` along a dimension of `size`.
static int64_t countSlice(int64_t size, int64_t start, int64_t end, int64_t step) {
  int64_t first = step > 0 ? 0 : -1, last = step > 0 ? size : size - 1;
  auto clamp = [&](int64_t position, int64_t low) {
    position = position < 0 ? position + size : position;
    return std::min(std::max(position, low), last);
  };
  start = clamp(start, 0);
  end = clamp(end, first);
  int64_t span = step > 0 ? end - start : start - end;
  return span > 0 ? (span - 1) / std::abs(step) + 1 : 0;
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  SmallVector<int64_t> shape(getShape(adaptor.getInput()));
  size_t rank = shape.size();
  if (failed(inference.checkArray("starts", adaptor.getStarts(), rank, INT64_MIN, INT64_MAX)) ||
      failed(inference.checkArray("ends", adaptor.getEnds(), rank, INT64_MIN, INT64_MAX)) ||
      failed(inference.checkArray("steps", adaptor.getSteps(), rank, -INT64_MAX, INT64_MAX)))
    return failure();
  if (llvm::is_contained(adaptor.getSteps(), 0))
    return inference.error("requires steps other than 0");
  for (size_t dim = 0; dim < rank; ++dim)
    if (!ShapedType::isDynamic(shape[dim]))
      shape[dim] = countSlice(shape[dim], adaptor.getStarts()[dim], adaptor.getEnds()[dim], adaptor.getSteps()[dim]);
  return inference.result(shape, getElementTypeOrSelf(adaptor.getInput()));
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  if (getInput().getType() != getType())
    return {};
  // Equal static sizes with forward steps keep every element.
  for (size_t dim = 0; dim < getSteps().size(); ++dim) {
    bool whole = getStarts()[dim] == 0 && getEnds()[dim] == INT64_MAX;
    if (getSteps()[dim] != 1 || (getType().isDynamicDim(dim) && !whole))
      return {};
  }
  return getInput();
}

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

/// The size of a dimension after padding, if its mode allows the amounts.
static FailureOr<int64_t> inferPadded(Inference inference, int64_t size, int64_t low, int64_t high, PadMode mode) {
  if (ShapedType::isDynamic(size))
    return low == 0 && high == 0 ? size : ShapedType::kDynamic;
  int64_t padded;
  if (llvm::AddOverflow(size, low, padded) || llvm::AddOverflow(padded, high, padded) || padded < 0)
    return inference.error("cannot pad a dimension of ", size, " by ", low, " and ", high);
  int64_t largest = std::max(low, high);
  bool reaches = mode == PadMode::Constant || largest <= 0 || (mode == PadMode::Reflect ? largest < size : size > 0);
  if (!reaches)
    return inference.error("cannot pad a dimension of ", size, " by ", largest, " in mode ", stringifyPadMode(mode));
  return padded;
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  Type elementType = getElementTypeOrSelf(adaptor.getInput());
  SmallVector<int64_t> shape(getShape(adaptor.getInput()));
  if (failed(inference.checkArray("low", adaptor.getLow(), shape.size(), INT64_MIN, INT64_MAX)) ||
      failed(inference.checkArray("high", adaptor.getHigh(), shape.size(), INT64_MIN, INT64_MAX)))
    return failure();
  if (TypedAttr value = adaptor.getValueAttr(); value && value.getType() != elementType)
    return inference.error("requires a value of the element type ", elementType, ", found ", value.getType());
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    FailureOr<int64_t> size =
        inferPadded(inference, shape[dim], adaptor.getLow()[dim], adaptor.getHigh()[dim], adaptor.getMode());
    if (failed(size))
      return failure();
    shape[dim] = *size;
  }
  return inference.result(shape, elementType);
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  auto isZero = [](int64_t amount) { return amount == 0; };
  bool nothing = llvm::all_of(getLow(), isZero) && llvm::all_of(getHigh(), isZero) && getInput().getType() == getType();
  return nothing ? getInput() : Value();
}

//===----------------------------------------------------------------------===//
// Tile and triangles
//===----------------------------------------------------------------------===//

LogicalResult TileOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  SmallVector<int64_t> shape(getShape(adaptor.getInput()));
  ArrayRef<int64_t> repeats = adaptor.getRepeats();
  if (failed(inference.checkArray("repeats", repeats, shape.size(), 0, INT64_MAX)))
    return failure();
  for (auto [size, repeat] : llvm::zip_equal(shape, repeats)) {
    if (ShapedType::isDynamic(size))
      size = repeat == 0 ? 0 : size;
    else if (llvm::MulOverflow(size, repeat, size))
      return inference.error("has a result that is too large");
  }
  return inference.result(shape, getElementTypeOrSelf(adaptor.getInput()));
}

OpFoldResult TileOp::fold(FoldAdaptor) {
  bool once = llvm::all_of(getRepeats(), [](int64_t n) { return n == 1; });
  return once && getInput().getType() == getType() ? getInput() : Value();
}

LogicalResult TriluOp::verify() {
  if (getShape(getInput()).size() < 2)
    return emitOpError() << "requires an input of rank 2 or more, found " << getInput().getType();
  return success();
}
