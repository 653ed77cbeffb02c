// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Distributes the sparsity of a whole model over its layers.

#ifndef CONDENSE_NUMERICS_SPARSITYBUDGET_H
#define CONDENSE_NUMERICS_SPARSITYBUDGET_H

#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

/// What pruning a layer costs: its error at ascending sparsities. The error at
/// sparsity 0 is 0 and need not be given.
struct SensitivityCurve {
  int64_t elements;
  std::vector<double> sparsities, errors;
};

/// A sparsity for each layer.
struct SparsityDistribution {
  std::vector<double> sparsities;
  /// Pruned elements over all elements; less than the budget when the curves end before.
  double overall = 0;
  /// Sum of the errors, interpolated.
  double error = 0;
};

/// Sparsities that prune the share `budget` of all elements at the least total
/// error. Errors between points are linear, of each curve the lower convex hull
/// counts: then taking the segments of the least error per pruned element first is
/// optimal (the Lagrangian of the problem; Everett 1963). Layers in order on ties.
SparsityDistribution distributeSparsity(std::span<const SensitivityCurve> curves, double budget);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_SPARSITYBUDGET_H
