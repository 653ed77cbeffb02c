// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Removes the channels that layers ask to lose, with everything that depends on them.
//
// All groups of a function are decided on the function as it is; then it shrinks at once.

#include "ChannelDecider.h"
#include "SeparatedConstants.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace condense::compress {
#define GEN_PASS_DEF_PRUNECHANNELSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static remark::RemarkOpts getRemark(const Layer &layer) {
  return remark::RemarkOpts::name("prune-channels").category("compress").function(layer.name);
}

/// Multiplications of an operation, dynamic sizes counting as 1.
static int64_t countMacs(Operation *op, const RemovedIndices &removed) {
  if (!isa<nn::LinearOp, nn::Conv2DOp, nn::MatmulOp>(op))
    return 0;
  auto layer = cast<CompressibleOpInterface>(op);
  int64_t macs = 1;
  for (int64_t size : removed.getType(op->getResult(0)).getShape())
    macs *= ShapedType::isDynamic(size) ? 1 : size;
  RankedTensorType weight = removed.getType(layer.getWeightOperand().get());
  for (int64_t dim : layer.getReductionDims())
    macs *= weight.isDynamicDim(dim) ? 1 : weight.getDimSize(dim);
  return macs;
}

namespace {

/// What the operations and constants that a group runs through cost.
struct Cost {
  int64_t macs = 0, bytes = 0;
};

Cost getCost(const ChannelGroup &group, const RemovedIndices &removed) {
  llvm::SetVector<Operation *> operations;
  llvm::SetVector<Value> values;
  for (const TensorDim &dim : group.dims) {
    values.insert(dim.value);
    operations.insert_range(dim.value.getUsers());
  }
  Cost cost;
  for (Operation *op : operations)
    cost.macs += countMacs(op, removed);
  for (Value value : values)
    if (Operation *op = value.getDefiningOp(); op && op->hasTrait<OpTrait::ConstantLike>()) {
      RankedTensorType type = removed.getType(value);
      cost.bytes += type.getNumElements() * getElementBytes(type.getElementType());
    }
  return cost;
}

void remarkGroup(const ChannelCandidate &candidate, const ChannelDecision &decision, ArrayRef<ChannelLayer> layers,
                 Cost before, Cost after) {
  SmallVector<std::string> names;
  for (size_t layer : candidate.producers)
    names.push_back(layers[layer].layer.name);
  const Layer &first = layers[candidate.producers.front()].layer;
  auto remark = remark::passed(first.op->getLoc(), getRemark(first));
  remark << remark::metric("Layers", llvm::join(names, " "))
         << remark::metric("Channels", static_cast<int64_t>(candidate.group.units.size()))
         << remark::metric("Removed", static_cast<int64_t>(decision.units.size()))
         << remark::metric("MacsBefore", before.macs) << remark::metric("MacsAfter", after.macs)
         << remark::metric("BytesBefore", before.bytes) << remark::metric("BytesAfter", after.bytes)
         << remark::metric("Corrected", decision.corrected);
  if (decision.corrected)
    remark << remark::metric("RelativeError", decision.error);
}

struct PruneChannelsPass : public condense::compress::impl::PruneChannelsPassBase<PruneChannelsPass> {
  using PruneChannelsPassBase::PruneChannelsPassBase;

  void runOnOperation() override {
    std::vector<ChannelLayer> layers;
    bool isRequested = false;
    for (const Layer &layer : getLayers(getOperation())) {
      auto request = takeRequest<StructuredPruneSchemeAttr>(layer.op);
      isRequested |= static_cast<bool>(request);
      layers.push_back({layer, request, {}});
    }
    std::optional<LayerStatistics> statistics;
    if (!getBudget()) {
      emitError(getOperation()->getLoc(), "compress-prune-channels: unknown budget '")
          << budget << "': expected group, channels, parameters or macs";
      return signalPassFailure();
    }
    if (!isRequested)
      return;
    if (failed(loadStatistics(layers, statistics)))
      return signalPassFailure();
    for (const ChannelLayer &layer : layers)
      reasons.push_back(isa_and_nonnull<nn::NNDialect>(layer.layer.op->getDialect())
                            ? "has no output channels that could be removed"
                            : "channels are followed through operations of nn only, this is " +
                                  layer.layer.op->getName().getStringRef().str());
    getOperation()->walk([&](FunctionOpInterface function) {
      if (!function.isExternal())
        prune(function, layers, statistics ? &*statistics : nullptr);
    });
    for (auto [layer, reason] : llvm::zip_equal(layers, reasons)) {
      if (!layer.request || reason.empty())
        continue;
      remark::missed(layer.layer.op->getLoc(), getRemark(layer.layer)) << remark::reason("{0}", reason);
      ++leftAlone;
    }
    reasons.clear();
  }

private:
  std::optional<ChannelBudget> getBudget() const {
    return llvm::StringSwitch<std::optional<ChannelBudget>>(budget)
        .Case("group", ChannelBudget::Group)
        .Case("channels", ChannelBudget::Channels)
        .Case("parameters", ChannelBudget::Parameters)
        .Case("macs", ChannelBudget::Macs)
        .Default(std::nullopt);
  }

  /// What each group counts for in the budget.
  std::vector<double> getSizes(ArrayRef<ChannelCandidate> candidates) const {
    std::vector<double> sizes;
    for (const ChannelCandidate &candidate : candidates) {
      Cost cost = getCost(candidate.group, {});
      sizes.push_back(*getBudget() == ChannelBudget::Channels     ? candidate.group.units.size()
                      : *getBudget() == ChannelBudget::Parameters ? cost.bytes
                                                                  : cost.macs);
    }
    return sizes;
  }

  /// Reads the statistics if something needs them.
  LogicalResult loadStatistics(ArrayRef<ChannelLayer> layers, std::optional<LayerStatistics> &statistics) {
    const auto *needs = llvm::find_if(layers, [](const ChannelLayer &layer) {
      return layer.request &&
             (layer.request.getCorrect() || layer.request.getImportance() == ChannelImportance::Wanda ||
              layer.request.getImportance() == ChannelImportance::OBS);
    });
    if (needs == layers.end())
      return success();
    if (statisticsFile.empty())
      return needs->layer.op->emitOpError("layer '")
             << needs->layer.name
             << "' asks for channels to be pruned by what they do to outputs, which calibration measures: give its "
                "result as statistics=FILE.json, or ask for importance = l2 and correct = false";
    llvm::Expected<LayerStatistics> loaded = LayerStatistics::load(statisticsFile);
    if (!loaded)
      return emitError(getOperation()->getLoc(), llvm::toString(loaded.takeError()));
    statistics.emplace(std::move(*loaded));
    return success();
  }

  void prune(Operation *function, MutableArrayRef<ChannelLayer> layers, const LayerStatistics *statistics) {
    SeparatedConstants constants(function);
    for (ChannelLayer &layer : layers)
      layer.weight = getWholeWeight(layer.layer.op);
    std::vector<ChannelCandidate> candidates = findChannelCandidates(function, layers, {acrossNormalisation});
    ChannelDecider decider(layers, candidates, statistics, damping);
    if (*getBudget() != ChannelBudget::Group)
      decider.divide(getSizes(candidates));
    RemovedIndices removed;
    for (auto [number, candidate] : llvm::enumerate(candidates)) {
      std::string reason;
      if (std::optional<ChannelDecision> decision = decider.decide(number, reason)) {
        for (size_t unit : decision->units)
          removed.add(candidate.group, candidate.group.units[unit]);
        report(candidate, *decision, layers);
      }
      for (size_t layer : candidate.producers)
        reasons[layer] = isPruned.contains(layer) ? "" : reason;
      decider.applyCorrections(number, removed);
    }
    removed.apply(function);
    constants.merge();
    isPruned.clear();
  }

  void report(const ChannelCandidate &candidate, const ChannelDecision &decision, ArrayRef<ChannelLayer> layers) {
    RemovedIndices alone;
    for (size_t unit : decision.units)
      alone.add(candidate.group, candidate.group.units[unit]);
    Cost before = getCost(candidate.group, {}), after = getCost(candidate.group, alone);
    isPruned.insert(candidate.producers.begin(), candidate.producers.end());
    remarkGroup(candidate, decision, layers, before, after);
    // The numbers of a group are said once.
    const Layer &first = layers[candidate.producers.front()].layer;
    for (size_t layer : ArrayRef(candidate.producers).drop_front())
      remark::passed(layers[layer].layer.op->getLoc(), getRemark(layers[layer].layer))
          << remark::metric("With", first.name)
          << remark::metric("Removed", static_cast<int64_t>(decision.units.size()));
    ++prunedGroups;
    removedUnits += decision.units.size();
    macsBefore += before.macs;
    macsAfter += after.macs;
    bytesBefore += before.bytes;
    bytesAfter += after.bytes;
  }

  /// Why a layer is left alone; empty if it is not.
  std::vector<std::string> reasons;
  llvm::DenseSet<size_t> isPruned;
};
} // namespace
