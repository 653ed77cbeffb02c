// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decides what groups of channels lose.

#include "ChannelDecider.h"

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static std::optional<size_t> findDim(const ChannelGroup &group, TensorDim dim) {
  auto it = llvm::find(group.dims, dim);
  return it == group.dims.end() ? std::nullopt : std::optional<size_t>(it - group.dims.begin());
}

std::vector<ChannelCandidate> condense::compress::findChannelCandidates(Operation *function,
                                                                        ArrayRef<ChannelLayer> layers,
                                                                        const ChannelGroupOptions &options) {
  std::vector<std::pair<size_t, ChannelCandidate>> candidates; // numbered
  for (ChannelGroup &group : findChannelGroups(function, options)) {
    ChannelCandidate candidate;
    bool isRequested = false;
    for (auto [number, layer] : llvm::enumerate(layers)) {
      CompressibleOpInterface op = layer.layer.op;
      if (findDim(group, {op.getWeightOperand().get(), getChannelDim(op)})) {
        candidate.producers.push_back(number);
        isRequested |= static_cast<bool>(layer.request);
      }
      if (!layer.weight)
        continue;
      size_t dim = llvm::find(layer.weight->dims, getReadDim(op)) - layer.weight->dims.begin();
      if (auto position = findDim(group, {layer.weight->value, static_cast<int64_t>(dim)}))
        candidate.readers.push_back({number, *position});
    }
    candidate.group = std::move(group);
    if (isRequested)
      candidates.emplace_back(candidates.size(), std::move(candidate));
  }
  llvm::sort(candidates, [](const auto &a, const auto &b) {
    return std::pair(a.second.producers.front(), a.first) < std::pair(b.second.producers.front(), b.first);
  });
  std::vector<ChannelCandidate> sorted;
  for (auto &[number, candidate] : candidates)
    sorted.push_back(std::move(candidate));
  return sorted;
}

/// Whether a convolution loses the output channels of the groups whose inputs are lost: it only follows.
static bool isFollower(Operation *op) {
  auto conv = dyn_cast<nn::Conv2DOp>(op);
  if (!conv || conv.getGroups() == 1)
    return false;
  auto type = cast<RankedTensorType>(conv.getFilter().getType());
  return static_cast<int64_t>(conv.getGroups()) >= type.getDimSize(conv.getLayout() == nn::Layout::NCHW ? 1 : 3);
}

/// Why nothing can be removed from a group; empty if something can.
static std::string getObstacle(const ChannelCandidate &candidate, ArrayRef<ChannelLayer> layers) {
  const ChannelGroup &group = candidate.group;
  if (group.obstacle && isa<FunctionOpInterface>(group.obstacle))
    return "its channels stay: the model " + group.reason;
  if (group.obstacle && group.obstacle->hasTrait<OpTrait::IsTerminator>())
    return "its channels stay: they are a result of the model";
  if (group.obstacle) {
    std::string name = getLayerName(group.obstacle->getLoc()).str();
    return llvm::formatv("its channels stay: {0}{1} {2}", group.obstacle->getName().getStringRef(),
                         name.empty() ? "" : " '" + name + "'", group.reason)
        .str();
  }
  for (size_t layer : candidate.producers)
    if (!layers[layer].request && !isFollower(layers[layer].layer.op))
      return "its channels stay: layer '" + layers[layer].layer.name + "' has the same ones and no request";
  if (group.units.size() < 2)
    return "its channels can only be removed all together";
  return "";
}

/// The request of a group: that of its first layer, with the smallest ratio of all.
static std::pair<StructuredPruneSchemeAttr, double> getRequest(const ChannelCandidate &candidate,
                                                               ArrayRef<ChannelLayer> layers) {
  StructuredPruneSchemeAttr first;
  double ratio = 1;
  for (size_t layer : candidate.producers)
    if (StructuredPruneSchemeAttr request = layers[layer].request) {
      first = first ? first : request;
      ratio = std::min(ratio, request.getRatio().getValueAsDouble());
    }
  return {first, ratio};
}

SmallVector<GroupReader> ChannelDecider::getReaders(const ChannelCandidate &candidate, std::string &reason) {
  SmallVector<GroupReader> result;
  for (auto [number, dim] : candidate.readers) {
    const Layer &layer = layers[number].layer;
    auto [it, isNew] = readers.try_emplace(number, nullptr);
    if (isNew)
      if (auto reader = ChannelReader::create(layer, statistics->find(layer.name), damping, reason))
        it->second = std::make_unique<ChannelReader>(std::move(*reader));
    if (it->second)
      result.push_back({it->second.get(), dim});
  }
  return result;
}

bool ChannelDecider::exceedsBound(const ChannelCandidate &candidate, double error) const {
  return llvm::any_of(candidate.producers, [&](size_t layer) {
    auto bound = layers[layer].layer.op->getAttrOfType<FloatAttr>(CompressDialect::kMaxErrorAttrName);
    return bound && error > bound.getValueAsDouble();
  });
}

static bool isByOutputs(StructuredPruneSchemeAttr request) {
  return request.getImportance() == ChannelImportance::Wanda || request.getImportance() == ChannelImportance::OBS;
}

std::optional<ChannelDecider::Trial> ChannelDecider::prepare(const ChannelCandidate &candidate, std::string &reason) {
  reason = getObstacle(candidate, layers);
  if (!reason.empty())
    return std::nullopt;
  StructuredPruneSchemeAttr request = getRequest(candidate, layers).first;
  Trial trial;
  reason = "no layer reads them";
  if (isByOutputs(request) || request.getCorrect())
    trial.actual = getReaders(candidate, reason);
  if (isByOutputs(request) && trial.actual.empty()) {
    reason = "what its channels do to outputs is not known: " + reason;
    return std::nullopt;
  }
  reason = "";
  trial.storage.reserve(trial.actual.size());
  for (const GroupReader &reader : trial.actual) {
    trial.storage.push_back(*reader.reader);
    trial.copies.push_back({&trial.storage.back(), reader.dim});
  }
  return trial;
}

ChannelOrder ChannelDecider::order(const ChannelCandidate &candidate, const Trial &trial, int64_t count) {
  StructuredPruneSchemeAttr request = getRequest(candidate, layers).first;
  if (request.getImportance() == ChannelImportance::OBS)
    return orderBySaliency(request.getContext(), candidate.group, trial.copies, count);
  if (request.getImportance() == ChannelImportance::Wanda)
    return orderByInputs(candidate.group, trial.copies);
  SmallVector<Value> weights;
  for (const ChannelLayer &layer : layers)
    if (layer.weight)
      weights.push_back(layer.weight->value);
  return orderByNorms(candidate.group, weights, request.getImportance());
}

void ChannelDecider::divide(ArrayRef<double> sizes) {
  shares.emplace(candidates.size());
  std::vector<std::vector<double>> costs(candidates.size());
  std::vector<double> unitSizes(candidates.size());
  double budget = 0;
  for (auto [number, candidate] : llvm::enumerate(candidates)) {
    std::string reason;
    std::optional<Trial> trial = prepare(candidate, reason);
    if (!trial)
      continue;
    int64_t units = candidate.group.units.size();
    ChannelOrder found = order(candidate, *trial, units - 1);
    found.units.truncate(units - 1);
    (*shares)[number].order = std::move(found.units);
    costs[number] = std::move(found.costs);
    unitSizes[number] = sizes[number] / static_cast<double>(units);
    budget += sizes[number] * getRequest(candidate, layers).second;
  }
  // Costs only grow within a group: a unit after an expensive one is not cheaper.
  std::vector<double> highest(candidates.size());
  for (double removed = 0;;) {
    std::optional<size_t> best;
    double bestCost = 0;
    for (auto [number, share] : llvm::enumerate(*shares)) {
      if (share.count >= static_cast<int64_t>(share.order.size()) || removed + unitSizes[number] > budget * (1 + 1e-9))
        continue;
      highest[number] = std::max(highest[number], costs[number][share.count]);
      if (double cost = highest[number] / unitSizes[number]; !best || cost < bestCost) {
        best = number;
        bestCost = cost;
      }
    }
    if (!best)
      return;
    ++(*shares)[*best].count;
    removed += unitSizes[*best];
  }
}

std::optional<ChannelDecision> ChannelDecider::decide(size_t number, std::string &reason) {
  const ChannelCandidate &candidate = candidates[number];
  std::optional<Trial> trial = prepare(candidate, reason);
  if (!trial)
    return std::nullopt;
  auto [request, ratio] = getRequest(candidate, layers);
  const ChannelGroup &group = candidate.group;
  // A ratio such as 0.3 is a little less or more than it reads.
  auto wanted = static_cast<int64_t>(ratio * static_cast<double>(group.units.size()) + 1e-6);
  int64_t count = shares ? roundRemoved(group, (*shares)[number].count, request.getMultipleOf())
                         : limitRemoved(group, wanted, request.getMultipleOf());
  if (count == 0) {
    reason = shares ? "others cost less than any of its channels"
                    : llvm::formatv("a ratio of {0:F3} removes none of {1} in multiples of {2}", ratio,
                                    group.units.size(), request.getMultipleOf())
                          .str();
    return std::nullopt;
  }
  ChannelDecision decision;
  decision.units = shares ? (*shares)[number].order : order(candidate, *trial, count).units;
  decision.units.truncate(count);
  if (!request.getCorrect())
    return decision;
  if (shares || request.getImportance() != ChannelImportance::OBS)
    removeUnits(group, decision.units, trial->copies);
  for (const GroupReader &reader : trial->copies)
    decision.error = std::max(decision.error, reader.reader->getRelativeError());
  if (exceedsBound(candidate, decision.error)) {
    reason = llvm::formatv("relative output error {0:F4} exceeds the bound of the layer", decision.error);
    return std::nullopt;
  }
  for (auto [actual, copy] : llvm::zip_equal(trial->actual, trial->copies))
    *actual.reader = std::move(*copy.reader);
  for (auto [layer, dim] : candidate.readers)
    if (readers.at(layer)) {
      corrected.insert(layer);
      ++decision.corrected;
    }
  return decision;
}

bool ChannelDecider::isReadLater(size_t number, size_t layer) const {
  return llvm::any_of(candidates.drop_front(number + 1), [&](const ChannelCandidate &candidate) {
    return llvm::any_of(candidate.readers, [&](auto reader) { return reader.layer == layer; });
  });
}

void ChannelDecider::applyCorrections(size_t number, RemovedIndices &removed) {
  for (auto [layer, dim] : candidates[number].readers) {
    auto it = readers.find(layer);
    if (it == readers.end() || isReadLater(number, layer))
      continue;
    if (it->second && corrected.contains(layer))
      it->second->apply(removed);
    it->second.reset();
    corrected.remove(layer);
  }
}
