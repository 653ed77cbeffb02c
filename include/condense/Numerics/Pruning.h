// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which elements of a weight stay when it is pruned.
//
// A weight is a row-major matrix: rows are output channels, columns what an
// output sums over. A *score* says what losing an element costs, a *mask* has a
// byte for each element: 1 kept, 0 pruned. Scores are not negative; NaN counts as
// the largest. Of equal scores the earlier element is pruned, so that the same
// scores always give the same mask.

#ifndef CONDENSE_NUMERICS_PRUNING_H
#define CONDENSE_NUMERICS_PRUNING_H

#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

/// The sizes of a row-major matrix.
struct MatrixShape {
  int64_t rows, columns;
  int64_t getNumElements() const { return rows * columns; }
};

/// |w|: magnitude pruning (Han et al., arXiv:1506.02626).
void scoreMagnitude(std::span<const float> weights, std::span<float> scores);

/// |w| * ||x_j||, with one norm of the activation per column (Wanda, Sun et al.,
/// arXiv:2306.11695). `columnNorms` are sqrt(G_jj) of the Gram matrix.
void scoreWanda(MatrixShape shape, std::span<const float> weights, std::span<const float> columnNorms,
                std::span<float> scores);

/// w^2 / [H^-1]_jj: what removing the element alone costs when all others of its
/// row adapt (Optimal Brain Surgeon, Hassibi and Stork 1993; for layers SparseGPT,
/// Frantar and Alistarh, arXiv:2301.00774). A column whose entry is not positive
/// scores as if it were 1.
void scoreSaliency(MatrixShape shape, std::span<const float> weights, std::span<const float> inverseDiagonal,
                   std::span<float> scores);

/// Number of `count` elements that a sparsity prunes: rounded to nearest, within [0, count].
int64_t getNumPruned(int64_t count, double sparsity);

/// Prunes the `getNumPruned` lowest scores of all parts together: one threshold for
/// a layer (one part) or for a model (a part per layer). Each mask has the size of
/// its scores.
void maskLowest(std::span<const std::span<const float>> parts, double sparsity,
                std::span<const std::span<uint8_t>> masks);
/// The same for one part.
void maskLowest(std::span<const float> scores, double sparsity, std::span<uint8_t> mask);

/// Prunes the same number in each row.
void maskRows(MatrixShape shape, std::span<const float> scores, double sparsity, std::span<uint8_t> mask);

/// Elements that stay in a group of `length` columns when `kept` of `group` do:
/// ceil(kept * length / group); a row's last group may be shorter than the others.
constexpr int64_t getNumKept(int64_t kept, int64_t group, int64_t length) {
  return (kept * length + group - 1) / group;
}

/// N:M: of each `group` successive columns of a row the `kept` highest stay.
/// Requires 0 < kept <= group.
void maskGroups(MatrixShape shape, std::span<const float> scores, int64_t kept, int64_t group, std::span<uint8_t> mask);

/// The mean of the squared scores of each block of `block.rows` x `block.columns`, row-major;
/// blocks at the lower and right edge are smaller. (The mean, so that these are not pruned
/// only because they are small; of full blocks it orders as the sum does. Of saliencies,
/// which are squared errors already, pass the square roots.)
std::vector<float> scoreBlocks(MatrixShape shape, MatrixShape block, std::span<const float> scores);

/// Gives each element the mask of its block.
void expandBlocks(MatrixShape shape, MatrixShape block, std::span<const uint8_t> blocks, std::span<uint8_t> mask);

/// Prunes the share `sparsity` of the blocks, those of the lowest scores.
void maskBlocks(MatrixShape shape, MatrixShape block, std::span<const float> scores, double sparsity,
                std::span<uint8_t> mask);

/// The number of ones.
int64_t countKept(std::span<const uint8_t> mask);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_PRUNING_H
