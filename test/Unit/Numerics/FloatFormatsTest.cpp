// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Conversions of narrow floats, over every value of each format. The references
// are the definitions in terms of exponent and mantissa, and for narrowing a
// search for the nearest value.

#include "condense/Numerics/FloatFormats.h"
#include "gtest/gtest.h"
#include <cmath>
#include <vector>

using namespace condense::numerics;

/// Value of a code with `exponentBits`, `mantissaBits`; no special values.
static double decode(unsigned magnitude, int mantissaBits, int bias) {
  unsigned exponent = magnitude >> mantissaBits, mantissa = magnitude & ((1u << mantissaBits) - 1);
  if (exponent == 0)
    return std::ldexp(mantissa, 1 - bias - mantissaBits);
  return std::ldexp(mantissa + (1u << mantissaBits), static_cast<int>(exponent) - bias - mantissaBits);
}

TEST(FloatFormats, EveryF16Widens) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    unsigned magnitude = bits & 0x7fff;
    float value = fromF16(static_cast<uint16_t>(bits));
    EXPECT_EQ(std::signbit(value), bits >= 0x8000);
    if (magnitude > 0x7c00)
      EXPECT_TRUE(std::isnan(value)) << bits;
    else if (magnitude == 0x7c00)
      EXPECT_TRUE(std::isinf(value)) << bits;
    else
      EXPECT_EQ(std::fabs(value), decode(magnitude, 10, 15)) << bits;
  }
}

TEST(FloatFormats, EveryF16RoundTrips) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    if ((bits & 0x7fff) > 0x7c00)
      EXPECT_GT(toF16(fromF16(static_cast<uint16_t>(bits))) & 0x7fff, 0x7c00);
    else
      EXPECT_EQ(toF16(fromF16(static_cast<uint16_t>(bits))), bits);
  }
}

TEST(FloatFormats, F16TiesGoToEvenAndOthersToTheNearest) {
  for (unsigned bits = 0; bits < 0x7bff; ++bits) {
    float low = fromF16(static_cast<uint16_t>(bits)), high = fromF16(static_cast<uint16_t>(bits + 1));
    float middle = (low + high) / 2; // exact: f32 has more bits
    EXPECT_EQ(toF16(middle), bits % 2 ? bits + 1 : bits) << bits;
    EXPECT_EQ(toF16(std::nextafter(middle, 0.0f)), bits);
    EXPECT_EQ(toF16(std::nextafter(middle, INFINITY)), bits + 1);
    EXPECT_EQ(toF16(-middle), (bits % 2 ? bits + 1 : bits) | 0x8000);
  }
}

TEST(FloatFormats, F16Overflows) {
  EXPECT_EQ(toF16(65519.996f), 0x7bff);
  EXPECT_EQ(toF16(65520.0f), 0x7c00);
  EXPECT_EQ(toF16(-1e30f), 0xfc00);
  EXPECT_EQ(toF16(INFINITY), 0x7c00);
  EXPECT_EQ(toF16(NAN) & 0x7c00, 0x7c00);
  EXPECT_EQ(toF16(1e-30f), 0);
}

TEST(FloatFormats, BF16RoundsToEven) {
  for (unsigned bits = 0; bits < 0x7f7f; ++bits) {
    float low = fromBF16(static_cast<uint16_t>(bits));
    EXPECT_EQ(toBF16(low), bits);
    float middle = std::bit_cast<float>((bits << 16) | 0x8000u);
    EXPECT_EQ(toBF16(middle), bits % 2 ? bits + 1 : bits);
  }
  EXPECT_EQ(toBF16(NAN) & 0x7fc0, 0x7fc0);
  EXPECT_EQ(toBF16(INFINITY), 0x7f80);
}

template <typename From, typename To>
static void checkSmallFloat(From from, To to, int mantissaBits, int bias, unsigned largest, unsigned sign = 0x80) {
  for (unsigned code = 0; code <= largest; ++code) {
    float value = from(static_cast<uint8_t>(code));
    EXPECT_EQ(value, decode(code, mantissaBits, bias)) << code;
    EXPECT_EQ(to(value), code);
    EXPECT_EQ(to(-value), code | sign);
    if (code == largest)
      continue;
    float middle = (value + from(static_cast<uint8_t>(code + 1))) / 2;
    EXPECT_EQ(to(middle), code % 2 ? code + 1 : code) << code;
    EXPECT_EQ(to(std::nextafter(middle, 0.0f)), code);
    EXPECT_EQ(to(std::nextafter(middle, INFINITY)), code + 1);
  }
  EXPECT_EQ(to(1e9f), largest);
  EXPECT_EQ(to(-INFINITY), largest | sign);
  EXPECT_EQ(to(NAN), 0);
}

TEST(FloatFormats, EveryF8E4M3FN) {
  checkSmallFloat(fromF8E4M3FN, toF8E4M3FN, 3, 7, 0x7e);
  EXPECT_TRUE(std::isnan(fromF8E4M3FN(0x7f)));
  EXPECT_TRUE(std::isnan(fromF8E4M3FN(0xff)));
}

TEST(FloatFormats, EveryF8E5M2) {
  checkSmallFloat(fromF8E5M2, toF8E5M2, 2, 15, 0x7b);
  EXPECT_TRUE(std::isinf(fromF8E5M2(0x7c)));
  EXPECT_TRUE(std::isnan(fromF8E5M2(0x7e)));
}

TEST(FloatFormats, EveryF4E2M1) { checkSmallFloat(fromF4E2M1, toF4E2M1, 1, 1, 7, 8); }

TEST(FloatFormats, EveryF8E8M0) {
  for (unsigned code = 0; code < 255; ++code) {
    float value = fromF8E8M0(static_cast<uint8_t>(code));
    EXPECT_EQ(value, std::ldexp(1.0, static_cast<int>(code) - 127));
    EXPECT_EQ(toF8E8M0(value), code);
    EXPECT_EQ(toF8E8M0(value * 1.9f), code) << "downwards";
  }
  EXPECT_TRUE(std::isnan(fromF8E8M0(255)));
  EXPECT_EQ(toF8E8M0(INFINITY), 254);
}
