// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Low-rank factorization of a weight, plain or aware of the activations.
//
// A layer computes Y = X W^T with W [rows, columns]. With the Gram matrix G = X^T X of its
// activations, the factorization of rank r that changes Y least is the truncated SVD of W S for
// any S with G = S S^T, multiplied by S^-1 (SVD-LLM, Wang et al., arXiv:2403.07378). Its left
// singular vectors U are the eigenvectors of W G W^T, and S^-1 cancels:
//
//   W ~ U_r (U_r^T W)
//
// so neither S nor an inverse is computed, and the factors of full rank give W whatever G is.
// Without activations G is the identity, and this is the truncated SVD.

#ifndef CONDENSE_NUMERICS_LOWRANK_H
#define CONDENSE_NUMERICS_LOWRANK_H

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace condense::numerics {

/// W ~ left right, both row-major. The columns of `left` are orthonormal, so that one scale per row
/// loses least when it is quantized; `right` carries the magnitudes in its rows.
struct LowRankFactors {
  int64_t rank = 0;
  std::vector<float> left;  // [rows, rank]
  std::vector<float> right; // [rank, columns]
};

/// The decomposition of a weight, from which factors of any rank are cut.
class LowRank {
public:
  /// Of the row-major `weight` [rows, columns]. `gram` [columns, columns] is symmetric, or empty for
  /// the plain SVD. `damping`, a share of its mean diagonal, is added to the diagonal, so that directions
  /// that calibration never saw are not lost first. Nothing when a number is NaN or infinite.
  static std::optional<LowRank> compute(int64_t rows, int64_t columns, std::span<const float> weight,
                                        std::span<const float> gram = {}, double damping = 0.01);

  int64_t getRows() const { return rows; }
  int64_t getColumns() const { return columns; }
  int64_t getFullRank() const { return energies.size(); }
  /// What each direction, in the order in which they are kept, contributes to ||Y||^2 (plain: to ||W||^2).
  std::span<const double> getEnergies() const { return energies; }

  /// ||Y - Y~|| / ||Y|| of the factors of `rank` (plain: of W itself); 0 for a zero weight.
  double getRelativeError(int64_t rank) const;
  /// Smallest rank, at least 1, that keeps the share `energy` of the energy.
  int64_t getRankByEnergy(double energy) const;
  /// Smallest rank, at least 1, with at most this relative error.
  int64_t getRankByError(double error) const;

  /// The factors of `rank` in [1, full rank]. Signs are chosen so that the largest element of each
  /// column of `left` is positive.
  LowRankFactors cut(int64_t rank) const;

private:
  int64_t rows = 0, columns = 0;
  std::vector<double> energies;
  std::vector<float> left;  // [rows, full rank]
  std::vector<float> right; // [full rank, columns]
};

/// The largest rank whose cost `rank * perRank` is at most `ratio * dense`; 0 if none is.
int64_t getRankByRatio(double ratio, int64_t dense, int64_t perRank);

/// ||(W - W~) X^T|| / ||W X^T|| from the Gram matrix; with an empty one ||W - W~|| / ||W||.
double getOutputError(int64_t rows, int64_t columns, std::span<const float> weight,
                      std::span<const float> approximation, std::span<const float> gram = {});

/// weight += scale * left * right, summed in f64: a low-rank adapter merged into its layer (LoRA, Hu et
/// al., arXiv:2106.09685). `weight` is [rows, columns], `left` [rows, rank], `right` [rank, columns].
void addProduct(int64_t rows, int64_t rank, int64_t columns, double scale, std::span<const float> left,
                std::span<const float> right, std::span<float> weight);

/// The coefficients [rows, rank] with which the rows of `basis` [rank, columns] come closest to `weight`
/// on the activations of `gram`: the least squares solution for one of several layers that share a basis
/// (Basis Sharing, Wang et al., arXiv:2410.03765).
std::vector<float> fitCoefficients(int64_t rows, int64_t columns, std::span<const float> weight, int64_t rank,
                                   std::span<const float> basis, std::span<const float> gram = {},
                                   double damping = 0.01);

/// How the kernel of a convolution is cut in two along its width (Jaderberg et al., arXiv:1405.3866):
/// kernel[o, p, x, s] ~ sum_r horizontal[o, x, r] vertical[r, p, s]. A filter [o, i, y, x] has
/// `outer` = i * y and `inner` = 1, one of [o, y, x, i] has `outer` = y and `inner` = i.
struct KernelShape {
  int64_t outputs, outer, width, inner;
};

/// The matrix [outputs * width, outer * inner] whose factors are `horizontal` and `vertical`.
std::vector<float> toSpatialMatrix(const KernelShape &shape, std::span<const float> kernel);
/// The inverse.
std::vector<float> fromSpatialMatrix(const KernelShape &shape, std::span<const float> matrix);

/// The Gram matrix of [outer, inner] from that of [outer, width, inner]: the places along the width see the
/// same rows of the image, so theirs are added; correlations between places are left out.
std::vector<float> toSpatialGram(const KernelShape &shape, std::span<const float> gram);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_LOWRANK_H
