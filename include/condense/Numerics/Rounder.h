// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rounding to what a compressed weight can hold, for methods that decide a weight
// piece by piece and do not care whether codes are integers, floats or entries of
// a codebook.

#ifndef CONDENSE_NUMERICS_ROUNDER_H
#define CONDENSE_NUMERICS_ROUNDER_H

#include "condense/Numerics/QuantizeWeights.h"
#include <cstdint>
#include <span>

namespace condense::numerics {

/// Codes of a format with a scale (and zero point) per block. Blocks may be chosen and
/// used by several threads, each block by one.
class Rounder {
public:
  /// `zeroPoints` is empty when the format has none.
  Rounder(const QuantizeSpec &spec, std::span<float> scales, std::span<uint8_t> zeroPoints)
      : spec(spec), scales(scales), zeroPoints(zeroPoints) {}

  /// Chooses the scale of a block for `values`; one that the scale format cannot hold
  /// becomes infinite. `importance` weighs the squared errors where the scale is
  /// searched; empty: all count alike.
  void chooseScale(int64_t block, std::span<const float> values, std::span<const float> importance) const;
  /// Rounds each value with the scale of its block.
  void round(std::span<const float> values, std::span<const int64_t> blocks, std::span<float> rounded) const;

private:
  QuantizeSpec spec;
  std::span<float> scales;
  std::span<uint8_t> zeroPoints;
};

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_ROUNDER_H
