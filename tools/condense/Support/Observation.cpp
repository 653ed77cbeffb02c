// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Observed activations, and the files of statistics.

#include "Observation.h"

#include "OutputFile.h"
#include "ToolError.h"
#include "condense/Analysis/LayerStatistics.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Evaluation/Preprocessing.h"
#include "condense/IO/Safetensors.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace condense;
using namespace condense::compress;
using namespace condense::tool;
using namespace llvm;

static numerics::RangeMethod getMethod(Calibration calibration) {
  using Kind = numerics::RangeMethod::Kind;
  switch (calibration) {
  case Calibration::MinMax:
  case Calibration::Dynamic: // nothing is observed for it
    return {Kind::MinMax};
  case Calibration::MovingAverage:
    return {Kind::MovingAverage};
  case Calibration::Percentile:
    return {Kind::Percentile};
  case Calibration::MSE:
    return {Kind::MSE};
  case Calibration::Entropy:
    return {Kind::Entropy};
  }
  llvm_unreachable("unknown calibration");
}

Observation::Observation(mlir::ModuleOp module) {
  constexpr StringLiteral prefix("observe:");
  module.walk([&](mlir::func::FuncOp function) {
    for (unsigned i = 0; i != function.getNumResults(); ++i) {
      auto name = function.getResultAttrOfType<mlir::StringAttr>(i, nn::NNDialect::kNameAttrName);
      mlir::Attribute request = function.getResultAttr(i, CompressDialect::kObserveAttrName);
      if (!name || !request || !name.getValue().starts_with(prefix))
        continue;
      if (auto scheme = dyn_cast<ActivationSchemeAttr>(request))
        ranges.push_back({name.getValue().drop_front(prefix.size()).str(), i, scheme,
                          numerics::RangeObserver(getMethod(scheme.getCalibration()))});
      auto dictionary = dyn_cast<mlir::DictionaryAttr>(request);
      auto layers = dictionary ? dictionary.getAs<mlir::ArrayAttr>("layers") : nullptr;
      auto kind = dictionary ? dictionary.getAs<mlir::StringAttr>("moments") : nullptr;
      if (!layers || !kind)
        continue;
      ObservedMoments &added = moments.emplace_back();
      added.output = i;
      added.withGram = kind.getValue() == "gram";
      for (auto layer : layers.getAsRange<mlir::StringAttr>())
        added.layers.push_back(layer.str());
    }
  });
}

/// The elements of a tensor as f32, in `scratch` if they are not already.
static ArrayRef<float> getFloats(const runtime::Tensor &tensor, std::vector<float> &scratch) {
  int64_t elements = 1;
  for (int64_t dim : tensor.shape)
    elements *= dim;
  if (tensor.dtype == CONDENSE_F32)
    return {reinterpret_cast<const float *>(tensor.data.data()), static_cast<size_t>(elements)};
  scratch.resize(elements);
  for (int64_t i = 0; i != elements; ++i) {
    double value = 0;
    evaluation::readElement(tensor, i, value);
    scratch[i] = static_cast<float>(value);
  }
  return scratch;
}

/// Shows the samples to the observer, each by itself.
static llvm::Error observeRange(const runtime::Tensor &tensor, BatchPart part, std::vector<float> &scratch,
                                ObservedRange &range) {
  ArrayRef<float> values = getFloats(tensor, scratch);
  int64_t elements = values.size();
  // An activation without the batch dimension belongs to all samples.
  int64_t rows = !tensor.shape.empty() && elements % part.batch == 0 ? part.batch : 1;
  for (int64_t row = 0; row != std::min(rows, part.count); ++row)
    range.observer.observe(std::span(values.data(), values.size()).subspan(row * (elements / rows), elements / rows));
  if (range.observer.getNumNonFinite())
    return inputError("activation '" + range.name + "' is NaN or infinite");
  return llvm::Error::success();
}

/// The samples are the outermost dimension of the rows.
static llvm::Error observeMoments(const runtime::Tensor &tensor, BatchPart part, int threads,
                                  std::vector<float> &scratch, ObservedMoments &moments) {
  ArrayRef<float> values = getFloats(tensor, scratch);
  int64_t groups = tensor.shape[0], rows = tensor.shape[1], columns = tensor.shape[2];
  if (!moments.observer)
    moments.observer.emplace(groups, columns, moments.withGram);
  std::vector<float> present;
  if (part.count < part.batch && rows % part.batch == 0) {
    int64_t kept = rows / part.batch * part.count;
    for (int64_t group = 0; group != groups; ++group)
      append_range(present, values.slice(group * rows * columns, kept * columns));
    values = present;
  }
  if (values.empty())
    return llvm::Error::success();
  moments.observer->observe(std::span(values.data(), values.size()), threads);
  if (!moments.observer->isFinite())
    return inputError("the input of layer '" + moments.layers.front() + "' is NaN or infinite");
  return llvm::Error::success();
}

llvm::Error Observation::observe(const std::vector<runtime::Tensor> &outputs, BatchPart part, int threads) {
  for (ObservedRange &range : ranges)
    if (llvm::Error error = observeRange(outputs[range.output], part, scratch, range))
      return error;
  for (ObservedMoments &entry : moments)
    if (llvm::Error error = observeMoments(outputs[entry.output], part, threads, scratch, entry))
      return error;
  return llvm::Error::success();
}

/// The squares on the diagonal bound all other products.
static llvm::Error checkGram(ObservedMoments &moments) {
  size_t columns = moments.observer->getColumns();
  std::span<const float> gram = moments.observer->getGram();
  for (size_t row = 0; row != gram.size() / columns; ++row)
    if (!std::isfinite(gram[row * columns + row % columns]))
      return inputError("the input of layer '" + moments.layers.front() +
                        "' is so large that its squares exceed f32; scale the "
                        "samples");
  return llvm::Error::success();
}

llvm::Error Observation::writeMoments(StringRef path) {
  std::vector<safetensors::Entry> entries;
  for (ObservedMoments &entry : moments) {
    if (!entry.observer || entry.observer->getCount() == 0)
      return inputError("the input of layer '" + entry.layers.front() + "' is empty: no statistics can be measured");
    if (llvm::Error error = checkGram(entry))
      return error;
    int64_t groups = entry.observer->getGroups();
    int64_t columns = entry.observer->getColumns();
    for (const std::string &layer : entry.layers) {
      entries.push_back({layer + ".count", "F32", {1}});
      entries.push_back({layer + ".mean", "F32", {groups, columns}});
      entries.push_back({layer + ".absmax", "F32", {groups, columns}});
      if (entry.withGram)
        entries.push_back({layer + ".gram", "F32", {groups, columns, columns}});
    }
  }
  auto file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  (*file)->os() << safetensors::makeHeader(entries);
  auto put = [&](std::span<const float> values) {
    (*file)->os().write(reinterpret_cast<const char *>(values.data()), values.size_bytes());
  };
  for (ObservedMoments &entry : moments)
    for (size_t i = 0; i != entry.layers.size(); ++i) {
      float count = static_cast<float>(entry.observer->getCount());
      put({&count, 1});
      put(entry.observer->getMean());
      put(entry.observer->getAbsMax());
      put(entry.observer->getGram());
    }
  return (*file)->commit();
}

llvm::Error Observation::write(int64_t numSamples, StringRef path) {
  json::Object found;
  for (const ObservedRange &range : ranges) {
    auto chosen = range.observer.getRange(getCodeFormat(range.scheme.getStorage()));
    auto extremes = range.observer.getExtremes();
    if (!chosen || !extremes)
      return inputError("activation '" + range.name + "' is empty: no range can be found");
    found[range.name] = json::Object{{"low", chosen->low},
                                     {"high", chosen->high},
                                     {"min", extremes->low},
                                     {"max", extremes->high},
                                     {"calibration", stringifyCalibration(range.scheme.getCalibration())}};
  }
  auto file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  if (moments.empty())
    // What an earlier calibration measured does not belong to these ranges.
    sys::fs::remove(getMomentsPath(path));
  else if (llvm::Error error = writeMoments(getMomentsPath(path)))
    return error;
  (*file)->os() << formatv("{0:2}\n", json::Value(json::Object{{"producer", "Condense " CONDENSE_VERSION},
                                                               {"samples", numSamples},
                                                               {"ranges", std::move(found)}}));
  return (*file)->commit();
}
