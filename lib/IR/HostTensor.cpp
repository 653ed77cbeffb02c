// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tensors in memory.

#include "condense/IR/HostTensor.h"

#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/FloatFormats.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace condense;

HostTensor::HostTensor(RankedTensorType type, std::vector<char> contents)
    : type(type), owner(std::make_shared<std::vector<char>>(std::move(contents))) {
  bytes = *owner;
}

/// Integers narrower than a byte, which are stored as such where nothing packed them.
static std::optional<HostTensor> getNarrow(Value value) {
  DenseIntElementsAttr dense;
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !matchPattern(value, m_Constant(&dense)) || dense.getType() != type ||
      type.getElementTypeBitWidth() >= 8 || !fitsInMemory(type))
    return std::nullopt;
  bool isUnsigned = type.getElementType().isUnsignedInteger();
  std::vector<char> bytes;
  for (const APInt &code : dense.getValues<APInt>())
    bytes.push_back(static_cast<char>(isUnsigned ? code.getZExtValue() : code.getSExtValue()));
  return HostTensor(type, std::move(bytes));
}

std::optional<HostTensor> HostTensor::get(Value value) {
  std::optional<TensorConstant> constant = getTensorConstant(value);
  if (!constant)
    return getNarrow(value);
  HostTensor tensor;
  tensor.type = constant->getType();
  tensor.bytes = constant->getBytes();
  if (constant->isExpanded()) {
    tensor.owner = std::make_shared<std::vector<char>>(tensor.bytes);
    tensor.bytes = *tensor.owner;
  }
  return tensor;
}

template <typename T, typename Convert> static std::vector<float> convertAll(ArrayRef<T> values, Convert convert) {
  std::vector<float> result(values.size());
  llvm::transform(values, result.begin(), convert);
  return result;
}

template <typename T> static std::vector<float> widen(const HostTensor &tensor) {
  return convertAll(tensor.as<T>(), [](T x) { return static_cast<float>(x); });
}

static FailureOr<std::vector<float>> integersToFloats(const HostTensor &tensor, IntegerType type) {
  bool isUnsigned = type.isUnsigned() || type.getWidth() == 1;
  switch (getElementBytes(type) ? getElementBytes(type) : 1) {
  case 1:
    return isUnsigned ? widen<uint8_t>(tensor) : widen<int8_t>(tensor);
  case 2:
    return isUnsigned ? widen<uint16_t>(tensor) : widen<int16_t>(tensor);
  case 4:
    return isUnsigned ? widen<uint32_t>(tensor) : widen<int32_t>(tensor);
  }
  return failure();
}

FailureOr<std::vector<float>> HostTensor::toFloats() const {
  Type element = type.getElementType();
  if (element.isF32())
    return std::vector<float>(as<float>());
  if (element.isF16())
    return convertAll(as<uint16_t>(), numerics::fromF16);
  if (element.isBF16())
    return convertAll(as<uint16_t>(), numerics::fromBF16);
  if (element.isF64())
    return widen<double>(*this);
  if (isa<Float8E4M3FNType>(element))
    return convertAll(as<uint8_t>(), numerics::fromF8E4M3FN);
  if (isa<Float8E5M2Type>(element))
    return convertAll(as<uint8_t>(), numerics::fromF8E5M2);
  if (isa<Float8E8M0FNUType>(element))
    return convertAll(as<uint8_t>(), numerics::fromF8E8M0);
  if (auto integer = dyn_cast<IntegerType>(element))
    return integersToFloats(*this, integer);
  return failure();
}

template <typename T, typename Convert>
static HostTensor roundAll(RankedTensorType type, ArrayRef<float> values, Convert convert) {
  std::vector<T> result(values.size());
  llvm::transform(values, result.begin(), convert);
  return HostTensor::from<T>(type, result);
}

HostTensor HostTensor::fromFloats(RankedTensorType type, ArrayRef<float> values) {
  Type element = type.getElementType();
  if (element.isF16())
    return roundAll<uint16_t>(type, values, numerics::toF16);
  if (element.isBF16())
    return roundAll<uint16_t>(type, values, numerics::toBF16);
  if (element.isF64())
    return roundAll<double>(type, values, [](float x) { return static_cast<double>(x); });
  return from<float>(type, values);
}
