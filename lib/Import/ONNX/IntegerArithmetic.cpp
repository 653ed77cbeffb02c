//===- IntegerArithmetic.cpp - Elementwise integers known at import -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerEvaluation.h"

#include "mlir/Dialect/Traits.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace condense::onnx;

/// Results wrap like those of the type they have at run time.
int64_t condense::onnx::wrapInteger(int64_t number, DataType type) {
  if (type == DataType::Bool)
    return number != 0;
  unsigned bits = getBitWidth(type);
  if (bits >= 64)
    return number;
  bool isSigned =
      type == DataType::Int4 || type == DataType::Int8 || type == DataType::Int16 || type == DataType::Int32;
  return isSigned ? llvm::SignExtend64(number, bits)
                  : static_cast<int64_t>(static_cast<uint64_t>(number) & llvm::maskTrailingOnes<uint64_t>(bits));
}

namespace {
using BinaryFunction = std::optional<int64_t> (*)(int64_t, int64_t);

/// Unsigned, so that overflow wraps.
template <typename Op> std::optional<int64_t> wrapping(int64_t a, int64_t b) {
  return static_cast<int64_t>(Op()(static_cast<uint64_t>(a), static_cast<uint64_t>(b)));
}

std::optional<int64_t> divide(int64_t a, int64_t b) {
  if (b == 0 || (a == INT64_MIN && b == -1))
    return std::nullopt;
  return a / b;
}

std::optional<int64_t> modulo(int64_t a, int64_t b) {
  if (b == 0 || (a == INT64_MIN && b == -1))
    return std::nullopt;
  int64_t remainder = a % b;
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

/// What the operator computes of two elements; null if it is none of these.
BinaryFunction getBinaryFunction(StringRef op) {
  using F = BinaryFunction;
  return llvm::StringSwitch<F>(op)
      .Case("Add", wrapping<std::plus<uint64_t>>)
      .Case("Sub", wrapping<std::minus<uint64_t>>)
      .Case("Mul", wrapping<std::multiplies<uint64_t>>)
      .Case("Div", divide)
      .Case("Mod", modulo)
      .Case("Max", F([](int64_t a, int64_t b) { return std::optional(std::max(a, b)); }))
      .Case("Min", F([](int64_t a, int64_t b) { return std::optional(std::min(a, b)); }))
      .Case("And", F([](int64_t a, int64_t b) { return std::optional(a & b); }))
      .Case("Or", F([](int64_t a, int64_t b) { return std::optional(a | b); }))
      .Case("Equal", F([](int64_t a, int64_t b) { return std::optional<int64_t>(a == b); }))
      .Case("Less", F([](int64_t a, int64_t b) { return std::optional<int64_t>(a < b); }))
      .Case("LessOrEqual", F([](int64_t a, int64_t b) { return std::optional<int64_t>(a <= b); }))
      .Case("Greater", F([](int64_t a, int64_t b) { return std::optional<int64_t>(a > b); }))
      .Case("GreaterOrEqual", F([](int64_t a, int64_t b) { return std::optional<int64_t>(a >= b); }))
      .Default(nullptr);
}

bool isComparison(StringRef op) { return op == "Equal" || op.starts_with("Less") || op.starts_with("Greater"); }

/// The broadcast shape, with strides to walk each operand through it.
struct Broadcast {
  SmallVector<int64_t> dims;
  int64_t count = 1;

  bool add(const IntTensor &tensor) {
    SmallVector<int64_t> merged;
    if (!OpTrait::util::getBroadcastedShape(dims, tensor.dims, merged))
      return false;
    dims = merged;
    count = 1;
    for (int64_t dim : dims)
      if (dim < 0 || dim > maxIntTensorElements || (count *= dim) > maxIntTensorElements)
        return false;
    return true;
  }

  /// The element of `tensor` at position `index` of the broadcast shape.
  const Integer &get(const IntTensor &tensor, int64_t index) const {
    int64_t offset = 0, stride = 1;
    for (size_t i = 0; i < dims.size(); ++i) {
      size_t fromEnd = dims.size() - 1 - i;
      int64_t coordinate = index % dims[fromEnd];
      index /= dims[fromEnd];
      if (i >= tensor.dims.size())
        continue;
      int64_t size = tensor.dims[tensor.dims.size() - 1 - i];
      offset += (size == 1 ? 0 : coordinate) * stride;
      stride *= size;
    }
    return tensor.elements[static_cast<size_t>(offset)];
  }
};

std::optional<IntTensor> applyBinary(BinaryFunction function, StringRef op, const IntTensor &lhs,
                                     const IntTensor &rhs) {
  Broadcast broadcast;
  if (!broadcast.add(lhs) || !broadcast.add(rhs))
    return std::nullopt;
  IntTensor result;
  result.type = isComparison(op) ? DataType::Bool : lhs.type;
  result.dims = broadcast.dims;
  for (int64_t i = 0; i < broadcast.count; ++i) {
    const Integer &a = broadcast.get(lhs, i), &b = broadcast.get(rhs, i);
    if (!a.number || !b.number) {
      result.elements.push_back(Integer());
      continue;
    }
    std::optional<int64_t> number = function(*a.number, *b.number);
    if (!number)
      return std::nullopt;
    result.elements.push_back(wrapInteger(*number, result.type));
  }
  return result;
}

bool select(NodeImporter &importer) {
  const IntTensor *condition = importer.getIntegers(0);
  const IntTensor *onTrue = importer.getIntegers(1);
  const IntTensor *onFalse = importer.getIntegers(2);
  Broadcast broadcast;
  if (!condition || !onTrue || !onFalse || !condition->getNumbers() || !broadcast.add(*condition) ||
      !broadcast.add(*onTrue) || !broadcast.add(*onFalse))
    return false;
  IntTensor result;
  result.type = onTrue->type;
  result.dims = broadcast.dims;
  for (int64_t i = 0; i < broadcast.count; ++i)
    result.elements.push_back(*broadcast.get(*condition, i).number ? broadcast.get(*onTrue, i)
                                                                   : broadcast.get(*onFalse, i));
  return succeeded(importer.setOutput(0, std::move(result)));
}

bool negate(NodeImporter &importer, bool isLogical) {
  const IntTensor *input = importer.getIntegers(0);
  if (!input)
    return false;
  IntTensor result = *input;
  for (Integer &element : result.elements)
    element = element.number
                  ? Integer(wrapInteger(isLogical ? !*element.number
                                                  : static_cast<int64_t>(-static_cast<uint64_t>(*element.number)),
                                        input->type))
                  : Integer();
  return succeeded(importer.setOutput(0, std::move(result)));
}
} // namespace

bool condense::onnx::evaluateArithmetic(NodeImporter &importer) {
  StringRef op = importer.node.opType;
  if (op == "Where")
    return select(importer);
  if (op == "Neg" || op == "Not")
    return negate(importer, op == "Not");
  BinaryFunction function = getBinaryFunction(op);
  if (!function || importer.getNumInputs() == 0 || !importer.getIntegers(0))
    return false;
  if (op == "Mod" && importer.getInt("fmod", 0) != 0)
    return false;
  IntTensor result = *importer.getIntegers(0);
  for (size_t i = 1; i < importer.getNumInputs(); ++i) {
    const IntTensor *next = importer.getIntegers(i);
    std::optional<IntTensor> combined;
    if (next && next->type == result.type)
      combined = applyBinary(function, op, result, *next);
    if (!combined)
      return false;
    result = std::move(*combined);
  }
  return succeeded(importer.setOutput(0, std::move(result)));
}
