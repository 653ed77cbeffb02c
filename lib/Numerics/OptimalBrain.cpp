// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The triangular factor of the inverse of a Gram matrix. With J the reversal of
// rows, J H J = S^T S (Cholesky) gives U = J S^-T J: one factorisation and one
// triangular inverse, and the inverse of H is never formed.

#include "condense/Numerics/OptimalBrain.h"

#include "Cholesky.h"
#include "condense/Numerics/MatrixProduct.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace condense::numerics;

static constexpr int64_t kBlock = 64;
/// The damping grows to at most the mean diagonal times the first damping times 10^6.
static constexpr int kMaxRaised = 6;

std::vector<int64_t> condense::numerics::getActivationOrder(std::span<const float> gram, int64_t size) {
  std::vector<int64_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  auto weigh = [&](int64_t i) { return std::isnan(gram[i * size + i]) ? 0 : gram[i * size + i]; };
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    float first = weigh(a), second = weigh(b);
    return first != second ? first > second : a < b;
  });
  return order;
}

bool condense::numerics::factorizeCholesky(double *a, int64_t size, double smallest) {
  for (int64_t start = 0; start < size; start += kBlock) {
    int64_t end = std::min(start + kBlock, size);
    for (int64_t j = start; j < end; ++j) {
      double *row = a + j * size, pivot = row[j];
      if (!(pivot > smallest) || !std::isfinite(pivot))
        return false;
      double inverse = 1 / std::sqrt(pivot);
      for (int64_t i = j; i < size; ++i)
        row[i] *= inverse;
      for (int64_t i = j + 1; i < end; ++i)
        subtractScaled(size - i, row[i], row + i, a + i * size + i);
    }
    constexpr int64_t band = 4 * kBlock;
    for (int64_t i = end; i < size; i += band)
      subtractProduct(std::min(band, size - i), size - i, end - start, {a + start * size + i, 1, size},
                      {a + start * size + i, size}, {a + i * size + i, size});
  }
  return true;
}

// The last rows first.
void condense::numerics::invertUpper(double *s, int64_t size) {
  std::vector<double> old(kBlock * size);
  for (int64_t start = (size - 1) / kBlock * kBlock; start >= 0; start -= kBlock) {
    int64_t end = std::min(start + kBlock, size), rows = end - start;
    for (int64_t i = 0; i < rows; ++i) {
      double *row = s + (start + i) * size;
      std::copy(row + start, row + size, old.begin() + i * size);
      std::fill(row, row + size, 0.0);
      row[start + i] = 1;
    }
    // What is to the right: minus the old rows times the inverse below them.
    constexpr int64_t band = 4 * kBlock;
    for (int64_t j = end; j < size; j += band) {
      int64_t last = std::min(j + band, size);
      subtractProduct(rows, last - j, last - end, {old.data() + rows, size}, {s + end * size + j, size},
                      {s + start * size + j, size});
    }
    for (int64_t i = rows - 1; i >= 0; --i) {
      double *row = s + (start + i) * size;
      for (int64_t p = i + 1; p < rows; ++p)
        subtractScaled(size - start - p, old[i * size + p], s + (start + p) * size + start + p, row + start + p);
      double inverse = 1 / old[i * size + i];
      for (int64_t j = start + i; j < size; ++j)
        row[j] *= inverse;
    }
  }
}

/// The mean of the diagonal; NaN if any element of the matrix is NaN or infinite.
static double getMeanDiagonal(std::span<const float> gram, int64_t size) {
  double sum = 0;
  for (float value : gram)
    sum += value * 0.0f; // 0, or NaN for ever
  for (int64_t i = 0; i < size; ++i)
    sum += gram[i * size + i];
  return sum / static_cast<double>(std::max<int64_t>(size, 1));
}

/// The upper half of the reversed, reordered and damped matrix.
static void fillReversed(std::span<const float> gram, const InverseFactor &factor, std::vector<double> &a) {
  int64_t size = factor.size;
  for (int64_t i = 0; i < size; ++i) {
    const float *row = gram.data() + factor.order[size - 1 - i] * size;
    for (int64_t j = i; j < size; ++j)
      a[i * size + j] = row[factor.order[size - 1 - j]];
    a[i * size + i] += factor.damping;
  }
}

InverseFactor condense::numerics::factorizeInverse(std::span<const float> gram, int64_t size, double relativeDamping,
                                                   std::span<const int64_t> order) {
  InverseFactor factor;
  factor.size = size;
  factor.order.assign(order.begin(), order.end());
  if (order.empty()) {
    factor.order.resize(size);
    std::iota(factor.order.begin(), factor.order.end(), 0);
  }
  double mean = getMeanDiagonal(gram, size);
  if (!std::isfinite(mean)) {
    factor.status = InverseFactor::Status::NonFinite;
    return factor;
  }
  factor.damping = mean > 0 ? mean * std::max(relativeDamping, 0.0) : 1;
  std::vector<double> a(size * size);
  while (true) {
    fillReversed(gram, factor, a);
    if (factorizeCholesky(a.data(), size, 1e-12 * (std::fabs(mean) + factor.damping)))
      break;
    if (factor.raised == kMaxRaised) {
      factor.status = InverseFactor::Status::NotPositiveDefinite;
      return factor;
    }
    ++factor.raised;
    factor.damping = std::max(factor.damping * 10, std::fabs(mean) * 1e-6);
  }
  invertUpper(a.data(), size);
  factor.upper.assign(size * size, 0.0f);
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = i; j < size; ++j)
      factor.upper[i * size + j] = static_cast<float>(a[(size - 1 - j) * size + size - 1 - i]);
  return factor;
}
