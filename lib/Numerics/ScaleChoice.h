// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The scale of one block of contiguous numbers, and its codes.

#ifndef CONDENSE_LIB_NUMERICS_SCALECHOICE_H
#define CONDENSE_LIB_NUMERICS_SCALECHOICE_H

#include "condense/Numerics/QuantizeWeights.h"

namespace condense::numerics {

/// Smallest and largest number that codes stand for at scale 1, without zero point.
struct CodeLimits {
  float low, high;
};
CodeLimits getCodeLimits(const CodeFormat &format);

/// `min(0, x...)`, `max(0, x...)`, and whether all numbers are finite.
struct BlockRange {
  float low = 0, high = 0;
  bool finite = true;
};
BlockRange getBlockRange(const float *x, int64_t count);

struct BlockScale {
  float scale = 1; // infinite when the scale format cannot hold it
  uint8_t zeroPoint = 0;
};
/// `importance`, if given, weighs the squared error of each number where the scale is searched.
BlockScale chooseScale(const QuantizeSpec &spec, const BlockRange &range, const float *x, int64_t count,
                       const float *importance = nullptr);

/// `scale` as it is stored: f16 to nearest, but upwards where f16 is subnormal so
/// that nothing clips, and never 0; infinite when too large.
float roundScale(double scale, ScaleFormat format);

/// Scale (and zero point) under which `range` fits exactly.
BlockScale fitScale(const QuantizeSpec &spec, double low, double high);

struct BlockError {
  double squaredError, squaredNorm;
  float largest;
};
/// Writes the codes of a block and measures what they lose.
BlockError encodeBlock(const CodeFormat &format, const BlockScale &scale, const float *x, int64_t count,
                       uint8_t *codes);

/// Rounds elements of a block the other way until the sum of its errors, written
/// to `errorSum`, is at most half a scale. Returns how much the squared error grew.
double balanceBlock(const CodeFormat &format, const BlockScale &scale, const float *x, int64_t count, uint8_t *codes,
                    float &errorSum);

} // namespace condense::numerics

#endif // CONDENSE_LIB_NUMERICS_SCALECHOICE_H
