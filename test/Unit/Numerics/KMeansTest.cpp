// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Clustering against an exhaustive search on small inputs, and its properties
// on large ones.

#include "condense/Numerics/KMeans.h"
#include "condense/Numerics/FloatFormats.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

using namespace condense::numerics;

static std::vector<float> randomValues(int64_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.1f, 1.0f);
  std::vector<float> values(size);
  for (float &value : values)
    value = normal(generator);
  return values;
}

static double getError(std::span<const float> codebook, std::span<const float> values,
                       std::span<const float> weights = {}) {
  std::vector<uint8_t> codes(values.size());
  assignCodes(codebook, values, codes);
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i)
    sum += (weights.empty() ? 1.0 : weights[i]) * std::pow(values[i] - codebook[codes[i]], 2.0);
  return sum;
}

static std::vector<float> fit(std::span<const float> values, const CodebookSpec &spec,
                              std::span<const float> weights = {}) {
  Clustering clustering;
  clustering.add(values, weights);
  return clustering.fit(spec);
}

/// The least error over all ways to cut the sorted numbers into `entries`
/// intervals, one of which may have the entry 0.
static double getLeastError(std::vector<float> values, std::vector<float> weights, int64_t entries, bool zeroEntry) {
  std::vector<size_t> order(values.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  auto cost = [&](size_t begin, size_t end, bool zero) {
    double mass = 0, moment = 0, sum = 0;
    for (size_t i = begin; i < end; ++i)
      mass += weights[order[i]], moment += weights[order[i]] * values[order[i]];
    double entry = zero || mass == 0 ? 0 : moment / mass;
    for (size_t i = begin; i < end; ++i)
      sum += weights[order[i]] * std::pow(values[order[i]] - entry, 2.0);
    return sum;
  };
  std::function<double(size_t, int64_t, bool)> search = [&](size_t begin, int64_t left, bool zeroLeft) -> double {
    if (begin == values.size())
      return 0;
    double least = INFINITY;
    for (size_t end = begin + 1; end <= values.size(); ++end) {
      if (left > 0)
        least = std::min(least, cost(begin, end, false) + search(end, left - 1, zeroLeft));
      if (zeroLeft)
        least = std::min(least, cost(begin, end, true) + search(end, left, false));
    }
    return least;
  };
  return search(0, entries - zeroEntry, zeroEntry);
}

TEST(KMeans, IsOptimalOnSmallInputs) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    std::vector<float> values = randomValues(9, seed), weights = randomValues(9, seed + 100);
    for (float &weight : weights)
      weight = seed % 2 ? std::fabs(weight) + 0.1f : 1;
    if (seed % 3 == 0)
      values[4] = values[2] = 0;
    for (int64_t entries : {1, 2, 3, 4}) {
      for (bool zeroEntry : {false, true}) {
        std::vector<float> codebook = fit(values, {entries, EntryFormat::F32, zeroEntry}, weights);
        ASSERT_LE(static_cast<int64_t>(codebook.size()), entries);
        double least = getLeastError(values, weights, entries, zeroEntry);
        EXPECT_NEAR(getError(codebook, values, weights), least, 1e-5 * least + 1e-9)
            << seed << " " << entries << " " << zeroEntry;
      }
    }
  }
}

TEST(KMeans, FewNumbersAreExact) {
  std::vector<float> values{3, 1, 3, -2, 1, 1, 0, -0.0f};
  EXPECT_EQ(fit(values, {16, EntryFormat::F16, false}), (std::vector<float>{-2, 0, 1, 3}));
  EXPECT_EQ(fit(values, {16, EntryFormat::F16, true}), (std::vector<float>{0, -2, 1, 3}));
  EXPECT_EQ(fit(values, {4, EntryFormat::F32, true}), (std::vector<float>{0, -2, 1, 3}));
  EXPECT_EQ(fit({}, {16}), std::vector<float>());
  std::vector<float> zeros(7);
  EXPECT_EQ(fit(zeros, {16, EntryFormat::F16, true}), std::vector<float>{0});
  EXPECT_EQ(fit(zeros, {1, EntryFormat::F16, false}), std::vector<float>{0});
}

TEST(KMeans, ZerosStayZeros) {
  std::vector<float> values = randomValues(5000, 1);
  for (size_t i = 0; i < values.size(); i += 2)
    values[i] = 0;
  std::vector<float> codebook = fit(values, {16, EntryFormat::F16, true});
  ASSERT_EQ(codebook.size(), 16u);
  EXPECT_EQ(codebook[0], 0);
  EXPECT_TRUE(std::is_sorted(codebook.begin() + 1, codebook.end()));
  std::vector<uint8_t> codes(values.size());
  assignCodes(codebook, values, codes);
  for (size_t i = 0; i < values.size(); i += 2)
    EXPECT_EQ(codes[i], 0);
}

TEST(KMeans, EntriesAreOfTheirFormat) {
  std::vector<float> values = randomValues(1000, 2);
  for (float entry : fit(values, {16, EntryFormat::F16}))
    EXPECT_EQ(fromF16(toF16(entry)), entry);
  values.push_back(1e6f);
  for (float entry : fit(values, {16, EntryFormat::F16}))
    EXPECT_TRUE(std::isfinite(entry));
}

/// The optimal 16 levels for a normal distribution have a mean squared error of
/// 0.009497 (Max, "Quantizing for minimum distortion", 1960).
TEST(KMeans, ManyNormalNumbersReachTheKnownOptimum) {
  std::vector<float> values = randomValues(1 << 20, 3);
  std::vector<float> codebook = fit(values, {16, EntryFormat::F32});
  EXPECT_NEAR(getError(codebook, values) / static_cast<double>(values.size()), 0.009497, 0.0001);
}

TEST(KMeans, OutliersDoNotSpoilTheRest) {
  std::vector<float> values = randomValues(200000, 4);
  values[17] = 1000;
  values[18] = -3000;
  std::vector<float> codebook = fit(values, {16, EntryFormat::F32});
  EXPECT_LT(getError(codebook, values) / static_cast<double>(values.size()), 0.0132) << "as with 14 entries";
}

TEST(KMeans, WeightsPull) {
  std::vector<float> values = randomValues(20000, 5), weights(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    weights[i] = values[i] > 0 ? 100.0f : 0.0f;
  std::vector<float> weighted = fit(values, {8, EntryFormat::F32}, weights), plain = fit(values, {8, EntryFormat::F32});
  EXPECT_LT(getError(weighted, values, weights), 0.5 * getError(plain, values, weights));
  std::vector<float> zeros(values.size());
  EXPECT_EQ(fit(values, {8, EntryFormat::F32}, zeros), plain) << "no weights at all are equal weights";
}

TEST(KMeans, SeveralTensorsInAnyOrder) {
  std::vector<float> first = randomValues(3000, 6), second = randomValues(2000, 7);
  Clustering forth, back;
  forth.add(first);
  forth.add(second);
  back.add(second);
  back.add(first);
  EXPECT_EQ(forth.fit({16}), back.fit({16}));
}

TEST(KMeans, MoreEntriesAreNeverWorse) {
  std::vector<float> values = randomValues(30000, 8);
  double before = INFINITY;
  for (int64_t entries : {1, 2, 4, 8, 16, 64, 256}) {
    double error = getError(fit(values, {entries, EntryFormat::F32, true}), values);
    EXPECT_LT(error, before);
    before = error;
  }
}

TEST(KMeans, IndexWidths) {
  EXPECT_EQ(getIndexWidth(1), 2u);
  EXPECT_EQ(getIndexWidth(4), 2u);
  EXPECT_EQ(getIndexWidth(5), 3u);
  EXPECT_EQ(getIndexWidth(16), 4u);
  EXPECT_EQ(getIndexWidth(17), 5u);
  EXPECT_EQ(getIndexWidth(65), 7u);
  EXPECT_EQ(getIndexWidth(256), 8u);
}
