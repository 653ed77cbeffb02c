// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Opening, compiling and running models.

#include "Execution.h"

#include "ModelFile.h"
#include "Progress.h"
#include "Threads.h"
#include "ToolError.h"
#include "condense/Target/SharedLibrary.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

using namespace condense;
using namespace condense::tool;
using namespace llvm;

using ModelOrError = Expected<std::unique_ptr<runtime::Model>>;

static ModelOrError loadLibrary(StringRef path, StringRef namedPath) {
  // A name without a slash would be looked up in the system's folders.
  SmallString<128> absolute(path);
  sys::fs::make_absolute(absolute);
  std::string error;
  auto model = runtime::Model::load(absolute.str().str(), error);
  if (!model)
    return inputError(StringRef(error).contains(path) ? Twine(error) : namedPath + ": " + Twine(error));
  return model;
}

ModelOrError condense::tool::compileModule(mlir::ModuleOp module, StringRef path) {
  announceStep("compiling " + path);
  DiagnosticCollector diagnostics(module->getContext(), path.str());
  auto model = target::compileAndLoad(module, target::CompileOptions());
  if (!model)
    return diagnostics.takeError("the model cannot be compiled");
  return model;
}

ModelOrError condense::tool::compileApart(mlir::OwningOpRef<mlir::ModuleOp> module, StringRef modelPath, int threads) {
  SmallString<128> path;
  if (std::error_code error = sys::fs::createTemporaryFile("condense", "mlirbc", path))
    return ioError("temporary file: cannot write: " + error.message());
  sys::RemoveFileOnSignal(path);
  scope_exit remove([&] {
    sys::fs::remove(path);
    sys::DontRemoveFileOnSignal(path);
  });
  if (llvm::Error error = saveModel(*module, path))
    return error;
  module = nullptr;
  auto context = createContext();
  ThreadLimit limit(*context, threads);
  auto copy = loadModel(*context, path);
  if (!copy)
    return copy.takeError();
  return compileModule(**copy, modelPath);
}

ModelOrError condense::tool::openModel(StringRef path) {
  Expected<ModelKind> kind = detectModelKind(path);
  if (!kind)
    return kind.takeError();
  if (*kind == ModelKind::SharedLibrary)
    return loadLibrary(path, path);
  auto context = createContext();
  auto module = loadModel(*context, path);
  if (!module)
    return module.takeError();
  return compileModule(**module, path);
}

/// Compiles `path` to the library `output`; the child of openModelApart.
static llvm::Error compileTo(StringRef path, StringRef output) {
  announceStep("compiling " + path);
  auto context = createContext();
  auto module = loadModel(*context, path);
  if (!module)
    return module.takeError();
  DiagnosticCollector diagnostics(context.get(), path.str());
  if (failed(target::compileToSharedLibrary(**module, target::CompileOptions(), output)))
    return diagnostics.takeError("the model cannot be compiled");
  return llvm::Error::success();
}

ModelOrError condense::tool::openModelApart(StringRef path) {
  Expected<ModelKind> kind = detectModelKind(path);
  if (!kind)
    return kind.takeError();
  if (*kind == ModelKind::SharedLibrary)
    return loadLibrary(path, path);
  SmallString<128> library;
  if (std::error_code error = sys::fs::createTemporaryFile("condense", "so", library))
    return ioError("temporary file: cannot write: " + error.message());
  sys::RemoveFileOnSignal(library);
  pid_t child = fork();
  if (child == 0)
    _exit(report(compileTo(path, library)));
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  ModelOrError model = nullptr;
  if (child < 0 || !WIFEXITED(status))
    model = makeError(ExitCode::Internal, path + ": the compiler crashed");
  else if (int code = WEXITSTATUS(status))
    // The child has printed why.
    model = makeError(static_cast<ExitCode>(code), "");
  else
    model = loadLibrary(library, path);
  sys::fs::remove(library);
  sys::DontRemoveFileOnSignal(library);
  return model;
}

Expected<npy::Array> condense::tool::readArray(StringRef path) {
  npy::Array array;
  npy::Error error;
  if (!npy::read(path.str(), array, error))
    return makeError(error.isIO ? ExitCode::IO : ExitCode::Input, error.message);
  return array;
}

llvm::Error condense::tool::runModel(const runtime::Model &model, StringRef path,
                                     const std::vector<runtime::Tensor> &inputs,
                                     std::vector<runtime::Tensor> &outputs) {
  std::string error;
  if (!model.run(inputs, outputs, error))
    return makeError(StringRef(error).contains("memory") ? ExitCode::Limit : ExitCode::Input, path + ": " + error);
  return llvm::Error::success();
}

evaluation::InputType condense::tool::getInputType(const condense_io &input) {
  return {input.name, input.dtype, std::vector<int64_t>(input.shape, input.shape + input.rank)};
}

std::string condense::tool::getName(const condense_io &io, StringRef kind, uint64_t index) {
  return io.name && *io.name ? io.name : (kind + Twine(index)).str();
}

Expected<runtime::Tensor> condense::tool::makeTensor(const npy::Array &array, const condense_io &input,
                                                     StringRef path) {
  npy::DType type;
  bool fits = evaluation::toNpyType(input.dtype, type) && type == array.type &&
              array.shape.size() == static_cast<size_t>(input.rank);
  for (int32_t i = 0; fits && i != input.rank; ++i)
    fits = input.shape[i] < 0 || input.shape[i] == array.shape[i];
  if (!fits)
    return inputError(path + ": expected " + runtime::describeType(input.dtype, input.shape, input.rank) +
                      " for input '" + input.name + "', found " + std::string(npy::getName(array.type)) +
                      npy::toString(array.shape) + "; convert it with numpy's astype and reshape");
  runtime::Tensor tensor;
  tensor.dtype = static_cast<condense_dtype>(input.dtype);
  tensor.shape = array.shape;
  tensor.data.assign(array.data, array.data + array.bytes);
  return tensor;
}
