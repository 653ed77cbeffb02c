// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Codebooks that are known before a weight is seen, and the nearest entry of a
// codebook.

#ifndef CONDENSE_NUMERICS_CODEBOOKS_H
#define CONDENSE_NUMERICS_CODEBOOKS_H

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

/// NormalFloat of 4 bits (Dettmers et al., "QLoRA", arXiv:2305.14314): quantiles
/// of the normal distribution, scaled to [-1, 1], ascending, entry 7 exactly 0.
/// Codes are then about equally frequent in a normally distributed weight.
const std::array<float, 16> &getNF4();

/// The numbers of E2M1 in the order of their bits (OCP Microscaling Formats
/// v1.0): 0, 0.5, 1, 1.5, 2, 3, 4, 6, then the same negative.
const std::array<float, 16> &getFP4();

/// The number below which a standard normal variable is with `probability`, in (0, 1).
double getNormalQuantile(double probability);

/// Rounds the entries of a codebook, finite numbers, to integers of at most 127 in magnitude, in place, and returns
/// what 1 is then worth: of all steps with which the largest magnitude becomes an integer from 64 to 127 that of the
/// least squared error. Zero stays zero; a codebook of zeros has step 1.
float roundCodebook(std::span<float> entries);

/// Finds the nearest entry of a codebook of 1 to 256 numbers in any order.
class NearestEntry {
public:
  explicit NearestEntry(std::span<const float> codebook);

  /// The code of the entry nearest to `x`; of two equally near ones the smaller
  /// number. A NaN gets the entry nearest to 0.
  uint8_t find(float x) const;
  float getEntry(uint8_t code) const { return entries[code]; }
  int64_t size() const { return static_cast<int64_t>(entries.size()); }
  float getLowest() const { return sorted.front(); }
  float getHighest() const { return sorted.back(); }

private:
  std::vector<float> entries; // by code
  std::vector<float> sorted;  // ascending, different ones only
  std::vector<uint8_t> codes; // of the sorted entries
};

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_CODEBOOKS_H
