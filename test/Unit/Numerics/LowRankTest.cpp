// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Low-rank factorization: exact at full rank, optimal below, never NaN.

#include "condense/Numerics/LowRank.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <random>

using namespace condense::numerics;

using Values = std::vector<float>;

static Values makeRandom(int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  Values values(count);
  for (float &value : values)
    value = static_cast<float>(static_cast<double>(generator()) / 2147483648.0 - 1.0);
  return values;
}

static Values multiply(int64_t m, int64_t k, int64_t n, const Values &a, const Values &b) {
  Values c(m * n);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t p = 0; p < k; ++p)
        sum += static_cast<double>(a[i * k + p]) * b[p * n + j];
      c[i * n + j] = static_cast<float>(sum);
    }
  return c;
}

/// X^T X of rows whose columns have very different sizes.
static Values makeGram(int64_t columns, int64_t samples, unsigned seed) {
  Values x = makeRandom(samples * columns, seed), gram(columns * columns);
  for (int64_t s = 0; s < samples; ++s)
    for (int64_t i = 0; i < columns; ++i)
      x[s * columns + i] *= std::pow(10.0f, static_cast<float>(i % 4) - 2);
  for (int64_t i = 0; i < columns; ++i)
    for (int64_t j = 0; j < columns; ++j)
      for (int64_t s = 0; s < samples; ++s)
        gram[i * columns + j] += x[s * columns + i] * x[s * columns + j];
  return gram;
}

static Values rebuild(const LowRank &lowRank, int64_t rank) {
  LowRankFactors factors = lowRank.cut(rank);
  return multiply(lowRank.getRows(), rank, lowRank.getColumns(), factors.left, factors.right);
}

TEST(LowRank, FullRankIsExact) {
  for (auto [rows, columns] : {std::pair{7, 13}, {13, 7}, {9, 9}, {1, 5}, {5, 1}, {64, 33}}) {
    Values weight = makeRandom(rows * columns, rows), gram = makeGram(columns, 2 * columns, columns);
    for (bool whitened : {false, true}) {
      auto lowRank = LowRank::compute(rows, columns, weight, whitened ? gram : Values());
      ASSERT_TRUE(lowRank);
      EXPECT_EQ(lowRank->getFullRank(), std::min(rows, columns));
      Values back = rebuild(*lowRank, lowRank->getFullRank());
      for (size_t i = 0; i < weight.size(); ++i)
        EXPECT_NEAR(back[i], weight[i], 1e-5);
    }
  }
}

TEST(LowRank, ErrorIsThatOfTheRemainingSingularValues) {
  for (auto [rows, columns] : {std::pair{12, 20}, {20, 12}}) {
    Values weight = makeRandom(rows * columns, 3);
    auto lowRank = LowRank::compute(rows, columns, weight);
    ASSERT_TRUE(lowRank);
    for (int64_t rank = 1; rank <= 12; ++rank)
      EXPECT_NEAR(getOutputError(rows, columns, weight, rebuild(*lowRank, rank)), lowRank->getRelativeError(rank),
                  1e-5);
  }
}

TEST(LowRank, FindsTheRankOfAProduct) {
  Values weight = multiply(15, 4, 21, makeRandom(60, 1), makeRandom(84, 2));
  auto lowRank = LowRank::compute(15, 21, weight);
  ASSERT_TRUE(lowRank);
  EXPECT_EQ(lowRank->getRankByError(1e-5), 4);
  EXPECT_EQ(lowRank->getRankByEnergy(1 - 1e-9), 4);
  EXPECT_LT(getOutputError(15, 21, weight, rebuild(*lowRank, 4)), 1e-6);
}

TEST(LowRank, WhitenedHasTheLeastOutputError) {
  for (auto [rows, columns] : {std::pair{16, 24}, {24, 16}}) {
    Values weight = makeRandom(rows * columns, 5), gram = makeGram(columns, 100, 6);
    auto plain = LowRank::compute(rows, columns, weight), whitened = LowRank::compute(rows, columns, weight, gram, 0);
    auto dampened = LowRank::compute(rows, columns, weight, gram, 0.1);
    ASSERT_TRUE(plain && whitened && dampened);
    for (int64_t rank : {1, 4, 8}) {
      double error = getOutputError(rows, columns, weight, rebuild(*whitened, rank), gram);
      EXPECT_NEAR(error, whitened->getRelativeError(rank), 1e-5);
      // Damping changes what is kept, not how its error is counted.
      EXPECT_NEAR(getOutputError(rows, columns, weight, rebuild(*dampened, rank), gram),
                  dampened->getRelativeError(rank), 1e-5);
      EXPECT_GE(dampened->getRelativeError(rank), error - 1e-5);
      EXPECT_LT(error, 0.99 * getOutputError(rows, columns, weight, rebuild(*plain, rank), gram));
    }
  }
}

TEST(LowRank, LeftIsOrthonormalWithFixedSigns) {
  auto lowRank = LowRank::compute(11, 6, makeRandom(66, 7), makeGram(6, 3, 8));
  ASSERT_TRUE(lowRank);
  LowRankFactors factors = lowRank->cut(6);
  for (int64_t i = 0; i < 6; ++i) {
    float largest = 0;
    for (int64_t row = 0; row < 11; ++row)
      if (std::abs(factors.left[row * 6 + i]) > std::abs(largest))
        largest = factors.left[row * 6 + i];
    EXPECT_GT(largest, 0);
    for (int64_t j = 0; j < 6; ++j) {
      double dot = 0;
      for (int64_t row = 0; row < 11; ++row)
        dot += factors.left[row * 6 + i] * factors.left[row * 6 + j];
      EXPECT_NEAR(dot, i == j ? 1 : 0, 1e-5);
    }
  }
}

TEST(LowRank, RanksByBudget) {
  auto lowRank = LowRank::compute(20, 30, makeRandom(600, 9));
  ASSERT_TRUE(lowRank);
  for (double error : {0.0, 0.1, 0.5, 0.9, 1.0}) {
    int64_t rank = lowRank->getRankByError(error);
    EXPECT_LE(lowRank->getRelativeError(rank), error + 1e-12);
    if (rank > 1)
      EXPECT_GT(lowRank->getRelativeError(rank - 1), error);
  }
  EXPECT_EQ(lowRank->getRankByEnergy(1), 20);
  EXPECT_EQ(lowRank->getRankByEnergy(0), 1);
  EXPECT_EQ(getRankByRatio(0.5, 600, 50), 6);
  EXPECT_EQ(getRankByRatio(0.01, 600, 50), 0);
  EXPECT_EQ(getRankByRatio(7.0 * 50 / 600, 600, 50), 7);
}

TEST(LowRank, DegenerateInputsGiveNumbers) {
  Values zero(35), ones(35, 1.0f), noGram(49);
  for (const Values &weight : {zero, ones})
    for (const Values &gram : {Values(), noGram, Values(49, 1e30f)}) {
      auto lowRank = LowRank::compute(5, 7, weight, gram);
      ASSERT_TRUE(lowRank);
      for (float value : rebuild(*lowRank, 1))
        EXPECT_NEAR(value, weight[0], 1e-5);
      EXPECT_LE(lowRank->getRelativeError(1), 1e-6);
    }
  Values bad = ones;
  bad[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(LowRank::compute(5, 7, bad));
  noGram[0] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(LowRank::compute(5, 7, ones, noGram));
  EXPECT_FALSE(LowRank::compute(0, 7, {}));
}

TEST(LowRank, CoefficientsFitASharedBasis) {
  Values weight = makeRandom(9 * 14, 10), gram = makeGram(14, 60, 11), basis = makeRandom(5 * 14, 12);
  Values fitted = fitCoefficients(9, 14, weight, 5, basis, gram, 0);
  double best = getOutputError(9, 14, weight, multiply(9, 5, 14, fitted, basis), gram);
  for (size_t i = 0; i < fitted.size(); i += 4)
    for (float step : {-0.01f, 0.01f}) {
      Values other = fitted;
      other[i] += step;
      EXPECT_GE(getOutputError(9, 14, weight, multiply(9, 5, 14, other, basis), gram), best - 1e-6);
    }
  // A weight within the basis is met exactly, also when rows of the basis repeat.
  std::copy_n(basis.begin(), 14, basis.begin() + 14);
  Values inside = multiply(9, 5, 14, makeRandom(45, 13), basis);
  Values again = multiply(9, 5, 14, fitCoefficients(9, 14, inside, 5, basis), basis);
  for (size_t i = 0; i < inside.size(); ++i)
    EXPECT_NEAR(again[i], inside[i], 1e-3);
}

TEST(LowRank, AddsAScaledProduct) {
  Values left = makeRandom(15, 15), right = makeRandom(21, 16), weight = makeRandom(35, 17);
  Values expected = multiply(5, 3, 7, left, right), sum = weight;
  addProduct(5, 3, 7, 0.5, left, right, sum);
  for (int i = 0; i < 35; ++i)
    EXPECT_NEAR(sum[i], weight[i] + 0.5f * expected[i], 1e-6);
}

TEST(LowRank, SpatialMatrix) {
  // [o = 2, y = 3, x = 4, i = 5]
  KernelShape shape{2, 3, 4, 5};
  Values kernel = makeRandom(120, 14), matrix = toSpatialMatrix(shape, kernel);
  EXPECT_EQ(fromSpatialMatrix(shape, matrix), kernel);
  // o = 1, x = 2; y = 1, i = 3
  EXPECT_EQ(matrix[(1 * 4 + 2) * 15 + 1 * 5 + 3], kernel[((1 * 3 + 1) * 4 + 2) * 5 + 3]);

  Values gram(60 * 60);
  for (int64_t i = 0; i < 60 * 60; ++i)
    gram[i] = static_cast<float>(i);
  Values reduced = toSpatialGram(shape, gram);
  float expected = 0;
  for (int64_t x = 0; x < 4; ++x)
    expected += gram[((1 * 4 + x) * 5 + 3) * 60 + (2 * 4 + x) * 5 + 4];
  EXPECT_EQ(reduced[(1 * 5 + 3) * 15 + 2 * 5 + 4], expected);
}
