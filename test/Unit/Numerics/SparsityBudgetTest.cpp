// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Distribution of a sparsity budget: met exactly, optimal on convex curves.

#include "condense/Numerics/SparsityBudget.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace condense::numerics;

static SensitivityCurve getCurve(int64_t elements, double factor, double power) {
  SensitivityCurve curve{elements, {}, {}};
  for (int i = 1; i <= 19; ++i) {
    curve.sparsities.push_back(i * 0.05);
    curve.errors.push_back(factor * std::pow(i * 0.05, power));
  }
  return curve;
}

TEST(SparsityBudget, MeetsTheBudget) {
  std::vector<SensitivityCurve> curves{getCurve(100, 1, 2), getCurve(5000, 20, 3), getCurve(37, 0.1, 2)};
  for (double budget : {0.0, 0.1, 0.5, 0.77, 0.9}) {
    SparsityDistribution result = distributeSparsity(curves, budget);
    EXPECT_NEAR(result.overall, budget, 1e-12);
    double pruned = 0;
    for (size_t i = 0; i < curves.size(); ++i) {
      EXPECT_GE(result.sparsities[i], 0);
      EXPECT_LE(result.sparsities[i], 0.95 + 1e-12);
      pruned += result.sparsities[i] * static_cast<double>(curves[i].elements);
    }
    EXPECT_NEAR(pruned, budget * 5137, 1e-9);
  }
}

TEST(SparsityBudget, SensitiveLayersKeepMore) {
  std::vector<SensitivityCurve> curves{getCurve(1000, 10, 2), getCurve(1000, 1, 2)};
  SparsityDistribution result = distributeSparsity(curves, 0.3);
  EXPECT_LT(result.sparsities[0], 0.11);
  EXPECT_GT(result.sparsities[1], 0.49);
}

/// Every pair of sparsities that meets the budget is at least as bad.
TEST(SparsityBudget, OptimalOnConvexCurves) {
  std::vector<SensitivityCurve> curves{getCurve(400, 3, 2), getCurve(600, 2, 4)};
  SparsityDistribution result = distributeSparsity(curves, 0.5);
  auto errorAt = [&](const SensitivityCurve &curve, double sparsity) {
    double last = 0, lastError = 0;
    for (size_t i = 0; i < curve.errors.size(); ++i) {
      if (sparsity <= curve.sparsities[i] + 1e-12)
        return lastError + (curve.errors[i] - lastError) * (sparsity - last) / (curve.sparsities[i] - last);
      last = curve.sparsities[i], lastError = curve.errors[i];
    }
    return std::numeric_limits<double>::infinity();
  };
  for (int pruned = 0; pruned <= 380; ++pruned) {
    double other = (500 - pruned) / 600.0;
    EXPECT_GE(errorAt(curves[0], pruned / 400.0) + errorAt(curves[1], other), result.error - 1e-9) << pruned;
  }
}

TEST(SparsityBudget, UnreachableAndDegenerate) {
  std::vector<SensitivityCurve> curves{{100, {0.5}, {1}}, {0, {0.5}, {1}}, {100, {0.2, 0.4}, {1, 0.5}}};
  SparsityDistribution result = distributeSparsity(curves, 0.9);
  EXPECT_DOUBLE_EQ(result.overall, 0.45);
  EXPECT_DOUBLE_EQ(result.sparsities[0], 0.5);
  EXPECT_EQ(result.sparsities[1], 0);
  EXPECT_DOUBLE_EQ(result.sparsities[2], 0.4); // an error that falls is noise
  EXPECT_EQ(distributeSparsity({}, 0.5).overall, 0);
}

TEST(SparsityBudget, TiesGoToTheFirstLayer) {
  std::vector<SensitivityCurve> curves{getCurve(100, 1, 1), getCurve(100, 1, 1)};
  SparsityDistribution first = distributeSparsity(curves, 0.25);
  EXPECT_NEAR(first.sparsities[0], 0.5, 1e-9);
  EXPECT_NEAR(first.sparsities[1], 0, 1e-9);
}
