// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Containers of coded arrays: what comes out is what went in, and damage is an error.

#include "condense/Numerics/CodedArrays.h"
#include "condense/Runtime/Codec.h"
#include "gtest/gtest.h"
#include <cstring>
#include <random>

using namespace condense::numerics;

template <typename T> static std::vector<uint8_t> bytesOf(const std::vector<T> &values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty())
    std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

static std::vector<float> bell(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 0.1f);
  std::vector<float> values(count);
  for (float &value : values)
    value = normal(random);
  return values;
}

/// Decodes a container with one array at byte 3 of a memory that ends with it.
static int decodeOne(const std::vector<uint8_t> &coded, std::vector<uint8_t> &memory) {
  CodedArrayContainer container;
  container.add(3, coded);
  const std::vector<uint8_t> &bytes = container.finish();
  return condense_decode_arrays(bytes.data(), bytes.size(), memory.data(), memory.size(), nullptr);
}

/// Bytes that are stored of `bytes`; those that are decoded again must be the same.
static size_t expectRoundTrip(const std::vector<uint8_t> &bytes, unsigned wordBytes) {
  std::optional<std::vector<uint8_t>> coded = codeArray(bytes, wordBytes, 0.05);
  if (!coded) {
    ADD_FAILURE() << "nothing was saved";
    return bytes.size();
  }
  std::vector<uint8_t> memory(bytes.size() + 3, 0xcd), expected(3, 0xcd);
  expected.insert(expected.end(), bytes.begin(), bytes.end());
  EXPECT_EQ(decodeOne(*coded, memory), CONDENSE_CODEC_OK);
  EXPECT_EQ(memory, expected);
  return coded->size();
}

TEST(CodedArrays, Floats) {
  std::vector<float> values = bell(300001, 1);
  EXPECT_LT(expectRoundTrip(bytesOf(values), 4), bytesOf(values).size() * 0.87);
  std::vector<uint16_t> upper;
  for (float value : values)
    upper.push_back(bytesOf(std::vector<float>{value})[2] | bytesOf(std::vector<float>{value})[3] << 8);
  EXPECT_LT(expectRoundTrip(bytesOf(upper), 2), bytesOf(upper).size() * 0.70);
}

TEST(CodedArrays, SparseFloats) {
  std::vector<float> values = bell(100000, 2);
  for (size_t i = 0; i < values.size(); ++i)
    if (i * 7919 % 10)
      values[i] = 0;
  EXPECT_LT(expectRoundTrip(bytesOf(values), 4), bytesOf(values).size() / 5);
}

TEST(CodedArrays, FewDistinctFloats) {
  std::vector<float> values = bell(100000, 3), levels = bell(16, 4);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = i * 7919 % 10 ? 0 : levels[i * 104729 % 16];
  EXPECT_LT(expectRoundTrip(bytesOf(values), 4), values.size() * 0.9 / 8 + 300);
  std::vector<float> constant(5000, 1.5f);
  EXPECT_LT(expectRoundTrip(bytesOf(constant), 4), 150u);
}

TEST(CodedArrays, BytesAndWideWords) {
  std::vector<uint8_t> codes;
  for (float value : bell(70000, 5))
    codes.push_back(static_cast<uint8_t>(static_cast<int>(value * 60)));
  EXPECT_LT(expectRoundTrip(codes, 1), codes.size() * 0.7);
  std::vector<int64_t> indices(40000);
  for (size_t i = 0; i < indices.size(); ++i)
    indices[i] = i;
  EXPECT_LT(expectRoundTrip(bytesOf(indices), 8), bytesOf(indices).size() / 2);
}

TEST(CodedArrays, NothingToGain) {
  std::mt19937 random(6);
  std::vector<uint32_t> noise(10000);
  for (uint32_t &word : noise)
    word = random();
  EXPECT_FALSE(codeArray(bytesOf(noise), 4, 0.05));
  EXPECT_FALSE(codeArray({}, 4, 0.05));
  EXPECT_FALSE(codeArray(std::vector<uint8_t>{1, 2, 3}, 4, 0.05));
}

TEST(CodedArrays, SeveralInOneContainer) {
  CodedArrayContainer container;
  std::vector<uint8_t> expected(64 + 40000 + 64), memory(expected.size());
  std::vector<uint8_t> first(64, 9), second = bytesOf(std::vector<float>(10000, 0.5f));
  std::copy(second.begin(), second.end(), expected.begin() + 64);
  container.add(64, *codeArray(second, 4, 0));
  EXPECT_EQ(container.numArrays(), 1u);
  const std::vector<uint8_t> &bytes = container.finish();
  EXPECT_EQ(condense_decode_arrays(bytes.data(), bytes.size(), memory.data(), memory.size(), nullptr),
            CONDENSE_CODEC_OK);
  EXPECT_EQ(memory, expected);
  // a memory that is too small
  EXPECT_EQ(condense_decode_arrays(bytes.data(), bytes.size(), memory.data(), 40063, nullptr),
            CONDENSE_CODEC_CONTAINER);
}

static std::vector<uint8_t> makeContainer() {
  CodedArrayContainer container;
  container.add(0, *codeArray(bytesOf(bell(3000, 7)), 4, 0.01));
  container.add(12000, *codeArray(bytesOf(std::vector<uint16_t>(500, 77)), 2, 0.01));
  std::vector<uint8_t> codes;
  for (float value : bell(2000, 8))
    codes.push_back(static_cast<uint8_t>(static_cast<int>(value * 60)));
  container.add(13000, *codeArray(codes, 1, 0.01));
  return container.finish();
}

static const uint8_t *containerBegin;
static std::vector<int> releases;

TEST(CodedArrays, EveryByteIsReleasedTwice) {
  std::vector<uint8_t> bytes = makeContainer(), memory(15000);
  containerBegin = bytes.data();
  releases.assign(bytes.size(), 0);
  auto release = [](const void *part, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i)
      ++releases[static_cast<const uint8_t *>(part) - containerBegin + i];
  };
  ASSERT_EQ(condense_decode_arrays(bytes.data(), bytes.size(), memory.data(), memory.size(), release),
            CONDENSE_CODEC_OK);
  for (size_t i = CONDENSE_CONTAINER_HEADER; i < bytes.size(); ++i)
    EXPECT_EQ(releases[i], 2) << i;
}

TEST(CodedArrays, EveryFlippedByteIsFound) {
  std::vector<uint8_t> bytes = makeContainer(), memory(15000);
  ASSERT_EQ(condense_decode_arrays(bytes.data(), bytes.size(), memory.data(), memory.size(), nullptr),
            CONDENSE_CODEC_OK);
  for (size_t i = 0; i < bytes.size(); i += 1 + i / 64) {
    bytes[i] ^= 0x10;
    EXPECT_NE(condense_decode_arrays(bytes.data(), bytes.size(), memory.data(), memory.size(), nullptr),
              CONDENSE_CODEC_OK);
    bytes[i] ^= 0x10;
  }
  for (size_t size = 0; size < bytes.size(); size += 97) {
    std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + size);
    EXPECT_NE(condense_decode_arrays(cut.data(), cut.size(), memory.data(), memory.size(), nullptr), CONDENSE_CODEC_OK);
  }
}

/// The checksum finds accidents, not attacks: behind it nothing may be trusted either.
TEST(CodedArrays, DamageBehindTheChecksum) {
  std::mt19937 random(9);
  std::vector<uint8_t> original = makeContainer();
  for (int round = 0; round < 3000; ++round) {
    std::vector<uint8_t> bytes = original;
    // most of the damage to what describes the arrays and streams
    size_t reach = round % 2 ? bytes.size() : 300;
    for (unsigned flips = 1 + random() % 3; flips; --flips)
      bytes[CONDENSE_CONTAINER_HEADER + random() % (reach - CONDENSE_CONTAINER_HEADER)] ^= 1 << random() % 8;
    uint64_t crc =
        condense_crc32(0, bytes.data() + CONDENSE_CONTAINER_HEADER, bytes.size() - CONDENSE_CONTAINER_HEADER);
    std::memcpy(bytes.data() + 16, &crc, sizeof(crc));
    std::vector<uint8_t> memory(15000);
    condense_decode_arrays(bytes.data(), bytes.size(), memory.data(), memory.size(), nullptr);
  }
}
