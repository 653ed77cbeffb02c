// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Conversions between f32 and the narrow floats f16, bf16, f8E4M3FN, f8E5M2,
// f4E2M1FN, and the powers of two of f8E8M0FNU.
//
// Widening is exact. Narrowing rounds to nearest, ties to even. f8E4M3FN and
// f8E5M2 are those of "FP8 Formats for Deep Learning" (arXiv:2209.05433); the
// others of the "OCP Microscaling Formats (MX) Specification" v1.0.

#ifndef CONDENSE_NUMERICS_FLOATFORMATS_H
#define CONDENSE_NUMERICS_FLOATFORMATS_H

#include <bit>
#include <cstdint>

namespace condense::numerics {

namespace detail {

/// Narrows the magnitude bits of a finite f32 to a format of `mantissaBits` and
/// exponent `bias`, without a limit above: the caller treats overflow.
template <int mantissaBits, int bias> constexpr uint32_t narrowMagnitude(uint32_t magnitude) {
  constexpr int shift = 23 - mantissaBits;
  constexpr uint32_t smallestNormal = static_cast<uint32_t>(127 + 1 - bias) << 23;
  if (magnitude < smallestNormal) {
    // Adding a number whose last bit is the smallest subnormal rounds to it.
    constexpr uint32_t anchor = static_cast<uint32_t>(127 + 23 + 1 - bias - mantissaBits) << 23;
    float sum = std::bit_cast<float>(magnitude) + std::bit_cast<float>(anchor);
    return std::bit_cast<uint32_t>(sum) - anchor;
  }
  uint32_t odd = (magnitude >> shift) & 1;
  uint32_t rounded = (magnitude + odd + (1u << (shift - 1)) - 1) >> shift;
  return rounded - (static_cast<uint32_t>(127 - bias) << mantissaBits);
}

/// Widens magnitude bits of a finite number.
template <int mantissaBits, int bias> constexpr float widenMagnitude(uint32_t magnitude) {
  // The fields, read as an f32, are the number times 2^(bias - 127); scaling by
  // a power of two is exact, and makes subnormals normal.
  constexpr uint32_t scale = static_cast<uint32_t>(127 + 127 - bias) << 23;
  return std::bit_cast<float>(magnitude << (23 - mantissaBits)) * std::bit_cast<float>(scale);
}

constexpr uint32_t kInfinity = 0x7f800000;

} // namespace detail

/// f16 bits of `x`; too large becomes infinity, NaN stays NaN.
constexpr uint16_t toF16(float x) {
  uint32_t bits = std::bit_cast<uint32_t>(x), magnitude = bits & 0x7fffffff;
  uint32_t sign = (bits >> 16) & 0x8000;
  if (magnitude > detail::kInfinity)
    return static_cast<uint16_t>(sign | 0x7e00);
  if (magnitude >= 0x477ff000) // 65520, half-way between the largest f16 and 2^16
    return static_cast<uint16_t>(sign | 0x7c00);
  return static_cast<uint16_t>(sign | detail::narrowMagnitude<10, 15>(magnitude));
}

constexpr float fromF16(uint16_t half) {
  uint32_t magnitude = half & 0x7fff, sign = static_cast<uint32_t>(half & 0x8000) << 16;
  float value = magnitude >= 0x7c00 ? std::bit_cast<float>(detail::kInfinity | ((magnitude & 0x3ff) << 13))
                                    : detail::widenMagnitude<10, 15>(magnitude);
  return std::bit_cast<float>(std::bit_cast<uint32_t>(value) | sign);
}

/// bf16 bits of `x`; NaN stays NaN.
constexpr uint16_t toBF16(float x) {
  uint32_t bits = std::bit_cast<uint32_t>(x);
  if ((bits & 0x7fffffff) > detail::kInfinity)
    return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + ((bits >> 16) & 1) + 0x7fff) >> 16);
}

constexpr float fromBF16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

/// f8E4M3FN bits of `x`, saturating to +-448; NaN becomes 0, as in compress.quantize.
constexpr uint8_t toF8E4M3FN(float x) {
  uint32_t bits = std::bit_cast<uint32_t>(x), magnitude = bits & 0x7fffffff;
  if (magnitude > detail::kInfinity)
    return 0;
  constexpr uint32_t largest = std::bit_cast<uint32_t>(448.0f);
  uint32_t code = detail::narrowMagnitude<3, 7>(magnitude < largest ? magnitude : largest);
  return static_cast<uint8_t>(code | ((bits >> 24) & 0x80));
}

constexpr float fromF8E4M3FN(uint8_t code) {
  uint32_t magnitude = code & 0x7f, sign = static_cast<uint32_t>(code & 0x80) << 24;
  float value = magnitude == 0x7f ? std::bit_cast<float>(0x7fc00000u) : detail::widenMagnitude<3, 7>(magnitude);
  return std::bit_cast<float>(std::bit_cast<uint32_t>(value) | sign);
}

/// f8E5M2 bits of `x`, saturating to +-57344; NaN becomes 0, as in compress.quantize.
constexpr uint8_t toF8E5M2(float x) {
  uint32_t bits = std::bit_cast<uint32_t>(x), magnitude = bits & 0x7fffffff;
  if (magnitude > detail::kInfinity)
    return 0;
  constexpr uint32_t largest = std::bit_cast<uint32_t>(57344.0f);
  uint32_t code = detail::narrowMagnitude<2, 15>(magnitude < largest ? magnitude : largest);
  return static_cast<uint8_t>(code | ((bits >> 24) & 0x80));
}

constexpr float fromF8E5M2(uint8_t code) { return fromF16(static_cast<uint16_t>(code << 8)); }

/// f4E2M1FN bits of `x` (the low four), saturating to +-6; NaN becomes 0.
constexpr uint8_t toF4E2M1(float x) {
  uint32_t bits = std::bit_cast<uint32_t>(x), magnitude = bits & 0x7fffffff;
  if (magnitude > detail::kInfinity)
    return 0;
  constexpr uint32_t largest = std::bit_cast<uint32_t>(6.0f);
  uint32_t code = detail::narrowMagnitude<1, 1>(magnitude < largest ? magnitude : largest);
  return static_cast<uint8_t>(code | ((bits >> 28) & 8));
}

constexpr float fromF4E2M1(uint8_t code) {
  float value = detail::widenMagnitude<1, 1>(code & 7);
  uint32_t sign = static_cast<uint32_t>(code & 8) << 28;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(value) | sign);
}

/// f8E8M0FNU bits of the largest power of two that is at most `x` > 0, within
/// 2^-127 ... 2^127.
constexpr uint8_t toF8E8M0(float x) {
  uint32_t exponent = std::bit_cast<uint32_t>(x) >> 23; // 0: subnormal, at most 2^-127 apart from 0
  return static_cast<uint8_t>(exponent < 254 ? exponent : 254);
}

/// 2^(code - 127); 255 is NaN.
constexpr float fromF8E8M0(uint8_t code) {
  if (code == 255)
    return std::bit_cast<float>(0x7fc00000u);
  return std::bit_cast<float>(code == 0 ? 0x00400000u : static_cast<uint32_t>(code) << 23);
}

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_FLOATFORMATS_H
