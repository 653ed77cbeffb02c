// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Activation-aware weight quantization (AWQ, Lin et al., arXiv:2306.00978): the
// columns of a weight that meet large activations are scaled up before they are
// quantized, so that they lose less, and the activations are scaled down:
//
//   X W^T = (X diag(s)^-1) (W diag(s))^T,   s = magnitude(X)^alpha
//
// alpha is the one of a grid with the least output error tr(D G D^T), D = W - Q(W diag(s)) diag(s)^-1,
// which the Gram matrix G = X^T X gives without running any data.

#ifndef CONDENSE_NUMERICS_AWQSCALES_H
#define CONDENSE_NUMERICS_AWQSCALES_H

#include "condense/Numerics/QuantizeWeights.h"
#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

/// A weight matrix [rows, columns] that reads the channels to be scaled. Several of
/// them may read the same channels (query, key and value; the groups of a convolution).
struct AwqMatrix {
  std::span<const float> weights;
  int64_t rows, columns;
  std::span<const float> gram;
  /// Channel of each column; empty: column i reads channel i. (The columns of a
  /// convolution read a channel several times.)
  std::span<const int64_t> channels;
  /// Shape of the scales of the quantization: each divides the size of its dimension.
  int64_t scaleRows, scaleColumns;
};

struct AwqResult {
  /// One per channel, positive; all 1 when no scaling is better.
  std::vector<float> scales;
  double alpha = 0;
  double error = 0;        // with these scales, summed over the matrices
  double nearestError = 0; // without scaling
};

/// Root mean square (up to a common factor) of each channel's activations, from the diagonals.
std::vector<double> getChannelMagnitudes(std::span<const AwqMatrix> matrices, int64_t channels);

/// `magnitude^alpha`, divided by the geometric mean of its extremes; a magnitude counts
/// as at least 1e-4 of the largest.
std::vector<float> getAwqScales(std::span<const double> magnitudes, double alpha);

/// Output error of the matrices when they are quantized under channel scales.
double getAwqError(std::span<const AwqMatrix> matrices, std::span<const float> scales, const QuantizeSpec &spec);

/// Searches alpha over `steps` values 0, 1 / steps, ... below 1. NaN or infinite weights
/// or Gram matrices leave alpha at 0.
AwqResult searchAwqScales(std::span<const AwqMatrix> matrices, int64_t channels, const QuantizeSpec &spec,
                          int steps = 20);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_AWQSCALES_H
