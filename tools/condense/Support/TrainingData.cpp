// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Samples and labels for training.

#include "TrainingData.h"

#include "Execution.h"
#include "ToolError.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/xxhash.h"
#include <cmath>
#include <cstring>

using namespace condense;
using namespace condense::tool;
using namespace llvm;

static bool isIntegral(npy::DType type) {
  return type != npy::DType::F16 && type != npy::DType::F32 && type != npy::DType::F64;
}

Expected<TrainingData> TrainingData::read(ArrayRef<std::string> samples, StringRef labels,
                                          const evaluation::Preprocessing &preprocessing) {
  auto files = readSamples(samples);
  if (!files)
    return files.takeError();
  TrainingData data;
  data.files = std::move(*files);
  data.preprocessing = preprocessing;
  for (const SampleFile &file : data.files) {
    int64_t count = file.array.shape.empty() ? 0 : file.array.shape[0];
    if (count == 0)
      return inputError(file.path + ": the set is empty: expected samples along the first dimension, found shape " +
                        npy::toString(file.array.shape));
    if (&file == &data.files.front())
      data.numSamples = count;
    else if (count != data.numSamples)
      return inputError(file.path + ": expected " + Twine(data.numSamples) + " samples as in " + data.getPath() +
                        ", found " + Twine(count));
  }
  if (labels.empty())
    return data;
  Expected<npy::Array> array = readArray(labels);
  if (!array)
    return array.takeError();
  data.labels = *array;
  data.labelPath = labels.str();
  int64_t count = array->shape.empty() ? 0 : array->shape[0];
  if (count != data.numSamples)
    return inputError(labels + ": expected " + Twine(data.numSamples) + " labels, one for each sample of " +
                      data.getPath() + ", found " + Twine(count));
  return data;
}

bool TrainingData::hasClasses() const { return hasLabels() && isIntegral(labels.type); }

llvm::Error TrainingData::bindInput(const SampleFile &file, target::ModelIO io, Column &column) const {
  // any number of samples at once
  constexpr int64_t chunk = 64;
  if (io.shape.empty())
    return inputError(file.path + ": input '" + io.name + "' has no dimension of samples");
  io.shape.front() = -1;
  bool takesFloats = io.dtype == CONDENSE_F32 || io.dtype == CONDENSE_F64 || io.dtype == CONDENSE_F16;
  bool applies = files.size() == 1 || takesFloats;
  evaluation::Batcher batcher;
  std::string error;
  if (!batcher.init(file.array, {io.name, io.dtype, io.shape}, applies ? preprocessing : evaluation::Preprocessing(),
                    chunk, error))
    return StringRef(error).starts_with("--") ? usageError(error) : inputError(file.path + ": " + error);
  runtime::Tensor tensor;
  for (int64_t first = 0, count = 0; first < numSamples; first += count) {
    if (!batcher.fill(first, tensor, count, error))
      return inputError(file.path + ": " + error);
    column.data.insert(column.data.end(), tensor.data.begin(), tensor.data.end());
    column.sampleBytes = tensor.data.size() / count;
  }
  return llvm::Error::success();
}

llvm::Error TrainingData::bindLabels(const target::ModelIO &io, int64_t classes) {
  int64_t perSample = 1;
  for (int64_t size : ArrayRef(io.shape).drop_front())
    perSample *= size;
  if (labels.elements != numSamples * perSample)
    return inputError(labelPath + ": expected " + Twine(perSample) + " labels for each of " + Twine(numSamples) +
                      " samples, found shape " + npy::toString(labels.shape));
  labelColumn.sampleBytes = perSample * sizeof(float);
  labelColumn.data.resize(numSamples * labelColumn.sampleBytes);
  for (int64_t i = 0; i != labels.elements; ++i) {
    double value = labels.at(i);
    std::byte *target = &labelColumn.data[i * sizeof(float)];
    std::string where = labelPath + ": sample " + std::to_string(i / perSample) + ": ";
    if (!std::isfinite(value))
      return inputError(where + "the label is not finite");
    if (io.dtype == CONDENSE_I32) {
      if (value < 0 || value >= classes)
        return inputError(where + "label " + Twine(static_cast<int64_t>(value)) + " is no class: expected 0 to " +
                          Twine(classes - 1));
      int32_t number = static_cast<int32_t>(value);
      std::memcpy(target, &number, sizeof(number));
    } else {
      float number = static_cast<float>(value);
      std::memcpy(target, &number, sizeof(number));
    }
  }
  return llvm::Error::success();
}

llvm::Error TrainingData::bind(ArrayRef<target::ModelIO> inputs, const target::ModelIO *label, int64_t classes,
                               StringRef modelPath) {
  if (inputs.size() != files.size())
    return inputError(modelPath + ": expected samples for " + Twine(inputs.size()) + " inputs, found " +
                      Twine(files.size()) + " files; repeat --data for each");
  std::vector<const SampleFile *> ordered(inputs.size());
  for (const SampleFile &file : files) {
    size_t index = 0;
    while (index != inputs.size() &&
           (file.input.empty() ? ordered[index] != nullptr : inputs[index].name != file.input))
      ++index;
    if (index == inputs.size() || ordered[index])
      return usageError("--data " + file.input + "=" + file.path +
                        ": the model has no such input, or it is given twice");
    ordered[index] = &file;
  }
  inputColumns.assign(inputs.size(), {});
  for (auto [file, io, column] : zip_equal(ordered, inputs, inputColumns))
    if (llvm::Error error = bindInput(*file, io, column))
      return error;
  return label ? bindLabels(*label, classes) : llvm::Error::success();
}

void TrainingData::gather(ArrayRef<int64_t> indices, std::vector<std::vector<std::byte>> &inputs,
                          std::vector<std::byte> &labels) const {
  auto copy = [&](const Column &column, std::vector<std::byte> &batch) {
    batch.resize(indices.size() * column.sampleBytes);
    if (column.sampleBytes == 0)
      return;
    for (auto [place, index] : enumerate(indices))
      std::memcpy(&batch[place * column.sampleBytes], &column.data[index * column.sampleBytes], column.sampleBytes);
  };
  inputs.resize(inputColumns.size());
  for (auto [column, batch] : zip_equal(inputColumns, inputs))
    copy(column, batch);
  copy(labelColumn, labels);
}

size_t TrainingData::getBytes() const {
  size_t bytes = labelColumn.data.size();
  for (const Column &column : inputColumns)
    bytes += column.data.size();
  return bytes;
}

uint64_t TrainingData::getDigest() const {
  std::vector<uint64_t> parts;
  auto add = [&](const Column &column) {
    auto *data = reinterpret_cast<const uint8_t *>(column.data.data());
    parts.push_back(xxh3_64bits(ArrayRef(data, column.data.size())));
  };
  for (const Column &column : inputColumns)
    add(column);
  add(labelColumn);
  return xxh3_64bits(ArrayRef(reinterpret_cast<const uint8_t *>(parts.data()), parts.size() * sizeof(uint64_t)));
}
