// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Encodings of positions: back and forth at every density, sizes, the choice,
// and bytes that nobody encoded.

#include "condense/Numerics/SparseEncoding.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <random>

using namespace condense::numerics;
using Units = std::vector<uint32_t>;
using Bytes = std::vector<uint8_t>;

static Units somePositions(int64_t units, double density, unsigned seed) {
  std::mt19937 generator(seed);
  std::bernoulli_distribution kept(density);
  Units positions;
  for (int64_t i = 0; i < units; ++i)
    if (kept(generator))
      positions.push_back(i);
  return positions;
}

static std::vector<PositionFormat> getFormats() {
  return {PositionFormat::bitmap(), PositionFormat::gaps(4), PositionFormat::gaps(8), PositionFormat::list(16),
          PositionFormat::list(32)};
}

static void expectRoundTrip(const PositionFormat &format, int64_t units, const Units &positions) {
  std::optional<Units> stored = getStoredUnits(format, units, positions);
  ASSERT_TRUE(stored) << getName(format);
  EXPECT_TRUE(std::includes(stored->begin(), stored->end(), positions.begin(), positions.end()));
  Bytes bytes = encodePositions(format, units, *stored);
  EXPECT_EQ(static_cast<int64_t>(bytes.size()), getEncodedSize(format, units, stored->size()));
  DecodedPositions decoded = decodePositions(format, bytes, units, stored->size());
  EXPECT_EQ(decoded.error, "") << getName(format);
  EXPECT_EQ(decoded.units, *stored) << getName(format);
}

TEST(SparseEncoding, RoundTripAtEveryDensity) {
  for (int64_t units : {0, 1, 7, 8, 9, 1000, 70001})
    for (double density : {0.0, 0.001, 0.02, 0.1, 0.5, 1.0})
      for (const PositionFormat &format : getFormats())
        if (format.kind != PositionFormat::Kind::List || format.width == 32 || units <= 65536)
          expectRoundTrip(format, units, somePositions(units, density, units));
}

TEST(SparseEncoding, RoundTripOfGroups) {
  for (int64_t group = 1; group <= 16; ++group)
    for (int64_t kept = 1; kept <= group; ++kept) {
      // Rows of 21 units, the last one cut short; the first `kept - 1` of each group.
      Units positions;
      for (int64_t unit = 0; unit < 100; ++unit)
        if (unit % 21 % group < kept - 1 && unit % 21 / group * group + group <= 21)
          positions.push_back(unit);
      if (kept > 1 && 100 % 21 % group != 0)
        positions.erase(std::remove_if(positions.begin(), positions.end(), [](uint32_t u) { return u >= 84; }),
                        positions.end());
      expectRoundTrip(PositionFormat::groupIndices(kept, group, 21), 100, positions);
    }
}

TEST(SparseEncoding, GapsAreBridged) {
  Units positions{0, 16, 33, 100};
  EXPECT_EQ(*getStoredUnits(PositionFormat::gaps(4), 101, positions), (Units{0, 16, 32, 33, 49, 65, 81, 97, 100}));
  EXPECT_EQ(encodePositions(PositionFormat::gaps(4), 101, Units{0, 16, 32, 33}), (Bytes{0xf0, 0x0f}));
  EXPECT_EQ(*getStoredUnits(PositionFormat::gaps(8), 101, positions), positions);
}

TEST(SparseEncoding, GroupsThatCannotHold) {
  EXPECT_FALSE(getStoredUnits(PositionFormat::groupIndices(2, 4, 8), 8, Units{0, 1, 2}));
  EXPECT_EQ(*getStoredUnits(PositionFormat::groupIndices(2, 4, 8), 8, Units{3, 4, 7}), (Units{0, 3, 4, 7}));
  EXPECT_FALSE(getStoredUnits(PositionFormat::list(16), 65537, Units{}));
}

TEST(SparseEncoding, Choice) {
  // Dense: bitmap. Thin: gaps. Very thin: a list.
  EXPECT_EQ(getName(chooseEncoding({10000, 32}, somePositions(10000, 0.5, 1)).format), "bitmap");
  EXPECT_EQ(getName(chooseEncoding({10000, 8}, somePositions(10000, 0.1, 1)).format), "relative index of 4 bits");
  EXPECT_EQ(getName(chooseEncoding({10000, 32}, somePositions(10000, 0.02, 1)).format), "relative index of 8 bits");
  EXPECT_EQ(getName(chooseEncoding({60000, 32}, Units{5, 50000}).format), "list of 16 bits");
  Units half;
  for (uint32_t i = 0; i < 1000; i += 4)
    half.insert(half.end(), {i, i + 2});
  EncodingChoice choice = chooseEncoding({1000, 32, 2, 4, 1000}, half);
  EXPECT_EQ(getName(choice.format), "2:4 indices");
  EXPECT_EQ(choice.bytes, 2000 + 125);
  EXPECT_EQ(choice.comparison.substr(0, 34), "2:4 indices 2125, bitmap 2125, rel");
  // What is asked for, where it is possible.
  using Kind = PositionFormat::Kind;
  EXPECT_EQ(chooseEncoding({1000, 32, 2, 4, 1000, Kind::Gaps}, half).comparison,
            "relative index of 4 bits 2250, relative index of 8 bits 2500");
  // Units of different sizes.
  EXPECT_EQ(chooseEncoding({3, 16, 0, 0, 0, Kind::Bitmap, Units{6, 6, 2}}, Units{0, 2}).bytes, 1 + 16);
  EXPECT_EQ(getName(chooseEncoding({1000, 32, 0, 0, 0, Kind::GroupIndices}, half).format), "bitmap");
}

TEST(SparseEncoding, PositionsOfMask) { EXPECT_EQ(getPositions(Bytes{0, 1, 1, 0, 1}), (Units{1, 2, 4})); }

static std::string getError(const PositionFormat &format, Bytes bytes, int64_t units, int64_t stored) {
  DecodedPositions decoded = decodePositions(format, bytes, units, stored);
  EXPECT_TRUE(decoded.error.empty() || decoded.units.empty());
  return decoded.error;
}

TEST(SparseEncoding, HostilePositions) {
  EXPECT_EQ(getError(PositionFormat::bitmap(), {0xff}, 8, 7), "the bitmap has 8 ones for 7 values");
  EXPECT_EQ(getError(PositionFormat::bitmap(), {0x80}, 7, 1), "the bitmap has ones beyond the last of 7 units");
  EXPECT_EQ(getError(PositionFormat::bitmap(), {0, 0}, 8, 0), "bitmap: 0 of 8 units take 1 bytes, found 2");
  EXPECT_EQ(getError(PositionFormat::list(16), {4, 0, 4, 0}, 9, 2), "position 1 is 4 after 4: positions must ascend");
  EXPECT_EQ(getError(PositionFormat::list(32), {9, 0, 0, 0}, 9, 1), "position 0 is 9, out of range for 9 units");
  EXPECT_EQ(getError(PositionFormat::list(32), {255, 255, 255, 255}, 9, 1),
            "position 0 is 4294967295, out of range for 9 units");
  EXPECT_EQ(getError(PositionFormat::gaps(4), {0x8f}, 20, 2), "position 1 is 24, out of range for 20 units");
  EXPECT_EQ(getError(PositionFormat::gaps(4), {0x1f}, 20, 1), "unused bits of the positions are not 0");
  EXPECT_EQ(getError(PositionFormat::groupIndices(2, 4, 4), {0x05}, 4, 2),
            "index 1 is 1, which is not ascending in a group of 4 units");
  EXPECT_EQ(getError(PositionFormat::groupIndices(2, 3, 3), {0x0c}, 3, 2),
            "index 1 is 3, which is not ascending in a group of 3 units");
  EXPECT_EQ(getError(PositionFormat::groupIndices(2, 4, 4), {0x04}, 8, 3),
            "8 units in groups 2:4 do not have 3 values");
  EXPECT_EQ(getError(PositionFormat::groupIndices(0, 4, 4), {}, 8, 0), "groups 0:4 in rows of 4 units are impossible");
  EXPECT_EQ(getError(PositionFormat::gaps(0), {}, 8, 0), "fields of 0 bits are impossible");
  EXPECT_EQ(getError(PositionFormat::bitmap(), {0}, 8, 9), "9 values of 8 units are impossible");
}

TEST(SparseEncoding, FieldsOneByOne) {
  EXPECT_EQ(decodeFields(PositionFormat::gaps(4), Units{0, 15, 0}, 18).units, (Units{0, 16, 17}));
  EXPECT_EQ(decodeFields(PositionFormat::groupIndices(2, 4, 4), Units{1, 300}, 4).error,
            "index 1 is 300, which is not ascending in a group of 4 units");
  EXPECT_EQ(decodeFields(PositionFormat::list(32), Units{7, ~0u}, 9).error,
            "position 1 is 4294967295, out of range for 9 units");
  EXPECT_EQ(decodeBitmap(Bytes{0x81, 0x01}, 9).units, (Units{0, 7, 8}));
  EXPECT_EQ(decodeBitmap(Bytes{}, 9).error, "bitmap: 0 of 9 units take 2 bytes, found 0");
}

TEST(SparseEncoding, RandomBytesNeverLeaveTheRange) {
  std::mt19937 generator(3);
  std::vector<PositionFormat> formats = getFormats();
  formats.push_back(PositionFormat::groupIndices(2, 4, 30));
  formats.push_back(PositionFormat::groupIndices(3, 11, 17));
  for (int trial = 0; trial < 20000; ++trial) {
    const PositionFormat &format = formats[trial % formats.size()];
    int64_t units = generator() % 300, stored = generator() % (units + 2);
    Bytes bytes(std::min<int64_t>(getEncodedSize(format, units, stored) + (generator() % 16 == 0), 2000));
    for (uint8_t &byte : bytes)
      byte = generator() >> (generator() % 8);
    DecodedPositions decoded = decodePositions(format, bytes, units, stored);
    if (!decoded.error.empty())
      continue;
    ASSERT_EQ(static_cast<int64_t>(decoded.units.size()), stored);
    for (size_t i = 0; i < decoded.units.size(); ++i) {
      ASSERT_LT(decoded.units[i], units);
      ASSERT_TRUE(i == 0 || decoded.units[i] > decoded.units[i - 1]);
    }
  }
}
