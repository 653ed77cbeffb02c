// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random numbers without state: fixed values, their distribution, and permutations.

#include "condense/Numerics/CounterRandom.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace condense::numerics;

TEST(CounterRandom, IsAFunctionOfSeedStreamAndCounter) {
  CounterRandom a(1, 2);
  EXPECT_EQ(a.bits(5), CounterRandom(1, 2).bits(5));
  EXPECT_NE(a.bits(5), a.bits(6));
  EXPECT_NE(a.bits(5), CounterRandom(2, 2).bits(5));
  EXPECT_NE(a.bits(5), CounterRandom(1, 3).bits(5));
}

TEST(CounterRandom, UniformNumbersHaveTheirMoments) {
  CounterRandom random(7, 0);
  const int count = 100000;
  double sum = 0, squares = 0;
  for (int i = 0; i < count; ++i) {
    double x = random.uniform(i);
    ASSERT_GT(x, 0);
    ASSERT_LT(x, 1);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / count, 0.5, 0.005);
  EXPECT_NEAR(squares / count, 1.0 / 3, 0.005);
}

TEST(CounterRandom, NormalNumbersHaveTheirMoments) {
  std::vector<float> values(100000);
  CounterRandom(3, 1).fillNormal(values, 2);
  double sum = 0, squares = 0, fourth = 0;
  for (double x : values) {
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / values.size(), 0, 0.03);
  EXPECT_NEAR(squares / values.size(), 4, 0.06);
  EXPECT_NEAR(fourth / values.size(), 48, 2);
}

TEST(CounterRandom, UniformValuesStayWithinTheLimit) {
  std::vector<float> values(1000);
  CounterRandom(3, 1).fillUniform(values, 0.25);
  EXPECT_LE(*std::max_element(values.begin(), values.end()), 0.25f);
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -0.25f);
}

TEST(CounterRandom, BelowReachesEveryNumber) {
  CounterRandom random(11, 4);
  std::vector<int> seen(7);
  for (int i = 0; i < 7000; ++i)
    ++seen[random.below(i, 7)];
  for (int n : seen)
    EXPECT_NEAR(n, 1000, 150);
}

TEST(CounterRandom, PermutationsHoldEveryNumberOnce) {
  for (int64_t count : {0, 1, 2, 33, 100}) {
    std::vector<int64_t> order = CounterRandom(1, 9).permutation(count), sorted = order;
    std::sort(sorted.begin(), sorted.end());
    std::vector<int64_t> expected(count);
    std::iota(expected.begin(), expected.end(), int64_t(0));
    EXPECT_EQ(sorted, expected);
  }
  EXPECT_NE(CounterRandom(1, 9).permutation(33), CounterRandom(1, 10).permutation(33));
}
