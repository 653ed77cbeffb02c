// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Clustering against an exhaustive search on small inputs, and its properties
// on large ones.

#include "condense/Numerics/KMeans.h"
#include "condense/Numerics/FloatFormats.h"
#include "condense/Numerics/OptimalBrain.h"
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

namespace {

/// A row of weights and correlated inputs, with what nearest entries give.
struct OutputProblem {
  int64_t columns;
  std::vector<float> weights, gram, codebook, rounded;

  OutputProblem(int64_t rows, int64_t columns, unsigned seed, const CodebookSpec &spec) : columns(columns) {
    weights = randomValues(rows * columns, seed);
    std::vector<float> inputs = randomValues(columns * 40, seed + 1);
    for (size_t i = 0; i < inputs.size(); ++i)
      if (i % columns != 0)
        inputs[i] = 0.5f * inputs[i] + 0.8f * inputs[i - 1]; // columns depend on each other
    gram.resize(columns * columns);
    for (int64_t sample = 0; sample < 40; ++sample)
      for (int64_t i = 0; i < columns; ++i)
        for (int64_t j = 0; j < columns; ++j)
          gram[i * columns + j] += inputs[sample * columns + i] * inputs[sample * columns + j];
    codebook = fit(weights, spec);
    round();
  }

  void round() {
    std::vector<uint8_t> codes(weights.size());
    assignCodes(codebook, weights, codes);
    rounded.clear();
    for (uint8_t code : codes)
      rounded.push_back(codebook[code]);
  }

  double getOutputError() const {
    double sum = 0;
    for (size_t row = 0; row < weights.size(); row += columns)
      for (int64_t i = 0; i < columns; ++i)
        for (int64_t j = 0; j < columns; ++j)
          sum += (static_cast<double>(weights[row + i]) - rounded[row + i]) * gram[i * columns + j] *
                 (static_cast<double>(weights[row + j]) - rounded[row + j]);
    return sum;
  }
};

} // namespace

TEST(KMeans, RefinementLessensTheOutputError) {
  CodebookSpec spec{8, EntryFormat::F16, false};
  for (int64_t rows : {1, 3}) {
    OutputProblem problem(rows, 24, 11, spec);
    double before = problem.getOutputError();
    InverseFactor factor = factorizeInverse(problem.gram, problem.columns);
    ClusteredRows part{problem.gram, problem.weights, {}, problem.rounded, problem.columns, &factor};
    refineCodebook({&part, 1}, spec, problem.codebook);
    EXPECT_LT(problem.getOutputError(), 0.5 * before) << rows;
    for (float value : problem.rounded)
      EXPECT_TRUE(std::find(problem.codebook.begin(), problem.codebook.end(), value) != problem.codebook.end());
    for (float entry : problem.codebook)
      EXPECT_EQ(fromF16(toF16(entry)), entry);
  }
}

TEST(KMeans, RefinementKeepsZerosAndMasks) {
  CodebookSpec spec{6, EntryFormat::F32, true};
  OutputProblem problem(2, 16, 13, spec);
  std::vector<uint8_t> mask(problem.weights.size(), 1);
  for (size_t i = 0; i < mask.size(); i += 3)
    mask[i] = 0, problem.weights[i] = 0;
  problem.round();
  for (size_t i = 0; i < mask.size(); i += 3)
    problem.rounded[i] = 0;
  ClusteredRows part{problem.gram, problem.weights, mask, problem.rounded, problem.columns};
  double before = problem.getOutputError();
  refineCodebook({&part, 1}, spec, problem.codebook);
  EXPECT_LT(problem.getOutputError(), before);
  EXPECT_EQ(problem.codebook[0], 0);
  for (size_t i = 0; i < mask.size(); i += 3)
    EXPECT_EQ(problem.rounded[i], 0);
}

TEST(KMeans, RefinementOfExactWeightsChangesNothing) {
  CodebookSpec spec{16, EntryFormat::F32, false};
  OutputProblem problem(1, 8, 17, spec);
  ClusteredRows part{problem.gram, problem.weights, {}, problem.rounded, problem.columns};
  refineCodebook({&part, 1}, spec, problem.codebook);
  EXPECT_EQ(problem.rounded, problem.weights);
}
