//===- Value.cpp - What the importer knows about an ONNX value ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Value.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/APFloat.h"

#include <cstring>

using namespace mlir;
using namespace condense::onnx;

std::optional<SmallVector<int64_t>> IntTensor::getNumbers() const {
  SmallVector<int64_t> numbers;
  for (const Integer &element : elements) {
    if (!element.number)
      return std::nullopt;
    numbers.push_back(*element.number);
  }
  return numbers;
}

namespace {
/// Reads element `index` of `tensor`, whose data may be unaligned.
template <typename T> T load(const Tensor &tensor, int64_t index) {
  T element;
  std::memcpy(&element, tensor.data + index * sizeof(T), sizeof(T));
  return element;
}

std::optional<int64_t> loadInteger(const Tensor &tensor, int64_t index) {
  switch (tensor.type) {
  case DataType::Int64:
    return load<int64_t>(tensor, index);
  case DataType::Int32:
    return load<int32_t>(tensor, index);
  case DataType::Int16:
    return load<int16_t>(tensor, index);
  case DataType::Int8:
    return load<int8_t>(tensor, index);
  case DataType::UInt8:
    return load<uint8_t>(tensor, index);
  case DataType::Bool:
    return load<uint8_t>(tensor, index) != 0;
  default:
    return std::nullopt;
  }
}

double decodeFloat(const llvm::fltSemantics &semantics, unsigned bits, uint64_t pattern) {
  llvm::APFloat number(semantics, llvm::APInt(bits, pattern));
  bool losesInfo;
  number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return number.convertToDouble();
}

std::optional<double> loadReal(const Tensor &tensor, int64_t index) {
  switch (tensor.type) {
  case DataType::Float:
    return load<float>(tensor, index);
  case DataType::Double:
    return load<double>(tensor, index);
  case DataType::Float16:
    return decodeFloat(llvm::APFloat::IEEEhalf(), 16, load<uint16_t>(tensor, index));
  case DataType::BFloat16:
    return decodeFloat(llvm::APFloat::BFloat(), 16, load<uint16_t>(tensor, index));
  default:
    return loadInteger(tensor, index);
  }
}
} // namespace

std::shared_ptr<const IntTensor> condense::onnx::decodeIntegers(const Tensor &tensor) {
  int64_t count = tensor.getNumElements();
  if (count > maxIntTensorElements)
    return nullptr;
  auto result = std::make_shared<IntTensor>();
  result->type = tensor.type;
  result->dims.assign(tensor.dims.begin(), tensor.dims.end());
  for (int64_t i = 0; i < count; ++i) {
    std::optional<int64_t> number = loadInteger(tensor, i);
    if (!number)
      return nullptr;
    result->elements.push_back(*number);
  }
  return result;
}

std::optional<SmallVector<double>> condense::onnx::decodeReals(const Tensor &tensor) {
  int64_t count = tensor.getNumElements();
  if (count > maxIntTensorElements)
    return std::nullopt;
  SmallVector<double> numbers;
  for (int64_t i = 0; i < count; ++i) {
    std::optional<double> number = loadReal(tensor, i);
    if (!number)
      return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

Type condense::onnx::convertType(MLIRContext *context, DataType type) {
  auto getUnsigned = [&](unsigned bits) { return IntegerType::get(context, bits, IntegerType::Unsigned); };
  switch (type) {
  case DataType::Float:
    return Float32Type::get(context);
  case DataType::Double:
    return Float64Type::get(context);
  case DataType::Float16:
    return Float16Type::get(context);
  case DataType::BFloat16:
    return BFloat16Type::get(context);
  case DataType::Float8E4M3FN:
    return Float8E4M3FNType::get(context);
  case DataType::Float8E4M3FNUZ:
    return Float8E4M3FNUZType::get(context);
  case DataType::Float8E5M2:
    return Float8E5M2Type::get(context);
  case DataType::Float8E5M2FNUZ:
    return Float8E5M2FNUZType::get(context);
  case DataType::Bool:
    return IntegerType::get(context, 1);
  case DataType::Int4:
  case DataType::Int8:
  case DataType::Int16:
  case DataType::Int32:
  case DataType::Int64:
    return IntegerType::get(context, getBitWidth(type));
  case DataType::UInt4:
  case DataType::UInt8:
  case DataType::UInt16:
  case DataType::UInt32:
  case DataType::UInt64:
    return getUnsigned(getBitWidth(type));
  default:
    return Type();
  }
}

DataType condense::onnx::convertType(Type type) {
  for (int32_t i = 1; isKnownDataType(i); ++i)
    if (convertType(type.getContext(), static_cast<DataType>(i)) == type)
      return static_cast<DataType>(i);
  return DataType::Undefined;
}
