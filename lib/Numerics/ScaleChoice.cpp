// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The inner loops of quantization. Reductions run over a fixed number of lanes,
// so that they vectorise and give the same sums with any vector width.

#include "ScaleChoice.h"

#include "Vectorised.h"
#include "condense/Numerics/Codebooks.h"
#include "condense/Numerics/FloatFormats.h"
#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>

using namespace condense::numerics;

static constexpr int kLanes = 16;

CodeLimits condense::numerics::getCodeLimits(const CodeFormat &format) {
  switch (format.kind) {
  case CodeFormat::Kind::Signed:
    return {-static_cast<float>(1 << (format.width - 1)), static_cast<float>((1 << (format.width - 1)) - 1)};
  case CodeFormat::Kind::Unsigned:
    return {0, static_cast<float>((1 << format.width) - 1)};
  case CodeFormat::Kind::F8E4M3FN:
    return {-448, 448};
  case CodeFormat::Kind::F8E5M2:
    return {-57344, 57344};
  case CodeFormat::Kind::Table:
    return {format.table->getLowest(), format.table->getHighest()};
  }
  return {0, 0};
}

CONDENSE_VECTORISED
static BlockRange findRange(const float *x, int64_t count) {
  std::array<float, kLanes> low{}, high{};
  std::array<int32_t, kLanes> magnitude{}; // bits order like magnitudes; NaN is above infinity
  auto take = [&](int64_t i, int lane) __attribute__((always_inline)) {
    float v = x[i];
    low[lane] = v < low[lane] ? v : low[lane];
    high[lane] = v > high[lane] ? v : high[lane];
    int32_t bits = std::bit_cast<int32_t>(v) & 0x7fffffff;
    magnitude[lane] = bits > magnitude[lane] ? bits : magnitude[lane];
  };
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane)
      take(i + lane, lane);
  for (; i < count; ++i)
    take(i, 0);
  return {*std::min_element(low.begin(), low.end()), *std::max_element(high.begin(), high.end()),
          *std::max_element(magnitude.begin(), magnitude.end()) < 0x7f800000};
}

BlockRange condense::numerics::getBlockRange(const float *x, int64_t count) { return findRange(x, count); }

float condense::numerics::roundScale(double scale, ScaleFormat format) {
  if (format == ScaleFormat::F32)
    // A smaller scale would have no finite reciprocal.
    return std::max(static_cast<float>(scale), FLT_MIN);
  if (scale < 0x1p-14)
    return static_cast<float>(std::max(std::ceil(scale * 0x1p24), 1.0) * 0x1p-24);
  return fromF16(toF16(static_cast<float>(scale)));
}

/// 2^exponent, or the nearest for which every code stands for a finite number.
static float getPowerOfTwo(CodeLimits limits, int exponent) {
  int largest = 127 - std::max(std::ilogb(std::max(-limits.low, limits.high)), 0);
  return std::ldexp(1.0f, std::clamp(exponent, -127, largest));
}

/// The scale under which symmetric codes reach `low` and `high`.
static float fitSymmetric(const QuantizeSpec &spec, CodeLimits limits, double low, double high) {
  bool isTable = spec.codes.kind == CodeFormat::Kind::Table;
  float largest = isTable ? std::max(-limits.low, limits.high) : limits.high;
  if (spec.scale == ScaleFormat::F8E8M0)
    return getPowerOfTwo(limits, std::ilogb(std::max(-low, high)) - std::ilogb(largest));
  if (!isTable)
    return roundScale(std::max(-low, high) / largest, spec.scale);
  double below = limits.low < 0 ? low / limits.low : 0, above = limits.high > 0 ? high / limits.high : 0;
  double scale = std::max(below, above);
  return scale > 0 ? roundScale(scale, spec.scale) : 1;
}

BlockScale condense::numerics::fitScale(const QuantizeSpec &spec, double low, double high) {
  if (low == 0 && high == 0)
    return {};
  CodeLimits limits = getCodeLimits(spec.codes);
  BlockScale result;
  if (!spec.codes.hasZeroPoint()) {
    result.scale = fitSymmetric(spec, limits, low, high);
    return result;
  }
  double scale = (high - low) / limits.high;
  if (spec.scale == ScaleFormat::F8E8M0)
    result.scale = getPowerOfTwo(limits, static_cast<int>(std::ceil(std::log2(scale))));
  else
    result.scale = roundScale(scale, spec.scale);
  double zero = std::nearbyint(-low / result.scale);
  result.zeroPoint = static_cast<uint8_t>(std::clamp<double>(zero, 0, limits.high));
  return result;
}

/// Adding and subtracting 1.5 * 2^23 rounds half to even for |v| < 2^22.
static inline float roundHalfEven(float v) {
  constexpr float anchor = 12582912.0f;
  return (v + anchor) - anchor;
}

static float measureFloatError(const CodeFormat &format, const float *x, const float *importance, int64_t count,
                               float scale) {
  float sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    float error = x[i] - dequantizeValue(format, quantizeValue(format, x[i], scale), scale);
    sum += error * error * (importance ? importance[i] : 1);
  }
  return sum;
}

/// Fewer bits gain from cutting off more of the range.
static float getSmallestClipping(const CodeFormat &format) {
  if (!format.isInteger())
    return 0.5f;
  return format.width <= 2 ? 0.2f : format.width == 3 ? 0.35f : format.width == 4 ? 0.5f : 0.7f;
}

namespace {

/// Scales to choose from, the first without clipping; as arrays, because the
/// search takes one element at a time for all of them: no reduction is left in
/// the inner loop, however short a block is.
struct Candidates {
  static constexpr int kCount = 24;
  std::array<float, kCount> scale, inverse, low, high, zeroPoint;
  std::array<double, kCount> error{};
};

} // namespace

/// As fitScale for each clipping of the range. Only for ranges whose scales are
/// all normal numbers of the scale format.
CONDENSE_VECTORISED
static void fillCandidates(Candidates &c, float low, float high, float smallestClipping, CodeLimits limits,
                           bool hasZeroPoint, bool isHalf) {
  float step = (1 - smallestClipping) / (Candidates::kCount - 1);
  float span = hasZeroPoint ? (high - low) / limits.high : (-low > high ? -low : high) / limits.high;
  for (int i = 0; i < Candidates::kCount; ++i) {
    float clipping = 1 - static_cast<float>(i) * step;
    float scale = span * clipping;
    auto bits = std::bit_cast<uint32_t>(scale);
    uint32_t half = (bits + 0xfff + ((bits >> 13) & 1)) & ~0x1fffu;
    scale = std::bit_cast<float>(isHalf ? half : bits);
    float zero = hasZeroPoint ? roundHalfEven(-low * clipping / scale) : 0;
    zero = zero > 0 ? zero : 0;
    zero = zero < limits.high || !hasZeroPoint ? zero : limits.high;
    c.scale[i] = scale;
    c.inverse[i] = 1 / scale;
    c.zeroPoint[i] = zero;
    c.low[i] = limits.low - zero;
    c.high[i] = limits.high - zero;
  }
}

/// Adds the squared errors of at most a few thousand numbers to each candidate's.
CONDENSE_VECTORISED
static void addErrors(Candidates &c, const float *x, int64_t count) {
  std::array<float, Candidates::kCount> errors{};
  for (int64_t i = 0; i < count; ++i) {
    for (int j = 0; j < Candidates::kCount; ++j) {
      float q = x[i] * c.inverse[j];
      q = q > c.low[j] ? q : c.low[j];
      q = q < c.high[j] ? q : c.high[j];
      float error = x[i] - roundHalfEven(q) * c.scale[j];
      errors[j] += error * error;
    }
  }
  for (int j = 0; j < Candidates::kCount; ++j)
    c.error[j] += errors[j];
}

/// The same with a weight for each number.
CONDENSE_VECTORISED
static void addWeightedErrors(Candidates &c, const float *x, const float *importance, int64_t count) {
  std::array<float, Candidates::kCount> errors{};
  for (int64_t i = 0; i < count; ++i) {
    for (int j = 0; j < Candidates::kCount; ++j) {
      float q = x[i] * c.inverse[j];
      q = q > c.low[j] ? q : c.low[j];
      q = q < c.high[j] ? q : c.high[j];
      float error = x[i] - roundHalfEven(q) * c.scale[j];
      errors[j] += error * error * importance[i];
    }
  }
  for (int j = 0; j < Candidates::kCount; ++j)
    c.error[j] += errors[j];
}

/// The scale of least squared error for integer codes.
static BlockScale searchScale(const QuantizeSpec &spec, const BlockRange &range, const float *x,
                              const float *importance, int64_t count) {
  constexpr int64_t chunkSize = 4096;
  Candidates candidates;
  fillCandidates(candidates, range.low, range.high, getSmallestClipping(spec.codes), getCodeLimits(spec.codes),
                 spec.codes.hasZeroPoint(), spec.scale == ScaleFormat::F16);
  for (int64_t start = 0; start < count; start += chunkSize) {
    int64_t size = std::min(chunkSize, count - start);
    if (importance)
      addWeightedErrors(candidates, x + start, importance + start, size);
    else
      addErrors(candidates, x + start, size);
  }
  auto best = std::min_element(candidates.error.begin(), candidates.error.end()) - candidates.error.begin();
  return {candidates.scale[best], static_cast<uint8_t>(candidates.zeroPoint[best])};
}

/// The same for powers of two: the one that fits and its neighbours.
static BlockScale searchPowerOfTwo(const QuantizeSpec &spec, const BlockScale &fitted, const float *x,
                                   const float *importance, int64_t count) {
  BlockScale best = fitted;
  float least = measureFloatError(spec.codes, x, importance, count, fitted.scale);
  for (int step : {1, -1}) {
    float scale = getPowerOfTwo(getCodeLimits(spec.codes), std::ilogb(fitted.scale) + step);
    if (float error = measureFloatError(spec.codes, x, importance, count, scale); error < least) {
      least = error;
      best.scale = scale;
    }
  }
  return best;
}

/// The same for floats and tables, whose codes have no simple arithmetic.
static BlockScale searchFloatScale(const QuantizeSpec &spec, const BlockRange &range, const float *x,
                                   const float *importance, int64_t count) {
  constexpr int steps = 16;
  BlockScale best = fitScale(spec, range.low, range.high);
  float least = measureFloatError(spec.codes, x, importance, count, best.scale);
  for (int i = 1; i <= steps; ++i) {
    double clipping = 1 - i * (1 - getSmallestClipping(spec.codes)) / steps;
    BlockScale candidate = fitScale(spec, clipping * range.low, clipping * range.high);
    float error = measureFloatError(spec.codes, x, importance, count, candidate.scale);
    if (error < least) {
      least = error;
      best = candidate;
    }
  }
  return best;
}

BlockScale condense::numerics::chooseScale(const QuantizeSpec &spec, const BlockRange &range, const float *x,
                                           int64_t count, const float *importance) {
  BlockScale fitted = fitScale(spec, range.low, range.high);
  if (spec.choice == ScaleChoice::MinMax || !std::isfinite(fitted.scale) || (range.low == 0 && range.high == 0))
    return fitted;
  if (spec.scale == ScaleFormat::F8E8M0)
    return spec.codes.hasZeroPoint() ? fitted : searchPowerOfTwo(spec, fitted, x, importance, count);
  if (!spec.codes.isInteger())
    return searchFloatScale(spec, range, x, importance, count);
  // Clipping a scale at the lower end of its format gains nothing.
  float smallestNormal = spec.scale == ScaleFormat::F16 ? 0x1p-14f : 0x1p-120f;
  if (fitted.scale * getSmallestClipping(spec.codes) < 2 * smallestNormal || fitted.scale > 0x1p120f)
    return fitted;
  return searchScale(spec, range, x, importance, count);
}

namespace {
struct ChunkError {
  float squaredError, squaredNorm, largest;
};
} // namespace

/// Codes of at most a few thousand numbers, so that f32 sums stay accurate.
CONDENSE_VECTORISED
static ChunkError encodeChunk(const float *x, int64_t count, float scale, float low, float high, int32_t zeroPoint,
                              uint8_t *codes) {
  std::array<float, kLanes> errors{}, norms{}, largest{};
  auto take = [&](int64_t i, int lane) __attribute__((always_inline)) {
    float q = x[i] / scale;
    q = q > low ? q : low;
    q = q < high ? q : high;
    q = roundHalfEven(q);
    codes[i] = static_cast<uint8_t>(static_cast<int32_t>(q) + zeroPoint);
    float error = std::fabs(x[i] - q * scale);
    errors[lane] += error * error;
    norms[lane] += x[i] * x[i];
    largest[lane] = error > largest[lane] ? error : largest[lane];
  };
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane)
      take(i + lane, lane);
  for (; i < count; ++i)
    take(i, 0);
  ChunkError result{0, 0, *std::max_element(largest.begin(), largest.end())};
  for (int lane = 0; lane < kLanes; ++lane) {
    result.squaredError += errors[lane];
    result.squaredNorm += norms[lane];
  }
  return result;
}

static ChunkError encodeFloatChunk(const CodeFormat &format, const float *x, int64_t count, float scale,
                                   uint8_t *codes) {
  ChunkError result{0, 0, 0};
  for (int64_t i = 0; i < count; ++i) {
    codes[i] = quantizeValue(format, x[i], scale);
    float error = std::fabs(x[i] - dequantizeValue(format, codes[i], scale));
    result.squaredError += error * error;
    result.squaredNorm += x[i] * x[i];
    result.largest = std::max(result.largest, error);
  }
  return result;
}

BlockError condense::numerics::encodeBlock(const CodeFormat &format, const BlockScale &scale, const float *x,
                                           int64_t count, uint8_t *codes) {
  constexpr int64_t chunkSize = 4096;
  CodeLimits limits = getCodeLimits(format);
  BlockError total{0, 0, 0};
  for (int64_t start = 0; start < count; start += chunkSize) {
    int64_t size = std::min(chunkSize, count - start);
    ChunkError chunk = !format.isInteger() ? encodeFloatChunk(format, x + start, size, scale.scale, codes + start)
                                           : encodeChunk(x + start, size, scale.scale, limits.low - scale.zeroPoint,
                                                         limits.high - scale.zeroPoint, scale.zeroPoint, codes + start);
    total.squaredError += chunk.squaredError;
    total.squaredNorm += chunk.squaredNorm;
    total.largest = std::max(total.largest, chunk.largest);
  }
  return total;
}
