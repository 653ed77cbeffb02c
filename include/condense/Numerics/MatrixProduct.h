// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of dense matrices. Each element is a sum in a fixed order without
// fused multiply-adds: the same bits on every CPU, wherever a tile begins.

#ifndef CONDENSE_NUMERICS_MATRIXPRODUCT_H
#define CONDENSE_NUMERICS_MATRIXPRODUCT_H

#include <cstdint>

namespace condense::numerics {

/// A matrix in memory, with any strides (a transposed one swaps them).
template <typename T> struct MatrixRef {
  T *data;
  int64_t rowStride;
  int64_t columnStride = 1;
};

/// `c[m, n] -= a[m, k] * b[k, n]`. The rows of `b` and of `c` are contiguous.
void subtractProduct(int64_t m, int64_t n, int64_t k, MatrixRef<const float> a, MatrixRef<const float> b,
                     MatrixRef<float> c);
void subtractProduct(int64_t m, int64_t n, int64_t k, MatrixRef<const double> a, MatrixRef<const double> b,
                     MatrixRef<double> c);

/// `y -= factor * x`.
void subtractScaled(int64_t count, float factor, const float *x, float *y);
void subtractScaled(int64_t count, double factor, const double *x, double *y);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_MATRIXPRODUCT_H
