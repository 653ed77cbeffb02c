// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Packing of codes: every width, every length up to three groups, every byte.

#include "condense/Numerics/Packing.h"
#include "gtest/gtest.h"
#include <vector>

using namespace condense::numerics;

/// The definition, one bit at a time.
static std::vector<uint8_t> packBits(const std::vector<uint8_t> &codes, unsigned width) {
  std::vector<uint8_t> bytes((codes.size() * width + 7) / 8);
  for (size_t i = 0; i < codes.size(); ++i)
    for (unsigned bit = 0; bit < width; ++bit)
      if (codes[i] >> bit & 1)
        bytes[(i * width + bit) / 8] |= 1 << ((i * width + bit) % 8);
  return bytes;
}

TEST(Packing, EveryWidthAndLength) {
  for (unsigned width : {2u, 3u, 4u, 8u}) {
    for (size_t length = 0; length <= 25; ++length) {
      std::vector<uint8_t> codes(length);
      for (size_t i = 0; i < length; ++i)
        codes[i] = static_cast<uint8_t>(i * 37 + 11); // high bits set: they must not leak
      std::vector<uint8_t> bytes(getPackedSize(length, width), 0xee);
      packCodes(codes, width, bytes);
      EXPECT_EQ(bytes, packBits(codes, width)) << width << " bits, length " << length;

      std::vector<uint8_t> back(length);
      unpackCodes(bytes, width, /*isSigned=*/false, back);
      for (size_t i = 0; i < length; ++i)
        EXPECT_EQ(back[i], codes[i] & ((1u << width) - 1));
    }
  }
}

TEST(Packing, EveryByteOfNibbles) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::vector<uint8_t> bytes{static_cast<uint8_t>(byte)}, codes(2), again(1);
    unpackCodes(bytes, 4, /*isSigned=*/true, codes);
    EXPECT_EQ(static_cast<int8_t>(codes[0]), static_cast<int>(byte & 15) - (byte & 8 ? 16 : 0));
    EXPECT_EQ(static_cast<int8_t>(codes[1]), static_cast<int>(byte >> 4) - (byte & 128 ? 16 : 0));
    packCodes(codes, 4, again);
    EXPECT_EQ(again, bytes);
  }
}

TEST(Packing, SignExtends) {
  for (unsigned width : {2u, 3u, 4u, 8u}) {
    int low = -(1 << (width - 1)), high = (1 << (width - 1)) - 1;
    std::vector<uint8_t> codes;
    for (int value = low; value <= high; ++value)
      codes.push_back(static_cast<uint8_t>(value));
    std::vector<uint8_t> bytes(getPackedSize(codes.size(), width)), back(codes.size());
    packCodes(codes, width, bytes);
    unpackCodes(bytes, width, /*isSigned=*/true, back);
    EXPECT_EQ(back, codes) << width;
  }
}

TEST(Packing, PartsFromMultiplesOfEight) {
  std::vector<uint8_t> codes(29);
  for (size_t i = 0; i < codes.size(); ++i)
    codes[i] = static_cast<uint8_t>(5 * i);
  for (unsigned width : {2u, 3u, 4u}) {
    std::vector<uint8_t> whole(getPackedSize(29, width)), parts(whole.size());
    packCodes(codes, width, whole);
    std::span<const uint8_t> all(codes);
    std::span<uint8_t> out(parts);
    packCodes(all.first(16), width, out.first(2 * width));
    packCodes(all.subspan(16), width, out.subspan(2 * width));
    EXPECT_EQ(parts, whole);
  }
}
