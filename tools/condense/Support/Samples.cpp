// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Samples for the inputs of a model.

#include "Samples.h"

#include "Execution.h"
#include "ToolError.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

using namespace condense;
using namespace condense::tool;
using namespace llvm;

/// `name=x.npy`, unless a file is called just so or the '=' is in a folder's
/// name.
static SampleFile parseArgument(StringRef argument) {
  auto [name, path] = argument.split('=');
  if (path.empty() || name.contains('/') || sys::fs::exists(argument))
    return {argument.str(), "", {}};
  return {path.str(), name.str(), {}};
}

Expected<std::vector<SampleFile>> condense::tool::readSamples(ArrayRef<std::string> arguments) {
  std::vector<SampleFile> files;
  for (const std::string &argument : arguments) {
    files.push_back(parseArgument(argument));
    Expected<npy::Array> array = readArray(files.back().path);
    if (!array)
      return array.takeError();
    files.back().array = *array;
  }
  return files;
}

static std::string listInputs(const condense_model_info &info) {
  std::string names;
  for (uint64_t i = 0; i != info.num_inputs; ++i)
    names += (i ? ", " : "") + getName(info.inputs[i], "input", i);
  return names;
}

/// For each input of the model the file that is for it.
static Expected<std::vector<const SampleFile *>>
assignFiles(ArrayRef<SampleFile> files, const condense_model_info &info, StringRef option, StringRef modelPath) {
  std::vector<const SampleFile *> assigned(info.num_inputs);
  for (const SampleFile &file : files) {
    if (file.input.empty())
      continue;
    uint64_t index = 0;
    while (index != info.num_inputs && getName(info.inputs[index], "input", index) != file.input)
      ++index;
    if (index == info.num_inputs)
      return usageError(option + " " + file.input + "=" + file.path + ": the model has no such input; its inputs are " +
                        listInputs(info));
    if (assigned[index])
      return usageError(option + ": input '" + file.input + "' is given twice");
    assigned[index] = &file;
  }
  auto next = assigned.begin();
  for (const SampleFile &file : files) {
    if (!file.input.empty())
      continue;
    next = std::find(next, assigned.end(), nullptr);
    if (next == assigned.end())
      return inputError(modelPath + ": expected " + Twine(info.num_inputs) + " inputs (" + listInputs(info) +
                        "), found " + Twine(files.size()) + " with " + option);
    *next = &file;
  }
  if (is_contained(assigned, nullptr))
    return inputError(modelPath + ": expected " + Twine(info.num_inputs) + " inputs (" + listInputs(info) +
                      "), found " + Twine(files.size()) + "; repeat " + option + " name=file.npy for each");
  return assigned;
}

static bool takesFloats(const condense_io &input) {
  return input.dtype == CONDENSE_F32 || input.dtype == CONDENSE_F64 || input.dtype == CONDENSE_F16 ||
         input.dtype == CONDENSE_BF16;
}

Expected<Samples> Samples::create(ArrayRef<SampleFile> files, const condense_model_info &info, StringRef option,
                                  StringRef modelPath, const evaluation::Preprocessing &preprocessing,
                                  int64_t batchSize) {
  if (info.num_inputs == 0)
    return inputError(modelPath + ": the model has no inputs to feed");
  auto assigned = assignFiles(files, info, option, modelPath);
  if (!assigned)
    return assigned.takeError();
  Samples samples;
  for (auto [index, file] : enumerate(*assigned)) {
    const condense_io &input = info.inputs[index];
    bool applies = info.num_inputs == 1 || takesFloats(input);
    evaluation::Batcher &batcher = samples.batchers.emplace_back();
    std::string error;
    if (!batcher.init(file->array, getInputType(input), applies ? preprocessing : evaluation::Preprocessing(),
                      batchSize, error))
      return StringRef(error).starts_with("--") ? usageError(error) : inputError(file->path + ": " + error);
    const evaluation::Batcher &first = samples.batchers.front();
    if (batcher.getNumSamples() != first.getNumSamples())
      return inputError(file->path + ": expected " + Twine(first.getNumSamples()) + " samples as in " +
                        samples.paths.front() + ", found " + Twine(batcher.getNumSamples()));
    if (batcher.getBatchSize() != first.getBatchSize())
      return inputError(modelPath + ": inputs of one run hold different " +
                        "numbers of samples: " + Twine(first.getBatchSize()) + " and " + Twine(batcher.getBatchSize()));
    samples.paths.push_back(file->path);
  }
  return samples;
}

llvm::Error Samples::fill(int64_t first, std::vector<runtime::Tensor> &inputs, int64_t &count) const {
  inputs.resize(batchers.size());
  std::string error;
  for (auto [batcher, path, input] : zip_equal(batchers, paths, inputs))
    if (!batcher.fill(first, input, count, error))
      return inputError(path + ": " + error);
  return llvm::Error::success();
}
