// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs models over samples and grades their outputs.

#include "Grading.h"

#include "Execution.h"
#include "Progress.h"
#include "ToolError.h"
#include <algorithm>

using namespace condense;
using namespace condense::evaluation;
using namespace condense::tool;
using namespace llvm;

llvm::Error condense::tool::sampleError(const GradedSamples &samples, int64_t sample, const Twine &what) {
  return inputError(samples.path + ": sample " + Twine(sample) + ": " + what);
}

Expected<npy::Array> condense::tool::readLabels(StringRef path, const GradedSamples &samples) {
  Expected<npy::Array> classes = readArray(path);
  if (!classes)
    return classes.takeError();
  int64_t expected = samples.array.shape.empty() ? 0 : samples.array.shape[0];
  if (classes->elements != expected)
    return inputError(path + ": expected " + Twine(expected) + " labels, one for each sample, found " +
                      Twine(classes->elements));
  return classes;
}

Expected<GradedSamples> condense::tool::readGradedSamples(ArrayRef<std::string> arguments) {
  auto files = readSamples(arguments);
  if (!files)
    return files.takeError();
  GradedSamples samples;
  samples.path = files->front().path;
  samples.input = files->front().input;
  samples.array = files->front().array;
  samples.others.assign(files->begin() + 1, files->end());
  return samples;
}

Expected<Samples> condense::tool::bindSamples(const runtime::Model &model, StringRef path,
                                              const GradedSamples &samples) {
  const condense_model_info &info = model.getInfo();
  if (samples.output < 0 || uint64_t(samples.output) >= info.num_outputs)
    return usageError("--output " + Twine(samples.output) + ": the model has " + Twine(info.num_outputs) +
                      " outputs, counted from 0");
  if (samples.batchSize < 1)
    return usageError("--batch must be positive");
  std::vector<SampleFile> files{{samples.path, samples.input, samples.array}};
  append_range(files, samples.others);
  return Samples::create(files, info, "--inputs", path, samples.preprocessing, samples.batchSize);
}

llvm::Error condense::tool::forEachBatch(const runtime::Model &model, StringRef path, const Samples &samples,
                                         BatchFunction use) {
  Progress progress("evaluating", samples.getNumSamples());
  std::vector<runtime::Tensor> ins, outs;
  for (int64_t first = 0; first < samples.getNumSamples();) {
    int64_t count = 0;
    if (llvm::Error failure = samples.fill(first, ins, count))
      return failure;
    if (llvm::Error failure = runModel(model, path, ins, outs))
      return failure;
    if (llvm::Error failure = use(ins, outs, first, count))
      return failure;
    first += count;
    progress.advance(first);
  }
  return llvm::Error::success();
}

Expected<Accuracy> condense::tool::gradeAccuracy(const runtime::Model &model, StringRef path,
                                                 const GradedSamples &samples, const npy::Array &classes) {
  Expected<Samples> bound = bindSamples(model, path, samples);
  if (!bound)
    return bound.takeError();
  Accuracy accuracy;
  auto grade = [&](const std::vector<runtime::Tensor> &, const std::vector<runtime::Tensor> &outputs, int64_t first,
                   int64_t count) -> llvm::Error {
    std::string error;
    for (int64_t i = 0; i != count; ++i)
      if (!accuracy.add(outputs[samples.output], bound->getBatchSize(count), i, classes.at(first + i), error))
        return sampleError(samples, first + i, error);
    return llvm::Error::success();
  };
  if (llvm::Error error = forEachBatch(model, path, *bound, grade))
    return error;
  return accuracy;
}

/// Columns [begin, end) of a matrix.
static npy::Array sliceColumns(const npy::Array &matrix, int64_t begin, int64_t end) {
  size_t width = npy::getSize(matrix.type);
  size_t row = width * matrix.shape[1], part = width * (end - begin);
  auto bytes = std::make_shared<std::vector<std::byte>>(matrix.shape[0] * part);
  for (int64_t i = 0; i != matrix.shape[0]; ++i)
    std::copy_n(matrix.data + i * row + begin * width, part, bytes->data() + i * part);
  npy::Array result = matrix;
  result.shape[1] = end - begin;
  result.elements = result.shape[0] * result.shape[1];
  result.bytes = bytes->size();
  result.data = bytes->data();
  result.owner = bytes;
  return result;
}

Expected<Perplexity> condense::tool::gradePerplexity(const runtime::Model &model, StringRef path,
                                                     const GradedSamples &samples) {
  const npy::Array &ids = samples.array;
  if (ids.shape.size() != 2 || ids.shape[1] < 2)
    return inputError(samples.path + ": expected token ids [samples, length + 1], found " + npy::toString(ids.shape));
  int64_t length = ids.shape[1] - 1;
  GradedSamples contexts = samples;
  contexts.array = sliceColumns(ids, 0, length);
  Expected<Samples> bound = bindSamples(model, path, contexts);
  if (!bound)
    return bound.takeError();
  Perplexity perplexity;
  auto grade = [&](const std::vector<runtime::Tensor> &, const std::vector<runtime::Tensor> &outputs, int64_t first,
                   int64_t count) -> llvm::Error {
    std::string error;
    for (int64_t i = 0; i != count * length; ++i) {
      int64_t sample = i / length, position = i % length;
      double next = ids.at((first + sample) * (length + 1) + position + 1);
      if (!perplexity.add(outputs[samples.output], bound->getBatchSize(count), sample, length, position, next, error))
        return sampleError(samples, first + sample, error);
    }
    return llvm::Error::success();
  };
  if (llvm::Error error = forEachBatch(model, path, *bound, grade))
    return error;
  return perplexity;
}
