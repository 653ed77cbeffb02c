// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Collects a report from the module before and after compression.

#include "RunReport.h"

#include "Execution.h"
#include "Inspection.h"
#include "OutputFile.h"
#include "Progress.h"
#include "SchemeText.h"
#include "ToolError.h"
#include "condense/Analysis/Layers.h"
#include "condense/Analysis/WeightValue.h"
#include "llvm/ADT/StringMap.h"

using namespace condense;
using namespace condense::tool;
using namespace llvm;

//===----------------------------------------------------------------------===//
// Quality
//===----------------------------------------------------------------------===//

ReportOptions::ReportOptions(Command &command)
    : path(command, "report", cl::value_desc("file.html"),
           cl::desc("Write what was done to each layer, and why, as a page to "
                    "look at, or as JSON to a file.json")),
      samples(command, "evaluate", cl::value_desc("x.npy"),
              cl::desc("For the report: measure the model before and after on "
                       "these samples")),
      labels(command, "labels", cl::value_desc("y.npy"), cl::desc("The class of each sample of --evaluate")),
      metric(command, "metric", cl::init(Metric::Accuracy), cl::desc("What --evaluate measures:"),
             cl::values(clEnumValN(Metric::Accuracy, "accuracy", "against --labels (default)"),
                        clEnumValN(Metric::Perplexity, "perplexity", "of a language model, as in eval"))) {}

llvm::Error ReportOptions::check() const {
  if (samples.empty() && (!labels.empty() || metric != Metric::Accuracy))
    return usageError("--labels and --metric belong to --evaluate");
  if (!samples.empty() && path.empty())
    return usageError("--evaluate belongs to --report");
  if (!samples.empty() && metric == Metric::Accuracy && labels.empty())
    return usageError("--evaluate needs --labels, or --metric perplexity");
  return llvm::Error::success();
}

Expected<double> ReportOptions::grade(mlir::ModuleOp module, StringRef path, const GradedSamples &samples,
                                      const npy::Array &classes, int64_t &count) const {
  auto model = compileModule(module, path);
  if (!model)
    return model.takeError();
  if (metric == Metric::Perplexity) {
    auto perplexity = gradePerplexity(**model, path, samples);
    if (!perplexity)
      return perplexity.takeError();
    count = perplexity->tokens;
    return perplexity->get();
  }
  auto accuracy = gradeAccuracy(**model, path, samples, classes);
  if (!accuracy)
    return accuracy.takeError();
  count = accuracy->total;
  return accuracy->get();
}

Expected<std::optional<report::Quality>> ReportOptions::measure(mlir::ModuleOp before, StringRef beforePath,
                                                                mlir::ModuleOp after, StringRef afterPath,
                                                                const evaluation::Preprocessing &preprocessing) const {
  if (samples.empty())
    return std::nullopt;
  Expected<npy::Array> array = readArray(samples);
  if (!array)
    return array.takeError();
  GradedSamples graded{samples, *array, preprocessing};
  npy::Array classes;
  if (metric == Metric::Accuracy) {
    Expected<npy::Array> read = readLabels(labels, graded);
    if (!read)
      return read.takeError();
    classes = *read;
  }
  report::Quality quality;
  quality.metric = metric == Metric::Accuracy ? "accuracy" : "perplexity";
  quality.samples = samples;
  for (auto [module, path, result] :
       {std::tuple(before, beforePath, &quality.before), std::tuple(after, afterPath, &quality.after)}) {
    Expected<double> value = grade(module, path, graded, classes, quality.count);
    if (!value)
      return value.takeError();
    *result = *value;
  }
  return quality;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

static mlir::Value getWeight(const condense::Layer &layer) {
  CompressibleOpInterface op = layer.op;
  return op.getWeightOperand().get();
}

static std::optional<HostTensor> evaluateWeight(const condense::Layer &layer) {
  if (!isConstantExpression(getWeight(layer)))
    return std::nullopt;
  mlir::FailureOr<HostTensor> value = evaluateExpression(getWeight(layer));
  if (failed(value))
    return std::nullopt;
  return std::move(*value);
}

/// Bytes by layer name, as inspect counts them.
static StringMap<int64_t> getStoredBytes(const ModelReport &report) {
  StringMap<int64_t> bytes;
  for (const LayerReport &layer : report.layers)
    bytes[layer.name] = layer.storedBytes;
  return bytes;
}

RunRecorder::RunRecorder(mlir::ModuleOp before) {
  ModelReport report = inspectModule(before);
  bytesBefore = report.storedBytes + report.otherBytes;
  StringMap<int64_t> bytes = getStoredBytes(report);
  for (const condense::Layer &layer : getLayers(before))
    if (bytes.contains(layer.name))
      originals.push_back({layer.name, layer.op->getName().getStringRef().str(), describeScheme(layer.op),
                           bytes[layer.name], evaluateWeight(layer), getWeight(layer).getType()});
}

/// The values of a weight, or none that are numbers.
static std::vector<float> getValues(const std::optional<HostTensor> &tensor) {
  if (!tensor)
    return {};
  mlir::FailureOr<std::vector<float>> values = tensor->toFloats();
  return failed(values) ? std::vector<float>() : std::move(*values);
}

/// The range that holds all finite values of both.
static void setHistogramRange(report::Layer &layer, ArrayRef<float> before, ArrayRef<float> after) {
  bool isFirst = true;
  for (ArrayRef<float> values : {before, after})
    for (float value : values) {
      if (!std::isfinite(value))
        continue;
      layer.histogramLow = isFirst ? value : std::min<double>(layer.histogramLow, value);
      layer.histogramHigh = isFirst ? value : std::max<double>(layer.histogramHigh, value);
      isFirst = false;
    }
}

static report::Weight makeWeight(const report::Layer &layer, mlir::Type type, std::string scheme, int64_t bytes,
                                 ArrayRef<float> values) {
  report::Weight weight = report::summarize(values, layer.histogramLow, layer.histogramHigh);
  ArrayRef<int64_t> shape = cast<mlir::ShapedType>(type).getShape();
  weight.shape.assign(shape.begin(), shape.end());
  weight.scheme = std::move(scheme);
  weight.bytes = bytes;
  return weight;
}

void RunRecorder::finish(mlir::ModuleOp after, ArrayRef<CollectedRemark> remarks, report::Run &run) {
  ModelReport inspected = inspectModule(after);
  StringMap<int64_t> bytes = getStoredBytes(inspected);
  run.bytesBefore = bytesBefore;
  run.bytesAfter = inspected.storedBytes + inspected.otherBytes;
  // layers of the compressed model that are not among the originals come last
  StringMap<size_t> places;
  for (const Original &original : originals) {
    places[original.name] = run.layers.size();
    run.layers.emplace_back().name = original.name;
    run.layers.back().op = original.op;
  }
  StringMap<condense::Layer> now;
  for (const condense::Layer &layer : getLayers(after)) {
    if (!bytes.contains(layer.name))
      continue;
    now.try_emplace(layer.name, layer);
    if (places.try_emplace(layer.name, run.layers.size()).second) {
      run.layers.emplace_back().name = layer.name;
      run.layers.back().op = layer.op->getName().getStringRef();
    }
  }
  for (auto [index, layer] : enumerate(run.layers)) {
    const Original *original = index < originals.size() ? &originals[index] : nullptr;
    auto found = now.find(layer.name);
    std::vector<float> before = original ? getValues(original->value) : std::vector<float>();
    std::vector<float> values;
    if (found != now.end())
      values = getValues(evaluateWeight(found->second));
    setHistogramRange(layer, before, values);
    if (original)
      layer.before = makeWeight(layer, original->type, original->scheme, original->bytes, before);
    if (found != now.end())
      layer.after = makeWeight(layer, getWeight(found->second).getType(), describeScheme(found->second.op),
                               bytes[layer.name], values);
    if (original && found != now.end() && !before.empty() && original->type == getWeight(found->second).getType())
      layer.relativeError = getRelativeError(before, values);
  }
  for (const CollectedRemark &remark : remarks)
    if (auto place = places.find(remark.layer); place != places.end())
      run.layers[place->second].decisions.push_back({remark.text, remark.isMissed});
}

llvm::Error condense::tool::writeReport(StringRef path, ArrayRef<report::Run> runs) {
  Expected<std::unique_ptr<OutputFile>> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  if (path.ends_with(".json"))
    (*file)->os() << formatv("{0:2}", report::toJSON(runs.front())) << "\n";
  else
    (*file)->os() << report::toHTML(runs);
  return (*file)->commit();
}
