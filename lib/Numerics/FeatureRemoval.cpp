// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Removal of inputs of a linear map, by block elimination.
//
// With (H^-1)_PP = L L^T, Y = L^-1 W_P^T and Z = L^-1 (H^-1)_P: the cost is |Y|^2, and
// W^T -= Z^T Y, H^-1 -= Z^T Z eliminate P.

#include "condense/Numerics/FeatureRemoval.h"

#include "Cholesky.h"
#include "condense/Numerics/MatrixProduct.h"
#include <algorithm>
#include <cmath>

using namespace condense::numerics;

/// The inverse of a symmetric positive definite matrix, of which the upper half counts.
static bool invert(std::vector<double> &a, int64_t size, double smallest) {
  if (!factorizeCholesky(a.data(), size, smallest))
    return false;
  for (int64_t i = 0; i < size; ++i)
    std::fill_n(a.begin() + i * size, i, 0.0);
  invertUpper(a.data(), size);
  // a^-1 = R R^T; the rows of R^T are made contiguous first.
  std::vector<double> transposed(size * size), result(size * size);
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = i; j < size; ++j)
      transposed[j * size + i] = -a[i * size + j];
  subtractProduct(size, size, size, MatrixRef<const double>{a.data(), size},
                  MatrixRef<const double>{transposed.data(), size}, MatrixRef<double>{result.data(), size});
  a = std::move(result);
  return true;
}

FeatureRemoval::FeatureRemoval(int64_t rows, int64_t features, std::span<const float> weights,
                               const FeatureMoments &moments, double relativeDamping)
    : rows(rows), features(features), mean(features), moment(features * features), original(features * rows) {
  if (moments.centered)
    std::copy_n(moments.mean.begin(), features, mean.begin());
  double trace = 0;
  for (int64_t i = 0; i < features; ++i) {
    for (int64_t j = 0; j < features; ++j)
      moment[i * features + j] = moments.gram[i * features + j] / moments.count - mean[i] * mean[j];
    // Rounding must not make a constant input negative.
    double &diagonal = moment[i * features + i];
    diagonal = std::max(diagonal, 0.0);
    trace += diagonal;
  }
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < features; ++i)
      original[i * rows + row] = weights[row * features + i];
  transposed = original;
  inverse = moment;
  double scale = trace > 0 ? trace / static_cast<double>(features) : 1;
  for (int64_t i = 0; i < features; ++i)
    inverse[i * features + i] += std::max(relativeDamping, 1e-9) * scale;
  valid = std::isfinite(trace) && invert(inverse, features, 1e-12 * scale);
}

std::vector<double> FeatureRemoval::reduce(std::span<const int64_t> removed, const std::vector<double> &matrix,
                                           int64_t columns) const {
  auto count = static_cast<int64_t>(removed.size());
  std::vector<double> factor(count * count), result(count * columns);
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = 0; j < count; ++j)
      factor[i * count + j] = inverse[removed[i] * features + removed[j]];
    std::copy_n(matrix.begin() + removed[i] * columns, columns, result.begin() + i * columns);
  }
  // Of a positive definite matrix every diagonal block is too; rounding may say otherwise.
  double largest = 0;
  for (int64_t i = 0; i < count; ++i)
    largest = std::max(largest, factor[i * count + i]);
  std::vector<double> upper = factor;
  for (double extra = 1e-12 * largest; !factorizeCholesky(upper.data(), count, 0); extra *= 100) {
    upper = factor;
    for (int64_t i = 0; i < count; ++i)
      upper[i * count + i] += extra;
  }
  for (int64_t i = 0; i < count; ++i) {
    double *row = result.data() + i * columns;
    for (int64_t j = 0; j < i; ++j)
      subtractScaled(columns, upper[j * count + i], result.data() + j * columns, row);
    double pivot = 1 / upper[i * count + i];
    for (int64_t c = 0; c < columns; ++c)
      row[c] *= pivot;
  }
  return result;
}

double FeatureRemoval::getSaliency(std::span<const int64_t> removed) const {
  double sum = 0;
  if (removed.size() == 1) {
    const double *row = transposed.data() + removed[0] * rows;
    for (int64_t i = 0; i < rows; ++i)
      sum += row[i] * row[i];
    return sum / inverse[removed[0] * features + removed[0]];
  }
  for (double value : reduce(removed, transposed, rows))
    sum += value * value;
  return sum;
}

void FeatureRemoval::remove(std::span<const int64_t> removed) {
  auto count = static_cast<int64_t>(removed.size());
  std::vector<double> y = reduce(removed, transposed, rows), z = reduce(removed, inverse, features);
  MatrixRef<const double> left{z.data(), 1, features};
  subtractProduct(features, rows, count, left, MatrixRef<const double>{y.data(), rows},
                  MatrixRef<double>{transposed.data(), rows});
  subtractProduct(features, features, count, left, MatrixRef<const double>{z.data(), features},
                  MatrixRef<double>{inverse.data(), features});
  for (int64_t feature : removed) {
    std::fill_n(transposed.begin() + feature * rows, rows, 0.0);
    std::fill_n(inverse.begin() + feature * features, features, 0.0);
    for (int64_t i = 0; i < features; ++i)
      inverse[i * features + feature] = 0;
  }
}

/// tr(V^T H V) of a matrix [features, rows].
double FeatureRemoval::getQuadratic(const std::vector<double> &matrix) const {
  std::vector<double> product(features * rows);
  subtractProduct(features, rows, features, MatrixRef<const double>{moment.data(), features},
                  MatrixRef<const double>{matrix.data(), rows}, MatrixRef<double>{product.data(), rows});
  double sum = 0;
  for (int64_t i = 0; i < features * rows; ++i)
    sum -= product[i] * matrix[i];
  return std::max(sum, 0.0);
}

double FeatureRemoval::getError() const {
  std::vector<double> difference(original.size());
  for (size_t i = 0; i < difference.size(); ++i)
    difference[i] = transposed[i] - original[i];
  return getQuadratic(difference);
}

double FeatureRemoval::getEnergy() const { return getQuadratic(original); }

std::vector<float> FeatureRemoval::getWeights() const {
  std::vector<float> result(rows * features);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < features; ++i)
      result[row * features + i] = static_cast<float>(transposed[i * rows + row]);
  return result;
}

std::vector<float> FeatureRemoval::getBiasChange() const {
  std::vector<double> change(rows);
  for (int64_t i = 0; i < features; ++i)
    for (int64_t row = 0; row < rows; ++row)
      change[row] += (original[i * rows + row] - transposed[i * rows + row]) * mean[i];
  return {change.begin(), change.end()};
}
