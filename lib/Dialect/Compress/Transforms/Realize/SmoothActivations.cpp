// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Moves range between activations and weights: SmoothQuant (Xiao et al.,
// arXiv:2211.10438) and AWQ (Lin et al., arXiv:2306.00978).

#include "ScaledLayers.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/Compress/Transforms/Realize/QuantizedConstant.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/AwqScales.h"
#include "condense/Numerics/ChannelScales.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Threading.h"
#include "llvm/ADT/MapVector.h"
#include <cmath>

namespace condense::compress {
#define GEN_PASS_DEF_SMOOTHACTIVATIONSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Values of alpha that AWQ tries: 0, 1 / kAlphas, ...
static constexpr int64_t kAlphas = 20;

namespace {
/// A weight that reads the channels, as matrices, with what was measured of its input.
struct Reader {
  Operation *op;
  const LayerMoments *moments;
  int64_t groups, rows, columns;
  std::vector<float> matrix;     // [groups, rows, columns]
  std::vector<int64_t> channels; // [groups, columns]
};

/// Scales and what the remark says of them.
struct Choice {
  std::vector<double> scales;
  SmallVector<std::pair<const char *, double>> metrics;
};
} // namespace

/// The elements and channels of a reading constant, in the order of the matrix view.
static Reader getReader(const ScaledConstant &constant, const LayerMoments *moments) {
  auto layer = cast<CompressibleOpInterface>(constant.layer);
  std::optional<WeightSource> source = findWeightSource(layer);
  WeightMatrix view = WeightMatrix::get(layer, {source->constant, source->dims, {}});
  Reader reader{constant.layer, moments, view.getGroups(), view.getRows(), view.getColumns(), {}, {}};
  reader.matrix = view.toMatrix(getTensorConstant(source->constant)->as<float>());
  reader.channels.resize(reader.groups * reader.columns);
  std::vector<int32_t> channels = constant.map.getChannels();
  view.forEach([&](int64_t element, int64_t place) {
    int64_t group = place / (reader.rows * reader.columns);
    reader.channels[group * reader.columns + place % reader.columns] = channels[element];
  });
  return reader;
}

static Choice smooth(ArrayRef<Reader> readers, int64_t numChannels, double alpha) {
  std::vector<double> activations(numChannels), weights(numChannels);
  for (const Reader &reader : readers) {
    for (auto [index, channel] : llvm::enumerate(reader.channels))
      activations[channel] = std::max<double>(activations[channel], reader.moments->absmax[index]);
    for (auto [index, value] : llvm::enumerate(reader.matrix)) {
      int64_t group = index / (reader.rows * reader.columns);
      double &range = weights[reader.channels[group * reader.columns + index % reader.columns]];
      range = std::max<double>(range, std::fabs(value));
    }
  }
  Choice choice{numerics::getSmoothScales(activations, weights, alpha), {}};
  double before = 0, after = 0;
  for (auto [activation, scale] : llvm::zip_equal(activations, choice.scales)) {
    before = std::max(before, activation);
    after = std::max(after, activation / scale);
  }
  choice.metrics = {{"LargestActivationBefore", before}, {"LargestActivationAfter", after}};
  return choice;
}

/// Scales along the columns of the matrix view for a block of the channel dimension.
static int64_t getScaleColumns(const Reader &reader, int64_t block) {
  auto layer = cast<CompressibleOpInterface>(reader.op);
  int64_t last = cast<RankedTensorType>(layer.getWeightOperand().get().getType()).getRank() - 1;
  // Blocks of channels are runs of columns where the channels are innermost.
  return block > 0 && layer.getReductionDims().front() == last && reader.columns % block == 0 ? reader.columns / block
                                                                                              : 1;
}

/// The alpha of least error; all are tried at once.
static Choice searchAlpha(MLIRContext *context, std::span<const numerics::AwqMatrix> matrices, int64_t numChannels,
                          const numerics::QuantizeSpec &spec) {
  std::vector<double> magnitudes = numerics::getChannelMagnitudes(matrices, numChannels), errors(kAlphas);
  parallelFor(context, 0, errors.size(), [&](size_t step) {
    std::vector<float> scales = numerics::getAwqScales(magnitudes, static_cast<double>(step) / kAlphas);
    errors[step] = numerics::getAwqError(matrices, scales, spec);
  });
  // of equal errors the least alpha; without scaling when none is finite
  double alpha = static_cast<double>(std::min_element(errors.begin(), errors.end()) - errors.begin()) / kAlphas;
  std::vector<float> scales = numerics::getAwqScales(magnitudes, alpha);
  Choice choice{std::vector<double>(scales.begin(), scales.end()), {}};
  choice.metrics = {{"Alpha", alpha},
                    {"ErrorBefore", errors.front()},
                    {"ErrorAfter", *std::min_element(errors.begin(), errors.end())}};
  return choice;
}

static Choice searchScales(ArrayRef<Reader> readers, int64_t numChannels) {
  std::vector<numerics::AwqMatrix> matrices;
  numerics::QuantizeSpec spec;
  for (const Reader &reader : readers) {
    auto scheme = getRequest<QuantizeSchemeAttr>(reader.op);
    if (!scheme)
      continue;
    spec.codes = getCodeFormat(scheme.getStorage());
    spec.scale = scheme.getScale().isF32() ? numerics::ScaleFormat::F32 : numerics::ScaleFormat::F16;
    spec.choice =
        scheme.getAlgorithm() == ScaleAlgorithm::MinMax ? numerics::ScaleChoice::MinMax : numerics::ScaleChoice::MSE;
    int64_t size = reader.rows * reader.columns;
    for (int64_t group = 0; group != reader.groups; ++group) {
      ArrayRef<float> gram = reader.moments->getGram(group);
      matrices.push_back({std::span(reader.matrix).subspan(group * size, size),
                          reader.rows,
                          reader.columns,
                          {gram.data(), gram.size()},
                          std::span(reader.channels).subspan(group * reader.columns, reader.columns),
                          scheme.getBlock() < 0 ? 1 : reader.rows,
                          getScaleColumns(reader, scheme.getBlock())});
    }
  }
  return searchAlpha(readers.front().op->getContext(), matrices, numChannels, spec);
}

/// `x * (1 / scales)` right after `x`.
static Value insertScale(Value x, int64_t dim, ArrayRef<double> scales, const Layer &layer) {
  auto type = cast<RankedTensorType>(x.getType());
  OpBuilder builder(x.getContext());
  builder.setInsertionPointAfterValue(x);
  SmallVector<int64_t> shape(type.getRank() - dim, 1);
  shape.front() = scales.size();
  std::vector<float> factors(scales.size());
  llvm::transform(scales, factors.begin(), [](double scale) { return static_cast<float>(1 / scale); });
  Value constant =
      createTensorConstant<float>(builder, layer.op->getLoc(), type.clone(shape), factors, layer.name + ".input_scale");
  return nn::MulOp::create(builder, layer.op->getLoc(), type, x, constant);
}

namespace {
struct SmoothActivationsPass : public condense::compress::impl::SmoothActivationsPassBase<SmoothActivationsPass> {
  using Base::Base;

  void runOnOperation() override {
    Location loc = getOperation()->getLoc();
    if (failed(checkOptions(loc)))
      return signalPassFailure();
    std::optional<llvm::GlobPattern> glob = parseLayerGlob(loc, layers);
    std::optional<LayerStatistics> loaded = glob ? requireStatistics(loc, statisticsFile) : std::nullopt;
    if (!loaded)
      return signalPassFailure();
    measured = std::move(loaded);
    llvm::MapVector<Value, SmallVector<Layer>> byActivation;
    for (Layer layer : getLayers(getOperation())) {
      names[layer.op] = layer.name;
      if (glob->match(layer.name) && isMeant(layer.op))
        byActivation[layer.op.getActivationOperand().get()].push_back(layer);
    }
    for (auto &[activation, readers] : byActivation)
      if (failed(scale(activation, readers)))
        return signalPassFailure();
  }

private:
  LogicalResult checkOptions(Location loc) {
    if (algorithm != "smooth" && algorithm != "awq")
      return emitError(loc) << "algorithm: unknown '" << algorithm << "'; expected smooth or awq";
    if (!(alpha >= 0 && alpha <= 1))
      return emitError(loc) << "alpha: " << alpha << " is not between 0 and 1";
    return success();
  }

  bool isMeant(Operation *op) {
    auto layer = cast<CompressibleOpInterface>(op);
    if (!isConstantExpression(layer.getWeightOperand().get()))
      return false;
    if (algorithm == "awq") {
      auto scheme = getRequest<QuantizeSchemeAttr>(op);
      return scheme && !scheme.getCodebook() && getCodeFormat(scheme.getStorage()).isInteger();
    }
    return all || op->hasAttr(CompressDialect::kActivationSchemeAttrName);
  }

  remark::RemarkOpts getRemark(const Layer &layer) {
    return remark::RemarkOpts::name(algorithm == "awq" ? "awq" : "smooth").category("compress").function(layer.name);
  }

  LogicalResult leaveAlone(ArrayRef<Layer> layers, StringRef reason) {
    for (const Layer &layer : layers)
      remark::missed(layer.op->getLoc(), getRemark(layer)) << remark::reason("{0}", reason.str());
    leftAlone += layers.size();
    return success();
  }

  /// The group in which the activation of `readers` can be scaled; `isInserted` tells
  /// that a multiplication has to be inserted for it.
  std::optional<ScalingGroup> findGroup(ArrayRef<Layer> readers, bool &isInserted, std::string &obstacle) {
    isInserted = false;
    std::optional<ScalingGroup> group = findInputScalingGroup(readers.front().op, obstacle);
    if (!group && insertScale) {
      isInserted = true;
      obstacle.clear();
      group =
          getReaderScalingGroup(llvm::map_to_vector(readers, [](const Layer &layer) { return layer.op; }), obstacle);
    }
    if (group)
      obstacle = getScalingObstacle(*group).str();
    return obstacle.empty() ? std::move(group) : std::nullopt;
  }

  /// The readers of a group with their statistics, which those of `meant` must have.
  FailureOr<std::vector<Reader>> getReaders(const ScalingGroup &group, ArrayRef<Layer> meant) {
    std::vector<Reader> readers;
    for (const ScaledConstant &constant : group.constants) {
      if (!constant.isReader || !constant.layer)
        continue;
      Layer layer{cast<CompressibleOpInterface>(constant.layer), names[constant.layer]};
      bool isMeant = llvm::any_of(meant, [&](const Layer &other) { return other.name == layer.name; });
      if (!isMeant && !measured->find(layer.name))
        continue;
      const LayerMoments *moments = findMoments(*measured, layer, getWholeMatrix(layer.op), statisticsFile);
      if (!moments)
        return failure();
      if (algorithm == "awq" && moments->gram.empty())
        return layer.op->emitOpError() << "layer '" << layer.name << "' has no Gram matrix in the statistics "
                                       << statisticsFile << ": calibrate with moments=gram";
      readers.push_back(getReader(constant, moments));
    }
    return readers;
  }

  LogicalResult scale(Value activation, ArrayRef<Layer> meant) {
    if (llvm::all_of(meant, [&](Layer layer) { return done.contains(layer.op); }))
      return success();
    bool isInserted;
    std::string obstacle;
    std::optional<ScalingGroup> group = findGroup(meant, isInserted, obstacle);
    if (!group)
      return leaveAlone(meant, obstacle);
    FailureOr<std::vector<Reader>> readers = getReaders(*group, meant);
    if (failed(readers))
      return failure();
    Choice choice =
        algorithm == "awq" ? searchScales(*readers, group->numChannels) : smooth(*readers, group->numChannels, alpha);
    for (const Reader &reader : *readers)
      done.insert(reader.op);
    if (llvm::all_of(choice.scales, [](double scale) { return scale == 1; }))
      return leaveAlone(meant, "no scale is better");
    applyScales(*group, choice.scales);
    forgetMeans(*group);
    if (isInserted) {
      Value scaled = ::insertScale(activation, getInputChannelDim(meant.front().op), choice.scales, meant.front());
      for (Layer layer : meant)
        layer.op.getActivationOperand().set(scaled);
      ++inserted;
    }
    report(meant, choice, isInserted);
    return success();
  }

  void report(ArrayRef<Layer> meant, const Choice &choice, bool isInserted) {
    auto [low, high] = std::minmax_element(choice.scales.begin(), choice.scales.end());
    for (const Layer &layer : meant) {
      auto remark = remark::passed(layer.op->getLoc(), getRemark(layer));
      remark << remark::metric("Channels", static_cast<int64_t>(choice.scales.size()))
             << remark::metric("SmallestScale", *low) << remark::metric("LargestScale", *high);
      for (auto [name, value] : choice.metrics)
        remark << remark::metric(name, value);
      if (isInserted)
        remark << remark::metric("InsertedScale", 1);
    }
    ++smoothed;
  }

  std::optional<LayerStatistics> measured;
  DenseMap<Operation *, std::string> names;
  llvm::DenseSet<Operation *> done;
};
} // namespace
