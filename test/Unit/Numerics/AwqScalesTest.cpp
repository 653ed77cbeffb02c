// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Activation-aware scales on the case they are for, a few channels with large
// activations, and on cases where they can do nothing.

#include "condense/Numerics/AwqScales.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <random>

using namespace condense::numerics;

namespace {

struct Problem {
  int64_t rows, columns;
  std::vector<float> weights, gram;

  /// Channels `i % 16 == 3` have `outlier` times the activations of the others.
  Problem(int64_t rows, int64_t columns, float outlier, unsigned seed)
      : rows(rows), columns(columns), weights(rows * columns), gram(columns * columns) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    for (float &weight : weights)
      weight = normal(generator);
    std::vector<float> x(columns);
    for (int sample = 0; sample < 256; ++sample) {
      for (int64_t i = 0; i < columns; ++i)
        x[i] = normal(generator) * (i % 16 == 3 ? outlier : 1);
      for (int64_t i = 0; i < columns; ++i)
        for (int64_t j = 0; j < columns; ++j)
          gram[i * columns + j] += x[i] * x[j];
    }
  }
  AwqMatrix get(int64_t blocks) const { return {weights, rows, columns, gram, {}, rows, blocks}; }
};

const QuantizeSpec kInt4{{CodeFormat::Kind::Signed, 4}, ScaleFormat::F16, ScaleChoice::MinMax, false};

TEST(AwqScales, ProtectsLargeActivations) {
  Problem problem(70, 96, 30, 1);
  for (int64_t blocks : {1, 3}) {
    AwqMatrix matrix = problem.get(blocks);
    AwqResult result = searchAwqScales({&matrix, 1}, problem.columns, kInt4);
    EXPECT_GT(result.alpha, 0);
    EXPECT_LT(result.error, 0.5 * result.nearestError) << blocks;
    EXPECT_GT(result.scales[3], 1.5f * result.scales[4]);
    EXPECT_DOUBLE_EQ(result.error, getAwqError({&matrix, 1}, result.scales, kInt4));
  }
}

TEST(AwqScales, NeverWorseThanNearest) {
  for (unsigned seed = 0; seed < 4; ++seed) {
    Problem problem(5, 32, 1, seed);
    AwqMatrix matrix = problem.get(1);
    AwqResult result = searchAwqScales({&matrix, 1}, problem.columns, kInt4);
    EXPECT_LE(result.error, result.nearestError);
  }
}

/// Layers that read the same channels, and columns that share a channel.
TEST(AwqScales, SharedChannels) {
  Problem first(20, 48, 20, 1), second(33, 48, 20, 2);
  std::vector<int64_t> channels(48);
  for (int64_t i = 0; i < 48; ++i)
    channels[i] = i % 16;
  AwqMatrix matrices[] = {first.get(1), second.get(3)};
  for (AwqMatrix &matrix : matrices)
    matrix.channels = channels;
  AwqResult result = searchAwqScales(matrices, 16, kInt4);
  ASSERT_EQ(result.scales.size(), 16u);
  EXPECT_LT(result.error, result.nearestError);
  EXPECT_GT(result.scales[3], result.scales[5]);
}

TEST(AwqScales, ScalesAreNormalisedAndSafe) {
  std::vector<float> scales = getAwqScales(std::vector<double>{0, 1, 4, 16}, 0.5);
  EXPECT_FLOAT_EQ(scales[0] * scales[3], 1); // geometric mean of the extremes
  EXPECT_FLOAT_EQ(scales[3] / scales[2], 2);
  EXPECT_EQ(getAwqScales(std::vector<double>{0, 0}, 0.5), (std::vector<float>{1, 1}));
  EXPECT_EQ(getAwqScales(std::vector<double>{1, INFINITY}, 0.5), (std::vector<float>{1, 1}));

  Problem problem(4, 16, 10, 3);
  problem.weights[5] = std::numeric_limits<float>::quiet_NaN();
  AwqMatrix matrix = problem.get(1);
  AwqResult result = searchAwqScales({&matrix, 1}, 16, kInt4);
  EXPECT_EQ(result.alpha, 0);
  for (float scale : result.scales)
    EXPECT_EQ(scale, 1);
}

} // namespace
