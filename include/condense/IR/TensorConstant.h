// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constant tensors as raw bytes: how passes read and make weights.
//
// Weights are `dense_resource` blobs: memory-mapped or owned buffers that no
// context uniques and no pass copies unless it changes them.

#ifndef CONDENSE_IR_TENSORCONSTANT_H
#define CONDENSE_IR_TENSORCONSTANT_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinTypes.h"
#include <optional>
#include <vector>

namespace condense {

/// The contents of a constant tensor of byte-sized elements, row-major and
/// little-endian (`i1` takes a byte). The bytes live as long as the attribute
/// or, for a splat that had to be expanded, as long as this object.
class TensorConstant {
public:
  /// Reads an ElementsAttr. Nothing for types narrower than a byte (except
  /// `i1`), for dynamic shapes, and for a resource whose blob is missing or
  /// has not exactly the size of its type.
  static std::optional<TensorConstant> get(mlir::ElementsAttr elements);

  mlir::RankedTensorType getType() const { return type; }
  llvm::ArrayRef<char> getBytes() const { return expanded.empty() ? bytes : llvm::ArrayRef(expanded); }
  /// Whether the bytes belong to this object: a splat that had to be expanded.
  bool isExpanded() const { return !expanded.empty(); }
  /// The resource's key, or "" for an inline attribute.
  llvm::StringRef getName() const { return name; }

  /// The elements as values of the C++ type of the same width as the element
  /// type.
  template <typename T> llvm::ArrayRef<T> as() const {
    return {reinterpret_cast<const T *>(getBytes().data()), getBytes().size() / sizeof(T)};
  }

private:
  mlir::RankedTensorType type;
  llvm::ArrayRef<char> bytes;
  std::vector<char> expanded;
  llvm::StringRef name;
};

/// The constant that defines a value: `arith.constant`, `tosa.const` or any
/// other constant-like operation with a tensor.
std::optional<TensorConstant> getTensorConstant(mlir::Value value);

/// Width of an element in memory, in bytes: 1 for `i1`, otherwise bits / 8.
/// 0 for types narrower than a byte.
int64_t getElementBytes(mlir::Type elementType);

/// Bytes that the elements of a tensor of static shape take in memory, one each for those narrower than a byte.
/// Nothing for other types, and where the number overflows.
std::optional<int64_t> getHostBytes(mlir::RankedTensorType type);

/// Whether these bytes can be allocated.
bool fitsInMemory(mlir::RankedTensorType type);

/// A constant with the given bytes. Up to 64 bytes become an inline attribute,
/// more a resource that is called `name` (made unique by a number).
mlir::arith::ConstantOp createTensorConstant(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type,
                                             std::vector<char> bytes, llvm::StringRef name);

/// The same from elements; `type` must have elements of `sizeof(T)` bytes.
template <typename T>
mlir::arith::ConstantOp createTensorConstant(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type,
                                             llvm::ArrayRef<T> elements, llvm::StringRef name) {
  const char *data = reinterpret_cast<const char *>(elements.data());
  return createTensorConstant(builder, loc, type, std::vector<char>(data, data + elements.size() * sizeof(T)), name);
}

/// The name of a layer: that of the innermost NameLoc in a location, or "".
llvm::StringRef getLayerName(mlir::Location loc);

} // namespace condense

#endif // CONDENSE_IR_TENSORCONSTANT_H
