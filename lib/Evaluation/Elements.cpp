// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reading and writing elements by their runtime type.

#include "Elements.h"

#include "condense/Evaluation/Preprocessing.h"

#include <bit>
#include <cmath>
#include <cstring>

using namespace condense;
using namespace condense::evaluation;

namespace {
template <typename T> bool storeInteger(double value, std::byte *target) {
  // Both bounds are exact as doubles; 2^63 and 2^64 themselves do not fit.
  double low = static_cast<double>(std::numeric_limits<T>::min());
  double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
  if (!(value >= low && value < end) || value != std::trunc(value))
    return false;
  T result = static_cast<T>(value);
  std::memcpy(target, &result, sizeof(T));
  return true;
}

/// Narrows a float to `mantissaBits` and `exponentBits` (f16 or bf16) by
/// rounding to nearest even on a grid of the result's spacing.
uint16_t narrow(double value, int mantissaBits, int exponentBits) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  int bias = (1 << (exponentBits - 1)) - 1;
  double magnitude = std::fabs(value);
  uint16_t infinity = static_cast<uint16_t>(((1 << exponentBits) - 1) << mantissaBits);
  if (magnitude != magnitude)
    return infinity | 1;
  if (magnitude == 0)
    return sign;
  int exponent = std::max(std::ilogb(magnitude), 1 - bias);
  double steps = std::nearbyint(std::ldexp(magnitude, mantissaBits - exponent));
  // A carry out of the mantissa raises the exponent by itself.
  double bits = steps + std::ldexp(exponent + bias - 1, mantissaBits);
  return sign | (bits >= infinity ? infinity : static_cast<uint16_t>(bits));
}

template <typename T> void storeAs(T value, std::byte *target) { std::memcpy(target, &value, sizeof(T)); }
} // namespace

bool condense::evaluation::isInteger(int32_t dtype) { return dtype >= CONDENSE_BOOL && dtype <= CONDENSE_U64; }

bool condense::evaluation::storeElement(int32_t dtype, double value, std::byte *target) {
  switch (dtype) {
  case CONDENSE_BOOL:
    return (value == 0 || value == 1) && storeInteger<uint8_t>(value, target);
  case CONDENSE_I8:
    return storeInteger<int8_t>(value, target);
  case CONDENSE_U8:
    return storeInteger<uint8_t>(value, target);
  case CONDENSE_I16:
    return storeInteger<int16_t>(value, target);
  case CONDENSE_U16:
    return storeInteger<uint16_t>(value, target);
  case CONDENSE_I32:
    return storeInteger<int32_t>(value, target);
  case CONDENSE_U32:
    return storeInteger<uint32_t>(value, target);
  case CONDENSE_I64:
    return storeInteger<int64_t>(value, target);
  case CONDENSE_U64:
    return storeInteger<uint64_t>(value, target);
  case CONDENSE_F16:
    storeAs(narrow(value, 10, 5), target);
    return true;
  case CONDENSE_BF16:
    storeAs(narrow(value, 7, 8), target);
    return true;
  case CONDENSE_F32:
    storeAs(static_cast<float>(value), target);
    return true;
  case CONDENSE_F64:
    storeAs(value, target);
    return true;
  }
  return false;
}

bool condense::evaluation::toNpyType(int32_t dtype, npy::DType &type) {
  using npy::DType;
  constexpr DType types[] = {DType::Bool, DType::I8,  DType::U8,  DType::I16, DType::U16, DType::I32, DType::U32,
                             DType::I64,  DType::U64, DType::F16, DType::F16, DType::F32, DType::F64};
  if (dtype < CONDENSE_BOOL || dtype > CONDENSE_F64 || dtype == CONDENSE_BF16)
    return false;
  type = types[dtype - CONDENSE_BOOL];
  return true;
}

bool condense::evaluation::readElement(const runtime::Tensor &tensor, int64_t index, double &value) {
  if (tensor.dtype == CONDENSE_BF16) {
    uint16_t bits;
    std::memcpy(&bits, &tensor.data[2 * index], 2);
    value = std::bit_cast<float>(uint32_t(bits) << 16);
    return true;
  }
  npy::Array view;
  if (!toNpyType(tensor.dtype, view.type))
    return false;
  view.data = tensor.data.data();
  value = view.at(index);
  return true;
}
