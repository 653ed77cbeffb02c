// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The safetensors format: named tensors in one file, an 8-byte length, a JSON
// header, then the data (https://github.com/huggingface/safetensors).
//
// Decodes untrusted bytes, includes no LLVM header, never throws and never
// reads outside the file. A successful read promises that the tensors cover the
// data without overlap and that each has the bytes its shape and type need.

#ifndef CONDENSE_IO_SAFETENSORS_H
#define CONDENSE_IO_SAFETENSORS_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace condense::safetensors {

struct Tensor {
  std::string name;
  std::string type; ///< "F32", "I8", ...
  std::vector<int64_t> shape;
  const std::byte *data = nullptr;
  size_t bytes = 0;

  /// The elements if they are f32 at an aligned address, else null.
  const float *getFloats() const;
};

/// The tensors of a file, sorted by name. Their data are mapped: they are read
/// when touched, and must not be written. Those of f32 are at aligned addresses.
struct File {
  std::vector<Tensor> tensors;
  std::shared_ptr<const void> owner; ///< keeps the data alive

  /// The tensor of that name, or null.
  const Tensor *find(std::string_view name) const;
};

/// Why a file was not read: one line that starts with its name.
struct Error {
  bool isIO = false; ///< the file could not be opened or read
  std::string message;
};

/// Reads `path`. On failure returns false and fills `error`.
bool read(const std::string &path, File &file, Error &error);

/// The same for bytes in memory, which must live as long as `file` is used.
/// `path` names them in messages.
bool parse(const std::byte *bytes, size_t size, const std::string &path, File &file, Error &error);

/// A tensor that is to be written.
struct Entry {
  std::string name;
  std::string type;
  std::vector<int64_t> shape;
};

/// The bytes that go before the data, which follow in the order of `entries`
/// without gaps and start at a multiple of 64 bytes.
std::string makeHeader(const std::vector<Entry> &entries);

} // namespace condense::safetensors

#endif // CONDENSE_IO_SAFETENSORS_H
