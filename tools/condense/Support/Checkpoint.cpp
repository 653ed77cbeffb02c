// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Checkpoints of a training.

#include "Checkpoint.h"

#include "OutputFile.h"
#include "ToolError.h"
#include "condense/IO/Safetensors.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cstring>

using namespace condense;
using namespace condense::tool;
using namespace llvm;

namespace {
/// The tensors of a file that is written.
class Writer {
public:
  void add(const Twine &name, StringRef type, std::vector<int64_t> shape, ArrayRef<char> bytes) {
    entries.push_back({name.str(), type.str(), std::move(shape)});
    data.push_back(bytes);
  }
  template <typename T> void add(StringRef name, StringRef type, const std::vector<T> &values) {
    add(name, type, {static_cast<int64_t>(values.size())},
        ArrayRef(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)));
  }
  void write(raw_ostream &os) const {
    os << safetensors::makeHeader(entries);
    for (ArrayRef<char> bytes : data)
      os.write(bytes.data(), bytes.size());
  }

private:
  std::vector<safetensors::Entry> entries;
  std::vector<ArrayRef<char>> data;
};
} // namespace

static StringRef getType(const Variable &variable) { return variable.getIO().dtype == CONDENSE_F64 ? "F64" : "F32"; }
static std::string getPrefix(const Variable &variable) {
  return (train::stringifyRole(variable.getRole()) + "/" + variable.getName()).str();
}
static bool isKept(const Variable &variable) { return variable.getRole() != train::Role::Moment; }

llvm::Error condense::tool::saveCheckpoint(StringRef path, uint64_t digest, const TrainingProgress &progress,
                                           const Variables &variables, const BestVariables &best) {
  Writer writer;
  std::vector<int64_t> numbers{static_cast<int64_t>(digest), progress.epoch, progress.step, progress.bestEpoch};
  std::vector<double> values{progress.firstLoss, progress.bestValue}, curves;
  append_range(values, progress.sums);
  for (const std::vector<double> &row : progress.curves)
    append_range(curves, row);
  writer.add("progress/numbers", "I64", numbers);
  writer.add("progress/values", "F64", values);
  if (!curves.empty())
    writer.add("progress/curves", "F64", curves);
  size_t next = 0;
  for (const Variable &variable : variables) {
    std::string name = getPrefix(variable);
    writer.add(name, getType(variable), variable.getIO().shape, variable.getBytes());
    if (!best.empty() && isKept(variable))
      writer.add("best/" + name, getType(variable), variable.getIO().shape, best[next++]);
  }
  auto file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  writer.write((*file)->os());
  return (*file)->commit();
}

void condense::tool::removeAbandoned(StringRef path) {
  StringRef folder = sys::path::parent_path(path);
  std::string prefix = (sys::path::filename(path) + ".tmp-").str();
  std::error_code error;
  std::vector<std::string> abandoned;
  for (sys::fs::directory_iterator i(folder.empty() ? "." : folder, error), end; i != end && !error; i.increment(error))
    if (sys::path::filename(i->path()).starts_with(prefix))
      abandoned.push_back(i->path());
  for (const std::string &file : abandoned)
    sys::fs::remove(file);
}

template <typename T> static std::vector<T> readValues(const safetensors::File &file, StringRef name, StringRef type) {
  const safetensors::Tensor *tensor = file.find(name.str());
  if (!tensor || tensor->type != type || tensor->shape.size() != 1)
    return {};
  std::vector<T> values(tensor->bytes / sizeof(T));
  std::memcpy(values.data(), tensor->data, values.size() * sizeof(T));
  return values;
}

/// The bytes of a variable of that name, or nothing.
static ArrayRef<char> readVariable(const safetensors::File &file, const std::string &name, const Variable &variable) {
  const safetensors::Tensor *tensor = file.find(name);
  if (!tensor || tensor->type != getType(variable) || tensor->shape != variable.getIO().shape)
    return {};
  return {reinterpret_cast<const char *>(tensor->data), tensor->bytes};
}

Expected<bool> condense::tool::loadCheckpoint(StringRef path, uint64_t digest, TrainingProgress &progress,
                                              Variables &variables, BestVariables &best) {
  if (!sys::fs::exists(path))
    return false;
  safetensors::File file;
  safetensors::Error error;
  if (!safetensors::read(path.str(), file, error))
    return makeError(error.isIO ? ExitCode::IO : ExitCode::Input, error.message);
  auto numbers = readValues<int64_t>(file, "progress/numbers", "I64");
  auto values = readValues<double>(file, "progress/values", "F64");
  auto curves = readValues<double>(file, "progress/curves", "F64");
  auto damaged = [&](const Twine &what) {
    return inputError(path + ": no checkpoint of a training: " + what + "; remove it to start anew");
  };
  if (numbers.size() != 4 || values.size() < 2 || numbers[1] < 0 || numbers[2] < 0)
    return damaged("its progress is missing");
  if (numbers[0] != static_cast<int64_t>(digest))
    return inputError(path + ": the checkpoint is of another training: model, recipe, data, seed or options differ; "
                             "continue with the same, or leave out --resume to start anew");
  progress.epoch = numbers[1];
  progress.step = numbers[2];
  progress.bestEpoch = numbers[3];
  progress.firstLoss = values[0];
  progress.bestValue = values[1];
  progress.sums.assign(values.begin() + 2, values.end());
  progress.curves.clear();
  if (progress.epoch && curves.size() % progress.epoch != 0)
    return damaged("its curves are incomplete");
  for (int64_t i = 0, width = progress.epoch ? curves.size() / progress.epoch : 0; i != progress.epoch; ++i)
    progress.curves.emplace_back(curves.begin() + i * width, curves.begin() + (i + 1) * width);
  best.clear();
  for (Variable &variable : variables) {
    std::string name = getPrefix(variable);
    ArrayRef<char> bytes = readVariable(file, name, variable);
    if (bytes.empty())
      return damaged("'" + name + "' is missing");
    variable.set(bytes);
    if (!progress.bestEpoch || !isKept(variable))
      continue;
    ArrayRef<char> bestBytes = readVariable(file, "best/" + name, variable);
    if (bestBytes.empty())
      return damaged("'best/" + name + "' is missing");
    best.push_back(bestBytes.vec());
  }
  return true;
}
