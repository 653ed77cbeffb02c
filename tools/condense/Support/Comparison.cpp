// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compares two versions of a model layer by layer: both return the outputs of their
// layers, as for calibration, and run on the same samples.

#include "Comparison.h"

#include "Execution.h"
#include "ModelFile.h"
#include "SchemeText.h"
#include "ToolError.h"
#include "condense/Analysis/ChannelScaling.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSet.h"

using namespace condense;
using namespace condense::compress;
using namespace condense::evaluation;
using namespace condense::tool;
using namespace llvm;

/// Growth of the error that is reported, and the least error that it is about.
static constexpr double kGrowth = 3, kLeastError = 0.01;

namespace {
/// One version of the model, compiled with the outputs of its layers.
struct Version {
  StringRef path;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  StringMap<CompressibleOpInterface> layers;
  std::vector<std::string> names; ///< in order
  StringMap<unsigned> results;    ///< of the compiled model, by layer
  unsigned numOutputs = 0;
  std::unique_ptr<runtime::Model> model;
};
} // namespace

static bool hasFloatResult(CompressibleOpInterface layer) {
  auto type = dyn_cast<mlir::RankedTensorType>(layer->getResult(0).getType());
  return layer->getNumResults() == 1 && type && isa<mlir::FloatType>(type.getElementType());
}

static llvm::Error load(mlir::MLIRContext &context, Version &version) {
  Expected<ModelKind> kind = detectModelKind(version.path);
  if (!kind)
    return kind.takeError();
  if (*kind == ModelKind::SharedLibrary)
    return inputError(version.path + ": a compiled library does not know its layers; expected "
                                     "the model before compilation");
  auto module = loadModel(context, version.path);
  if (!module)
    return module.takeError();
  version.module = std::move(*module);
  // Layers are compared in the clean graph, from which compression starts.
  bool isCompressed = false;
  version.module->walk(
      [&](mlir::Operation *op) { isCompressed |= isa_and_nonnull<CompressDialect>(op->getDialect()); });
  if (!isCompressed)
    if (llvm::Error error = runPipeline(*version.module, "builtin.module(condense-import-cleanup)", version.path))
      return error;
  for (const Layer &layer : getLayers(*version.module)) {
    CompressibleOpInterface op = layer.op;
    if (!hasFloatResult(op) || !isConstantExpression(op.getWeightOperand().get()))
      continue;
    version.layers[layer.name] = op;
    version.names.push_back(layer.name);
  }
  return llvm::Error::success();
}

/// Compiles the model with the outputs of `layers` as additional results.
static llvm::Error compile(Version &version, const Comparison &comparison) {
  for (const ComparedOutput &layer : comparison.layers) {
    CompressibleOpInterface op = version.layers.lookup(layer.name);
    mlir::OpBuilder builder(op);
    builder.setInsertionPointAfter(op);
    ObserveOp::create(builder, op.getLoc(), op->getResult(0), builder.getStringAttr(layer.name));
  }
  auto countResults = [&] {
    unsigned count = 0;
    version.module->walk([&](mlir::func::FuncOp function) { count = std::max(count, function.getNumResults()); });
    return count;
  };
  version.numOutputs = countResults();
  if (llvm::Error error = runPipeline(*version.module, "builtin.module(compress-lower-observers)", version.path))
    return error;
  version.module->walk([&](mlir::func::FuncOp function) {
    for (unsigned i = 0; i != function.getNumResults(); ++i) {
      auto name = function.getResultAttrOfType<mlir::StringAttr>(i, nn::NNDialect::kNameAttrName);
      StringRef layer = name ? name.getValue() : "";
      if (i >= version.numOutputs && layer.consume_front("observe:"))
        version.results[layer] = i;
    }
  });
  auto model = compileModule(*version.module, version.path);
  if (!model)
    return model.takeError();
  version.model = std::move(*model);
  return llvm::Error::success();
}

/// The layers that both versions have.
static llvm::Error matchLayers(const Version &a, const Version &b, Comparison &comparison) {
  for (const std::string &name : a.names) {
    if (!b.layers.contains(name)) {
      comparison.onlyFirst.push_back(name);
      continue;
    }
    ComparedOutput &layer = comparison.layers.emplace_back();
    layer.name = name;
    layer.op = a.layers.lookup(name)->getName().getStringRef().str();
    layer.scheme = describeScheme(b.layers.lookup(name));
    layer.channels.dim = getOutputChannelDim(a.layers.lookup(name));
  }
  for (const std::string &name : b.names)
    if (!a.layers.contains(name))
      comparison.onlySecond.push_back(name);
  if (!comparison.layers.empty())
    return llvm::Error::success();
  auto describe = [](const Version &version) {
    return version.names.empty() ? std::string("has no layers") : "has '" + version.names.front() + "', ...";
  };
  return inputError(b.path + ": no layer is called as one of " + a.path +
                    ": expected two versions of one model; the first " + describe(a) + ", the second " + describe(b));
}

/// The index of the largest of a sample's scores.
static int64_t getLargest(const runtime::Tensor &scores, int64_t batch, int64_t index) {
  int64_t elements = 1, best = 0;
  for (int64_t size : scores.shape)
    elements *= size;
  int64_t classes = elements / batch;
  double largest = -INFINITY;
  for (int64_t i = 0; i != classes; ++i) {
    double value = 0;
    readElement(scores, index * classes + i, value);
    if (value > largest) {
      largest = value;
      best = i;
    }
  }
  return best;
}

static llvm::Error gradeLabels(Comparison &comparison, const GradedSamples &samples, const npy::Array &classes,
                               const runtime::Tensor (&scores)[2], int64_t batch, int64_t first, int64_t count) {
  std::string error;
  for (int64_t i = 0; i != count; ++i) {
    for (int version : {0, 1})
      if (!comparison.accuracies[version]->add(scores[version], batch, i, classes.at(first + i), error))
        return sampleError(samples, first + i, error);
    comparison.agreement.total += 1;
    comparison.agreement.correct += getLargest(scores[0], batch, i) == getLargest(scores[1], batch, i);
  }
  return llvm::Error::success();
}

void ChannelSums::add(const runtime::Tensor &output, const runtime::Tensor &reference, int64_t batch, int64_t count) {
  int64_t numChannels = output.shape[dim], total = 1, inner = 1;
  for (auto [index, size] : enumerate(output.shape)) {
    total *= size;
    if (static_cast<int64_t>(index) > dim)
      inner *= size;
  }
  for (std::vector<double> *sums : {&dot, &norm, &referenceNorm})
    sums->resize(numChannels);
  int64_t used = total % batch == 0 ? total / batch * count : total;
  for (int64_t i = 0; i != used; ++i) {
    double x = 0, y = 0;
    readElement(output, i, x);
    readElement(reference, i, y);
    int64_t channel = i / inner % numChannels;
    dot[channel] += x * y;
    norm[channel] += x * x;
    referenceNorm[channel] += y * y;
  }
}

double ChannelSums::getError() const {
  double left = 0, total = 0;
  for (size_t i = 0; i != dot.size(); ++i) {
    // ||y - s x||^2 is least for s = (x, y) / (x, x); channels are not mirrored
    double explained = dot[i] > 0 && norm[i] > 0 ? dot[i] * dot[i] / norm[i] : 0;
    left += std::max(0.0, referenceNorm[i] - explained);
    total += referenceNorm[i];
  }
  return left == 0 ? 0 : std::sqrt(left / total);
}

static llvm::Error add(ComparedOutput &compared, const runtime::Tensor &a, const runtime::Tensor &b, int64_t batch,
                       int64_t count, StringRef what) {
  compared.hasOtherShape |= a.shape != b.shape;
  std::string error;
  if (compared.hasOtherShape)
    return llvm::Error::success();
  if (!compared.fidelity.add(b, a, batch, count, error))
    return inputError(what + " '" + compared.name + "': " + error);
  if (compared.channels.dim >= 0)
    compared.channels.add(b, a, batch, count);
  return llvm::Error::success();
}

static llvm::Error run(const Version &a, const Version &b, const GradedSamples &samples, const npy::Array *classes,
                       Comparison &comparison) {
  Expected<Samples> bound = bindSamples(*a.model, a.path, samples);
  if (!bound)
    return bound.takeError();
  if (uint64_t(samples.output) >= a.numOutputs)
    return usageError("--output " + Twine(samples.output) + ": the model has " + Twine(a.numOutputs) +
                      " outputs, counted from 0");
  auto compare = [&](const std::vector<runtime::Tensor> &inputs, const std::vector<runtime::Tensor> &outputs,
                     int64_t first, int64_t count) -> llvm::Error {
    std::vector<runtime::Tensor> others;
    if (llvm::Error error = runModel(*b.model, b.path, inputs, others))
      return error;
    int64_t batch = bound->getBatchSize(count);
    for (ComparedOutput &layer : comparison.layers)
      if (llvm::Error error = add(layer, outputs[a.results.lookup(layer.name)], others[b.results.lookup(layer.name)],
                                  batch, count, "layer"))
        return error;
    for (auto [index, output] : enumerate(comparison.outputs))
      if (llvm::Error error = add(output, outputs[index], others[index], batch, count, "output"))
        return error;
    if (!classes)
      return llvm::Error::success();
    return gradeLabels(comparison, samples, *classes, {outputs[samples.output], others[samples.output]}, batch, first,
                       count);
  };
  return forEachBatch(*a.model, a.path, *bound, compare);
}

std::optional<ErrorGrowth> Comparison::findGrowth() const {
  double before = 0;
  for (auto [index, layer] : enumerate(layers)) {
    if (layer.hasOtherShape)
      continue;
    double after = layer.getScaledError();
    if (after > kGrowth * std::max(before, kLeastError))
      return ErrorGrowth{index, before, after};
    before = std::max(before, after);
  }
  return std::nullopt;
}

Expected<Comparison> condense::tool::compareModels(StringRef first, StringRef second, const GradedSamples &samples,
                                                   const npy::Array *classes, int threads) {
  auto context = createContext();
  // for the observers: a model that is not compressed does not load it
  context->loadDialect<CompressDialect>();
  Version a, b;
  a.path = first;
  b.path = second;
  Comparison comparison;
  for (Version *version : {&a, &b})
    if (llvm::Error error = load(*context, *version))
      return error;
  if (llvm::Error error = matchLayers(a, b, comparison))
    return error;
  for (Version *version : {&a, &b}) {
    if (llvm::Error error = compile(*version, comparison))
      return error;
    version->model->setThreads(threads);
  }
  if (a.numOutputs != b.numOutputs)
    return inputError(second + ": expected " + Twine(a.numOutputs) + " outputs, found " + Twine(b.numOutputs));
  for (unsigned i = 0; i != a.numOutputs; ++i)
    comparison.outputs.emplace_back().name = getName(a.model->getInfo().outputs[i], "output", i);
  if (classes)
    comparison.accuracies[0] = comparison.accuracies[1] = Accuracy();
  if (llvm::Error error = run(a, b, samples, classes, comparison))
    return error;
  return comparison;
}
