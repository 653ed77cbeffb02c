// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Observation of activations. MSE clips as OMSE does for weights (Choukroun et
// al., arXiv:1902.06822), on the histogram instead of on the values.

#include "condense/Numerics/RangeObserver.h"

#include "EntropyRange.h"
#include "ScaleChoice.h"
#include <algorithm>
#include <cmath>

using namespace condense::numerics;

void Histogram::growTo(double magnitude) {
  if (limit == 0) {
    bins.assign(2 * kBinsPerSign, 0);
    limit = std::ldexp(1.0, std::ilogb(std::max(magnitude, 0x1p-100)) + 1);
    return;
  }
  while (magnitude >= limit) {
    // Pairs merge towards zero: bin j away from zero takes 2j and 2j + 1.
    for (int64_t j = 0; j < kBinsPerSign; ++j) {
      auto pair = [&](int64_t sign, int64_t from) {
        int64_t at = sign > 0 ? kBinsPerSign + from : kBinsPerSign - 1 - from;
        return from < kBinsPerSign ? bins[at] : 0;
      };
      int64_t above = pair(1, 2 * j) + pair(1, 2 * j + 1), below = pair(-1, 2 * j) + pair(-1, 2 * j + 1);
      bins[kBinsPerSign + j] = above;
      bins[kBinsPerSign - 1 - j] = below;
    }
    limit *= 2;
  }
}

void Histogram::add(std::span<const float> values) {
  float largest = 0;
  for (float value : values)
    if (std::isfinite(value))
      largest = std::max(largest, std::fabs(value));
  if (limit == 0 || largest >= limit)
    growTo(largest);
  double perUnit = kBinsPerSign / limit;
  for (float value : values) {
    if (!std::isfinite(value))
      continue;
    auto bin = static_cast<int64_t>(std::floor(value * perUnit)) + kBinsPerSign;
    ++bins[std::clamp<int64_t>(bin, 0, 2 * kBinsPerSign - 1)];
    ++count;
    zeros += value == 0;
  }
}

void RangeObserver::observe(std::span<const float> values) {
  Range sample{INFINITY, -INFINITY};
  int64_t seen = 0;
  for (float value : values) {
    if (!std::isfinite(value)) {
      ++nonFinite;
      continue;
    }
    sample.low = std::min<double>(sample.low, value);
    sample.high = std::max<double>(sample.high, value);
    ++seen;
  }
  ++samples;
  if (seen == 0)
    return;
  if (finite == 0) {
    extremes = average = sample;
  } else {
    extremes = {std::min(extremes.low, sample.low), std::max(extremes.high, sample.high)};
    average.low += method.momentum * (sample.low - average.low);
    average.high += method.momentum * (sample.high - average.high);
  }
  finite += seen;
  if (needsHistogram())
    histogram.add(values);
}

std::optional<Range> RangeObserver::getExtremes() const {
  if (finite == 0)
    return std::nullopt;
  return extremes;
}

std::optional<Range> RangeObserver::getRange(const CodeFormat &format) const {
  if (finite == 0)
    return std::nullopt;
  switch (method.kind) {
  case RangeMethod::Kind::MinMax:
    return extremes;
  case RangeMethod::Kind::MovingAverage:
    return average;
  case RangeMethod::Kind::Percentile:
    return getPercentile();
  case RangeMethod::Kind::MSE:
    return getLeastError(format);
  case RangeMethod::Kind::Entropy:
    return getLeastDivergence(histogram, extremes, format);
  }
  return std::nullopt;
}

/// Cuts bins of fewest values off both ends, half of the allowed count on each
/// side; a side that ends at an extreme keeps it.
Range RangeObserver::getPercentile() const {
  auto allowed = static_cast<int64_t>((1 - method.percentile) * static_cast<double>(histogram.getCount()) / 2);
  std::span<const int64_t> bins = histogram.getBins();
  int64_t low = 0, high = static_cast<int64_t>(bins.size()) - 1;
  for (int64_t cut = 0; low < high && cut + bins[low] <= allowed; ++low)
    cut += bins[low];
  for (int64_t cut = 0; high > low && cut + bins[high] <= allowed; --high)
    cut += bins[high];
  return {std::max(extremes.low, histogram.getEdge(low)), std::min(extremes.high, histogram.getEdge(high + 1))};
}

/// Squared error of the histogram's bin centres under a scale.
static double measureError(const Histogram &histogram, const CodeLimits &limits, const ActivationScale &scale) {
  double sum = 0, low = limits.low - scale.zeroPoint, high = limits.high - scale.zeroPoint;
  for (int64_t bin = 0; bin < static_cast<int64_t>(histogram.getBins().size()); ++bin) {
    if (histogram.getBins()[bin] == 0)
      continue;
    double value = histogram.getCenter(bin);
    double error = value - std::clamp(std::nearbyint(value / scale.scale), low, high) * scale.scale;
    sum += static_cast<double>(histogram.getBins()[bin]) * error * error;
  }
  return sum;
}

/// Clips one end after the other: an outlier is usually on one side.
Range RangeObserver::getLeastError(const CodeFormat &format) const {
  constexpr int steps = 90;
  CodeLimits limits = getCodeLimits(format);
  Range best = extremes;
  double least = measureError(histogram, limits, chooseActivationScale(format, best));
  for (bool clipsHigh : {true, false}) {
    Range start = best;
    for (int i = 1; i < steps; ++i) {
      Range candidate = start;
      (clipsHigh ? candidate.high : candidate.low) *= 1 - 0.01 * i;
      double error = measureError(histogram, limits, chooseActivationScale(format, candidate));
      if (error >= least)
        continue;
      least = error;
      best = candidate;
    }
  }
  return best;
}

ActivationScale condense::numerics::chooseActivationScale(const CodeFormat &format, const Range &range) {
  QuantizeSpec spec{format, ScaleFormat::F32, ScaleChoice::MinMax};
  BlockScale scale = fitScale(spec, std::min(range.low, 0.0), std::max(range.high, 0.0));
  return {scale.scale, scale.zeroPoint};
}
