// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rounding of numbers that each have their own scale.

#include "condense/Numerics/Rounder.h"

#include "ScaleChoice.h"
#include "Vectorised.h"
#include <algorithm>
#include <array>

using namespace condense::numerics;

void Rounder::chooseScale(int64_t block, std::span<const float> values, std::span<const float> importance) const {
  if (spec.choice == ScaleChoice::Given)
    return;
  auto count = static_cast<int64_t>(values.size());
  BlockScale scale = numerics::chooseScale(spec, getBlockRange(values.data(), count), values.data(), count,
                                           importance.empty() ? nullptr : importance.data());
  scales[block] = scale.scale;
  if (!zeroPoints.empty())
    zeroPoints[block] = scale.zeroPoint;
}

/// As encodeBlock and dequantize, each number with its own scale.
CONDENSE_VECTORISED
static void roundIntegers(int64_t count, const float *x, const float *scale, const float *low, const float *high,
                          float *rounded) {
  constexpr float anchor = 12582912.0f; // rounds half to even
  for (int64_t i = 0; i < count; ++i) {
    float q = x[i] / scale[i];
    q = q > low[i] ? q : low[i];
    q = q < high[i] ? q : high[i];
    rounded[i] = ((q + anchor) - anchor) * scale[i];
  }
}

void Rounder::round(std::span<const float> values, std::span<const int64_t> blocks, std::span<float> rounded) const {
  if (!spec.codes.isInteger()) {
    for (size_t i = 0; i < values.size(); ++i)
      rounded[i] =
          dequantizeValue(spec.codes, quantizeValue(spec.codes, values[i], scales[blocks[i]]), scales[blocks[i]]);
    return;
  }
  constexpr size_t chunk = 64;
  std::array<float, chunk> scale, low, high;
  CodeLimits limits = getCodeLimits(spec.codes);
  for (size_t start = 0; start < values.size(); start += chunk) {
    size_t count = std::min(chunk, values.size() - start);
    for (size_t i = 0; i < count; ++i) {
      int64_t block = blocks[start + i];
      float zero = zeroPoints.empty() ? 0 : zeroPoints[block];
      scale[i] = scales[block];
      low[i] = limits.low - zero;
      high[i] = limits.high - zero;
    }
    roundIntegers(count, values.data() + start, scale.data(), low.data(), high.data(), rounded.data() + start);
  }
}
