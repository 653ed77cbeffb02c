// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Observation of the range of an activation over calibration samples, in memory
// that does not grow with their number.

#ifndef CONDENSE_NUMERICS_RANGEOBSERVER_H
#define CONDENSE_NUMERICS_RANGEOBSERVER_H

#include "condense/Numerics/QuantizeWeights.h"
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace condense::numerics {

struct Range {
  double low = 0, high = 0;
};

/// How the range of an activation follows from its values.
struct RangeMethod {
  enum class Kind {
    MinMax,        // everything that was seen
    MovingAverage, // exponential mean of each sample's minimum and maximum
    Percentile,    // all but the outer `1 - percentile` of the values, on both sides together
    MSE,           // least squared error of the codes, a grid search over clippings
    Entropy        // least divergence between the distributions of values and codes
  };
  Kind kind = Kind::MinMax;
  double percentile = 0.9999; // in (0, 1]
  double momentum = 0.1;      // of the newest sample, in (0, 1]
};

/// Counts of values in equal bins over `[-limit, limit]`. `limit` is a power of
/// two; when a value does not fit it doubles and bins merge in pairs, so the
/// result does not depend on the order of values.
class Histogram {
public:
  static constexpr int64_t kBinsPerSign = 2048;

  void add(std::span<const float> values);
  /// Values counted.
  int64_t getCount() const { return count; }
  /// How many of them are exactly 0; they are in bin kBinsPerSign.
  int64_t getZeros() const { return zeros; }
  double getLimit() const { return limit; }
  /// Counts from -limit upwards, 2 * kBinsPerSign of them.
  std::span<const int64_t> getBins() const { return bins; }
  /// Lower edge of a bin.
  double getEdge(int64_t bin) const { return limit * static_cast<double>(bin - kBinsPerSign) / kBinsPerSign; }
  double getCenter(int64_t bin) const { return (getEdge(bin) + getEdge(bin + 1)) / 2; }

private:
  void growTo(double magnitude);

  double limit = 0;
  int64_t count = 0, zeros = 0;
  std::vector<int64_t> bins;
};

class RangeObserver {
public:
  explicit RangeObserver(RangeMethod method = {}) : method(method) {}

  /// Records the values of one sample. NaN and infinities are counted, not recorded.
  void observe(std::span<const float> values);

  int64_t getNumSamples() const { return samples; }
  int64_t getNumNonFinite() const { return nonFinite; }
  /// Smallest and largest value; nothing when no finite value was seen.
  std::optional<Range> getExtremes() const;
  /// The range to quantize with codes of `format`; nothing when no finite value was seen.
  std::optional<Range> getRange(const CodeFormat &format) const;

private:
  bool needsHistogram() const {
    return method.kind == RangeMethod::Kind::Percentile || method.kind == RangeMethod::Kind::MSE ||
           method.kind == RangeMethod::Kind::Entropy;
  }
  Range getPercentile() const;
  Range getLeastError(const CodeFormat &format) const;

  RangeMethod method;
  Histogram histogram;
  Range extremes, average;
  int64_t samples = 0, finite = 0, nonFinite = 0;
};

/// Scale (f32) and zero point with which codes of `format` cover `range`, widened
/// to contain 0 so that zero is exact. An empty or degenerate range gets scale 1.
struct ActivationScale {
  float scale;
  int32_t zeroPoint;
};
ActivationScale chooseActivationScale(const CodeFormat &format, const Range &range);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_RANGEOBSERVER_H
