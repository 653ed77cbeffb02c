// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The inverse factor against its definition, and the sweep against Optimal Brain
// Surgeon written down plainly: the inverse of what is left, one column at a time.

#include "condense/Numerics/OptimalBrain.h"
#include "condense/Numerics/MatrixProduct.h"
#include "gtest/gtest.h"
#include <chrono>
#include <cmath>
#include <limits>
#include <random>

using namespace condense::numerics;

namespace {

std::vector<float> randomMatrix(int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float &value : values)
    value = normal(generator);
  return values;
}

/// X^T X of `samples` rows whose columns are correlated and of different sizes.
std::vector<float> randomGram(int64_t size, int64_t samples, unsigned seed) {
  std::vector<float> x = randomMatrix(samples * size, seed), gram(size * size);
  for (int64_t s = 0; s < samples; ++s)
    for (int64_t i = 1; i < size; ++i)
      x[s * size + i] = 0.7f * x[s * size + i - 1] + x[s * size + i] * (1 + static_cast<float>(i % 3));
  for (int64_t s = 0; s < samples; ++s)
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j)
        gram[i * size + j] += x[s * size + i] * x[s * size + j];
  return gram;
}

struct RoundToStep : ColumnDecider {
  float step = 0.5f;
  void decide(int64_t, std::span<const float> current, std::span<float> chosen) override {
    for (size_t r = 0; r < current.size(); ++r)
      chosen[r] = std::nearbyint(current[r] / step) * step;
  }
};

/// Optimal Brain Surgeon in f64: after each column, the best update of the rest,
/// and the inverse without that column.
std::vector<double> sweepPlainly(const std::vector<float> &gram, int64_t size, const std::vector<float> &weights,
                                 double damping, float step) {
  std::vector<double> h(gram.begin(), gram.end()), inverse(size * size, 0), w(weights.begin(), weights.end());
  for (int64_t i = 0; i < size; ++i) {
    h[i * size + i] += damping;
    inverse[i * size + i] = 1;
  }
  for (int64_t p = 0; p < size; ++p) { // Gauss-Jordan; positive definite, no pivoting
    double pivot = h[p * size + p];
    for (int64_t j = 0; j < size; ++j)
      h[p * size + j] /= pivot, inverse[p * size + j] /= pivot;
    for (int64_t i = 0; i < size; ++i) {
      double factor = h[i * size + p];
      for (int64_t j = 0; i != p && j < size; ++j)
        h[i * size + j] -= factor * h[p * size + j], inverse[i * size + j] -= factor * inverse[p * size + j];
    }
  }
  auto rows = static_cast<int64_t>(weights.size()) / size;
  for (int64_t p = 0; p < size; ++p) {
    double pivot = inverse[p * size + p];
    for (int64_t r = 0; r < rows; ++r) {
      double old = w[r * size + p], chosen = std::nearbyint(old / step) * step;
      for (int64_t j = p + 1; j < size; ++j)
        w[r * size + j] -= (old - chosen) / pivot * inverse[p * size + j];
      w[r * size + p] = chosen;
    }
    for (int64_t i = p + 1; i < size; ++i)
      for (int64_t j = p + 1; j < size; ++j)
        inverse[i * size + j] -= inverse[i * size + p] * inverse[p * size + j] / pivot;
  }
  return w;
}

double getOutputError(const std::vector<float> &gram, int64_t size, const std::vector<float> &a,
                      const std::vector<float> &b) {
  std::vector<float> difference(a.size());
  for (size_t i = 0; i < a.size(); ++i)
    difference[i] = a[i] - b[i];
  std::vector<double> errors(a.size() / size);
  addOutputErrors(gram, size, difference, errors);
  double sum = 0;
  for (double error : errors)
    sum += error;
  return sum;
}

TEST(MatrixProduct, AgreesWithItsDefinition) {
  for (auto [m, n, k] : {std::array<int64_t, 3>{1, 1, 1}, {3, 17, 5}, {9, 33, 130}, {64, 16, 300}}) {
    std::vector<float> a = randomMatrix(m * k, 1), b = randomMatrix(k * n, 2), c = randomMatrix(m * n, 3);
    std::vector<float> product = c, transposed(k * m), again = c;
    for (int64_t i = 0; i < m; ++i)
      for (int64_t p = 0; p < k; ++p)
        transposed[p * m + i] = a[i * k + p];
    subtractProduct(m, n, k, {a.data(), k}, {b.data(), n}, {product.data(), n});
    subtractProduct(m, n, k, {transposed.data(), 1, m}, {b.data(), n}, {again.data(), n});
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double sum = c[i * n + j];
        for (int64_t p = 0; p < k; ++p)
          sum -= static_cast<double>(a[i * k + p]) * b[p * n + j];
        EXPECT_NEAR(product[i * n + j], sum, 1e-4) << m << 'x' << n << 'x' << k;
      }
    EXPECT_EQ(product, again);
  }
}

TEST(OptimalBrain, FactorIsOfTheInverse) {
  for (int64_t size : {1, 5, 63, 64, 65, 130, 323}) {
    std::vector<float> gram = randomGram(size, 2 * size + 3, size);
    InverseFactor factor = factorizeInverse(gram, size, 0.01);
    ASSERT_EQ(factor.status, InverseFactor::Status::OK);
    EXPECT_EQ(factor.raised, 0);
    // U (H + damping) U^T is the identity when (H + damping)^-1 = U^T U.
    std::vector<double> product(size * size);
    for (int64_t i = 0; i < size; ++i)
      for (int64_t k = i; k < size; ++k)
        for (int64_t j = 0; j < size; ++j)
          product[i * size + j] += factor.upper[i * size + k] * (gram[k * size + j] + (k == j ? factor.damping : 0.0));
    for (int64_t i = 0; i < size; ++i) {
      EXPECT_GT(factor.getPivot(i), 0);
      for (int64_t j = 0; j < size; ++j) {
        double sum = 0;
        for (int64_t k = j; k < size; ++k)
          sum += product[i * size + k] * factor.upper[j * size + k];
        EXPECT_NEAR(sum, i == j, 1e-4) << size;
      }
      for (int64_t j = 0; j < i; ++j)
        EXPECT_EQ(factor.upper[i * size + j], 0);
    }
  }
}

TEST(OptimalBrain, SweepIsOptimalBrainSurgeon) {
  for (int64_t size : {1, 7, 128, 129, 300}) {
    constexpr int64_t rows = 5;
    std::vector<float> gram = randomGram(size, 2 * size, 7), weights = randomMatrix(rows * size, 8);
    InverseFactor factor = factorizeInverse(gram, size, 0.05);
    RoundToStep decider;
    std::vector<float> chosen = weights;
    std::vector<double> rowErrors(rows);
    sweepColumns(factor, chosen, rows, decider, 1, rowErrors);
    std::vector<double> plain = sweepPlainly(gram, size, weights, factor.damping, decider.step);
    int64_t different = 0; // a value half-way between two steps may fall on either side
    for (int64_t i = 0; i < rows * size; ++i)
      different += std::fabs(chosen[i] - plain[i]) > 1e-6;
    EXPECT_LE(different, size / 100) << size;

    double total = 0, norm = 0;
    for (double error : rowErrors)
      total += error;
    for (int64_t i = 0; i < rows * size; ++i)
      norm += std::pow(weights[i] - chosen[i], 2.0);
    double error = getOutputError(gram, size, weights, chosen);
    EXPECT_NEAR(total, error + factor.damping * norm, 1e-3 * total);
    std::vector<float> nearest = weights;
    for (float &value : nearest)
      value = std::nearbyint(value / decider.step) * decider.step;
    if (size > 1) {
      EXPECT_LT(error, 0.7 * getOutputError(gram, size, weights, nearest)) << size;
    }
  }
}

TEST(OptimalBrain, RowsAreIndependent) {
  constexpr int64_t size = 150, rows = 77;
  std::vector<float> gram = randomGram(size, 200, 3), weights = randomMatrix(rows * size, 4);
  std::vector<int64_t> order = getActivationOrder(gram, size);
  InverseFactor factor = factorizeInverse(gram, size, 0.01, order);
  RoundToStep decider;
  std::vector<float> together = weights, apart = weights;
  sweepColumns(factor, together, rows, decider);
  for (int64_t row = 0, count = 1; row < rows; row += count, count = 2 * count + 1) {
    count = std::min(count, rows - row);
    sweepColumns(factor, std::span(apart).subspan(row * size, count * size), count, decider);
  }
  EXPECT_EQ(together, apart);
  EXPECT_LT(getOutputError(gram, size, weights, together), getOutputError(gram, size, weights, [&] {
              std::vector<float> nearest = weights;
              for (float &value : nearest)
                value = std::nearbyint(value / decider.step) * decider.step;
              return nearest;
            }()));
}

/// Groups are announced with all updates made.
TEST(OptimalBrain, GroupsSeeAllUpdates) {
  struct Checker : RoundToStep {
    const InverseFactor &factor;
    std::vector<float> seen;
    int64_t groups = 0;
    explicit Checker(const InverseFactor &factor) : factor(factor), seen(factor.size) {}
    void beginGroup(const ColumnView &group) override {
      ++groups;
      for (int64_t i = 0; i < group.getNumColumns(); ++i)
        seen[group.getFirstPosition() + i] = group.getColumn(i)[0];
    }
  };
  constexpr int64_t size = 200;
  std::vector<float> gram = randomGram(size, 300, 5), weights = randomMatrix(size, 6);
  InverseFactor factor = factorizeInverse(gram, size);
  std::vector<float> reference;
  for (int64_t group : {1, 4, 32, 48, 160, 200, 500}) {
    Checker checker(factor);
    std::vector<float> chosen = weights;
    sweepColumns(factor, chosen, 1, checker, group);
    EXPECT_EQ(checker.groups, (size + group - 1) / group);
    if (reference.empty())
      reference = chosen;
    // The first column of each group has its final current value.
    for (int64_t first = 0; first < size; first += group)
      EXPECT_NEAR(chosen[first], std::nearbyint(checker.seen[first] / checker.step) * checker.step, 0) << group;
    for (int64_t i = 0; i < size; ++i)
      EXPECT_NEAR(chosen[i], reference[i], 1e-5) << group;
  }
}

TEST(OptimalBrain, SingularAndBadMatrices) {
  constexpr int64_t size = 40;
  // Fewer samples than columns and a column that was never active.
  std::vector<float> gram = randomGram(size, 5, 9);
  for (int64_t i = 0; i < size; ++i)
    gram[i * size + 3] = gram[3 * size + i] = 0;
  InverseFactor factor = factorizeInverse(gram, size, 0.01);
  ASSERT_EQ(factor.status, InverseFactor::Status::OK);
  EXPECT_NEAR(factor.getPivot(3), 1 / std::sqrt(factor.damping), 1e-3 * factor.getPivot(3));

  InverseFactor zero = factorizeInverse(std::vector<float>(size * size), size);
  ASSERT_EQ(zero.status, InverseFactor::Status::OK);
  EXPECT_EQ(zero.getPivot(0), 1);

  // Without damping it is raised until it suffices.
  InverseFactor undamped = factorizeInverse(std::vector<float>{1, 1, 1, 1}, 2, 0);
  ASSERT_EQ(undamped.status, InverseFactor::Status::OK);
  EXPECT_GT(undamped.raised, 0);
  for (float value : undamped.upper)
    EXPECT_TRUE(std::isfinite(value));
  // Not a Gram matrix at all, but the damping gets there.
  InverseFactor indefinite = factorizeInverse(std::vector<float>{1, 2, 2, 1}, 2, 0.01);
  ASSERT_EQ(indefinite.status, InverseFactor::Status::OK);
  EXPECT_EQ(indefinite.raised, 3);
  EXPECT_EQ(factorizeInverse(std::vector<float>{1, 1e9f, 1e9f, 1}, 2, 0.01).status,
            InverseFactor::Status::NotPositiveDefinite);
  EXPECT_EQ(factorizeInverse(std::vector<float>{-1, 0, 0, -1}, 2, 1e-9).status, InverseFactor::Status::OK);

  gram[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(factorizeInverse(gram, size).status, InverseFactor::Status::NonFinite);
  gram[7] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(factorizeInverse(gram, size).status, InverseFactor::Status::NonFinite);
}

/// Not a test of time, but prints it: --gtest_also_run_disabled_tests.
TEST(OptimalBrain, DISABLED_Speed) {
  constexpr int64_t size = 3072, rows = 768;
  std::vector<float> gram = randomMatrix(size * size, 1), weights = randomMatrix(rows * size, 2);
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = 0; j <= i; ++j)
      gram[j * size + i] = gram[i * size + j] += i == j ? 300.0f : 0.0f;
  auto now = [] { return std::chrono::steady_clock::now(); };
  auto start = now();
  InverseFactor factor = factorizeInverse(gram, size);
  auto factored = now();
  RoundToStep decider;
  for (int64_t row = 0; row < rows; row += kSweepRows)
    sweepColumns(factor, std::span(weights).subspan(row * size, kSweepRows * size), kSweepRows, decider);
  auto swept = now();
  std::vector<double> errors(rows);
  addOutputErrors(gram, size, weights, errors);
  using Seconds = std::chrono::duration<double>;
  std::printf("factor %.2f s (raised %d), sweep %.2f s, output error %.2f s\n", Seconds(factored - start).count(),
              factor.raised, Seconds(swept - factored).count(), Seconds(now() - swept).count());
}

} // namespace
