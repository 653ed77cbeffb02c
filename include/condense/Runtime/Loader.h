// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Opens a compiled model and runs it: what the tools use, without any LLVM header.

#ifndef CONDENSE_RUNTIME_LOADER_H
#define CONDENSE_RUNTIME_LOADER_H

#include "condense/Runtime/Model.h"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace condense::runtime {

/// A dense row-major tensor that owns its bytes.
struct Tensor {
  condense_dtype dtype = CONDENSE_F32;
  std::vector<int64_t> shape;
  std::vector<std::byte> data;
};

/// Bytes of one element; 0 if `dtype` is none of condense_dtype.
size_t elementBytes(int32_t dtype);

/// Name of a dtype as numpy spells it ("float32", "uint8", "bool"; "bfloat16" for BF16).
const char *dtypeName(int32_t dtype);

/// "float32[?x3x32x32]", with ? for a dynamic dimension (-1).
std::string describeType(int32_t dtype, const int64_t *shape, size_t rank);

/// A loaded model. The library stays loaded until the object is destroyed.
class Model {
public:
  /// Opens the shared library at `path`. Returns null and sets `error` if it is not a compiled
  /// model, was made by an incompatible version, needs CPU features that this machine lacks, or has damaged weights.
  static std::unique_ptr<Model> load(const std::string &path, std::string &error);
  ~Model();
  Model(const Model &) = delete;
  Model &operator=(const Model &) = delete;

  const condense_model_info &getInfo() const { return *info; }

  /// Number of threads of later runs in this thread; 0 is the default.
  void setThreads(int threads) { setThreadsFn(threads); }

  /// Runs the model. Returns false and sets `error` if the number of inputs, a type, a rank or a
  /// static dimension is wrong, or memory is exhausted. May be called from several threads.
  bool run(const std::vector<Tensor> &inputs, std::vector<Tensor> &outputs, std::string &error) const;

  /// The same without copies: `inputs` and `outputs` point to as many tensors as the model has, and each output is to
  /// be given to release().
  bool run(const condense_tensor *inputs, condense_tensor *outputs, std::string &error) const;
  void release(condense_tensor &output) const { freeFn(&output); }

private:
  Model() = default;
  bool resolve(const std::string &path, std::string &error);

  void *handle = nullptr;
  const condense_model_info *info = nullptr;
  decltype(&condense_model_run) runFn = nullptr;
  decltype(&condense_tensor_free) freeFn = nullptr;
  decltype(&condense_model_last_error) lastErrorFn = nullptr;
  decltype(&condense_model_set_threads) setThreadsFn = nullptr;
};

} // namespace condense::runtime

#endif // CONDENSE_RUNTIME_LOADER_H
