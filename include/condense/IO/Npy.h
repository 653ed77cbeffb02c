// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// NumPy's .npy files: how tensors come into and leave the tools.
//
// Decodes untrusted bytes, includes no LLVM header, never throws and never
// reads outside the file. A successful read promises that the bytes of the
// data are exactly those that the shape and the type need.

#ifndef CONDENSE_IO_NPY_H
#define CONDENSE_IO_NPY_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace condense::npy {

enum class DType { Bool, I8, I16, I32, I64, U8, U16, U32, U64, F16, F32, F64 };

/// Bytes of one element.
size_t getSize(DType type);

/// "bool", "i8" ... "u64", "f16", "f32", "f64": as MLIR writes them, except
/// that unsigned types start with u.
std::string_view getName(DType type);

/// "[2, 3]", for messages.
std::string toString(const std::vector<int64_t> &shape);

/// An array in C order, little endian. Copies share the data, which are
/// mapped from the file: they are read when touched, and must not be written.
struct Array {
  DType type = DType::F32;
  std::vector<int64_t> shape;
  const std::byte *data = nullptr;
  /// Number of elements and of bytes.
  int64_t elements = 0;
  size_t bytes = 0;
  /// Keeps the data alive.
  std::shared_ptr<const void> owner;

  /// The element at row-major `index` as a number.
  double at(int64_t index) const;
};

/// Why a file was not read: one line that starts with its name.
struct Error {
  bool isIO = false; ///< the file could not be opened or read
  std::string message;
};

/// Reads `path`. On failure returns false and fills `error`.
bool read(const std::string &path, Array &array, Error &error);

/// The same for bytes in memory, which must live as long as `array` is used.
/// `file` names them in messages.
bool parse(const std::byte *bytes, size_t size, const std::string &file, Array &array, Error &error);

/// The bytes that go before the data in a file.
std::string makeHeader(DType type, const std::vector<int64_t> &shape);

} // namespace condense::npy

#endif // CONDENSE_IO_NPY_H
