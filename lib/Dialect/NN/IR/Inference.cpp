// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the operations of `nn` share to infer the types of their results.

#include "Inference.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

std::string nn::printShape(ArrayRef<int64_t> shape) {
  auto print = [](int64_t size) { return ShapedType::isDynamic(size) ? std::string("?") : std::to_string(size); };
  return "[" + llvm::join(llvm::map_range(shape, print), ", ") + "]";
}

ArrayRef<int64_t> nn::getShape(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getShape(); }

bool nn::mayBeEqual(int64_t lhs, int64_t rhs) {
  return ShapedType::isDynamic(lhs) || ShapedType::isDynamic(rhs) || lhs == rhs;
}

bool nn::areCompatibleTypes(TypeRange inferred, TypeRange actual) {
  if (inferred.size() != actual.size())
    return false;
  for (auto [lhs, rhs] : llvm::zip_equal(inferred, actual)) {
    auto lhsTensor = dyn_cast<RankedTensorType>(lhs);
    auto rhsTensor = dyn_cast<RankedTensorType>(rhs);
    if (!lhsTensor || !rhsTensor || lhsTensor.getElementType() != rhsTensor.getElementType() ||
        failed(verifyCompatibleShape(lhsTensor, rhsTensor)))
      return false;
  }
  return true;
}

LogicalResult Inference::result(ArrayRef<int64_t> shape, Type elementType) const {
  int64_t elements = 1;
  for (int64_t size : shape)
    if (!ShapedType::isDynamic(size) && size != 0 && llvm::MulOverflow(elements, size, elements))
      return error("has a result of shape ", printShape(shape), " with more than 2^63 - 1 elements");
  types.push_back(RankedTensorType::get(shape, elementType));
  return success();
}

LogicalResult Inference::checkAxis(int64_t axis, int64_t rank) const {
  if (axis >= 0 && axis < rank)
    return success();
  return error("requires an axis in [0, ", rank, "), found ", axis);
}

LogicalResult Inference::checkElementTypes(ValueRange values) const {
  Type first = getElementTypeOrSelf(values.front());
  for (Value value : values.drop_front())
    if (getElementTypeOrSelf(value) != first)
      return error("requires operands of one element type, found ", first, " and ", getElementTypeOrSelf(value));
  return success();
}

LogicalResult Inference::checkChannelVectors(ValueRange operands, int64_t axis) const {
  ArrayRef<int64_t> input = getShape(operands.front());
  if (failed(checkElementTypes(operands)) || failed(checkAxis(axis, input.size())))
    return failure();
  for (Value vector : operands.drop_front())
    if (getShape(vector).size() != 1 || !mayBeEqual(getShape(vector)[0], input[axis]))
      return error("requires vectors of shape ", printShape(input[axis]), ", found ", printShape(getShape(vector)));
  return success();
}

LogicalResult Inference::checkArray(StringRef name, ArrayRef<int64_t> values, size_t size, int64_t low,
                                    int64_t high) const {
  if (values.size() != size)
    return error("requires ", size, " ", name, ", found ", values.size());
  for (int64_t value : values)
    if (value < low || value > high)
      return error("requires ", name, " within [", low, ", ", high, "], found ", value);
  return success();
}

LogicalResult Inference::broadcast(SmallVectorImpl<int64_t> &shape, ArrayRef<int64_t> other) const {
  if (shape.size() < other.size())
    shape.insert(shape.begin(), other.size() - shape.size(), 1);
  for (auto [size, otherSize] : llvm::zip(MutableArrayRef(shape).take_back(other.size()), other)) {
    if (!mayBeEqual(size, otherSize) && size != 1 && otherSize != 1)
      return error("cannot broadcast ", printShape(shape), " with ", printShape(other));
    // Of an unknown size and a known one other than 1, the known one holds.
    if (size == 1 || (ShapedType::isDynamic(size) && otherSize != 1))
      size = otherSize;
  }
  return success();
}

Type nn::getProductType(Value lhs, Value rhs) {
  Type lhsType = getElementTypeOrSelf(lhs), rhsType = getElementTypeOrSelf(rhs);
  auto isSmall = [](Type type) {
    return type.isInteger() && type.getIntOrFloatBitWidth() >= 2 && type.getIntOrFloatBitWidth() <= 8;
  };
  if (isSmall(lhsType) && isSmall(rhsType))
    return IntegerType::get(lhs.getContext(), 32);
  return lhsType == rhsType ? lhsType : Type();
}
