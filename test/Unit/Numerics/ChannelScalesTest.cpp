// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scales of channels: ranges meet, products stay.

#include "condense/Numerics/ChannelScales.h"

#include "gtest/gtest.h"
#include <cmath>

using namespace condense::numerics;

/// Rows of a [rows, columns] weight, or its columns, as channels.
static std::vector<int32_t> getRows(int rows, int columns) {
  std::vector<int32_t> channels;
  for (int i = 0; i != rows * columns; ++i)
    channels.push_back(i / columns);
  return channels;
}
static std::vector<int32_t> getColumns(int rows, int columns) {
  std::vector<int32_t> channels;
  for (int i = 0; i != rows * columns; ++i)
    channels.push_back(i % columns);
  return channels;
}

TEST(ChannelScales, MakesTheRangesOfWriterAndReaderEqual) {
  // Channels of ranges 8 and 0.5 written, 2 and 2 read.
  std::vector<std::vector<float>> weights{{8, -1, 0.25f, 0.5f}, {2, -2, 1, 1}};
  EqualizedGroup group{2, {{0, false, getRows(2, 2)}, {1, true, getColumns(2, 2)}}};
  int done = 0;
  std::vector<Equalization> result = equalize(weights, {&group, 1}, 10, 1e-6, done);
  ASSERT_EQ(result.size(), 1u);
  EXPECT_NEAR(result[0].scales[0], std::sqrt(8.0 / 2), 1e-6);
  EXPECT_NEAR(result[0].scales[1], std::sqrt(0.5 / 2), 1e-6);
  EXPECT_FLOAT_EQ(weights[0][0], 4);
  EXPECT_FLOAT_EQ(weights[1][0], 4);
  EXPECT_FLOAT_EQ(weights[0][3], 1);
  EXPECT_FLOAT_EQ(weights[1][1], -1);
  EXPECT_EQ(done, 2);
  EXPECT_NEAR(result[0].precisionBefore, 0.0625, 1e-9);
  EXPECT_NEAR(result[0].precisionAfter, 0.25, 1e-9);
}

TEST(ChannelScales, ConvergesAlongAChain) {
  std::vector<std::vector<float>> weights{{100, 1}, {1, 2, 3, 4}, {5, 0.01f}};
  std::vector<EqualizedGroup> groups{{2, {{0, false, getRows(2, 1)}, {1, true, getColumns(2, 2)}}},
                                     {2, {{1, false, getRows(2, 2)}, {2, true, getColumns(1, 2)}}}};
  std::vector<std::vector<float>> old = weights;
  int done = 0;
  std::vector<Equalization> result = equalize(weights, groups, 100, 1e-4, done);
  EXPECT_LT(done, 100);
  // The scales of both groups explain each weight.
  for (int row = 0; row != 2; ++row)
    for (int column = 0; column != 2; ++column)
      EXPECT_NEAR(weights[1][row * 2 + column],
                  old[1][row * 2 + column] * result[0].scales[column] / result[1].scales[row], 1e-3);
  for (int channel = 0; channel != 2; ++channel) {
    EXPECT_NEAR(weights[0][channel], old[0][channel] / result[0].scales[channel], 1e-3);
    double range = std::max(std::fabs(weights[1][channel]), std::fabs(weights[1][2 + channel]));
    EXPECT_NEAR(range / std::fabs(weights[0][channel]), 1, 1e-3);
  }
}

TEST(ChannelScales, LeavesDeadChannelsAlone) {
  std::vector<std::vector<float>> weights{{0, 4}, {3, 1}};
  EqualizedGroup group{2, {{0, false, getRows(2, 1)}, {1, true, getColumns(1, 2)}}};
  int done = 0;
  std::vector<Equalization> result = equalize(weights, {&group, 1}, 5, 1e-6, done);
  EXPECT_EQ(result[0].scales[0], 1);
  EXPECT_NEAR(result[0].scales[1], 2, 1e-9);
  EXPECT_EQ(weights[0][0], 0);
  EXPECT_EQ(weights[1][0], 3);

  std::vector<std::vector<float>> zeros{{0, 0}, {0, 0}};
  result = equalize(zeros, {&group, 1}, 5, 1e-6, done);
  EXPECT_EQ(result[0].scales, (std::vector<double>{1, 1}));
  EXPECT_EQ(done, 1);
}

TEST(ChannelScales, SeveralWritersCountRelativeToTheirRange) {
  // The second writer is a hundred times larger, but of the same shape.
  std::vector<std::vector<float>> weights{{4, 1}, {400, 100}, {1, 1}};
  EqualizedGroup group{2, {{0, false, getRows(2, 1)}, {1, false, getRows(2, 1)}, {2, true, getColumns(1, 2)}}};
  int done = 0;
  std::vector<Equalization> result = equalize(weights, {&group, 1}, 1, 0, done);
  EXPECT_NEAR(result[0].scales[0] / result[0].scales[1], 2, 1e-9);
}

TEST(ChannelScales, SmoothQuantSharesTheRange) {
  double activations[] = {100, 1, 0, 1}, weights[] = {0.25, 4, 1, 0};
  std::vector<double> scales = getSmoothScales(activations, weights, 0.5);
  EXPECT_NEAR(scales[0], 20, 1e-9);
  EXPECT_NEAR(scales[1], 0.5, 1e-9);
  EXPECT_EQ(scales[2], 1);
  EXPECT_EQ(scales[3], 1);
  // With alpha 1 all channels of the activation become 1.
  EXPECT_NEAR(getSmoothScales(activations, weights, 1)[0], 100, 1e-9);
}
