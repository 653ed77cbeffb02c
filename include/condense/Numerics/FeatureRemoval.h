// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Removal of inputs of a linear map, with the best weights for the inputs that stay.
//
// Y = X W^T + b. Without the inputs P, least squares over the calibration data gives
// for the kept ones K (with H = X^T X, dampened)
//
//   W'_K = W H_:K (H_KK)^-1,   at the cost   tr(W_P ((H^-1)_PP)^-1 W_P^T):
//
// channel reconstruction (ThiNet, Luo et al., arXiv:1707.06342; He et al.,
// arXiv:1707.06168), in the block form of Optimal Brain Surgeon that updates H^-1 and
// W unit by unit (ZipLM, Kurtic et al., arXiv:2302.04089; OSSCAR, Meng et al.,
// arXiv:2403.12983). With a bias that may change, H is the covariance, and the bias
// takes over the mean of what is removed.

#ifndef CONDENSE_NUMERICS_FEATUREREMOVAL_H
#define CONDENSE_NUMERICS_FEATUREREMOVAL_H

#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

/// What is known of the inputs.
struct FeatureMoments {
  std::span<const float> gram; // [features, features]: sum over `count` rows of x x^T
  std::span<const float> mean; // [features]
  double count = 1;
  /// Whether the bias may change.
  bool centered = false;
};

/// A linear map that loses inputs. All matrices are of f64.
class FeatureRemoval {
public:
  /// `weights` is [rows, features], row-major. `relativeDamping` is relative to the
  /// mean of the diagonal of H; with it a removed input is made up for less eagerly.
  FeatureRemoval(int64_t rows, int64_t features, std::span<const float> weights, const FeatureMoments &moments,
                 double relativeDamping);

  /// False if the moments hold no finite, positive definite matrix: use nothing else then.
  bool isValid() const { return valid; }

  /// What removing these inputs, none of them removed yet, adds to the squared output
  /// error (the mean over the rows of X, summed over the outputs) when the others make up for it.
  double getSaliency(std::span<const int64_t> removed) const;
  /// Removes inputs, none of them removed yet.
  void remove(std::span<const int64_t> removed);

  /// The squared error that the removals caused, and what it is relative to: the mean
  /// squared output, without its mean if the bias may change.
  double getError() const;
  double getEnergy() const;

  /// The weights [rows, features]: zeros for removed inputs.
  std::vector<float> getWeights() const;
  /// What is to be added to the bias, [rows]; zeros unless it may change.
  std::vector<float> getBiasChange() const;

private:
  /// L^-1 of the rows `removed` of a matrix of `columns`, with L L^T = (H^-1)_PP.
  std::vector<double> reduce(std::span<const int64_t> removed, const std::vector<double> &matrix,
                             int64_t columns) const;
  double getQuadratic(const std::vector<double> &transposed) const;

  int64_t rows, features;
  bool valid = false;
  std::vector<double> mean;
  std::vector<double> moment;     // H, without damping
  std::vector<double> inverse;    // (H + damping)^-1 of what is left
  std::vector<double> original;   // W^T [features, rows]
  std::vector<double> transposed; // W'^T
};

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_FEATUREREMOVAL_H
