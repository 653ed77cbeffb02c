// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense eval IN --inputs X.npy ...: accuracy or perplexity of a model on a
// set of samples, or how close its outputs are to another model's.

#include "Support/Command.h"
#include "Support/Execution.h"
#include "Support/PreprocessingOptions.h"
#include "Support/Progress.h"
#include "Support/ToolError.h"
#include "condense/Evaluation/Metrics.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <algorithm>

using namespace condense;
using namespace condense::evaluation;
using namespace condense::tool;
using namespace llvm;

static llvm::Error runEval();

namespace {
enum class Metric { Accuracy, Perplexity };
}

static Command command("eval", "Measure how good a model is on samples",
                       runEval);
static Option<std::string> input(command, cl::Positional, cl::Required,
                                 cl::desc("<model>"));
static Option<std::string>
    inputs(command, "inputs", cl::Required, cl::value_desc("x.npy"),
           cl::desc("Samples along the first dimension"));
static Option<std::string> labels(command, "labels", cl::value_desc("y.npy"),
                                  cl::desc("The class of each sample"));
static PreprocessingOptions preprocessing(command);
static Option<Metric> metric(
    command, "metric", cl::init(Metric::Accuracy), cl::desc("What to measure:"),
    cl::values(clEnumValN(Metric::Accuracy, "accuracy",
                          "share of samples whose largest output is at the "
                          "label (default)"),
               clEnumValN(Metric::Perplexity, "perplexity",
                          "of a language model: samples are token ids, each "
                          "one token longer than the model's input")));
static Option<std::string> compare(
    command, "compare", cl::value_desc("model"),
    cl::desc("Instead: cosine and largest difference of the outputs against "
             "those of this model"));
static Option<int> batchSize(
    command, "batch", cl::init(32), cl::value_desc("n"),
    cl::desc("Samples per run where the model's batch is dynamic (default: "
             "32)"));
static Option<int> outputIndex(command, "output", cl::init(0),
                               cl::value_desc("index"),
                               cl::desc("The output to grade (default: 0)"));
static Option<int> threads(command, "threads", cl::init(0),
                           cl::desc("Number of threads (default: all CPUs)"));
static Option<bool> asJSON(command, "json", cl::desc("Print results as JSON"));

/// What happens with the outputs of a batch: samples [first, first + count).
using BatchFunction = function_ref<llvm::Error(
    const std::vector<runtime::Tensor> &inputs,
    const std::vector<runtime::Tensor> &outputs, int64_t first, int64_t count)>;

static llvm::Error sampleError(StringRef file, int64_t sample,
                               const Twine &what) {
  return inputError(file + ": sample " + Twine(sample) + ": " + what);
}

/// Runs the model over all samples.
static llvm::Error forEachBatch(const runtime::Model &model,
                                const Batcher &batcher, BatchFunction use) {
  Progress progress("evaluating", batcher.getNumSamples());
  std::vector<runtime::Tensor> ins(1), outs;
  for (int64_t first = 0; first < batcher.getNumSamples();) {
    int64_t count = 0;
    std::string error;
    if (!batcher.fill(first, ins[0], count, error))
      return inputError(inputs + ": " + error);
    if (llvm::Error failure = runModel(model, input, ins, outs))
      return failure;
    if (llvm::Error failure = use(ins, outs, first, count))
      return failure;
    first += count;
    progress.advance(first);
  }
  return llvm::Error::success();
}

static llvm::Error initBatcher(const runtime::Model &model,
                               const npy::Array &samples, Batcher &batcher) {
  const condense_model_info &info = model.getInfo();
  if (info.num_inputs != 1)
    return inputError(input + ": eval feeds models of one input, found " +
                      Twine(info.num_inputs) + "; use condense run");
  if (outputIndex < 0 || uint64_t(outputIndex) >= info.num_outputs)
    return usageError("--output " + Twine(outputIndex) + ": the model has " +
                      Twine(info.num_outputs) + " outputs, counted from 0");
  if (batchSize < 1)
    return usageError("--batch must be positive");
  std::string error;
  if (!batcher.init(samples, getInputType(info.inputs[0]), preprocessing.get(),
                    batchSize, error))
    return StringRef(error).starts_with("--")
               ? usageError(error)
               : inputError(inputs + ": " + error);
  return llvm::Error::success();
}

static llvm::Error evalAccuracy(const runtime::Model &model,
                                const npy::Array &samples,
                                const npy::Array &classes) {
  Batcher batcher;
  if (llvm::Error error = initBatcher(model, samples, batcher))
    return error;
  Accuracy accuracy;
  auto grade = [&](const std::vector<runtime::Tensor> &,
                   const std::vector<runtime::Tensor> &outputs, int64_t first,
                   int64_t count) -> llvm::Error {
    std::string error;
    for (int64_t i = 0; i != count; ++i)
      if (!accuracy.add(outputs[outputIndex], batcher.getBatchSize(count), i,
                        classes.at(first + i), error))
        return sampleError(inputs, first + i, error);
    return llvm::Error::success();
  };
  if (llvm::Error error = forEachBatch(model, batcher, grade))
    return error;
  if (asJSON)
    outs() << "{\"accuracy\": " << format("%.6g", accuracy.get())
           << ", \"correct\": " << accuracy.correct
           << ", \"total\": " << accuracy.total << "}\n";
  else
    outs() << "accuracy: " << format("%.4f", accuracy.get()) << " ("
           << accuracy.correct << "/" << accuracy.total << ")\n";
  return llvm::Error::success();
}

/// Columns [begin, end) of a matrix.
static npy::Array sliceColumns(const npy::Array &matrix, int64_t begin,
                               int64_t end) {
  size_t width = npy::getSize(matrix.type);
  size_t row = width * matrix.shape[1], part = width * (end - begin);
  auto bytes = std::make_shared<std::vector<std::byte>>(matrix.shape[0] * part);
  for (int64_t i = 0; i != matrix.shape[0]; ++i)
    std::copy_n(matrix.data + i * row + begin * width, part,
                bytes->data() + i * part);
  npy::Array result = matrix;
  result.shape[1] = end - begin;
  result.elements = result.shape[0] * result.shape[1];
  result.bytes = bytes->size();
  result.data = bytes->data();
  result.owner = bytes;
  return result;
}

static llvm::Error evalPerplexity(const runtime::Model &model,
                                  const npy::Array &ids) {
  if (ids.shape.size() != 2 || ids.shape[1] < 2)
    return inputError(inputs +
                      ": expected token ids [samples, length + 1], "
                      "found " +
                      npy::toString(ids.shape));
  int64_t length = ids.shape[1] - 1;
  Batcher batcher;
  npy::Array contexts = sliceColumns(ids, 0, length);
  if (llvm::Error error = initBatcher(model, contexts, batcher))
    return error;
  Perplexity perplexity;
  auto grade = [&](const std::vector<runtime::Tensor> &,
                   const std::vector<runtime::Tensor> &outputs, int64_t first,
                   int64_t count) -> llvm::Error {
    std::string error;
    for (int64_t i = 0; i != count * length; ++i) {
      int64_t sample = i / length, position = i % length;
      double next = ids.at((first + sample) * (length + 1) + position + 1);
      if (!perplexity.add(outputs[outputIndex], batcher.getBatchSize(count),
                          sample, length, position, next, error))
        return sampleError(inputs, first + sample, error);
    }
    return llvm::Error::success();
  };
  if (llvm::Error error = forEachBatch(model, batcher, grade))
    return error;
  if (asJSON)
    outs() << "{\"perplexity\": " << format("%.8g", perplexity.get())
           << ", \"tokens\": " << perplexity.tokens << "}\n";
  else
    outs() << "perplexity: " << format("%.4f", perplexity.get()) << " ("
           << perplexity.tokens << " tokens)\n";
  return llvm::Error::success();
}

static void printFidelity(const condense_model_info &info,
                          ArrayRef<Fidelity> fidelities) {
  double cosine = 1, maxError = 0;
  json::Array results;
  for (auto [index, fidelity] : enumerate(fidelities)) {
    cosine = std::min(cosine, fidelity.getCosine());
    maxError = std::max(maxError, fidelity.getMaxError());
    std::string name = getName(info.outputs[index], "output", index);
    results.push_back(json::Object{{"name", json::fixUTF8(name)},
                                   {"cosine", fidelity.getCosine()},
                                   {"max_error", fidelity.getMaxError()}});
    if (!asJSON)
      outs() << name << ": cosine " << format("%.6f", fidelity.getCosine())
             << ", largest difference "
             << format("%.3g", fidelity.getMaxError()) << "\n";
  }
  if (asJSON)
    outs() << json::Value(json::Object{{"cosine", cosine},
                                       {"max_error", maxError},
                                       {"outputs", std::move(results)}})
           << "\n";
}

static llvm::Error evalFidelity(const runtime::Model &model,
                                const npy::Array &samples) {
  Batcher batcher;
  if (llvm::Error error = initBatcher(model, samples, batcher))
    return error;
  auto reference = openModel(compare);
  if (!reference)
    return reference.takeError();
  (*reference)->setThreads(threads);
  if ((*reference)->getInfo().num_outputs != model.getInfo().num_outputs)
    return inputError(compare + ": expected " +
                      Twine(model.getInfo().num_outputs) + " outputs, found " +
                      Twine((*reference)->getInfo().num_outputs));
  std::vector<Fidelity> fidelities(model.getInfo().num_outputs);
  auto grade = [&](const std::vector<runtime::Tensor> &ins,
                   const std::vector<runtime::Tensor> &outputs, int64_t first,
                   int64_t count) -> llvm::Error {
    std::vector<runtime::Tensor> expected;
    if (llvm::Error error = runModel(**reference, compare, ins, expected))
      return error;
    std::string error;
    for (auto [index, fidelity] : enumerate(fidelities))
      if (!fidelity.add(outputs[index], expected[index],
                        batcher.getBatchSize(count), count, error))
        return sampleError(inputs, first, error);
    return llvm::Error::success();
  };
  if (llvm::Error error = forEachBatch(model, batcher, grade))
    return error;
  printFidelity(model.getInfo(), fidelities);
  return llvm::Error::success();
}

static llvm::Error runEval() {
  bool needsLabels = compare.empty() && metric == Metric::Accuracy;
  if (needsLabels && labels.empty())
    return usageError("accuracy needs --labels; without labels use --compare, "
                      "or --metric perplexity");
  Expected<npy::Array> samples = readArray(inputs);
  if (!samples)
    return samples.takeError();
  npy::Array classes;
  if (needsLabels) {
    Expected<npy::Array> read = readArray(labels);
    if (!read)
      return read.takeError();
    classes = *read;
    int64_t expected = samples->shape.empty() ? 0 : samples->shape[0];
    if (classes.elements != expected)
      return inputError(labels + ": expected " + Twine(expected) +
                        " labels, one for each sample, found " +
                        Twine(classes.elements));
  }
  auto model = openModel(input);
  if (!model)
    return model.takeError();
  (*model)->setThreads(threads);
  if (!compare.empty())
    return evalFidelity(**model, *samples);
  return metric == Metric::Perplexity
             ? evalPerplexity(**model, *samples)
             : evalAccuracy(**model, *samples, classes);
}
