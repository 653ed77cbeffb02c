// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Observation of activation ranges.

#include "condense/Numerics/RangeObserver.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <random>

using namespace condense::numerics;
using Kind = RangeMethod::Kind;

static const CodeFormat kUnsigned8{CodeFormat::Kind::Unsigned, 8};
static const CodeFormat kSigned8{CodeFormat::Kind::Signed, 8};

static std::vector<float> normalValues(int64_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (float &value : values)
    value = normal(generator);
  return values;
}

TEST(RangeObserver, MinMax) {
  RangeObserver observer;
  observer.observe(std::vector<float>{1, -2, 3});
  observer.observe(std::vector<float>{4, 0.5f});
  Range range = *observer.getRange(kUnsigned8);
  EXPECT_EQ(range.low, -2);
  EXPECT_EQ(range.high, 4);
  EXPECT_EQ(observer.getNumSamples(), 2);
}

TEST(RangeObserver, NothingSeen) {
  for (Kind kind : {Kind::MinMax, Kind::MovingAverage, Kind::Percentile, Kind::MSE, Kind::Entropy}) {
    RangeObserver observer({kind});
    EXPECT_FALSE(observer.getRange(kUnsigned8));
    observer.observe({});
    observer.observe(std::vector<float>{NAN, INFINITY});
    EXPECT_FALSE(observer.getRange(kUnsigned8));
    EXPECT_EQ(observer.getNumNonFinite(), 2);
    observer.observe(std::vector<float>{NAN, 1});
    EXPECT_EQ(observer.getExtremes()->high, 1);
  }
}

TEST(RangeObserver, MovingAverage) {
  RangeObserver observer({Kind::MovingAverage, 0.9999, 0.5});
  observer.observe(std::vector<float>{-1, 1});
  observer.observe(std::vector<float>{-3, 5});
  Range range = *observer.getRange(kUnsigned8);
  EXPECT_EQ(range.low, -2);
  EXPECT_EQ(range.high, 3);
}

TEST(RangeObserver, PercentileDropsOutliers) {
  RangeObserver observer({Kind::Percentile, 0.99});
  std::vector<float> values = normalValues(100000, 1);
  values[7] = 1000;
  observer.observe(values);
  std::sort(values.begin(), values.end());
  Range range = *observer.getRange(kUnsigned8);
  // 1000 makes the bins half a unit wide.
  EXPECT_NEAR(range.low, values[500], 0.51);
  EXPECT_NEAR(range.high, values[99500], 0.51);
}

TEST(RangeObserver, PercentileOfEverythingIsMinMax) {
  RangeObserver observer({Kind::Percentile, 1.0});
  observer.observe(std::vector<float>{0.1f, 0.7f, 0.3f});
  Range range = *observer.getRange(kUnsigned8);
  EXPECT_EQ(range.low, 0.1f);
  EXPECT_EQ(range.high, 0.7f);
}

TEST(RangeObserver, MSEClipsAnOutlier) {
  std::vector<float> values = normalValues(1000000, 2);
  values[3] = 30;
  RangeObserver observer({Kind::MSE});
  observer.observe(values);
  auto errorOf = [&](Range range) {
    ActivationScale scale = chooseActivationScale(kUnsigned8, range);
    double sum = 0;
    for (float value : values) {
      uint8_t code = quantizeValue(kUnsigned8, value, scale.scale, static_cast<uint8_t>(scale.zeroPoint));
      double error = value - dequantizeValue(kUnsigned8, code, scale.scale, static_cast<uint8_t>(scale.zeroPoint));
      sum += error * error;
    }
    return sum;
  };
  EXPECT_LT(errorOf(*observer.getRange(kUnsigned8)), 0.8 * errorOf(*observer.getExtremes()));
}

TEST(RangeObserver, HistogramDoesNotDependOnTheOrder) {
  std::vector<float> values = normalValues(5000, 3);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] *= std::pow(2.0f, static_cast<float>(i % 13));
  Histogram all, parts;
  all.add(values);
  std::reverse(values.begin(), values.end());
  for (float value : values)
    parts.add({&value, 1});
  EXPECT_EQ(all.getLimit(), parts.getLimit());
  EXPECT_TRUE(std::equal(all.getBins().begin(), all.getBins().end(), parts.getBins().begin()));
  EXPECT_EQ(all.getCount(), 5000);
}

TEST(RangeObserver, HistogramGrowsFromZeros) {
  Histogram histogram;
  histogram.add(std::vector<float>{0, 0, 0});
  histogram.add(std::vector<float>{1e30f, -1e30f});
  EXPECT_EQ(histogram.getCount(), 5);
  EXPECT_GE(histogram.getLimit(), 1e30);
  EXPECT_EQ(histogram.getBins()[Histogram::kBinsPerSign], 3);
}

TEST(RangeObserver, ActivationScale) {
  ActivationScale scale = chooseActivationScale(kUnsigned8, {0, 2.55});
  EXPECT_FLOAT_EQ(scale.scale, 0.01f);
  EXPECT_EQ(scale.zeroPoint, 0);
  scale = chooseActivationScale(kUnsigned8, {-1, 1.55});
  EXPECT_EQ(scale.zeroPoint, 100);
  // A range without 0 is widened: zero stays exact.
  scale = chooseActivationScale(kUnsigned8, {1, 2.55});
  EXPECT_FLOAT_EQ(scale.scale, 0.01f);
  EXPECT_EQ(scale.zeroPoint, 0);
  scale = chooseActivationScale(kSigned8, {-2.54, 1});
  EXPECT_FLOAT_EQ(scale.scale, 0.02f);
  EXPECT_EQ(scale.zeroPoint, 0);
  scale = chooseActivationScale(kUnsigned8, {0, 0});
  EXPECT_EQ(scale.scale, 1);
}

/// Relative squared error of 8-bit codes over `range`.
static double getError(const std::vector<float> &values, const CodeFormat &format, const Range &range) {
  ActivationScale scale = chooseActivationScale(format, range);
  double low = format.hasZeroPoint() ? 0 - scale.zeroPoint : -128, high = low + 255, error = 0, norm = 0;
  for (float value : values) {
    double coded = std::clamp<double>(std::nearbyint(value / scale.scale), low, high) * scale.scale;
    error += (value - coded) * (value - coded);
    norm += double(value) * value;
  }
  return error / norm;
}

TEST(RangeObserver, EntropyClipsLongTails) {
  // A heavy tail: minmax spends most codes on few values.
  std::vector<float> values = normalValues(200000, 3);
  for (size_t i = 0; i < values.size(); i += 20000)
    values[i] *= 30;
  for (const CodeFormat &format : {kSigned8, kUnsigned8}) {
    RangeObserver observer({Kind::Entropy});
    observer.observe(values);
    Range range = *observer.getRange(format), extremes = *observer.getExtremes();
    EXPECT_LT(range.high, extremes.high / 3);
    EXPECT_GT(range.high, 2.5);
    std::vector<float> typical;
    for (float value : values)
      if (std::fabs(value) < 3)
        typical.push_back(value);
    EXPECT_LT(getError(typical, format, range), getError(typical, format, extremes) / 4);
  }
}

TEST(RangeObserver, EntropyKeepsWhatIsUniform) {
  std::vector<float> values(100000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float(i % 1000) / 999 * 6;
  RangeObserver observer({Kind::Entropy});
  observer.observe(values);
  Range range = *observer.getRange(kUnsigned8);
  EXPECT_EQ(range.low, 0);
  EXPECT_GT(range.high, 5.5);
}

TEST(RangeObserver, EntropyIsNotDrawnByZeros) {
  std::vector<float> values = normalValues(50000, 5);
  RangeObserver dense({Kind::Entropy}), sparse({Kind::Entropy});
  dense.observe(values);
  values.resize(500000);
  sparse.observe(values);
  EXPECT_EQ(dense.getRange(kUnsigned8)->high, sparse.getRange(kUnsigned8)->high);
}

TEST(RangeObserver, EntropyOfOneValue) {
  RangeObserver observer({Kind::Entropy});
  observer.observe(std::vector<float>(100, 0.0f));
  EXPECT_EQ(observer.getRange(kSigned8)->high, 0);
  observer.observe(std::vector<float>(100, 2.5f));
  EXPECT_GT(observer.getRange(kSigned8)->high, 2);
}
