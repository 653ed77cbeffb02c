// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cross-layer equalization (Nagel et al., arXiv:1906.04721): neighbouring layers share
// the range of each channel between them, so that one scale fits all channels.

#include "ScaledLayers.h"
#include "condense/Analysis/ChannelScaling.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/ChannelScales.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"

namespace condense::compress {
#define GEN_PASS_DEF_EQUALIZEPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Relative change of a scale below which equalization has converged.
static constexpr double kTolerance = 1e-3;

namespace {
/// A group that can be equalized, and the first layer that writes it.
struct Candidate {
  Layer layer;
  ScalingGroup group;
};

struct EqualizePass : public condense::compress::impl::EqualizePassBase<EqualizePass> {
  using Base::Base;

  void runOnOperation() override {
    std::optional<llvm::GlobPattern> glob = parseLayerGlob(getOperation()->getLoc(), layers);
    if (!glob)
      return signalPassFailure();
    if (iterations < 1) {
      emitError(getOperation()->getLoc()) << "iterations: " << iterations.getValue() << " is not positive";
      return signalPassFailure();
    }
    std::vector<Candidate> candidates = collect(*glob);
    std::vector<std::vector<float>> weights;
    std::vector<numerics::EqualizedGroup> groups = getGroups(candidates, weights);
    int done = 0;
    std::vector<numerics::Equalization> results = numerics::equalize(weights, groups, iterations, kTolerance, done);
    for (auto [candidate, result] : llvm::zip_equal(candidates, results))
      apply(candidate, result, done);
  }

private:
  static remark::RemarkOpts getRemark(const Layer &layer) {
    return remark::RemarkOpts::name("equalize").category("compress").function(layer.name);
  }

  void leaveAlone(const Layer &layer, StringRef reason) {
    remark::missed(layer.op->getLoc(), getRemark(layer)) << remark::reason("{0}", reason.str());
    ++leftAlone;
  }

  /// The groups whose first writer is a layer that is meant.
  std::vector<Candidate> collect(const llvm::GlobPattern &glob) {
    std::vector<Candidate> candidates;
    llvm::SetVector<Value> covered;
    for (const Layer &layer : getLayers(getOperation())) {
      Operation *op = layer.op;
      CompressibleOpInterface weighted = layer.op;
      if (op->getNumResults() != 1 || covered.contains(op->getResult(0)) || !glob.match(layer.name) ||
          !isConstantExpression(weighted.getWeightOperand().get()))
        continue;
      std::string obstacle;
      std::optional<ScalingGroup> group = findScalingGroup(op->getResult(0), getOutputChannelDim(layer.op), obstacle);
      if (group)
        obstacle = getScalingObstacle(*group);
      if (obstacle.empty() && llvm::none_of(group->constants, [](const ScaledConstant &constant) {
            return constant.isReader && constant.layer;
          }))
        obstacle = "no layer reads the channels";
      if (!obstacle.empty()) {
        leaveAlone(layer, obstacle);
        continue;
      }
      covered.insert_range(group->values);
      candidates.push_back({layer, std::move(*group)});
    }
    return candidates;
  }

  /// The weights of the groups as numbers, each once.
  static std::vector<numerics::EqualizedGroup> getGroups(ArrayRef<Candidate> candidates,
                                                         std::vector<std::vector<float>> &weights) {
    llvm::MapVector<Value, int64_t> indices;
    std::vector<numerics::EqualizedGroup> groups;
    for (const Candidate &candidate : candidates) {
      numerics::EqualizedGroup group{candidate.group.numChannels, {}};
      llvm::SmallDenseSet<std::pair<Value, int>> members;
      for (const ScaledConstant &constant : candidate.group.constants) {
        Value value = constant.use->get();
        if (!constant.layer || !members.insert({value, constant.isReader}).second)
          continue;
        auto [entry, isNew] = indices.try_emplace(value, weights.size());
        if (isNew) {
          std::optional<TensorConstant> elements = getTensorConstant(value);
          weights.emplace_back(elements->as<float>().begin(), elements->as<float>().end());
        }
        group.members.push_back({entry->second, constant.isReader, constant.map.getChannels()});
      }
      groups.push_back(std::move(group));
    }
    return groups;
  }

  void apply(const Candidate &candidate, const numerics::Equalization &result, int done) {
    if (llvm::all_of(result.scales, [](double scale) { return scale == 1; }))
      return leaveAlone(candidate.layer, "channels are equal already");
    applyScales(candidate.group, result.scales);
    forgetMeans(candidate.group);
    auto [low, high] = std::minmax_element(result.scales.begin(), result.scales.end());
    remark::passed(candidate.layer.op->getLoc(), getRemark(candidate.layer))
        << remark::metric("Channels", candidate.group.numChannels) << remark::metric("Iterations", done)
        << remark::metric("SmallestScale", *low) << remark::metric("LargestScale", *high)
        << remark::metric("PrecisionBefore", result.precisionBefore)
        << remark::metric("PrecisionAfter", result.precisionAfter);
    ++equalized;
  }
};
} // namespace
