//===- Reader.h - Read an ONNX file without trusting it ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decodes untrusted bytes into a Model. Includes no LLVM header, so that it
// can be sanitised and fuzzed whole.
//
// What a successful read promises:
//  - ir_version, and an opset of the standard domain within [7, 21];
//  - every name has one definition, every used name has one, nodes are sorted
//    so that definitions come first, functions do not call themselves;
//  - subgraphs nest at most ReadOptions::maxSubgraphDepth deep;
//  - the bytes of every tensor are exactly those its shape and type need,
//    whether raw, in typed fields or in an external file;
//  - external files lie below the model's directory, are regular files and are
//    reached through no symbolic link; they are mapped, never copied.
// The values of tensors (NaN, infinity) are not looked at, and neither is the
// meaning of operators.
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_IMPORT_ONNX_READER_H
#define CONDENSE_IMPORT_ONNX_READER_H

#include "condense/Import/ONNX/Model.h"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace condense::onnx {

/// Why a file was not read. `message` is one line: file, place, what is wrong,
/// expected and found, remedy.
struct Error {
  enum class Kind {
    Input, ///< the content is not acceptable
    IO,    ///< the file could not be opened or read
  };
  Kind kind = Kind::Input;
  std::string message;
};

/// A value or the reason why there is none.
template <typename T> class Result {
public:
  Result(T value) : storage(std::move(value)) {}
  Result(Error error) : storage(std::move(error)) {}

  explicit operator bool() const { return std::holds_alternative<T>(storage); }
  T &operator*() { return std::get<T>(storage); }
  const T &operator*() const { return std::get<T>(storage); }
  T *operator->() { return &std::get<T>(storage); }
  const T *operator->() const { return &std::get<T>(storage); }
  const Error &error() const { return std::get<Error>(storage); }

private:
  std::variant<T, Error> storage;
};

struct ReadOptions {
  int64_t minOpset = 7;
  int64_t maxOpset = 21;
  /// How deep the bodies of If, Loop and Scan may nest.
  unsigned maxSubgraphDepth = 16;
};

/// Reads and validates the model in `path`. Never throws.
Result<Model> readModel(const std::string &path, const ReadOptions &options = {});

/// The same for a model in memory. `file` names it in messages, `directory`
/// is where its external data lie (empty: external data are refused).
Result<Model> readModelFromMemory(const void *bytes, size_t size, const std::string &file, const std::string &directory,
                                  const ReadOptions &options = {});

} // namespace condense::onnx

#endif // CONDENSE_IMPORT_ONNX_READER_H
