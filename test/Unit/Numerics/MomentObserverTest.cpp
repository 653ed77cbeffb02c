// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Moments against sums in double, at sizes that no block divides, and the same
// bits for any number of threads.

#include "condense/Numerics/MomentObserver.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace condense::numerics;

static std::vector<float> makeRandom(size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.25f, 1.0f);
  std::vector<float> values(size);
  for (float &value : values)
    value = normal(random);
  return values;
}

static void expectMoments(int64_t groups, int64_t rows, int64_t columns) {
  SCOPED_TRACE(testing::Message() << groups << "x" << rows << "x" << columns);
  std::vector<float> x = makeRandom(groups * rows * columns);
  MomentObserver observer(groups, columns, /*withGram=*/true);
  observer.observe(x);
  ASSERT_EQ(observer.getCount(), rows);
  EXPECT_TRUE(observer.isFinite());
  std::vector<float> mean = observer.getMean();
  auto absMax = observer.getAbsMax(), gram = observer.getGram();
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t i = 0; i < columns; ++i) {
      double sum = 0, largest = 0;
      for (int64_t r = 0; r < rows; ++r) {
        double value = x[(g * rows + r) * columns + i];
        sum += value;
        largest = std::max(largest, std::fabs(value));
      }
      ASSERT_NEAR(mean[g * columns + i], sum / rows, 1e-6);
      ASSERT_EQ(absMax[g * columns + i], static_cast<float>(largest));
      for (int64_t j = 0; j < columns; ++j) {
        double product = 0;
        for (int64_t r = 0; r < rows; ++r)
          product += double(x[(g * rows + r) * columns + i]) * x[(g * rows + r) * columns + j];
        ASSERT_NEAR(gram[(g * columns + i) * columns + j], product, 1e-5 * rows);
      }
    }
}

TEST(MomentObserver, AgreesWithSumsInDouble) {
  expectMoments(1, 1, 1);
  expectMoments(1, 7, 16);
  expectMoments(1, 130, 33);
  expectMoments(3, 5, 9);
  expectMoments(2, 257, 47);
  expectMoments(1, 64, 100);
}

TEST(MomentObserver, CallsChangeNoBit) {
  int64_t rows = 300, columns = 19;
  std::vector<float> x = makeRandom(rows * columns);
  MomentObserver whole(1, columns, true), parts(1, columns, true);
  whole.observe(x);
  for (int64_t row = 0, some = 1; row < rows; row += some, some = std::min<int64_t>(some * 3, rows - row))
    parts.observe(std::span(x).subspan(row * columns, some * columns));
  EXPECT_EQ(parts.getCount(), rows);
  EXPECT_EQ(whole.getMean(), parts.getMean());
  std::span<const float> a = whole.getGram(), b = parts.getGram();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST(MomentObserver, ThreadsChangeNoBit) {
  int64_t columns = 301, rows = 200;
  std::vector<float> x = makeRandom(rows * columns);
  MomentObserver one(1, columns, true), three(1, columns, true);
  one.observe(x, 1);
  three.observe(x, 3);
  std::span<const float> a = one.getGram(), b = three.getGram();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST(MomentObserver, ChannelsAloneKeepNoMatrix) {
  MomentObserver observer(1, 3, /*withGram=*/false);
  std::vector<float> x = {1, -2, 3, -5, 4, 0};
  observer.observe(x);
  EXPECT_TRUE(observer.getGram().empty());
  EXPECT_EQ(observer.getMean(), (std::vector<float>{-2, 1, 1.5}));
  EXPECT_EQ(observer.getAbsMax()[0], 5);
}

TEST(MomentObserver, NoticesWhatIsNotFinite) {
  for (float bad : {NAN, INFINITY, -INFINITY}) {
    MomentObserver observer(1, 2, false);
    observer.observe(std::vector<float>{1, 2, bad, 3});
    EXPECT_FALSE(observer.isFinite()) << bad;
  }
  MomentObserver overflow(1, 1, true);
  overflow.observe(std::vector<float>{1e30f});
  EXPECT_TRUE(overflow.isFinite());
  EXPECT_TRUE(std::isinf(overflow.getGram()[0]));
}
