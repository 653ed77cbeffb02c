// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Quantization of weights against a plain restatement of its definition, over
// all formats, block structures that are contiguous, strided and odd, and
// extreme values.

#include "condense/Numerics/QuantizeWeights.h"
#include "condense/Numerics/FloatFormats.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <random>

using namespace condense::numerics;
using Shape = std::vector<int64_t>;
using Kind = CodeFormat::Kind;

namespace {

struct Quantized {
  std::vector<uint8_t> codes, zeroPoints;
  std::vector<float> scales, values;
  QuantizeResult result;
};

int64_t count(const Shape &shape) {
  int64_t product = 1;
  for (int64_t size : shape)
    product *= size;
  return product;
}

Quantized run(const Shape &shape, const Shape &scaleShape, const QuantizeSpec &spec, const std::vector<float> &input) {
  BlockLayout layout(shape, scaleShape);
  EXPECT_EQ(layout.getNumElements(), count(shape));
  EXPECT_EQ(layout.getNumBlocks(), count(scaleShape));
  Quantized q;
  q.codes.assign(input.size(), 0xaa);
  q.scales.assign(layout.getNumBlocks(), -1);
  q.zeroPoints.assign(spec.codes.hasZeroPoint() ? layout.getNumBlocks() : 0, 0xaa);
  q.values.resize(input.size());
  q.result = quantize(layout, spec, input, {q.codes, q.scales, q.zeroPoints});
  dequantize(layout, spec.codes, q.codes, q.scales, q.zeroPoints, q.values);
  return q;
}

/// The block of element `i`, by the definition `index / (shape / scaleShape)`.
int64_t blockOf(int64_t i, const Shape &shape, const Shape &scaleShape) {
  int64_t block = 0, stride = 1;
  for (size_t dim = shape.size(); dim-- > 0; i /= shape[dim]) {
    block += i % shape[dim] / (shape[dim] / scaleShape[dim]) * stride;
    stride *= scaleShape[dim];
  }
  return block;
}

std::vector<float> randomValues(int64_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.1f, 1.0f);
  std::vector<float> values(size);
  for (float &value : values)
    value = normal(generator);
  return values;
}

const std::vector<CodeFormat> kFormats = {
    {Kind::Signed, 2},   {Kind::Signed, 3},   {Kind::Signed, 4},   {Kind::Signed, 8},   {Kind::Unsigned, 2},
    {Kind::Unsigned, 3}, {Kind::Unsigned, 4}, {Kind::Unsigned, 8}, {Kind::F8E4M3FN, 8}, {Kind::F8E5M2, 8}};

struct Blocks {
  Shape shape, scales;
};
const std::vector<Blocks> kBlocks = {{{5, 96}, {5, 3}},
                                     {{5, 96}, {5, 1}},
                                     {{7, 13}, {1, 1}},
                                     {{96, 7}, {3, 7}},
                                     {{96, 7}, {1, 7}},
                                     {{6, 8, 3, 3}, {6, 2, 1, 1}},
                                     {{6, 8, 3, 3}, {6, 1, 1, 1}},
                                     {{3, 3, 8, 5}, {1, 1, 1, 5}},
                                     {{3, 3, 8, 5}, {1, 1, 2, 5}},
                                     {{2, 9, 4, 6}, {1, 3, 4, 2}},
                                     {{17}, {1}},
                                     {{17}, {17}},
                                     {{1, 4, 1, 300}, {1, 4, 1, 3}},
                                     {{}, {}},
                                     {{4, 3, 2}, {4, 3, 2}},
                                     {{3, 70000}, {3, 1}},
                                     {{70000, 3}, {1, 3}}};

} // namespace

TEST(QuantizeWeights, MatchesItsDefinition) {
  for (const Blocks &blocks : kBlocks) {
    std::vector<float> input = randomValues(count(blocks.shape), 1);
    for (const CodeFormat &format : kFormats) {
      for (ScaleChoice choice : {ScaleChoice::MinMax, ScaleChoice::MSE}) {
        Quantized q = run(blocks.shape, blocks.scales, {format, ScaleFormat::F16, choice}, input);
        double squaredError = 0, squaredNorm = 0;
        for (size_t i = 0; i < input.size(); ++i) {
          int64_t block = blockOf(i, blocks.shape, blocks.scales);
          uint8_t zero = format.hasZeroPoint() ? q.zeroPoints[block] : 0;
          ASSERT_EQ(q.codes[i], quantizeValue(format, input[i], q.scales[block], zero)) << i;
          ASSERT_EQ(q.values[i], dequantizeValue(format, q.codes[i], q.scales[block], zero));
          squaredError += (input[i] - q.values[i]) * (input[i] - q.values[i]);
          squaredNorm += input[i] * input[i];
        }
        EXPECT_NEAR(q.result.getRelativeError(), std::sqrt(squaredError / squaredNorm), 1e-4);
        for (float scale : q.scales)
          EXPECT_EQ(fromF16(toF16(scale)), scale) << "scale is an f16";
      }
    }
  }
}

TEST(QuantizeWeights, MinMaxIsWithinHalfAStep) {
  for (const CodeFormat &format : kFormats) {
    if (!format.isInteger())
      continue;
    std::vector<float> input = randomValues(64 * 33, 2);
    Quantized q = run({64, 33}, {64, 3}, {format, ScaleFormat::F32, ScaleChoice::MinMax}, input);
    for (size_t i = 0; i < input.size(); ++i)
      EXPECT_LE(std::fabs(input[i] - q.values[i]),
                q.scales[i / 33 * 3 + i % 33 / 11] * (format.hasZeroPoint() ? 1.0001f : 0.5001f));
  }
}

TEST(QuantizeWeights, MSEIsNeverWorse) {
  for (const CodeFormat &format : kFormats) {
    std::vector<float> input = randomValues(128 * 64, 3);
    input[17] = 20; // an outlier
    QuantizeSpec spec{format, ScaleFormat::F16, ScaleChoice::MinMax};
    double minmax = run({128, 64}, {128, 2}, spec, input).result.squaredError;
    spec.choice = ScaleChoice::MSE;
    double mse = run({128, 64}, {128, 2}, spec, input).result.squaredError;
    EXPECT_LE(mse, minmax * 1.0001);
    if (format.width <= 4)
      EXPECT_LT(mse, 0.95 * minmax) << format.width;
  }
}

TEST(QuantizeWeights, ZeroIsExact) {
  std::vector<float> input = randomValues(32, 4);
  for (float &value : input)
    value = std::fabs(value) + 3; // far from 0
  input[5] = 0;
  for (const CodeFormat &format : kFormats)
    EXPECT_EQ(run({32}, {1}, {format, ScaleFormat::F16, ScaleChoice::MSE}, input).values[5], 0);
}

TEST(QuantizeWeights, AllZeroBlockHasScaleOne) {
  std::vector<float> input(64);
  input[40] = 1;
  for (const CodeFormat &format : kFormats) {
    for (ScaleChoice choice : {ScaleChoice::MinMax, ScaleChoice::MSE}) {
      Quantized q = run({2, 32}, {2, 1}, {format, ScaleFormat::F16, choice}, input);
      EXPECT_EQ(q.scales[0], 1);
      EXPECT_TRUE(std::all_of(q.codes.begin(), q.codes.begin() + 32, [](uint8_t code) { return code == 0; }));
      EXPECT_GT(q.scales[1], 0);
      EXPECT_NEAR(q.values[40], 1, 0.1);
    }
  }
}

TEST(QuantizeWeights, TinyValuesKeepAPositiveScale) {
  for (float magnitude : {1e-45f, 1e-38f, 1e-20f, 1e-9f, 1e-6f}) {
    std::vector<float> input{magnitude, -magnitude, 0, magnitude / 2};
    for (const CodeFormat &format : kFormats) {
      for (ScaleFormat scale : {ScaleFormat::F16, ScaleFormat::F32}) {
        Quantized q = run({4}, {1}, {format, scale, ScaleChoice::MSE}, input);
        EXPECT_GT(q.scales[0], 0) << magnitude;
        EXPECT_TRUE(std::isfinite(q.scales[0]));
        for (size_t i = 0; i < input.size(); ++i)
          EXPECT_LE(std::fabs(q.values[i] - input[i]), q.scales[0]);
      }
    }
  }
}

TEST(QuantizeWeights, ScaleOverflowIsReported) {
  std::vector<float> input{1, 2, 1e7f, 1};
  QuantizeSpec spec{{Kind::Signed, 4}, ScaleFormat::F16, ScaleChoice::MinMax};
  EXPECT_EQ(run({2, 2}, {2, 1}, spec, input).result.scaleOverflow, 1);
  spec.scale = ScaleFormat::F32;
  Quantized q = run({2, 2}, {2, 1}, spec, input);
  EXPECT_EQ(q.result.scaleOverflow, -1);
  EXPECT_EQ(q.values[2], 1e7f);
}

TEST(QuantizeWeights, LargestFloatsAreFine) {
  std::vector<float> input{3.4e38f, -3.4e38f, 0, 1};
  for (const CodeFormat &format : kFormats) {
    Quantized q = run({4}, {1}, {format, ScaleFormat::F32, ScaleChoice::MSE}, input);
    EXPECT_TRUE(std::isfinite(q.scales[0]));
    EXPECT_EQ(q.values[2], 0);
  }
}

TEST(QuantizeWeights, NonFiniteIsLocated) {
  for (const Blocks &blocks : kBlocks) {
    int64_t size = count(blocks.shape), at = size * 2 / 3;
    for (float bad : {NAN, INFINITY, -INFINITY}) {
      std::vector<float> input = randomValues(size, 5);
      input[at] = bad;
      QuantizeSpec spec{{Kind::Signed, 4}, ScaleFormat::F16, ScaleChoice::MSE};
      EXPECT_EQ(run(blocks.shape, blocks.scales, spec, input).result.nonFinite, at);
    }
  }
}

TEST(QuantizeWeights, TiesGoToEven) {
  CodeFormat format{Kind::Signed, 8};
  for (int code = -128; code < 127; ++code) {
    int even = code % 2 == 0 ? code : code + 1;
    EXPECT_EQ(static_cast<int8_t>(quantizeValue(format, (code + 0.5f) * 0.25f, 0.25f)), even);
  }
  EXPECT_EQ(static_cast<int8_t>(quantizeValue(format, 1e9f, 0.25f)), 127);
  EXPECT_EQ(static_cast<int8_t>(quantizeValue(format, -INFINITY, 0.25f)), -128);
  EXPECT_EQ(quantizeValue({Kind::Unsigned, 8}, NAN, 0.25f, 77), 77);
  // The block code rounds the same way.
  std::vector<float> input{127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f};
  Quantized q = run({6}, {1}, {format, ScaleFormat::F32, ScaleChoice::MinMax}, input);
  EXPECT_EQ(q.codes, (std::vector<uint8_t>{127, 0, 2, 2, 0, 254}));
}

TEST(QuantizeWeights, UnitsAreIndependent) {
  for (const Blocks &blocks : kBlocks) {
    BlockLayout layout(blocks.shape, blocks.scales);
    std::vector<float> input = randomValues(layout.getNumElements(), 6);
    QuantizeSpec spec{{Kind::Unsigned, 4}, ScaleFormat::F16, ScaleChoice::MSE};
    Quantized whole = run(blocks.shape, blocks.scales, spec, input);
    std::vector<uint8_t> codes(input.size()), zeros(layout.getNumBlocks());
    std::vector<float> scales(layout.getNumBlocks());
    for (int64_t unit = getNumUnits(layout); unit-- > 0;)
      quantizeUnit(layout, unit, spec, input, {codes, scales, zeros});
    EXPECT_EQ(codes, whole.codes);
    EXPECT_EQ(scales, whole.scales);
    EXPECT_EQ(zeros, whole.zeroPoints);
  }
}

/// The sum of `x - x~` over the elements that share an index of `channelShape`.
static std::vector<double> sumErrors(const Blocks &blocks, const Shape &channelShape, const std::vector<float> &input,
                                     const std::vector<float> &values) {
  std::vector<double> sums(count(channelShape));
  for (size_t i = 0; i < input.size(); ++i)
    sums[blockOf(i, blocks.shape, channelShape)] += static_cast<double>(input[i]) - values[i];
  return sums;
}

TEST(QuantizeWeights, BalancedErrorsCancel) {
  for (const CodeFormat &format : kFormats) {
    if (!format.isInteger() || format.width == 2)
      continue; // two bits clip too much to balance
    for (const Blocks &blocks : {Blocks{{5, 96}, {5, 3}}, Blocks{{96, 7}, {3, 7}}, Blocks{{6, 8, 3, 3}, {6, 2, 3, 3}},
                                 Blocks{{3, 3, 8, 5}, {3, 3, 2, 5}}}) {
      bool columns = blocks.shape.size() == 2 && blocks.shape[0] > blocks.shape[1];
      Shape channelShape(blocks.shape.size(), 1);
      size_t channelDim = columns || blocks.shape.back() == 5 ? blocks.shape.size() - 1 : 0;
      channelShape[channelDim] = blocks.shape[channelDim];

      BlockLayout layout(blocks.shape, blocks.scales), channels(blocks.scales, channelShape);
      std::vector<float> input = randomValues(layout.getNumElements(), 7);
      input[3] = 0;
      QuantizeSpec spec{format, ScaleFormat::F16, ScaleChoice::MinMax, /*balanced=*/true};
      std::vector<uint8_t> codes(input.size()), zeros(format.hasZeroPoint() ? layout.getNumBlocks() : 0);
      std::vector<float> scales(layout.getNumBlocks()), sums(layout.getNumBlocks()), values(input.size());
      QuantizeOutput output{codes, scales, zeros, sums};
      QuantizeResult result = quantize(layout, spec, input, output);
      dequantize(layout, format, codes, scales, zeros, values);
      std::vector<double> blockSums = sumErrors(blocks, blocks.scales, input, values);
      for (size_t i = 0; i < blockSums.size(); ++i) {
        EXPECT_LE(std::fabs(blockSums[i]), 0.501 * scales[i]);
        EXPECT_NEAR(blockSums[i], sums[i], 1e-4);
      }

      for (int64_t channel = 0; channel < channels.getNumBlocks(); ++channel)
        result.squaredError += balanceChannel(layout, channels, channel, spec, input, output);
      dequantize(layout, format, codes, scales, zeros, values);
      float largest = *std::max_element(scales.begin(), scales.end());
      for (double sum : sumErrors(blocks, channelShape, input, values))
        EXPECT_LE(std::fabs(sum), 1.01 * largest);
      double squaredError = 0;
      for (size_t i = 0; i < input.size(); ++i) {
        squaredError += (input[i] - values[i]) * (input[i] - values[i]);
        EXPECT_LE(std::fabs(input[i] - values[i]), 1.01 * largest);
      }
      EXPECT_NEAR(result.squaredError, squaredError, 1e-3 * squaredError);
      EXPECT_EQ(values[3], 0);
    }
  }
}
