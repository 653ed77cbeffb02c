// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pruning of the second order: the elements that stay make up for those that go.
//
// SparseGPT (Frantar and Alistarh, arXiv:2301.00774) sweeps over the columns, and what
// a pruned element contributed is taken over by the columns after it; what is pruned is
// decided a block of columns at a time, from weights that were updated already. Then, as
// the mask is known, the best values of the kept elements of a row are a least squares
// problem of its own: with H = X^T X, w' = w_K + H_KK^-1 H_KP w_P (K kept, P pruned).

#ifndef CONDENSE_NUMERICS_PRUNERECONSTRUCT_H
#define CONDENSE_NUMERICS_PRUNERECONSTRUCT_H

#include "condense/Numerics/OptimalBrain.h"
#include "condense/Numerics/Pruning.h"

namespace condense::numerics {

/// The diagonal of H^-1, for scoreSaliency.
std::vector<float> getInverseDiagonal(const InverseFactor &factor);

/// What decides which elements go.
enum class MaskChoice {
  Given,     // the mask
  Blocks,    // the updated weights; of each range of rows and block of columns as many as in the mask
  RowBlocks, // the same for each row
  Groups     // the updated weights, N:M
};

struct ReconstructSpec {
  MaskChoice choice = MaskChoice::Given;
  int64_t kept = 0, group = 0; // of Groups
};

/// Rows that are decided together by Blocks; ranges of so many may run on any thread.
constexpr int64_t kPruneRows = 256;

/// Prunes a range of rows [rows, factor.size] and updates what stays. The factor must
/// be in natural order. `mask` is read as the choice says and becomes what was pruned.
void pruneAndReconstruct(const InverseFactor &factor, const ReconstructSpec &spec, int64_t rows,
                         std::span<float> weights, std::span<uint8_t> mask);

/// Multiplications and additions that refitRow takes for the rows of a mask.
double getRefitCost(MatrixShape shape, std::span<const uint8_t> mask);

/// The kept elements of least output error for the row `original` of a matrix, with
/// `damping` added to the Gram matrix's diagonal; pruned ones become 0. False, and
/// `refit` unchanged, when the equations cannot be solved.
bool refitRow(std::span<const float> gram, double damping, std::span<const uint8_t> mask,
              std::span<const float> original, std::span<float> refit);

/// Multiplications that refitGroups takes for a matrix.
double getGroupFitCost(MatrixShape shape, int64_t kept, int64_t group);

/// refitRow for an N:M mask, which changes on the way: group by group, all elements of a
/// group are let in, and those that cost least leave again, until the error does not
/// fall any more or after `sweeps` rounds. A coordinate descent over masks.
bool refitGroups(std::span<const float> gram, double damping, int64_t kept, int64_t group, int sweeps,
                 std::span<uint8_t> mask, std::span<const float> original, std::span<float> refit);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_PRUNERECONSTRUCT_H
