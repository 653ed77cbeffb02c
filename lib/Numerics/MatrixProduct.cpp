// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A product in tiles of 4 rows by 64 bytes, held in registers. Both operands are
// packed first: the stride of a matrix is often a multiple of the page, which the
// first-level cache cannot hold a column of.

#include "condense/Numerics/MatrixProduct.h"

#include "Vectorised.h"
#include <algorithm>
#include <cstring>
#include <vector>

using namespace condense::numerics;

static constexpr int64_t kTileRows = 4;
static constexpr int64_t kDepth = 128; // of a packed panel

template <typename T> static constexpr int64_t kTileColumns = 64 / sizeof(T);

/// `c -= a * b` for a panel as wide as a tile; `a` is packed [rows / 4][k][4], `b` [k][columns].
template <typename T>
__attribute__((always_inline)) static inline void subtractPanel(const T *a, const T *b, int64_t rows, int64_t columns,
                                                                int64_t k, T *c, int64_t stride) {
  typedef T Vector __attribute__((vector_size(64)));
  auto load = [](const T *at) __attribute__((always_inline)) {
    Vector v;
    std::memcpy(&v, at, sizeof(Vector));
    return v;
  };
  for (int64_t i = 0; i < rows; i += kTileRows, a += k * kTileRows) {
    Vector s0 = {}, s1 = {}, s2 = {}, s3 = {};
    for (int64_t p = 0; p < k; ++p) {
      Vector v = load(b + p * kTileColumns<T>);
      s0 += v * a[p * kTileRows];
      s1 += v * a[p * kTileRows + 1];
      s2 += v * a[p * kTileRows + 2];
      s3 += v * a[p * kTileRows + 3];
    }
    alignas(64) T sums[kTileRows][kTileColumns<T>];
    std::memcpy(sums[0], &s0, sizeof(Vector));
    std::memcpy(sums[1], &s1, sizeof(Vector));
    std::memcpy(sums[2], &s2, sizeof(Vector));
    std::memcpy(sums[3], &s3, sizeof(Vector));
    for (int64_t r = 0, end = std::min(kTileRows, rows - i); r < end; ++r)
      for (int64_t j = 0; j < columns; ++j)
        c[(i + r) * stride + j] -= sums[r][j];
  }
}

CONDENSE_VECTORISED
static void runPanel(const float *a, const float *b, int64_t rows, int64_t columns, int64_t k, float *c,
                     int64_t stride) {
  subtractPanel(a, b, rows, columns, k, c, stride);
}

CONDENSE_VECTORISED
static void runPanel(const double *a, const double *b, int64_t rows, int64_t columns, int64_t k, double *c,
                     int64_t stride) {
  subtractPanel(a, b, rows, columns, k, c, stride);
}

/// `packed[i / 4][p][i % 4] = a[i, p]`, with zeros after the last row.
template <typename T> static void packRows(int64_t m, int64_t k, MatrixRef<const T> a, T *packed) {
  for (int64_t i = 0; i < m; i += kTileRows, packed += k * kTileRows) {
    int64_t rows = std::min(kTileRows, m - i);
    const T *tile = a.data + i * a.rowStride;
    for (int64_t p = 0; p < k; ++p)
      for (int64_t r = 0; r < kTileRows; ++r)
        packed[p * kTileRows + r] = r < rows ? tile[r * a.rowStride + p * a.columnStride] : T(0);
  }
}

template <typename T>
static void subtractProductOf(int64_t m, int64_t n, int64_t k, MatrixRef<const T> a, MatrixRef<const T> b,
                              MatrixRef<T> c) {
  std::vector<T> rows((m + kTileRows - 1) / kTileRows * kTileRows * std::min(k, kDepth));
  std::vector<T> panel(std::min(k, kDepth) * kTileColumns<T>);
  for (int64_t start = 0; start < k; start += kDepth) {
    int64_t depth = std::min(kDepth, k - start);
    packRows<T>(m, depth, {a.data + start * a.columnStride, a.rowStride, a.columnStride}, rows.data());
    for (int64_t j = 0; j < n; j += kTileColumns<T>) {
      int64_t columns = std::min(kTileColumns<T>, n - j);
      for (int64_t p = 0; p < depth; ++p) {
        std::copy_n(b.data + (start + p) * b.rowStride + j, columns, panel.data() + p * kTileColumns<T>);
        std::fill_n(panel.data() + p * kTileColumns<T> + columns, kTileColumns<T> - columns, T(0));
      }
      runPanel(rows.data(), panel.data(), m, columns, depth, c.data + j, c.rowStride);
    }
  }
}

void condense::numerics::subtractProduct(int64_t m, int64_t n, int64_t k, MatrixRef<const float> a,
                                         MatrixRef<const float> b, MatrixRef<float> c) {
  subtractProductOf<float>(m, n, k, a, b, c);
}

void condense::numerics::subtractProduct(int64_t m, int64_t n, int64_t k, MatrixRef<const double> a,
                                         MatrixRef<const double> b, MatrixRef<double> c) {
  subtractProductOf<double>(m, n, k, a, b, c);
}

CONDENSE_VECTORISED
void condense::numerics::subtractScaled(int64_t count, float factor, const float *x, float *y) {
  for (int64_t i = 0; i < count; ++i)
    y[i] -= factor * x[i];
}

CONDENSE_VECTORISED
void condense::numerics::subtractScaled(int64_t count, double factor, const double *x, double *y) {
  for (int64_t i = 0; i < count; ++i)
    y[i] -= factor * x[i];
}
