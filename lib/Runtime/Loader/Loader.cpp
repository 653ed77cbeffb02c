// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Opens compiled models with dlopen. Everything that a foreign or outdated library could get wrong
// is checked before one of its functions runs.

#include "condense/Runtime/Loader.h"

#include "LibraryFile.h"
#include <cstring>
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>

using namespace condense::runtime;

template <typename Fn> static bool lookUp(void *handle, const char *name, Fn &fn) {
  fn = reinterpret_cast<Fn>(dlsym(handle, name));
  return fn != nullptr;
}

/// dlopen searches the system's folders for a name without a slash; a path is always meant.
static std::string absolutePath(const std::string &path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) ? resolved : path;
}

bool Model::resolve(const std::string &path, std::string &error) {
  decltype(&condense_model_get_info) getInfoFn;
  decltype(&condense_model_check_cpu) checkCpuFn;
  if (!lookUp(handle, "condense_model_get_info", getInfoFn) ||
      !lookUp(handle, "condense_model_check_cpu", checkCpuFn) || !lookUp(handle, "condense_model_run", runFn) ||
      !lookUp(handle, "condense_tensor_free", freeFn) || !lookUp(handle, "condense_model_last_error", lastErrorFn) ||
      !lookUp(handle, "condense_model_set_threads", setThreadsFn)) {
    error = path + ": not a model compiled by Condense: it does not export the functions of one";
    return false;
  }
  info = getInfoFn();
  if (info->abi_version != CONDENSE_ABI_VERSION) {
    error = path + ": compiled with version " + std::to_string(info->abi_version) +
            " of the interface, this program supports version " + std::to_string(CONDENSE_ABI_VERSION) +
            "; compile the model again";
    return false;
  }
  // models without coded weights need not export it
  decltype(&condense_model_check_weights) checkWeightsFn;
  bool hasCheck = lookUp(handle, "condense_model_check_weights", checkWeightsFn);
  if (checkCpuFn() != CONDENSE_OK || (hasCheck && checkWeightsFn() != CONDENSE_OK)) {
    error = path + ": " + lastErrorFn();
    return false;
  }
  return true;
}

std::unique_ptr<Model> Model::load(const std::string &path, std::string &error) {
  std::unique_ptr<Model> model(new Model);
  if (!checkLibraryFile(path, error))
    return nullptr;
  model->handle = dlopen(absolutePath(path).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!model->handle) {
    const char *reason = dlerror();
    error = std::string("cannot load ") + (reason ? reason : path.c_str());
    return nullptr;
  }
  if (!model->resolve(path, error))
    return nullptr;
  return model;
}

Model::~Model() {
  if (handle)
    dlclose(handle);
}

/// Describes `tensor` for the C interface. The data is only read by the model.
static bool view(const Tensor &tensor, size_t index, condense_tensor &result, std::string &error) {
  size_t bytes = elementBytes(tensor.dtype);
  if (tensor.shape.size() > CONDENSE_MAX_RANK) {
    error = "input " + std::to_string(index) + ": rank " + std::to_string(tensor.shape.size()) + " exceeds " +
            std::to_string(CONDENSE_MAX_RANK);
    return false;
  }
  bool overflow = false;
  for (size_t d = 0; d < tensor.shape.size(); ++d) {
    result.shape[d] = tensor.shape[d];
    overflow |= tensor.shape[d] < 0 || __builtin_mul_overflow(bytes, size_t(tensor.shape[d]), &bytes);
  }
  if (overflow || bytes != tensor.data.size()) {
    error = "input " + std::to_string(index) + ": " + std::to_string(tensor.data.size()) +
            " bytes of data do not make a " + describeType(tensor.dtype, tensor.shape.data(), tensor.shape.size());
    return false;
  }
  result.data = const_cast<std::byte *>(tensor.data.data());
  result.dtype = tensor.dtype;
  result.rank = static_cast<int32_t>(tensor.shape.size());
  return true;
}

static Tensor copyOut(const condense_tensor &tensor) {
  Tensor result;
  result.dtype = static_cast<condense_dtype>(tensor.dtype);
  result.shape.assign(tensor.shape, tensor.shape + tensor.rank);
  size_t bytes = elementBytes(tensor.dtype);
  for (int64_t size : result.shape)
    bytes *= static_cast<size_t>(size);
  result.data.resize(bytes);
  if (bytes)
    std::memcpy(result.data.data(), tensor.data, bytes);
  return result;
}

bool Model::run(const condense_tensor *inputs, condense_tensor *outputs, std::string &error) const {
  if (runFn(inputs, outputs) == CONDENSE_OK)
    return true;
  error = lastErrorFn();
  return false;
}

bool Model::run(const std::vector<Tensor> &inputs, std::vector<Tensor> &outputs, std::string &error) const {
  if (inputs.size() != info->num_inputs) {
    error = "the model has " + std::to_string(info->num_inputs) + " inputs, " + std::to_string(inputs.size()) +
            " were given";
    return false;
  }
  std::vector<condense_tensor> in(inputs.size()), out(info->num_outputs);
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!view(inputs[i], i, in[i], error))
      return false;
  if (!run(in.data(), out.data(), error))
    return false;
  outputs.clear();
  for (condense_tensor &tensor : out) {
    outputs.push_back(copyOut(tensor));
    freeFn(&tensor);
  }
  return true;
}
