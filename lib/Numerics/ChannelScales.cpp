// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scales of channels that move range between weights, or from activations to weights.

#include "condense/Numerics/ChannelScales.h"

#include <algorithm>
#include <cmath>

using namespace condense::numerics;

/// A scale beyond this is one of a channel that hardly exists.
static constexpr double kLargestScale = 1e6;

/// Largest magnitudes of the channels in a weight.
static std::vector<double> getRanges(const std::vector<float> &weight, const EqualizedWeight &member,
                                     int64_t numChannels) {
  std::vector<double> ranges(numChannels);
  for (size_t i = 0; i != weight.size(); ++i) {
    double &range = ranges[member.channels[i]];
    range = std::max<double>(range, std::fabs(weight[i]));
  }
  return ranges;
}

namespace {
/// The ranges of one side of a group relative to each weight's largest, the largest of
/// all weights, and the geometric mean of what they are relative to.
struct Side {
  std::vector<double> relative;
  double norm = 0;
};
} // namespace

static Side getSide(std::span<std::vector<float>> weights, const EqualizedGroup &group, bool isReader) {
  Side side{std::vector<double>(group.numChannels), 0};
  int64_t count = 0;
  for (const EqualizedWeight &member : group.members) {
    if (member.isReader != isReader)
      continue;
    std::vector<double> ranges = getRanges(weights[member.weight], member, group.numChannels);
    double largest = ranges.empty() ? 0 : *std::max_element(ranges.begin(), ranges.end());
    if (!(largest > 0) || !std::isfinite(largest))
      continue;
    for (size_t channel = 0; channel != ranges.size(); ++channel)
      side.relative[channel] = std::max(side.relative[channel], ranges[channel] / largest);
    side.norm += std::log(largest);
    ++count;
  }
  side.norm = count ? std::exp(side.norm / count) : 0;
  return side;
}

static double getPrecision(const Side &writers, const Side &readers) {
  double precision = 1;
  for (const Side *side : {&writers, &readers})
    for (double relative : side->relative)
      if (relative > 0)
        precision = std::min(precision, relative);
  return precision;
}

static void scaleWeights(std::span<std::vector<float>> weights, const EqualizedGroup &group,
                         const std::vector<double> &scales) {
  for (const EqualizedWeight &member : group.members) {
    std::vector<float> &weight = weights[member.weight];
    for (size_t i = 0; i != weight.size(); ++i) {
      double scale = scales[member.channels[i]];
      weight[i] = static_cast<float>(member.isReader ? weight[i] * scale : weight[i] / scale);
    }
  }
}

/// One step for one group; returns the largest relative change of a scale.
static double step(std::span<std::vector<float>> weights, const EqualizedGroup &group, Equalization &result) {
  Side writers = getSide(weights, group, false), readers = getSide(weights, group, true);
  double norm = std::sqrt(writers.norm / readers.norm), change = 0;
  std::vector<double> scales(group.numChannels, 1);
  for (int64_t channel = 0; channel != group.numChannels; ++channel) {
    double scale = norm * std::sqrt(writers.relative[channel] / readers.relative[channel]);
    double total = scale * result.scales[channel];
    if (!(total >= 1 / kLargestScale && total <= kLargestScale))
      continue;
    scales[channel] = scale;
    result.scales[channel] = total;
    change = std::max(change, std::fabs(scale - 1));
  }
  scaleWeights(weights, group, scales);
  return change;
}

std::vector<Equalization> condense::numerics::equalize(std::span<std::vector<float>> weights,
                                                       std::span<const EqualizedGroup> groups, int iterations,
                                                       double tolerance, int &iterationsDone) {
  std::vector<Equalization> results;
  for (const EqualizedGroup &group : groups)
    results.push_back({std::vector<double>(group.numChannels, 1),
                       getPrecision(getSide(weights, group, false), getSide(weights, group, true)), 0});
  for (iterationsDone = 0; iterationsDone != iterations;) {
    double change = 0;
    for (size_t i = 0; i != groups.size(); ++i)
      change = std::max(change, step(weights, groups[i], results[i]));
    ++iterationsDone;
    if (change <= tolerance)
      break;
  }
  for (size_t i = 0; i != groups.size(); ++i)
    results[i].precisionAfter = getPrecision(getSide(weights, groups[i], false), getSide(weights, groups[i], true));
  return results;
}

std::vector<double> condense::numerics::getSmoothScales(std::span<const double> activations,
                                                        std::span<const double> weights, double alpha) {
  std::vector<double> scales(activations.size(), 1);
  for (size_t channel = 0; channel != scales.size(); ++channel) {
    double scale = std::pow(activations[channel], alpha) / std::pow(weights[channel], 1 - alpha);
    if (activations[channel] > 0 && weights[channel] > 0 && scale >= 1 / kLargestScale && scale <= kLargestScale)
      scales[channel] = scale;
  }
  return scales;
}
