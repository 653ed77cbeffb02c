// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Computed codebooks against published numbers, and the codes and scales of
// formats that are made from them.

#include "condense/Numerics/Codebooks.h"
#include "condense/Numerics/FloatFormats.h"
#include "condense/Numerics/QuantizeWeights.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <random>

using namespace condense::numerics;
using Kind = CodeFormat::Kind;

static std::vector<float> randomValues(int64_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.0f, 1.0f);
  std::vector<float> values(size);
  for (float &value : values)
    value = normal(generator);
  return values;
}

TEST(Codebooks, NormalQuantiles) {
  EXPECT_EQ(getNormalQuantile(0.5), 0);
  EXPECT_NEAR(getNormalQuantile(0.975), 1.959963984540054, 1e-13);
  EXPECT_NEAR(getNormalQuantile(0.0013498980316300933), -3, 1e-13);
  for (double p : {1e-300, 1e-9, 0.1, 0.3, 0.7, 0.999})
    EXPECT_NEAR(std::erfc(-getNormalQuantile(p) / std::sqrt(2.0)) / 2 / p, 1, 1e-12) << p;
}

/// The numbers in appendix E of arXiv:2305.14314.
TEST(Codebooks, NF4IsAsPublished) {
  const double published[] = {-1.0,
                              -0.6961928009986877,
                              -0.5250730514526367,
                              -0.39491748809814453,
                              -0.28444138169288635,
                              -0.18477343022823334,
                              -0.09105003625154495,
                              0.0,
                              0.07958029955625534,
                              0.16093020141124725,
                              0.24611230194568634,
                              0.33791524171829224,
                              0.44070982933044434,
                              0.5626170039176941,
                              0.7229568362236023,
                              1.0};
  // Those were computed in f32 throughout.
  for (size_t i = 0; i < 16; ++i)
    EXPECT_NEAR(getNF4()[i], published[i], 4e-7) << i;
  EXPECT_EQ(getNF4()[0], -1);
  EXPECT_EQ(getNF4()[7], 0);
  EXPECT_EQ(getNF4()[15], 1);
}

TEST(Codebooks, FP4HasTheNumbersOfE2M1) {
  const float magnitudes[] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(getFP4()[i], magnitudes[i]);
    EXPECT_EQ(getFP4()[i + 8], -magnitudes[i]);
  }
}

TEST(Codebooks, RoundsToBytes) {
  std::vector<float> nf4(getNF4().begin(), getNF4().end());
  float step = roundCodebook(nf4);
  for (size_t i = 0; i < nf4.size(); ++i) {
    EXPECT_EQ(nf4[i], std::nearbyint(nf4[i]));
    EXPECT_LE(std::fabs(nf4[i]), 127);
    EXPECT_LE(std::fabs(nf4[i] * step - getNF4()[i]), step / 2 + 1e-7f);
  }
  EXPECT_EQ(nf4[7], 0);
  EXPECT_LE(step, 1 / 64.0f);
  // Multiples of one number stay what they are.
  std::vector<float> fp4(getFP4().begin(), getFP4().end());
  step = roundCodebook(fp4);
  for (size_t i = 0; i < fp4.size(); ++i)
    EXPECT_FLOAT_EQ(fp4[i] * step, getFP4()[i]);
  std::vector<float> zeros(3), one{-1e-42f};
  EXPECT_EQ(roundCodebook(zeros), 1);
  EXPECT_EQ(zeros, std::vector<float>(3));
  step = roundCodebook(one);
  EXPECT_GT(step, 0);
  EXPECT_LE(std::fabs(one[0]), 127);
}

TEST(Codebooks, NearestEntryIsTheNearest) {
  std::vector<float> values = randomValues(2000, 1);
  std::vector<float> mixed{3, -1, 0.25f, 0.25f, -7, 0};
  for (std::span<const float> codebook : {std::span<const float>(getNF4()), std::span<const float>(getFP4()),
                                          std::span<const float>(mixed), std::span<const float>(values).first(256)}) {
    NearestEntry nearest(codebook);
    for (float x : values) {
      x *= 4;
      float least = INFINITY;
      for (float entry : codebook)
        least = std::min(least, std::fabs(entry - x));
      EXPECT_EQ(std::fabs(nearest.getEntry(nearest.find(x)) - x), least);
    }
    for (size_t i = 0; i < codebook.size(); ++i)
      EXPECT_EQ(nearest.getEntry(nearest.find(codebook[i])), codebook[i]);
  }
  EXPECT_EQ(NearestEntry(getFP4()).find(-0.0f), 0) << "the positive zero";
  EXPECT_EQ(NearestEntry(getNF4()).find(NAN), 7);
  EXPECT_EQ(NearestEntry(getNF4()).find(INFINITY), 15);
  EXPECT_EQ(NearestEntry(getNF4()).find(-1e30f), 0);
}

TEST(Codebooks, NF4BeatsIntegersOnNormalNumbers) {
  std::vector<float> input = randomValues(64 * 128, 2), scales(128);
  std::vector<uint8_t> codes(input.size());
  auto nf4 = std::make_shared<NearestEntry>(getNF4());
  BlockLayout layout(std::vector<int64_t>{128, 64}, std::vector<int64_t>{128, 1});
  auto getError = [&](CodeFormat format, ScaleChoice choice) {
    return quantize(layout, {format, ScaleFormat::F16, choice}, input, {codes, scales, {}}).squaredError;
  };
  for (ScaleChoice choice : {ScaleChoice::MinMax, ScaleChoice::MSE})
    EXPECT_LT(getError({Kind::Table, 4, nf4}, choice), getError({Kind::Signed, 4}, choice));
  EXPECT_LE(getError({Kind::Table, 4, nf4}, ScaleChoice::MSE), getError({Kind::Table, 4, nf4}, ScaleChoice::MinMax));
}

TEST(Codebooks, OneSidedTablesFit) {
  std::vector<float> table{0, 1, 2, 5}, input{0, 10, 4, 2, -3}, scales(1), output(5);
  auto nearest = std::make_shared<NearestEntry>(table);
  std::vector<uint8_t> codes(5);
  BlockLayout layout(std::vector<int64_t>{5}, std::vector<int64_t>{1});
  CodeFormat format{Kind::Table, 2, nearest};
  quantize(layout, {format, ScaleFormat::F32, ScaleChoice::MinMax}, input, {codes, scales, {}});
  dequantize(layout, format, codes, scales, {}, output);
  EXPECT_EQ(output, (std::vector<float>{0, 10, 4, 2, 0}));
}

/// Section 6.3 of the specification: X = 2^(floor(log2(max)) - emax).
TEST(Microscaling, ScalesAreThoseOfTheSpecification) {
  auto fp4 = std::make_shared<NearestEntry>(getFP4());
  BlockLayout layout(std::vector<int64_t>{8, 32}, std::vector<int64_t>{8, 1});
  std::vector<uint8_t> codes(8 * 32);
  std::vector<float> scales(8), output(8 * 32);
  struct Case {
    CodeFormat format;
    int emax;
    float largest;
  };
  // An MXINT8 element is code / 64: 2^-6 is part of the scale here.
  for (const Case &c : {Case{{Kind::Signed, 8}, 6, 127}, Case{{Kind::Table, 4, fp4}, 2, 6},
                        Case{{Kind::F8E4M3FN, 8}, 8, 448}, Case{{Kind::F8E5M2, 8}, 15, 57344}}) {
    for (float magnitude : {1e-30f, 0.013f, 1.0f, 100.0f, 3e30f}) {
      std::vector<float> input = randomValues(8 * 32, 3);
      for (float &value : input)
        value *= magnitude;
      quantize(layout, {c.format, ScaleFormat::F8E8M0, ScaleChoice::MinMax}, input, {codes, scales, {}});
      dequantize(layout, c.format, codes, scales, {}, output);
      for (int block = 0; block < 8; ++block) {
        float largest = 0;
        for (int i = 0; i < 32; ++i)
          largest = std::max(largest, std::fabs(input[block * 32 + i]));
        EXPECT_EQ(scales[block], std::exp2(std::floor(std::log2(largest)) - c.emax));
        EXPECT_EQ(fromF8E8M0(toF8E8M0(scales[block])), scales[block]);
        for (int i = 0; i < 32; ++i)
          EXPECT_LE(std::fabs(output[block * 32 + i]), c.largest * scales[block]);
      }
    }
  }
}

TEST(Microscaling, SearchIsNeverWorseAndAsymmetricCodesReachAll) {
  std::vector<float> input = randomValues(64 * 32, 4), scales(64);
  std::vector<uint8_t> codes(input.size()), zeros(64);
  BlockLayout layout(std::vector<int64_t>{64, 32}, std::vector<int64_t>{64, 1});
  auto fp4 = std::make_shared<NearestEntry>(getFP4());
  for (CodeFormat format :
       {CodeFormat{Kind::Table, 4, fp4}, CodeFormat{Kind::Signed, 4}, CodeFormat{Kind::Signed, 8}}) {
    auto getError = [&](ScaleChoice choice) {
      return quantize(layout, {format, ScaleFormat::F8E8M0, choice}, input, {codes, scales, {}}).squaredError;
    };
    EXPECT_LT(getError(ScaleChoice::MSE), getError(ScaleChoice::MinMax));
  }
  QuantizeSpec spec{{Kind::Unsigned, 8}, ScaleFormat::F8E8M0, ScaleChoice::MSE};
  QuantizeResult result = quantize(layout, spec, input, {codes, scales, zeros});
  EXPECT_LE(result.largestError, 1.001 * *std::max_element(scales.begin(), scales.end()));
}

TEST(Microscaling, ExtremesStayInRange) {
  BlockLayout layout(std::vector<int64_t>{4}, std::vector<int64_t>{1});
  for (std::vector<float> input :
       {std::vector<float>{1e-45f, 0, -1e-45f, 0}, std::vector<float>{3.4e38f, -3.4e38f, 1, 0}}) {
    for (CodeFormat format : {CodeFormat{Kind::Signed, 8}, CodeFormat{Kind::F8E5M2, 8}}) {
      std::vector<uint8_t> codes(4);
      std::vector<float> scales(1), output(4);
      quantize(layout, {format, ScaleFormat::F8E8M0, ScaleChoice::MSE}, input, {codes, scales, {}});
      dequantize(layout, format, codes, scales, {}, output);
      EXPECT_GE(scales[0], 0x1p-127f);
      for (float value : output)
        EXPECT_TRUE(std::isfinite(value));
    }
  }
}

TEST(DoubleQuantization, ScalesStayCloseAndPositive) {
  std::vector<float> scales(6 * 32);
  for (size_t i = 0; i < scales.size(); ++i)
    scales[i] = 0.01f * (1.0f + 0.3f * std::sin(static_cast<float>(i)));
  scales[40] = 1e-9f;
  std::vector<float> before = scales, blockScales(2);
  std::vector<uint8_t> codes(scales.size());
  BlockLayout layout(std::vector<int64_t>{6, 32}, std::vector<int64_t>{2, 1});
  quantizeScales(layout, scales, codes, blockScales);
  for (size_t i = 0; i < scales.size(); ++i) {
    EXPECT_GT(codes[i], 0);
    EXPECT_EQ(scales[i], codes[i] * blockScales[i / 96]);
    EXPECT_NEAR(scales[i], before[i], 0.013f / 255);
  }
}

TEST(QuantizeWeights, ScalesOfTwoLevelsAreSmallIntegers) {
  std::vector<float> scales{0.5f, 0.25f, 0.03f, 1e-9f, 3, 2.9f}, blockScales(2);
  std::vector<uint8_t> codes(scales.size());
  BlockLayout layout(std::vector<int64_t>{2, 3}, std::vector<int64_t>{2, 1});
  quantizeScales(layout, scales, codes, blockScales, 16);
  EXPECT_EQ(blockScales, (std::vector<float>{0.5f / 16, 3.0f / 16}));
  EXPECT_EQ(codes, (std::vector<uint8_t>{16, 8, 1, 1, 16, 15}));
  for (size_t i = 0; i < scales.size(); ++i)
    EXPECT_EQ(scales[i], codes[i] * blockScales[i / 3]);
}

TEST(QuantizeWeights, GivenScalesAreKept) {
  std::vector<float> input = randomValues(4 * 16, 5), scales{0.5f, 0.25f, 1, 0.125f}, given = scales;
  std::vector<uint8_t> codes(input.size());
  CodeFormat format{Kind::Signed, 4};
  BlockLayout layout(std::vector<int64_t>{4, 16}, std::vector<int64_t>{4, 1});
  quantize(layout, {format, ScaleFormat::F32, ScaleChoice::Given}, input, {codes, scales, {}});
  EXPECT_EQ(scales, given);
  for (size_t i = 0; i < input.size(); ++i)
    EXPECT_EQ(codes[i], quantizeValue(format, input[i], given[i / 16]));
}
