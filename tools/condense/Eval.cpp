// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense eval IN --inputs X.npy ...: accuracy or perplexity of a model on a
// set of samples, or how close its outputs are to another model's.

#include "Support/Command.h"
#include "Support/Execution.h"
#include "Support/Grading.h"
#include "Support/PreprocessingOptions.h"
#include "Support/ToolError.h"
#include "condense/Evaluation/Metrics.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace condense;
using namespace condense::evaluation;
using namespace condense::tool;
using namespace llvm;

static llvm::Error runEval();

namespace {
enum class Metric { Accuracy, Perplexity };
}

static Command command("eval", "Measure how good a model is on samples", runEval);
static Option<std::string> input(command, cl::Positional, cl::Required, cl::desc("<model>"));
static ListOption<std::string> inputs(command, "inputs", cl::OneOrMore, cl::value_desc("[input=]x.npy"),
                                      cl::desc("Samples along the first dimension; repeated for models of "
                                               "several inputs, by name or in their order"));
static Option<std::string> labels(command, "labels", cl::value_desc("y.npy"), cl::desc("The class of each sample"));
static PreprocessingOptions preprocessing(command);
static Option<Metric> metric(command, "metric", cl::init(Metric::Accuracy), cl::desc("What to measure:"),
                             cl::values(clEnumValN(Metric::Accuracy, "accuracy",
                                                   "share of samples whose largest output is at the "
                                                   "label (default)"),
                                        clEnumValN(Metric::Perplexity, "perplexity",
                                                   "of a language model: samples are token ids, each "
                                                   "one token longer than the model's input")));
static Option<std::string> compare(command, "compare", cl::value_desc("model"),
                                   cl::desc("Instead: cosine and largest difference of the outputs against "
                                            "those of this model"));
static Option<int> batchSize(command, "batch", cl::init(32), cl::value_desc("n"),
                             cl::desc("Samples per run where the model's batch is dynamic (default: "
                                      "32)"));
static Option<int> outputIndex(command, "output", cl::init(0), cl::value_desc("index"),
                               cl::desc("The output to grade (default: 0)"));
static Option<int> threads(command, "threads", cl::init(0), cl::desc("Number of threads (default: all CPUs)"));
static Option<bool> asJSON(command, "json", cl::desc("Print results as JSON"));

static void printAccuracy(const Accuracy &accuracy) {
  if (asJSON)
    outs() << "{\"accuracy\": " << format("%.6g", accuracy.get()) << ", \"correct\": " << accuracy.correct
           << ", \"total\": " << accuracy.total << "}\n";
  else
    outs() << "accuracy: " << format("%.4f", accuracy.get()) << " (" << accuracy.correct << "/" << accuracy.total
           << ")\n";
}

static void printPerplexity(const Perplexity &perplexity) {
  if (asJSON)
    outs() << "{\"perplexity\": " << format("%.8g", perplexity.get()) << ", \"tokens\": " << perplexity.tokens << "}\n";
  else
    outs() << "perplexity: " << format("%.4f", perplexity.get()) << " (" << perplexity.tokens << " tokens)\n";
}

static void printFidelity(const condense_model_info &info, ArrayRef<Fidelity> fidelities) {
  double cosine = 1, maxError = 0;
  json::Array results;
  for (auto [index, fidelity] : enumerate(fidelities)) {
    cosine = std::min(cosine, fidelity.getCosine());
    maxError = std::max(maxError, fidelity.getMaxError());
    std::string name = getName(info.outputs[index], "output", index);
    results.push_back(json::Object{
        {"name", json::fixUTF8(name)}, {"cosine", fidelity.getCosine()}, {"max_error", fidelity.getMaxError()}});
    if (!asJSON)
      outs() << name << ": cosine " << format("%.6f", fidelity.getCosine()) << ", largest difference "
             << format("%.3g", fidelity.getMaxError()) << "\n";
  }
  if (asJSON)
    outs() << json::Value(json::Object{{"cosine", cosine}, {"max_error", maxError}, {"outputs", std::move(results)}})
           << "\n";
}

static llvm::Error evalFidelity(const runtime::Model &model, const GradedSamples &samples) {
  Expected<Samples> bound = bindSamples(model, input, samples);
  if (!bound)
    return bound.takeError();
  auto reference = openModel(compare);
  if (!reference)
    return reference.takeError();
  (*reference)->setThreads(threads);
  if ((*reference)->getInfo().num_outputs != model.getInfo().num_outputs)
    return inputError(compare + ": expected " + Twine(model.getInfo().num_outputs) + " outputs, found " +
                      Twine((*reference)->getInfo().num_outputs));
  std::vector<Fidelity> fidelities(model.getInfo().num_outputs);
  auto grade = [&](const std::vector<runtime::Tensor> &ins, const std::vector<runtime::Tensor> &outputs, int64_t first,
                   int64_t count) -> llvm::Error {
    std::vector<runtime::Tensor> expected;
    if (llvm::Error error = runModel(**reference, compare, ins, expected))
      return error;
    std::string error;
    for (auto [index, fidelity] : enumerate(fidelities))
      if (!fidelity.add(outputs[index], expected[index], bound->getBatchSize(count), count, error))
        return sampleError(samples, first, error);
    return llvm::Error::success();
  };
  if (llvm::Error error = forEachBatch(model, input, *bound, grade))
    return error;
  printFidelity(model.getInfo(), fidelities);
  return llvm::Error::success();
}

static llvm::Error evalModel(const runtime::Model &model, const GradedSamples &samples, const npy::Array &classes) {
  if (!compare.empty())
    return evalFidelity(model, samples);
  if (metric == Metric::Perplexity) {
    Expected<Perplexity> perplexity = gradePerplexity(model, input, samples);
    if (!perplexity)
      return perplexity.takeError();
    printPerplexity(*perplexity);
    return llvm::Error::success();
  }
  Expected<Accuracy> accuracy = gradeAccuracy(model, input, samples, classes);
  if (!accuracy)
    return accuracy.takeError();
  printAccuracy(*accuracy);
  return llvm::Error::success();
}

static llvm::Error runEval() {
  bool needsLabels = compare.empty() && metric == Metric::Accuracy;
  if (needsLabels && labels.empty())
    return usageError("accuracy needs --labels; without labels use --compare, "
                      "or --metric perplexity");
  Expected<GradedSamples> samples = readGradedSamples(inputs);
  if (!samples)
    return samples.takeError();
  samples->preprocessing = preprocessing.get();
  samples->batchSize = batchSize;
  samples->output = outputIndex;
  npy::Array classes;
  if (needsLabels) {
    Expected<npy::Array> read = readLabels(labels, *samples);
    if (!read)
      return read.takeError();
    classes = *read;
  }
  auto model = openModel(input);
  if (!model)
    return model.takeError();
  (*model)->setThreads(threads);
  return evalModel(**model, *samples, classes);
}
