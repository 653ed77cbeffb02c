// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calibration: a copy of the model returns its activations as additional
// outputs; it is compiled and run, and an observer sees each of them.

#include "Calibration.h"

#include "Execution.h"
#include "ModelFile.h"
#include "OutputFile.h"
#include "Progress.h"
#include "ToolError.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Numerics/RangeObserver.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace condense;
using namespace condense::compress;
using namespace condense::tool;
using namespace llvm;

namespace {
/// One observed activation: an output of the instrumented model.
struct Observed {
  std::string name;
  unsigned output;
  ActivationSchemeAttr scheme;
  numerics::RangeObserver observer;
};

constexpr StringLiteral observePrefix("observe:");

numerics::RangeMethod getMethod(Calibration calibration) {
  using Kind = numerics::RangeMethod::Kind;
  switch (calibration) {
  case Calibration::MinMax:
    return {Kind::MinMax};
  case Calibration::MovingAverage:
    return {Kind::MovingAverage};
  case Calibration::Percentile:
    return {Kind::Percentile};
  case Calibration::MSE:
    return {Kind::MSE};
  }
  llvm_unreachable("unknown calibration");
}

/// The results that compress-lower-observers added.
std::vector<Observed> findObserved(mlir::ModuleOp module) {
  std::vector<Observed> result;
  module.walk([&](mlir::func::FuncOp function) {
    for (unsigned i = 0; i != function.getNumResults(); ++i) {
      auto name = function.getResultAttrOfType<mlir::StringAttr>(
          i, nn::NNDialect::kNameAttrName);
      auto scheme = function.getResultAttrOfType<ActivationSchemeAttr>(
          i, CompressDialect::kObserveAttrName);
      if (!name || !scheme || !name.getValue().starts_with(observePrefix))
        continue;
      result.push_back(
          {name.getValue().drop_front(observePrefix.size()).str(), i, scheme,
           numerics::RangeObserver(getMethod(scheme.getCalibration()))});
    }
  });
  return result;
}

/// Shows the first `count` of `batch` samples in `tensor` to the observer, each
/// by itself.
void observe(const runtime::Tensor &tensor, int64_t batch, int64_t count,
             numerics::RangeObserver &observer) {
  int64_t elements = 1;
  for (int64_t dim : tensor.shape)
    elements *= dim;
  std::vector<float> values(elements);
  for (int64_t i = 0; i != elements; ++i) {
    double value = 0;
    evaluation::readElement(tensor, i, value);
    values[i] = static_cast<float>(value);
  }
  // An activation without the batch dimension belongs to all samples.
  int64_t rows = !tensor.shape.empty() && elements % batch == 0 ? batch : 1;
  for (int64_t row = 0; row != std::min(rows, count); ++row)
    observer.observe(
        std::span(values).subspan(row * (elements / rows), elements / rows));
}

llvm::Error runSamples(const runtime::Model &model, StringRef modelPath,
                       const CalibrationSamples &samples,
                       std::vector<Observed> &activations) {
  const condense_model_info &info = model.getInfo();
  if (info.num_inputs != 1)
    return inputError(modelPath +
                      ": calibration feeds models of one input, "
                      "found " +
                      Twine(info.num_inputs));
  evaluation::Batcher batcher;
  std::string error;
  if (!batcher.init(samples.array, getInputType(info.inputs[0]),
                    samples.preprocessing, /*batchSize=*/1, error))
    return StringRef(error).starts_with("--")
               ? usageError(error)
               : inputError(samples.path + ": " + error);
  Progress progress("calibrating", batcher.getNumSamples());
  std::vector<runtime::Tensor> inputs(1), outputs;
  for (int64_t first = 0, count = 0; first < batcher.getNumSamples();
       first += count) {
    if (!batcher.fill(first, inputs[0], count, error))
      return inputError(samples.path + ": " + error);
    if (llvm::Error failure = runModel(model, modelPath, inputs, outputs))
      return failure;
    for (Observed &activation : activations) {
      observe(outputs[activation.output], batcher.getBatchSize(count), count,
              activation.observer);
      if (activation.observer.getNumNonFinite())
        return inputError(samples.path + ": sample " + Twine(first) +
                          ": activation '" + activation.name +
                          "' is NaN or infinite; check --scale, --mean and "
                          "--std");
    }
    progress.advance(first + count);
  }
  return llvm::Error::success();
}

llvm::Error writeStatistics(ArrayRef<Observed> activations, int64_t numSamples,
                            StringRef path) {
  json::Object ranges;
  for (const Observed &activation : activations) {
    auto range = activation.observer.getRange(
        getCodeFormat(activation.scheme.getStorage()));
    auto extremes = activation.observer.getExtremes();
    if (!range || !extremes)
      return inputError("activation '" + activation.name +
                        "' is empty: no range can be found");
    ranges[activation.name] = json::Object{
        {"low", range->low},
        {"high", range->high},
        {"min", extremes->low},
        {"max", extremes->high},
        {"calibration",
         stringifyCalibration(activation.scheme.getCalibration())}};
  }
  auto file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  (*file)->os() << formatv(
      "{0:2}\n",
      json::Value(json::Object{{"producer", "Condense " CONDENSE_VERSION},
                               {"samples", numSamples},
                               {"ranges", std::move(ranges)}}));
  return (*file)->commit();
}
} // namespace

llvm::Error condense::tool::calibrate(mlir::ModuleOp module,
                                      StringRef modelPath,
                                      const CalibrationSamples &samples,
                                      StringRef statisticsPath) {
  mlir::OwningOpRef<mlir::ModuleOp> copy = module.clone();
  if (llvm::Error error = runPipeline(
          *copy,
          "builtin.module(compress-insert-observers,compress-lower-observers)",
          modelPath))
    return error;
  std::vector<Observed> activations = findObserved(*copy);
  if (!activations.empty()) {
    auto model = compileModule(*copy, modelPath);
    if (!model)
      return model.takeError();
    if (llvm::Error error =
            runSamples(**model, modelPath, samples, activations))
      return error;
  }
  int64_t numSamples = samples.array.shape.empty() ? 0 : samples.array.shape[0];
  return writeStatistics(activations, numSamples, statisticsPath);
}
