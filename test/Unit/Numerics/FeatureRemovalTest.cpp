// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Removal of inputs against least squares by normal equations, solved independently.

#include "condense/Numerics/FeatureRemoval.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <random>

using namespace condense::numerics;

namespace {

/// Correlated inputs with a mean, and a random map.
struct Problem {
  int64_t samples, rows, features;
  std::vector<float> x, weights, gram, mean;

  Problem(int64_t samples, int64_t rows, int64_t features, unsigned seed = 1)
      : samples(samples), rows(rows), features(features), x(samples * features), weights(rows * features),
        gram(features * features), mean(features) {
    std::mt19937 engine(seed);
    std::normal_distribution<float> normal;
    std::vector<float> mix(features * features);
    for (float &value : mix)
      value = normal(engine);
    for (int64_t s = 0; s < samples; ++s) {
      std::vector<float> source(features);
      for (float &value : source)
        value = normal(engine);
      for (int64_t i = 0; i < features; ++i) {
        float sum = 0.5f * static_cast<float>(i % 3);
        for (int64_t j = 0; j < features; ++j)
          sum += (i == j ? 2.0f : 0.3f * mix[i * features + j]) * source[j];
        x[s * features + i] = sum;
      }
    }
    for (float &value : weights)
      value = normal(engine);
    for (int64_t i = 0; i < features; ++i)
      for (int64_t j = 0; j < features; ++j) {
        double sum = 0;
        for (int64_t s = 0; s < samples; ++s)
          sum += double(x[s * features + i]) * x[s * features + j];
        gram[i * features + j] = static_cast<float>(sum);
      }
    for (int64_t i = 0; i < features; ++i) {
      double sum = 0;
      for (int64_t s = 0; s < samples; ++s)
        sum += x[s * features + i];
      mean[i] = static_cast<float>(sum / double(samples));
    }
  }

  FeatureMoments getMoments(bool centered) const { return {gram, mean, double(samples), centered}; }

  /// The mean squared error over the samples of other weights and bias.
  double measure(const std::vector<float> &other, const std::vector<float> &bias) const {
    double total = 0;
    for (int64_t s = 0; s < samples; ++s)
      for (int64_t r = 0; r < rows; ++r) {
        double difference = bias[r];
        for (int64_t i = 0; i < features; ++i)
          difference += (double(other[r * features + i]) - weights[r * features + i]) * x[s * features + i];
        total += difference * difference;
      }
    return total / double(samples);
  }

  /// Least squares of the outputs on the kept inputs (and a constant), by Gaussian
  /// elimination with pivots: the smallest error there is.
  double solve(const std::vector<int64_t> &kept, bool withConstant) const {
    int64_t n = int64_t(kept.size()) + withConstant;
    auto input = [&](int64_t s, int64_t i) {
      return i < int64_t(kept.size()) ? double(x[s * features + kept[i]]) : 1.0;
    };
    double total = 0;
    for (int64_t r = 0; r < rows; ++r) {
      std::vector<double> a(n * (n + 1));
      std::vector<double> y(samples);
      for (int64_t s = 0; s < samples; ++s) {
        for (int64_t i = 0; i < features; ++i)
          y[s] += double(weights[r * features + i]) * x[s * features + i];
        for (int64_t i = 0; i < n; ++i) {
          for (int64_t j = 0; j < n; ++j)
            a[i * (n + 1) + j] += input(s, i) * input(s, j);
          a[i * (n + 1) + n] += input(s, i) * y[s];
        }
      }
      for (int64_t p = 0; p < n; ++p) {
        int64_t best = p;
        for (int64_t i = p + 1; i < n; ++i)
          if (std::fabs(a[i * (n + 1) + p]) > std::fabs(a[best * (n + 1) + p]))
            best = i;
        for (int64_t j = 0; j <= n; ++j)
          std::swap(a[p * (n + 1) + j], a[best * (n + 1) + j]);
        for (int64_t i = 0; i < n; ++i)
          if (i != p) {
            double f = a[i * (n + 1) + p] / a[p * (n + 1) + p];
            for (int64_t j = p; j <= n; ++j)
              a[i * (n + 1) + j] -= f * a[p * (n + 1) + j];
          }
      }
      for (int64_t s = 0; s < samples; ++s) {
        double predicted = 0;
        for (int64_t i = 0; i < n; ++i)
          predicted += a[i * (n + 1) + n] / a[i * (n + 1) + i] * input(s, i);
        total += (predicted - y[s]) * (predicted - y[s]);
      }
    }
    return total / double(samples);
  }
};

std::vector<int64_t> getKept(int64_t features, const std::vector<int64_t> &removed) {
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < features; ++i)
    if (std::find(removed.begin(), removed.end(), i) == removed.end())
      kept.push_back(i);
  return kept;
}

TEST(FeatureRemoval, ReachesLeastSquares) {
  for (bool centered : {false, true}) {
    Problem problem(101, 5, 13);
    FeatureRemoval removal(5, 13, problem.weights, problem.getMoments(centered), 0);
    ASSERT_TRUE(removal.isValid());
    std::vector<int64_t> removed{2, 7, 8, 12};
    removal.remove(removed);
    double best = problem.solve(getKept(13, removed), centered);
    EXPECT_NEAR(removal.getError(), best, 1e-4 * best);
    EXPECT_NEAR(problem.measure(removal.getWeights(), removal.getBiasChange()), best, 1e-4 * best);
    for (int64_t row = 0; row < 5; ++row)
      for (int64_t i : removed)
        EXPECT_EQ(removal.getWeights()[row * 13 + i], 0.0f);
  }
}

TEST(FeatureRemoval, OneByOneEqualsAtOnce) {
  Problem problem(97, 3, 11);
  FeatureRemoval together(3, 11, problem.weights, problem.getMoments(true), 0.01);
  FeatureRemoval single(3, 11, problem.weights, problem.getMoments(true), 0.01);
  std::vector<int64_t> removed{0, 5, 6};
  together.remove(removed);
  for (int64_t i : removed)
    single.remove(std::vector<int64_t>{i});
  for (int64_t i = 0; i < 33; ++i)
    EXPECT_NEAR(together.getWeights()[i], single.getWeights()[i], 1e-5);
}

TEST(FeatureRemoval, SaliencyIsTheGrowthOfTheError) {
  Problem problem(200, 4, 9);
  FeatureRemoval removal(4, 9, problem.weights, problem.getMoments(true), 0);
  for (std::vector<int64_t> unit : {std::vector<int64_t>{3}, {1, 4}, {0, 7, 8}}) {
    double before = removal.getError(), saliency = removal.getSaliency(unit);
    removal.remove(unit);
    EXPECT_NEAR(removal.getError() - before, saliency, 1e-4 * (1 + saliency));
  }
}

TEST(FeatureRemoval, DuplicateInputCostsNothing) {
  Problem problem(64, 4, 6);
  // Input 5 is input 1: in every row and column of the Gram matrix.
  for (int64_t s = 0; s < problem.samples; ++s)
    problem.x[s * 6 + 5] = problem.x[s * 6 + 1];
  for (int64_t i = 0; i < 6; ++i)
    problem.gram[i * 6 + 5] = problem.gram[i * 6 + 1];
  for (int64_t i = 0; i < 6; ++i)
    problem.gram[5 * 6 + i] = problem.gram[1 * 6 + i];
  problem.mean[5] = problem.mean[1];
  FeatureRemoval removal(4, 6, problem.weights, problem.getMoments(true), 1e-6);
  ASSERT_TRUE(removal.isValid());
  removal.remove(std::vector<int64_t>{5});
  EXPECT_LT(removal.getError(), 1e-6 * removal.getEnergy());
  EXPECT_NEAR(removal.getWeights()[1], problem.weights[1] + problem.weights[5], 1e-3);
}

TEST(FeatureRemoval, ConstantInputMovesIntoTheBias) {
  Problem problem(50, 2, 3);
  for (int64_t s = 0; s < 50; ++s)
    problem.x[s * 3 + 2] = 4;
  for (int64_t i = 0; i < 3; ++i)
    problem.gram[i * 3 + 2] = problem.gram[2 * 3 + i] = 4 * 50 * (i == 2 ? 4 : problem.mean[i]);
  problem.mean[2] = 4;
  FeatureRemoval removal(2, 3, problem.weights, problem.getMoments(true), 1e-6);
  removal.remove(std::vector<int64_t>{2});
  EXPECT_NEAR(removal.getBiasChange()[0], 4 * problem.weights[2], 1e-3);
  EXPECT_NEAR(removal.getBiasChange()[1], 4 * problem.weights[5], 1e-3);
  EXPECT_LT(problem.measure(removal.getWeights(), removal.getBiasChange()), 1e-5);
}

TEST(FeatureRemoval, NeverActiveInputsAreRemovedForNothing) {
  std::vector<float> gram(9, 0.0f), mean(3, 0.0f), weights{1, 2, 3};
  gram[0] = 10;
  FeatureRemoval removal(1, 3, weights, {gram, mean, 10, false}, 0.01);
  ASSERT_TRUE(removal.isValid());
  removal.remove(std::vector<int64_t>{1, 2});
  EXPECT_EQ(removal.getError(), 0);
  EXPECT_FLOAT_EQ(removal.getWeights()[0], 1);
}

TEST(FeatureRemoval, NonFiniteMomentsAreRefused) {
  std::vector<float> gram{1, 0, 0, std::numeric_limits<float>::quiet_NaN()}, mean(2), weights{1, 2};
  EXPECT_FALSE(FeatureRemoval(1, 2, weights, {gram, mean, 1, false}, 0.01).isValid());
  gram[3] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(FeatureRemoval(1, 2, weights, {gram, mean, 1, false}, 0.01).isValid());
  // Not positive definite.
  gram = {1, 3, 3, 1};
  EXPECT_FALSE(FeatureRemoval(1, 2, weights, {gram, mean, 1, false}, 0.01).isValid());
}

} // namespace
