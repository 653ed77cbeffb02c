// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense compare A B --inputs X.npy: how far each layer of B is from that of A, and
// where the error first grows.

#include "Support/Command.h"
#include "Support/Comparison.h"
#include "Support/PreprocessingOptions.h"
#include "Support/ToolError.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace condense;
using namespace condense::evaluation;
using namespace condense::tool;
using namespace llvm;

static llvm::Error runCompare();

static Command command("compare",
                       "Show how far the layers of two versions of a model are "
                       "apart on samples",
                       runCompare);
static Option<std::string> first(command, cl::Positional, cl::Required, cl::desc("<model>"));
static Option<std::string> second(command, cl::Positional, cl::Required, cl::desc("<other version>"));
static ListOption<std::string> inputs(command, "inputs", cl::OneOrMore, cl::value_desc("[input=]x.npy"),
                                      cl::desc("Samples along the first dimension; repeated for models of "
                                               "several inputs, by name or in their order"));
static Option<std::string> labels(command, "labels", cl::value_desc("y.npy"),
                                  cl::desc("The class of each sample: also compare the accuracy"));
static PreprocessingOptions preprocessing(command);
static Option<int> batchSize(command, "batch", cl::init(32), cl::value_desc("n"),
                             cl::desc("Samples per run where the model's batch is dynamic (default: "
                                      "32)"));
static Option<int> outputIndex(command, "output", cl::init(0), cl::value_desc("index"),
                               cl::desc("The output to grade (default: 0)"));
static Option<int> threads(command, "threads", cl::init(0), cl::desc("Number of threads (default: all CPUs)"));
static Option<bool> asJSON(command, "json", cl::desc("Print results as JSON"));

static std::string formatSQNR(const Fidelity &fidelity) {
  double value = fidelity.getSQNR();
  return std::isfinite(value) ? formatv("{0:F1}", value).str() : std::string(value > 0 ? "equal" : "-inf");
}

static void printRows(ArrayRef<ComparedOutput> rows, StringRef head) {
  size_t nameWidth = head.size(), schemeWidth = 6;
  for (const ComparedOutput &row : rows) {
    nameWidth = std::max(nameWidth, row.name.size());
    schemeWidth = std::max(schemeWidth, row.scheme.size());
  }
  auto print = [&](StringRef name, StringRef scheme, StringRef error, StringRef scaled, StringRef cosine,
                   StringRef sqnr) {
    outs() << left_justify(name, nameWidth) << "  " << left_justify(scheme, schemeWidth) << "  "
           << right_justify(error, 8) << "  " << right_justify(scaled, 11) << "  " << right_justify(cosine, 9) << "  "
           << right_justify(sqnr, 7) << "\n";
  };
  bool hasLayers = !rows.front().op.empty();
  print(head, hasLayers ? "scheme" : "", "error", hasLayers ? "up to scale" : "", "cosine", "SQNR dB");
  for (const ComparedOutput &row : rows) {
    if (row.hasOtherShape)
      print(row.name, row.scheme, "-", "other shape", "-", "-");
    else
      print(row.name, row.scheme, formatv("{0:F5}", row.fidelity.getRelativeError()).str(),
            hasLayers ? formatv("{0:F5}", row.getScaledError()).str() : "",
            formatv("{0:F6}", row.fidelity.getCosine()).str(), formatSQNR(row.fidelity));
  }
}

static void printUnmatched(ArrayRef<std::string> names, StringRef path) {
  if (!names.empty())
    outs() << "only in " << path << ": " << join(names, ", ") << "\n";
}

static void printText(const Comparison &comparison) {
  printRows(comparison.layers, "layer");
  outs() << "\n";
  printRows(comparison.outputs, "output");
  printUnmatched(comparison.onlyFirst, first);
  printUnmatched(comparison.onlySecond, second);
  if (auto growth = comparison.findGrowth())
    outs() << "the error first grows at layer '" << comparison.layers[growth->layer].name << "': from "
           << format("%.5f", growth->before) << " to " << format("%.5f", growth->after) << "\n";
  else
    outs() << "the error grows nowhere to three times what it was before\n";
  if (!comparison.accuracies[0])
    return;
  auto print = [](const Twine &what, const Accuracy &accuracy) {
    outs() << what << ": " << format("%.4f", accuracy.get()) << " (" << accuracy.correct << "/" << accuracy.total
           << ")\n";
  };
  print("accuracy of " + first, *comparison.accuracies[0]);
  print("accuracy of " + second, *comparison.accuracies[1]);
  print("agreement", comparison.agreement);
}

static json::Value getFinite(double value) { return std::isfinite(value) ? json::Value(value) : json::Value(nullptr); }

static json::Object describe(const ComparedOutput &row) {
  json::Object object{{"name", json::fixUTF8(row.name)}};
  if (!row.op.empty()) {
    object["op"] = row.op;
    object["scheme"] = row.scheme;
  }
  object["same_shape"] = !row.hasOtherShape;
  if (row.hasOtherShape)
    return object;
  object["relative_error"] = getFinite(row.fidelity.getRelativeError());
  if (!row.op.empty())
    object["scaled_error"] = getFinite(row.getScaledError());
  object["cosine"] = row.fidelity.getCosine();
  object["sqnr_db"] = getFinite(row.fidelity.getSQNR());
  object["max_error"] = row.fidelity.getMaxError();
  return object;
}

static json::Array describe(ArrayRef<std::string> names) {
  json::Array array;
  for (const std::string &name : names)
    array.push_back(json::fixUTF8(name));
  return array;
}

static void printJSON(const Comparison &comparison) {
  json::Array layers, outputs;
  for (const ComparedOutput &layer : comparison.layers)
    layers.push_back(describe(layer));
  for (const ComparedOutput &output : comparison.outputs)
    outputs.push_back(describe(output));
  json::Object report{{"layers", std::move(layers)},
                      {"outputs", std::move(outputs)},
                      {"only_in_first", describe(comparison.onlyFirst)},
                      {"only_in_second", describe(comparison.onlySecond)},
                      {"first_growth", nullptr}};
  if (auto growth = comparison.findGrowth())
    report["first_growth"] = json::Object{{"layer", json::fixUTF8(comparison.layers[growth->layer].name)},
                                          {"before", growth->before},
                                          {"after", getFinite(growth->after)}};
  if (comparison.accuracies[0])
    report["accuracy"] = json::Object{{"first", comparison.accuracies[0]->get()},
                                      {"second", comparison.accuracies[1]->get()},
                                      {"agreement", comparison.agreement.get()},
                                      {"total", comparison.agreement.total}};
  outs() << formatv("{0:2}\n", json::Value(std::move(report)));
}

static llvm::Error runCompare() {
  Expected<GradedSamples> samples = readGradedSamples(inputs);
  if (!samples)
    return samples.takeError();
  samples->preprocessing = preprocessing.get();
  samples->batchSize = batchSize;
  samples->output = outputIndex;
  npy::Array classes;
  if (!labels.empty()) {
    Expected<npy::Array> read = readLabels(labels, *samples);
    if (!read)
      return read.takeError();
    classes = *read;
  }
  Expected<Comparison> comparison =
      compareModels(first, second, *samples, labels.empty() ? nullptr : &classes, threads);
  if (!comparison)
    return comparison.takeError();
  if (asJSON)
    printJSON(*comparison);
  else
    printText(*comparison);
  return llvm::Error::success();
}
