// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Second-order pruning: masks have the size asked for, reconstruction lowers the
// output error, and the fit of a row is the least squares solution.

#include "condense/Numerics/PruneReconstruct.h"
#include "gtest/gtest.h"
#include <cmath>
#include <numeric>
#include <random>

using namespace condense::numerics;
using Mask = std::vector<uint8_t>;

namespace {
/// A weight and correlated activations.
struct Problem {
  int64_t rows, columns;
  std::vector<float> weights, gram;

  Problem(int64_t rows, int64_t columns, unsigned seed, int64_t samples = 0) : rows(rows), columns(columns) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    weights.resize(rows * columns);
    for (float &value : weights)
      value = normal(generator);
    gram.resize(columns * columns);
    std::vector<float> x(columns);
    for (int64_t sample = 0, count = samples ? samples : 4 * columns; sample < count; ++sample) {
      float common = normal(generator);
      for (int64_t i = 0; i < columns; ++i)
        x[i] = (normal(generator) + common) * (i % 5 == 3 ? 4 : 1);
      for (int64_t i = 0; i < columns; ++i)
        for (int64_t j = 0; j < columns; ++j)
          gram[i * columns + j] += x[i] * x[j];
    }
  }

  double getError(std::span<const float> changed) const {
    std::vector<float> difference(weights);
    for (size_t i = 0; i < difference.size(); ++i)
      difference[i] -= changed[i];
    std::vector<double> errors(rows);
    addOutputErrors(gram, columns, difference, errors);
    return std::accumulate(errors.begin(), errors.end(), 0.0);
  }

  std::vector<float> prune(std::span<const uint8_t> mask) const {
    std::vector<float> pruned(weights);
    for (size_t i = 0; i < pruned.size(); ++i)
      pruned[i] *= mask[i];
    return pruned;
  }

  /// All rows, with the kept elements fitted.
  std::vector<float> refit(std::span<const uint8_t> mask, double damping) const {
    std::vector<float> result(weights.size());
    for (int64_t row = 0; row < rows; ++row)
      EXPECT_TRUE(refitRow(gram, damping, mask.subspan(row * columns, columns),
                           std::span(weights).subspan(row * columns, columns),
                           std::span(result).subspan(row * columns, columns)));
    return result;
  }

  std::vector<float> getScores() const {
    std::vector<float> scores(weights.size());
    scoreSaliency({rows, columns}, weights, getInverseDiagonal(factorizeInverse(gram, columns)), scores);
    return scores;
  }
};
} // namespace

TEST(PruneReconstruct, InverseDiagonal) {
  // (diag(2, 4) + 0.01 * 3)^-1, whatever the order.
  std::vector<float> gram{2, 0, 0, 4};
  for (const std::vector<int64_t> &order : {std::vector<int64_t>{0, 1}, {1, 0}}) {
    std::vector<float> diagonal = getInverseDiagonal(factorizeInverse(gram, 2, 0.01, order));
    EXPECT_NEAR(diagonal[0], 1 / 2.03, 1e-6);
    EXPECT_NEAR(diagonal[1], 1 / 4.03, 1e-6);
  }
}

TEST(PruneReconstruct, BlocksKeepTheirShare) {
  Problem problem(19, 301, 1);
  InverseFactor factor = factorizeInverse(problem.gram, problem.columns);
  std::vector<float> scores = problem.getScores();
  for (MaskChoice choice : {MaskChoice::Blocks, MaskChoice::RowBlocks}) {
    Mask mask(scores.size());
    maskLowest(scores, 0.6, mask);
    Mask before = mask;
    std::vector<float> swept = problem.weights;
    pruneAndReconstruct(factor, {choice}, problem.rows, swept, mask);
    EXPECT_EQ(countKept(mask), countKept(before));
    for (int64_t row = 0; choice == MaskChoice::RowBlocks && row < problem.rows; ++row)
      EXPECT_EQ(countKept(std::span(mask).subspan(row * 301 + 128, 128)),
                countKept(std::span(before).subspan(row * 301 + 128, 128)));
    for (size_t i = 0; i < mask.size(); ++i)
      EXPECT_TRUE(mask[i] || swept[i] == 0);

    // The sweep beats pruning alone, the fit beats the sweep.
    double plain = problem.getError(problem.prune(mask)), updated = problem.getError(swept),
           fitted = problem.getError(problem.refit(mask, factor.damping));
    EXPECT_LT(updated, 0.8 * plain);
    EXPECT_LT(fitted, updated);
  }
}

TEST(PruneReconstruct, Groups) {
  Problem problem(10, 45, 2);
  InverseFactor factor = factorizeInverse(problem.gram, problem.columns);
  Mask mask(450), magnitude(450);
  std::vector<float> swept = problem.weights, scores(450);
  pruneAndReconstruct(factor, {MaskChoice::Groups, 2, 4}, problem.rows, swept, mask);
  for (int64_t row = 0; row < 10; ++row)
    for (int64_t start = 0; start < 45; start += 4) {
      int64_t length = std::min<int64_t>(4, 45 - start);
      EXPECT_EQ(countKept(std::span(mask).subspan(row * 45 + start, length)), getNumKept(2, 4, length));
    }
  scoreMagnitude(problem.weights, scores);
  maskGroups({10, 45}, scores, 2, 4, magnitude);
  EXPECT_LT(problem.getError(swept), 0.8 * problem.getError(problem.prune(magnitude)));
}

TEST(PruneReconstruct, GivenMaskStays) {
  Problem problem(5, 33, 3);
  InverseFactor factor = factorizeInverse(problem.gram, problem.columns);
  Mask mask(165);
  maskBlocks({5, 33}, {2, 4}, problem.getScores(), 0.5, mask);
  Mask before = mask;
  std::vector<float> swept = problem.weights;
  pruneAndReconstruct(factor, {}, 5, swept, mask);
  EXPECT_EQ(mask, before);
  EXPECT_LT(problem.getError(swept), problem.getError(problem.prune(mask)));
}

/// The gradient of the damped error vanishes on the kept elements.
TEST(PruneReconstruct, RefitIsTheLeastSquaresSolution) {
  Problem problem(3, 150, 4);
  double damping = 2;
  Mask mask(450);
  maskLowest(problem.getScores(), 0.5, mask);
  std::vector<float> refit = problem.refit(mask, damping);
  for (int64_t row = 0; row < 3; ++row)
    for (int64_t i = 0; i < 150; ++i) {
      if (!mask[row * 150 + i]) {
        EXPECT_EQ(refit[row * 150 + i], 0);
        continue;
      }
      double gradient = damping * (refit[row * 150 + i] - problem.weights[row * 150 + i]), size = 0;
      for (int64_t j = 0; j < 150; ++j) {
        double term = problem.gram[i * 150 + j] * (refit[row * 150 + j] - problem.weights[row * 150 + j]);
        gradient += term, size += std::fabs(term);
      }
      EXPECT_NEAR(gradient, 0, 1e-5 * size);
    }
}

/// Choosing groups again keeps N:M and never makes a row worse than its fit.
TEST(PruneReconstruct, RefitGroups) {
  for (auto [kept, group] : {std::pair<int64_t, int64_t>{2, 4}, {1, 3}, {5, 16}}) {
    Problem problem(12, 62, 6);
    InverseFactor factor = factorizeInverse(problem.gram, problem.columns);
    Mask mask(12 * 62);
    std::vector<float> swept = problem.weights;
    pruneAndReconstruct(factor, {MaskChoice::Groups, kept, group}, 12, swept, mask);
    std::vector<float> fitted = problem.refit(mask, factor.damping), chosen(swept.size());
    auto getRow = [](auto &values, int64_t row) { return std::span(values).subspan(row * 62, 62); };
    for (int sweeps : {0, 3}) {
      Mask changed = mask;
      for (int64_t row = 0; row < 12; ++row)
        ASSERT_TRUE(refitGroups(problem.gram, factor.damping, kept, group, sweeps, getRow(changed, row),
                                getRow(std::as_const(problem.weights), row), getRow(chosen, row)));
      for (int64_t row = 0; row < 12; ++row)
        for (int64_t start = 0; start < 62; start += group) {
          int64_t length = std::min<int64_t>(group, 62 - start);
          EXPECT_EQ(countKept(getRow(changed, row).subspan(start, length)), getNumKept(kept, group, length));
        }
      if (sweeps == 0) {
        EXPECT_EQ(changed, mask);
        for (size_t i = 0; i < chosen.size(); ++i)
          EXPECT_NEAR(chosen[i], fitted[i], 1e-3);
      } else {
        EXPECT_LT(problem.getError(chosen), 0.97 * problem.getError(fitted));
        // What stays is the fit for the new mask.
        std::vector<float> again = problem.refit(changed, factor.damping);
        for (size_t i = 0; i < chosen.size(); ++i)
          EXPECT_NEAR(chosen[i], again[i], 1e-3);
      }
    }
  }
}

TEST(PruneReconstruct, FewSamplesAndDegenerateRows) {
  // Fewer samples than columns: the damping decides.
  Problem problem(4, 40, 5, /*samples=*/10);
  InverseFactor factor = factorizeInverse(problem.gram, problem.columns);
  ASSERT_EQ(factor.status, InverseFactor::Status::OK);
  Mask mask(160);
  maskLowest(problem.getScores(), 0.5, mask);
  EXPECT_LT(problem.getError(problem.refit(mask, factor.damping)), problem.getError(problem.prune(mask)));
  // Nothing kept, everything kept, no equations to solve.
  std::vector<float> row(40, 7);
  std::span<const float> original = std::span(problem.weights).first(40);
  EXPECT_TRUE(refitRow(problem.gram, 1, Mask(40, 0), original, row));
  EXPECT_EQ(row, std::vector<float>(40, 0));
  EXPECT_TRUE(refitRow(problem.gram, 1, Mask(40, 1), original, row));
  EXPECT_TRUE(std::equal(row.begin(), row.end(), original.begin()));
  EXPECT_FALSE(refitRow(std::vector<float>(1600, NAN), 1, Mask(40, 1), original, row));
}

TEST(PruneReconstruct, Cost) {
  EXPECT_DOUBLE_EQ(getRefitCost({2, 8}, Mask{1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 9 * 2.0);
}
