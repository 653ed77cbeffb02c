// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Masks: how many elements stay, which, and what happens at ragged ends and ties.

#include "condense/Numerics/Pruning.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <random>

using namespace condense::numerics;
using Mask = std::vector<uint8_t>;

static std::vector<float> normalValues(int64_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (float &value : values)
    value = normal(generator);
  return values;
}

static Mask maskLowestOf(std::vector<float> scores, double sparsity) {
  Mask mask(scores.size(), 7);
  maskLowest(scores, sparsity, mask);
  return mask;
}

TEST(Pruning, Scores) {
  std::vector<float> weights{-3, 1, 0, 2, -2, 4}, scores(6);
  scoreMagnitude(weights, scores);
  EXPECT_EQ(scores, (std::vector<float>{3, 1, 0, 2, 2, 4}));
  scoreWanda({2, 3}, weights, std::vector<float>{1, 10, 0.5f}, scores);
  EXPECT_EQ(scores, (std::vector<float>{3, 10, 0, 2, 20, 2}));
  scoreSaliency({2, 3}, weights, std::vector<float>{2, 0, 4}, scores);
  EXPECT_EQ(scores, (std::vector<float>{4.5f, 1, 0, 2, 4, 4}));
}

TEST(Pruning, LowestAndTies) {
  EXPECT_EQ(maskLowestOf({3, 1, 2, 4}, 0.5), (Mask{1, 0, 0, 1}));
  EXPECT_EQ(maskLowestOf({1, 1, 1, 1, 1}, 0.4), (Mask{0, 0, 1, 1, 1}));
  EXPECT_EQ(maskLowestOf({1, 0, 1, -0.0f, 1}, 0.6), (Mask{0, 0, 1, 0, 1}));
  EXPECT_EQ(maskLowestOf({NAN, INFINITY, 5}, 0.67), (Mask{1, 0, 0}));
  EXPECT_EQ(maskLowestOf({1, 2}, 0), (Mask{1, 1}));
  EXPECT_EQ(maskLowestOf({1, 2}, 1), (Mask{0, 0}));
  EXPECT_EQ(maskLowestOf({}, 0.5), Mask());
}

TEST(Pruning, OneThresholdForSeveralParts) {
  std::vector<float> a{1, 8, 2}, b{7, 3, 9, 2};
  Mask maskA(3), maskB(4);
  std::span<const float> parts[] = {a, b};
  std::span<uint8_t> masks[] = {maskA, maskB};
  maskLowest(parts, 3.0 / 7, masks);
  EXPECT_EQ(maskA, (Mask{0, 1, 0}));
  EXPECT_EQ(maskB, (Mask{1, 1, 1, 0}));
}

TEST(Pruning, Rows) {
  std::vector<float> scores{1, 2, 3, 30, 20, 10};
  Mask mask(6);
  maskRows({2, 3}, scores, 1.0 / 3, mask);
  EXPECT_EQ(mask, (Mask{0, 1, 1, 1, 1, 0}));
}

TEST(Pruning, GroupsOfEveryShape) {
  std::vector<float> scores = normalValues(5 * 37, 1);
  scoreMagnitude(scores, scores);
  for (int64_t group = 1; group <= 16; ++group)
    for (int64_t kept = 1; kept <= group; ++kept) {
      Mask mask(scores.size());
      maskGroups({5, 37}, scores, kept, group, mask);
      for (int64_t row = 0; row < 5; ++row)
        for (int64_t start = 0; start < 37; start += group) {
          int64_t length = std::min<int64_t>(group, 37 - start), ones = 0;
          float least = INFINITY, largest = -1;
          for (int64_t i = row * 37 + start; i < row * 37 + start + length; ++i) {
            ones += mask[i];
            (mask[i] ? least : largest) = mask[i] ? std::min(least, scores[i]) : std::max(largest, scores[i]);
          }
          EXPECT_EQ(ones, (kept * length + group - 1) / group);
          EXPECT_LT(largest, least);
        }
    }
}

TEST(Pruning, BlocksSmallerAtTheEdge) {
  // Blocks of 2x2 on 3x5: means of squares by block 4 1 9 / 0 16 25.
  std::vector<float> scores{2, 2, 1, 1, 3, //
                            2, 2, 1, 1, 3, //
                            0, 0, 4, 4, 5};
  Mask mask(15);
  maskBlocks({3, 5}, {2, 2}, scores, 0.5, mask);
  EXPECT_EQ(mask, (Mask{0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1}));
  maskBlocks({3, 5}, {100, 1}, scores, 0.2, mask);
  EXPECT_EQ(mask, (Mask{0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1}));
}

TEST(Pruning, CountIsRounded) {
  EXPECT_EQ(getNumPruned(7, 0.5), 4); // 3.5: to even
  EXPECT_EQ(getNumPruned(5, 0.5), 2);
  EXPECT_EQ(getNumPruned(5, 2), 5);
  EXPECT_EQ(getNumPruned(5, -1), 0);
  std::vector<float> scores = normalValues(1001, 2);
  scoreMagnitude(scores, scores);
  EXPECT_EQ(countKept(maskLowestOf(scores, 0.9)), 1001 - 901);
}
