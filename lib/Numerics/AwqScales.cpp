// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The search for channel scales, some rows at a time so that memory stays small.

#include "condense/Numerics/AwqScales.h"

#include "condense/Numerics/OptimalBrain.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

using namespace condense::numerics;

static int64_t getChannel(const AwqMatrix &matrix, int64_t column) {
  return matrix.channels.empty() ? column : matrix.channels[column];
}

std::vector<double> condense::numerics::getChannelMagnitudes(std::span<const AwqMatrix> matrices, int64_t channels) {
  std::vector<double> sums(channels), counts(channels);
  for (const AwqMatrix &matrix : matrices)
    for (int64_t j = 0; j < matrix.columns; ++j) {
      sums[getChannel(matrix, j)] += matrix.gram[j * matrix.columns + j];
      counts[getChannel(matrix, j)] += 1;
    }
  for (int64_t channel = 0; channel < channels; ++channel)
    sums[channel] = std::sqrt(std::max(sums[channel], 0.0) / std::max(counts[channel], 1.0));
  return sums;
}

std::vector<float> condense::numerics::getAwqScales(std::span<const double> magnitudes, double alpha) {
  double largest = 0;
  for (double magnitude : magnitudes)
    largest = std::max(largest, magnitude);
  std::vector<float> scales(magnitudes.size(), 1.0f);
  if (!(largest > 0) || !std::isfinite(largest) || alpha == 0)
    return scales;
  std::vector<double> powers(magnitudes.size());
  for (size_t i = 0; i < powers.size(); ++i)
    powers[i] = std::pow(std::max(magnitudes[i] / largest, 1e-4), alpha);
  auto [low, high] = std::minmax_element(powers.begin(), powers.end());
  double mean = std::sqrt(*low * *high);
  for (size_t i = 0; i < powers.size(); ++i)
    scales[i] = static_cast<float>(powers[i] / mean);
  return scales;
}

/// The error of one matrix. Rows that share scales stay together.
static double getError(const AwqMatrix &matrix, std::span<const float> scales, const QuantizeSpec &spec) {
  int64_t columns = matrix.columns, rowsPerScale = matrix.rows / matrix.scaleRows;
  int64_t chunk = (kSweepRows + rowsPerScale - 1) / rowsPerScale * rowsPerScale;
  std::vector<float> scaled(chunk * columns), rounded(chunk * columns);
  std::vector<uint8_t> codes(chunk * columns);
  double sum = 0;
  for (int64_t start = 0; start < matrix.rows; start += chunk) {
    int64_t rows = std::min(chunk, matrix.rows - start), count = rows * columns;
    std::span<const float> weights = matrix.weights.subspan(start * columns, count);
    for (int64_t i = 0; i < count; ++i)
      scaled[i] = weights[i] * scales[getChannel(matrix, i % columns)];
    BlockLayout layout(std::array{rows, columns}, std::array{rows / rowsPerScale, matrix.scaleColumns});
    std::vector<float> blockScales(layout.getNumBlocks()), errorSums(layout.getNumBlocks());
    std::vector<uint8_t> zeroPoints(spec.codes.hasZeroPoint() ? layout.getNumBlocks() : 0);
    std::span<float> x(scaled.data(), count), y(rounded.data(), count);
    std::span<uint8_t> c(codes.data(), count);
    QuantizeResult result = quantize(layout, spec, x, {c, blockScales, zeroPoints, errorSums});
    if (result.nonFinite >= 0 || result.scaleOverflow >= 0)
      return INFINITY;
    dequantize(layout, spec.codes, c, blockScales, zeroPoints, y);
    for (int64_t i = 0; i < count; ++i)
      y[i] = weights[i] - y[i] / scales[getChannel(matrix, i % columns)];
    std::vector<double> errors(rows);
    addOutputErrors(matrix.gram, columns, y, errors);
    sum = std::accumulate(errors.begin(), errors.end(), sum);
  }
  return sum;
}

double condense::numerics::getAwqError(std::span<const AwqMatrix> matrices, std::span<const float> scales,
                                       const QuantizeSpec &spec) {
  double sum = 0;
  for (const AwqMatrix &matrix : matrices)
    sum += getError(matrix, scales, spec);
  return sum;
}

AwqResult condense::numerics::searchAwqScales(std::span<const AwqMatrix> matrices, int64_t channels,
                                              const QuantizeSpec &spec, int steps) {
  std::vector<double> magnitudes = getChannelMagnitudes(matrices, channels);
  AwqResult best;
  best.scales.assign(channels, 1.0f);
  best.error = best.nearestError = getAwqError(matrices, best.scales, spec);
  for (int step = 1; step < steps; ++step) {
    double alpha = static_cast<double>(step) / steps;
    std::vector<float> scales = getAwqScales(magnitudes, alpha);
    double error = getAwqError(matrices, scales, spec);
    if (error < best.error) {
      best.error = error;
      best.alpha = alpha;
      best.scales = std::move(scales);
    }
  }
  return best;
}
