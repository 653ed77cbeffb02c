// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense run IN --input X.npy ... --output-dir DIR: one run, outputs as
// files.

#include "Support/Command.h"
#include "Support/Execution.h"
#include "Support/OutputFile.h"
#include "Support/ToolError.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <set>

using namespace condense;
using namespace condense::tool;
using namespace llvm;

static llvm::Error runRun();

static Command command("run", "Run a model on arrays", runRun);
static ListOption<std::string> positional(command, cl::Positional, cl::OneOrMore,
                                          cl::desc("<model> [further inputs.npy...]"));
static ListOption<std::string> inputFlags(command, "input", cl::value_desc("file.npy"),
                                          cl::desc("An input, in the model's order; may be repeated, or "
                                                   "followed by further files"));
static Option<std::string> outputDir(command, "output-dir", cl::Required, cl::value_desc("folder"),
                                     cl::desc("Where <output name>.npy are written; made if missing"));
static Option<int> threads(command, "threads", cl::init(0), cl::desc("Number of threads (default: all CPUs)"));
static Option<bool> asJSON(command, "json", cl::desc("Print results as JSON"));

/// Splits what was given into the model and its inputs. Names that end in .npy
/// are inputs, in the order of the command line.
static llvm::Error collectFiles(std::string &model, std::vector<std::string> &inputs) {
  std::vector<std::pair<unsigned, std::string>> ordered;
  for (auto [index, path] : enumerate(inputFlags))
    ordered.emplace_back(inputFlags.getPosition(index), path);
  for (auto [index, path] : enumerate(positional)) {
    if (StringRef(path).ends_with(".npy"))
      ordered.emplace_back(positional.getPosition(index), path);
    else if (model.empty())
      model = path;
    else
      return usageError("expected one model, found '" + model + "' and '" + path + "'");
  }
  if (model.empty())
    return usageError("expected a model; see 'condense run --help'");
  llvm::sort(ordered);
  for (auto &[position, path] : ordered)
    inputs.push_back(path);
  return llvm::Error::success();
}

/// A file name for an output: letters, digits, '.', '-' and '_', no hidden
/// file, and none twice.
static std::string makeFileName(StringRef name, std::set<std::string> &used) {
  std::string result;
  for (char c : name)
    result += isAlnum(c) || c == '-' || c == '.' ? c : '_';
  result.resize(std::min<size_t>(result.size(), 200));
  if (result.empty() || result[0] == '.')
    result.insert(0, "_");
  std::string unique = result;
  for (unsigned i = 1; !used.insert(unique).second; ++i)
    unique = result + "_" + std::to_string(i);
  return unique + ".npy";
}

static llvm::Error writeTensor(const runtime::Tensor &tensor, StringRef path) {
  npy::DType type;
  if (!evaluation::toNpyType(tensor.dtype, type))
    return inputError(path + ": outputs of type " + runtime::dtypeName(tensor.dtype) +
                      " cannot be written: NumPy has no such type");
  auto file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  (*file)->os() << npy::makeHeader(type, tensor.shape);
  (*file)->os().write(reinterpret_cast<const char *>(tensor.data.data()), tensor.data.size());
  return (*file)->commit();
}

static llvm::Error writeOutputs(const condense_model_info &info, const std::vector<runtime::Tensor> &outputs) {
  if (std::error_code error = sys::fs::create_directories(outputDir))
    return ioError(outputDir + ": cannot make the folder: " + error.message());
  std::set<std::string> used;
  json::Array results;
  for (auto [index, tensor] : enumerate(outputs)) {
    std::string name = getName(info.outputs[index], "output", index);
    SmallString<128> path(outputDir);
    sys::path::append(path, makeFileName(name, used));
    if (llvm::Error error = writeTensor(tensor, path))
      return error;
    std::string type = runtime::describeType(tensor.dtype, tensor.shape.data(), tensor.shape.size());
    if (!asJSON)
      outs() << name << ": " << type << " -> " << path << "\n";
    results.push_back(json::Object{{"name", json::fixUTF8(name)}, {"type", type}, {"file", json::fixUTF8(path)}});
  }
  if (asJSON)
    outs() << formatv("{0:2}\n", json::Value(json::Object{{"outputs", std::move(results)}}));
  return llvm::Error::success();
}

static llvm::Error runRun() {
  std::string path;
  std::vector<std::string> files;
  if (llvm::Error error = collectFiles(path, files))
    return error;
  // Arrays first: they are checked in no time, compiling may take a while.
  std::vector<npy::Array> arrays;
  for (const std::string &file : files) {
    Expected<npy::Array> array = readArray(file);
    if (!array)
      return array.takeError();
    arrays.push_back(*array);
  }
  auto model = openModel(path);
  if (!model)
    return model.takeError();
  const condense_model_info &info = (*model)->getInfo();
  if (arrays.size() != info.num_inputs)
    return inputError(path + ": expected " + Twine(info.num_inputs) + " inputs, found " + Twine(arrays.size()) +
                      "; give one --input for each");
  std::vector<runtime::Tensor> inputs, outputs;
  for (auto [index, array] : enumerate(arrays)) {
    Expected<runtime::Tensor> tensor = makeTensor(array, info.inputs[index], files[index]);
    if (!tensor)
      return tensor.takeError();
    inputs.push_back(std::move(*tensor));
  }
  (*model)->setThreads(threads);
  if (llvm::Error error = runModel(**model, path, inputs, outputs))
    return error;
  return writeOutputs(info, outputs);
}
