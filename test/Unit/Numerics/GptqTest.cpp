// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// GPTQ against rounding to nearest over formats and block structures, and what it
// must keep: representable values, masks, independence of rows.

#include "condense/Numerics/Gptq.h"
#include "condense/Numerics/Codebooks.h"
#include "gtest/gtest.h"
#include <cmath>
#include <numeric>
#include <random>

using namespace condense::numerics;
using Kind = CodeFormat::Kind;

namespace {

struct Problem {
  int64_t rows, columns;
  std::vector<float> weights, gram;

  Problem(int64_t rows, int64_t columns, unsigned seed)
      : rows(rows), columns(columns), weights(rows * columns), gram(columns * columns) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    for (float &weight : weights)
      weight = normal(generator);
    std::vector<float> x(columns);
    for (int64_t sample = 0; sample < 3 * columns; ++sample) {
      for (int64_t i = 0; i < columns; ++i)
        x[i] = normal(generator) + (i ? 0.8f * x[i - 1] : 0);
      for (int64_t i = 0; i < columns; ++i)
        for (int64_t j = 0; j < columns; ++j)
          gram[i * columns + j] += x[i] * x[j];
    }
  }
};

/// Blocks of one row and `width` columns.
struct Blocks {
  std::vector<int64_t> rows, columns;
  int64_t count;

  Blocks(int64_t numRows, int64_t numColumns, int64_t width) : rows(numRows), columns(numColumns) {
    int64_t perRow = (numColumns + width - 1) / width;
    for (int64_t i = 0; i < numRows; ++i)
      rows[i] = i * perRow;
    for (int64_t i = 0; i < numColumns; ++i)
      columns[i] = i / width;
    count = numRows * perRow;
  }
};

double getError(const Problem &problem, const std::vector<float> &rounded) {
  std::vector<float> difference(rounded.size());
  for (size_t i = 0; i < rounded.size(); ++i)
    difference[i] = problem.weights[i] - rounded[i];
  std::vector<double> errors(problem.rows);
  addOutputErrors(problem.gram, problem.columns, difference, errors);
  return std::accumulate(errors.begin(), errors.end(), 0.0);
}

TEST(Gptq, BeatsRoundingToNearest) {
  Problem problem(9, 96, 1);
  for (QuantizeSpec spec : {QuantizeSpec{{Kind::Signed, 2}, ScaleFormat::F16, ScaleChoice::MSE},
                            QuantizeSpec{{Kind::Signed, 3}, ScaleFormat::F16, ScaleChoice::MinMax},
                            QuantizeSpec{{Kind::Unsigned, 3}, ScaleFormat::F32, ScaleChoice::MSE},
                            QuantizeSpec{{Kind::Signed, 4}, ScaleFormat::F16, ScaleChoice::MSE},
                            QuantizeSpec{{Kind::Unsigned, 4}, ScaleFormat::F16, ScaleChoice::MinMax},
                            QuantizeSpec{{Kind::Signed, 8}, ScaleFormat::F16, ScaleChoice::MinMax},
                            QuantizeSpec{{Kind::F8E4M3FN, 8}, ScaleFormat::F16, ScaleChoice::MinMax},
                            QuantizeSpec{{Kind::F8E5M2, 8}, ScaleFormat::F32, ScaleChoice::MSE}})
    for (int64_t width : {96, 32, 20})
      for (bool ordered : {false, true}) {
        Blocks blocks(problem.rows, problem.columns, width);
        GptqMatrix matrix{problem.weights, problem.rows, problem.columns, blocks.rows, blocks.columns};
        EXPECT_EQ(getDynamicBlock(matrix), width);
        std::vector<int64_t> order;
        if (ordered)
          order = getActivationOrder(problem.gram, problem.columns);
        InverseFactor factor = factorizeInverse(problem.gram, problem.columns, 0.01, order);
        std::vector<float> importance = getColumnImportance(factor);
        std::vector<float> scales(blocks.count), nearest(problem.weights.size()), rounded = nearest;
        std::vector<uint8_t> zeroPoints(spec.codes.hasZeroPoint() ? blocks.count : 0);
        Rounder rounder(spec, scales, zeroPoints);
        chooseStaticScales(matrix, {}, 0, problem.rows, rounder);
        roundRowsToNearest(matrix, rounder, 0, problem.rows, nearest);
        std::vector<double> rowErrors(problem.rows);
        GptqOptions options{!ordered, importance};
        roundRowsByGptq(factor, matrix, options, 0, problem.rows, rounder, rounded, rowErrors);

        double error = getError(problem, rounded);
        EXPECT_LT(error, 0.7 * getError(problem, nearest))
            << "kind " << static_cast<int>(spec.codes.kind) << " width " << spec.codes.width << " block " << width
            << " ordered " << ordered;
        EXPECT_NEAR(std::accumulate(rowErrors.begin(), rowErrors.end(), 0.0), error, 1e-3 * error);
        refineRows(problem.gram, factor.damping, matrix, 0, problem.rows, rounder, 2, rounded);
        EXPECT_LE(getError(problem, rounded), error * 1.001);
        for (int64_t i = 0; i < problem.rows * problem.columns; ++i) {
          int64_t block = blocks.rows[i / problem.columns] + blocks.columns[i % problem.columns];
          uint8_t zero = zeroPoints.empty() ? 0 : zeroPoints[block];
          uint8_t code = quantizeValue(spec.codes, rounded[i], scales[block], zero);
          EXPECT_EQ(dequantizeValue(spec.codes, code, scales[block], zero), rounded[i]);
        }
      }
}

TEST(Gptq, KeepsMaskAndRowsAreIndependent) {
  Problem problem(70, 64, 2);
  std::vector<uint8_t> mask(problem.weights.size());
  for (size_t i = 0; i < mask.size(); ++i)
    mask[i] = i * 7 % 3 != 0;
  Blocks blocks(problem.rows, problem.columns, 16);
  GptqMatrix matrix{problem.weights, problem.rows, problem.columns, blocks.rows, blocks.columns, mask};
  InverseFactor factor = factorizeInverse(problem.gram, problem.columns);
  std::vector<float> scales(blocks.count), again(blocks.count), together(mask.size()), apart = together;
  std::vector<double> rowErrors(problem.rows), partErrors = rowErrors;
  QuantizeSpec spec{{Kind::Signed, 4}, ScaleFormat::F16, ScaleChoice::MSE};
  Rounder rounder(spec, scales, {}), parts(spec, again, {});
  GptqOptions options{true, {}};
  roundRowsByGptq(factor, matrix, options, 0, problem.rows, rounder, together, rowErrors);
  for (int64_t row = 0; row < problem.rows; row += 7)
    roundRowsByGptq(factor, matrix, options, row, 7, parts,
                    std::span(apart).subspan(row * problem.columns, 7 * problem.columns),
                    std::span(partErrors).subspan(row, 7));
  EXPECT_EQ(together, apart);
  EXPECT_EQ(scales, again);
  EXPECT_EQ(rowErrors, partErrors);
  refineRows(problem.gram, factor.damping, matrix, 0, problem.rows, rounder, 3, together);
  for (int64_t row = 0; row < problem.rows; row += 7)
    refineRows(problem.gram, factor.damping, matrix, row, 7, parts, 3,
               std::span(apart).subspan(row * problem.columns, 7 * problem.columns));
  EXPECT_EQ(together, apart);
  for (size_t i = 0; i < mask.size(); ++i)
    if (!mask[i]) {
      EXPECT_EQ(together[i], 0);
    }
}

/// At the end of the descent no single element can be improved.
TEST(Gptq, DescentEndsAtACoordinatewiseMinimum) {
  Problem problem(3, 140, 5);
  Blocks blocks(problem.rows, problem.columns, problem.columns);
  GptqMatrix matrix{problem.weights, problem.rows, problem.columns, blocks.rows, blocks.columns};
  std::vector<float> scales(blocks.count), rounded(problem.weights.size());
  Rounder rounder({{Kind::Signed, 3}, ScaleFormat::F32, ScaleChoice::MSE}, scales, {});
  chooseStaticScales(matrix, {}, 0, problem.rows, rounder);
  roundRowsToNearest(matrix, rounder, 0, problem.rows, rounded);
  double nearest = getError(problem, rounded);
  refineRows(problem.gram, 0, matrix, 0, problem.rows, rounder, 100, rounded);
  double error = getError(problem, rounded);
  EXPECT_LT(error, 0.6 * nearest);
  for (size_t i = 0; i < rounded.size(); i += 7)
    for (float change : {-scales[i / 140], scales[i / 140]}) {
      std::vector<float> other = rounded;
      other[i] += change;
      if (std::fabs(other[i]) < 3.5f * scales[i / 140]) {
        EXPECT_GE(getError(problem, other), error * 0.9999);
      }
    }
}

TEST(Gptq, Codebook) {
  Problem problem(8, 64, 3);
  auto entries = std::make_shared<NearestEntry>(getNF4());
  Blocks blocks(problem.rows, problem.columns, 32);
  GptqMatrix matrix{problem.weights, problem.rows, problem.columns, blocks.rows, blocks.columns};
  InverseFactor factor = factorizeInverse(problem.gram, problem.columns);
  std::vector<float> scales(blocks.count), nearest(problem.weights.size()), rounded = nearest;
  std::vector<double> rowErrors(problem.rows);
  QuantizeSpec spec{{Kind::Table, 4, entries}, ScaleFormat::F16, ScaleChoice::MSE};
  Rounder rounder(spec, scales, {});
  chooseStaticScales(matrix, {}, 0, problem.rows, rounder);
  roundRowsToNearest(matrix, rounder, 0, problem.rows, nearest);
  roundRowsByGptq(factor, matrix, {true, {}}, 0, problem.rows, rounder, rounded, rowErrors);
  EXPECT_LT(getError(problem, rounded), 0.7 * getError(problem, nearest));
  for (size_t i = 0; i < rounded.size(); ++i) {
    float scale = scales[blocks.rows[i / 64] + blocks.columns[i % 64]];
    EXPECT_EQ(entries->getEntry(entries->find(rounded[i] / scale)) * scale, rounded[i]);
  }
}

/// Blocks of several rows, or of columns that are not neighbours, have static scales.
TEST(Gptq, OtherBlocksAreStatic) {
  Problem problem(6, 12, 4);
  std::vector<int64_t> ownRows{0, 1, 2, 3, 4, 5}, sharedRows{0, 0, 0, 1, 1, 1};
  std::vector<int64_t> together(12, 0), alternating{0, 6, 0, 6, 0, 6, 0, 6, 0, 6, 0, 6};
  auto get = [&](const std::vector<int64_t> &rows, const std::vector<int64_t> &columns) {
    return GptqMatrix{problem.weights, 6, 12, rows, columns};
  };
  EXPECT_EQ(getDynamicBlock(get(ownRows, together)), 12);
  EXPECT_EQ(getDynamicBlock(get(sharedRows, together)), 0);
  EXPECT_EQ(getDynamicBlock(get(ownRows, alternating)), 0);

  GptqMatrix matrix = get(sharedRows, alternating);
  std::vector<float> scales(8, -1);
  Rounder rounder({{Kind::Signed, 4}, ScaleFormat::F32, ScaleChoice::MinMax}, scales, {});
  chooseStaticScales(matrix, {}, 3, 3, rounder);
  EXPECT_EQ(scales[0], -1);
  float largest = 0;
  for (int64_t row = 3; row < 6; ++row)
    for (int64_t column = 1; column < 12; column += 2)
      largest = std::max(largest, std::fabs(problem.weights[row * 12 + column]));
  EXPECT_FLOAT_EQ(scales[7], largest / 7);
}

} // namespace
