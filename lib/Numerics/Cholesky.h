// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cholesky factorization of symmetric matrices in double precision.

#ifndef CONDENSE_LIB_NUMERICS_CHOLESKY_H
#define CONDENSE_LIB_NUMERICS_CHOLESKY_H

#include <cstdint>

namespace condense::numerics {

/// Replaces the upper half of the row-major `a` by S with S^T S = a; false if `a` is
/// not positive definite, with a margin of `smallest` for rounding.
bool factorizeCholesky(double *a, int64_t size, double smallest);

/// Inverts the upper triangular `s` in place; below the diagonal it must be, and becomes, zero.
void invertUpper(double *s, int64_t size);

} // namespace condense::numerics

#endif // CONDENSE_LIB_NUMERICS_CHOLESKY_H
