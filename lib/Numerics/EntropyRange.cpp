// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Entropy calibration (Migacz, "8-bit inference with TensorRT", GTC 2017): of
// the ranges that clip the histogram, the one whose values (P, what is clipped
// counted at the edges) and whose codes (Q, the values that share a code spread
// evenly over the bins that hold any) have the least Kullback-Leibler divergence
// sum P log(P / Q). Zeros, of which ReLU makes many, do not count: their code is
// exact whatever the range, and they would favour ranges in which no other value
// shares it.

#include "EntropyRange.h"

#include "ScaleChoice.h"
#include <algorithm>
#include <cmath>

using namespace condense::numerics;

/// Takes the place of the zeros of Q, which clipped values can meet at an edge.
static constexpr double kSmallest = 1e-9;

/// Spreads each of `levels` runs of bins evenly over those that are not empty.
static std::vector<double> mergeBins(std::span<const int64_t> bins, int64_t levels) {
  auto size = static_cast<int64_t>(bins.size());
  std::vector<double> merged(size, 0.0);
  for (int64_t level = 0; level < levels; ++level) {
    int64_t begin = level * size / levels, end = (level + 1) * size / levels;
    int64_t sum = 0, filled = 0;
    for (int64_t bin = begin; bin < end; ++bin) {
      sum += bins[bin];
      filled += bins[bin] != 0;
    }
    for (int64_t bin = begin; bin < end; ++bin)
      if (bins[bin] != 0)
        merged[bin] = static_cast<double>(sum) / static_cast<double>(filled);
  }
  return merged;
}

/// The divergence when only the bins [begin, end) of `all` are told apart.
static double getDivergence(std::span<const int64_t> all, int64_t begin, int64_t end, int64_t levels) {
  std::span<const int64_t> inside = all.subspan(begin, end - begin);
  int64_t below = 0, above = 0, within = 0;
  for (int64_t bin = 0; bin < begin; ++bin)
    below += all[bin];
  for (int64_t bin = end; bin < static_cast<int64_t>(all.size()); ++bin)
    above += all[bin];
  for (int64_t count : inside)
    within += count;
  if (within == 0)
    return INFINITY;
  std::vector<double> merged = mergeBins(inside, levels);
  double total = static_cast<double>(within + below + above), divergence = 0;
  for (int64_t bin = 0; bin < end - begin; ++bin) {
    int64_t count = inside[bin] + (bin == 0 ? below : 0) + (bin + 1 == end - begin ? above : 0);
    if (count == 0)
      continue;
    double p = static_cast<double>(count) / total, q = merged[bin] / static_cast<double>(within);
    divergence += p * std::log(p / std::max(q, kSmallest));
  }
  return divergence;
}

Range condense::numerics::getLeastDivergence(const Histogram &histogram, const Range &extremes,
                                             const CodeFormat &format) {
  constexpr int64_t half = Histogram::kBinsPerSign, step = 8;
  CodeLimits limits = getCodeLimits(format);
  auto levels = static_cast<int64_t>(limits.high - limits.low) + 1;
  double width = histogram.getLimit() / half;
  auto toBins = [&](double value) { return std::min(half, static_cast<int64_t>(std::ceil(value / width))); };
  // Symmetric codes are spent on both signs, whether there are values or not.
  double largest = std::max(-extremes.low, extremes.high);
  int64_t low = format.hasZeroPoint() ? toBins(std::max(-extremes.low, 0.0)) : toBins(largest);
  int64_t high = format.hasZeroPoint() ? toBins(std::max(extremes.high, 0.0)) : toBins(largest);
  std::vector<int64_t> bins(histogram.getBins().begin(), histogram.getBins().end());
  if (!bins.empty())
    bins[half] -= histogram.getZeros();
  Range best = extremes;
  double least = INFINITY;
  // From the widest: of equals the one that clips least.
  for (int64_t clip = std::max(low, high); clip > 0; clip -= step) {
    int64_t below = std::min(low, clip), above = std::min(high, clip);
    if (below + above < levels)
      break;
    double divergence = getDivergence(bins, half - below, half + above, levels);
    if (divergence >= least)
      continue;
    least = divergence;
    double bound = static_cast<double>(clip) * width;
    best = {std::max(extremes.low, -bound), std::min(extremes.high, bound)};
  }
  return best;
}
