// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A tensor of static shape in memory: what weight expressions are evaluated to.

#ifndef CONDENSE_IR_HOSTTENSOR_H
#define CONDENSE_IR_HOSTTENSOR_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include <memory>
#include <optional>
#include <vector>

namespace condense {

/// Row-major, little-endian elements. Elements narrower than a byte take one each,
/// extended by their sign (signless types) or by zeros (unsigned ones). The bytes are
/// either owned or those of a constant, and then live as long as its attribute.
class HostTensor {
public:
  /// A constant; nothing if its data is missing or not of the size of its type.
  static std::optional<HostTensor> get(mlir::Value constant);
  /// Takes over `bytes`, which must have the size of `type`.
  HostTensor(mlir::RankedTensorType type, std::vector<char> bytes);
  /// Elements of `sizeof(T)` bytes.
  template <typename T> static HostTensor from(mlir::RankedTensorType type, llvm::ArrayRef<T> elements) {
    const char *data = reinterpret_cast<const char *>(elements.data());
    return HostTensor(type, std::vector<char>(data, data + elements.size() * sizeof(T)));
  }
  /// The numbers rounded to the element type of `type`: f16, bf16, f32 or f64.
  static HostTensor fromFloats(mlir::RankedTensorType type, llvm::ArrayRef<float> values);

  mlir::RankedTensorType getType() const { return type; }
  int64_t getNumElements() const { return type.getNumElements(); }
  llvm::ArrayRef<char> getBytes() const { return bytes; }
  template <typename T> llvm::ArrayRef<T> as() const {
    return {reinterpret_cast<const T *>(bytes.data()), bytes.size() / sizeof(T)};
  }
  /// The elements as f32: of f16, bf16, f32, f64, f8E4M3FN, f8E5M2 and f8E8M0FNU, and of integers of
  /// at most 32 bits. Fails for other types.
  llvm::FailureOr<std::vector<float>> toFloats() const;

private:
  HostTensor() = default;
  mlir::RankedTensorType type;
  llvm::ArrayRef<char> bytes;
  std::shared_ptr<std::vector<char>> owner;
};

} // namespace condense

#endif // CONDENSE_IR_HOSTTENSOR_H
