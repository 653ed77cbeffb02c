// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Entropy coding: optimality of the codes, sizes against the entropy, round trips of every shape of
// block, and streams that are damaged.

#include "condense/Numerics/EntropyCoding.h"
#include "condense/Runtime/Codec.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

using namespace condense::numerics;

static const SymbolCoder coders[] = {SymbolCoder::huffman, SymbolCoder::rans, SymbolCoder::runLength};

/// What a weight quantized to `bits` looks like: a bell over all codes, in two's complement.
static std::vector<uint8_t> bellCodes(size_t count, unsigned bits, double deviation, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> bell(0, deviation);
  int high = (1 << (bits - 1)) - 1;
  std::vector<uint8_t> symbols(count);
  for (uint8_t &symbol : symbols) {
    int code = std::clamp<int>(std::lround(bell(random)), -high, high);
    symbol = static_cast<uint8_t>(code) & ((1u << bits) - 1);
  }
  return symbols;
}

/// Zeros except for a share of the symbols.
static std::vector<uint8_t> sparseSymbols(size_t count, double share, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> symbols(count);
  for (uint8_t &symbol : symbols)
    symbol = random() < share * 4294967296.0 ? 1 + random() % 15 : 0;
  return symbols;
}

static void expectRoundTrip(const std::vector<uint8_t> &symbols, SymbolCoder coder, uint64_t block) {
  std::optional<CodedSymbols> coded = encodeSymbols(symbols, coder, block);
  ASSERT_TRUE(coded);
  std::vector<uint8_t> decoded(symbols.size(), 0xcd);
  EXPECT_EQ(decodeSymbols(*coded, 8, decoded), "");
  EXPECT_EQ(decoded, symbols) << getName(coder) << ", " << symbols.size() << " symbols, blocks of " << block;
}

TEST(EntropyCoding, EveryLengthAndBlock) {
  for (SymbolCoder coder : coders)
    for (size_t length : {0, 1, 2, 3, 4, 5, 7, 63, 64, 65, 127, 500, 1023, 4096, 5001})
      for (uint64_t block : {1, 2, 7, 16, 64, 100, 1024, 8192}) {
        expectRoundTrip(bellCodes(length, 8, 9.0, length), coder, block);
        expectRoundTrip(sparseSymbols(length, 0.03, length), coder, block);
        expectRoundTrip(std::vector<uint8_t>(length, 42), coder, block);
      }
}

TEST(EntropyCoding, EverySymbol) {
  std::vector<uint8_t> symbols;
  for (unsigned symbol = 0; symbol < 256; ++symbol)
    symbols.insert(symbols.end(), 1 + symbol * symbol / 64, static_cast<uint8_t>(symbol));
  std::shuffle(symbols.begin(), symbols.end(), std::mt19937(1));
  for (SymbolCoder coder : coders)
    expectRoundTrip(symbols, coder, 1000);
}

TEST(EntropyCoding, LengthsAreOptimalWithinTheLimit) {
  // counts like Fibonacci's numbers have the longest codes
  std::vector<uint8_t> symbols;
  for (uint64_t a = 1, b = 1, symbol = 0; symbol < 20; ++symbol, std::swap(a, b), b += a)
    symbols.insert(symbols.end(), a, static_cast<uint8_t>(symbol));
  SymbolCounts counts(symbols);
  EXPECT_EQ(computeCodeLengths(counts, 19)[0], 19);
  uint64_t before = 0;
  for (unsigned limit = 19; limit >= 5; --limit) {
    std::array<uint8_t, 256> lengths = computeCodeLengths(counts, limit);
    double kraft = 0;
    uint64_t bits = 0;
    for (int symbol = 0; symbol < 20; ++symbol) {
      EXPECT_GE(lengths[symbol], 1);
      EXPECT_LE(lengths[symbol], limit);
      kraft += std::ldexp(1.0, -lengths[symbol]);
      bits += counts.counts[symbol] * lengths[symbol];
    }
    EXPECT_EQ(kraft, 1.0);
    EXPECT_GE(bits, before); // a tighter limit never costs less
    before = bits;
  }
}

/// The least bits of any prefix code for four counts: of the two shapes of trees, over all orders.
static uint64_t leastBitsOfFour(std::array<uint64_t, 4> counts, unsigned limit) {
  std::sort(counts.begin(), counts.end(), std::greater<>());
  uint64_t balanced = 2 * (counts[0] + counts[1] + counts[2] + counts[3]);
  uint64_t skewed = counts[0] + 2 * counts[1] + 3 * (counts[2] + counts[3]);
  return limit < 3 ? balanced : std::min(balanced, skewed);
}

TEST(EntropyCoding, LengthsMatchExhaustiveSearch) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    SymbolCounts counts({});
    std::array<uint64_t, 4> four;
    for (int i = 0; i < 4; ++i)
      counts.total += counts.counts[50 * i] = four[i] = 1 + random() % 20;
    for (unsigned limit : {2u, 3u, 11u}) {
      std::array<uint8_t, 256> lengths = computeCodeLengths(counts, limit);
      uint64_t bits = 0;
      for (int i = 0; i < 4; ++i)
        bits += four[i] * lengths[50 * i];
      EXPECT_EQ(bits, leastBitsOfFour(four, limit));
    }
  }
}

TEST(EntropyCoding, FrequenciesSumUp) {
  std::mt19937 random(4);
  for (int round = 0; round < 100; ++round) {
    SymbolCounts counts({});
    for (int i = 0, n = 1 + random() % 256; i < n; ++i)
      counts.total += counts.counts[i] = random() % 3 ? 1 + random() % (1u << random() % 20) : 0;
    if (!counts.total)
      continue;
    uint64_t sum = 0;
    std::array<uint32_t, 256> frequencies = normalizeFrequencies(counts, CONDENSE_RANS_BITS);
    for (int i = 0; i < 256; ++i) {
      sum += frequencies[i];
      EXPECT_EQ(frequencies[i] != 0, counts.counts[i] != 0);
    }
    EXPECT_EQ(sum, 1u << CONDENSE_RANS_BITS);
  }
}

/// What is stored beside the table is within 3 % of the entropy.
static SymbolCoder expectNearEntropy(const std::vector<uint8_t> &symbols, unsigned bits) {
  CoderChoice choice = chooseCoder(symbols, bits);
  std::optional<CodedSymbols> coded = encodeSymbols(symbols, choice.coder, choice.blockSymbols);
  if (!coded) {
    ADD_FAILURE() << choice.reason;
    return choice.coder;
  }
  double entropy = SymbolCounts(symbols).entropyBits() / 8;
  EXPECT_LE(coded->size() - coded->table.size(), 1.03 * entropy) << getName(choice.coder) << ": " << choice.reason;
  EXPECT_NEAR(double(choice.bytes), double(coded->size()), 0.01 * coded->size() + 8);
  std::vector<uint8_t> decoded(symbols.size());
  EXPECT_EQ(decodeSymbols(*coded, bits, decoded), "");
  EXPECT_EQ(decoded, symbols);
  return choice.coder;
}

TEST(EntropyCoding, SizesAreNearTheEntropy) {
  size_t count = 300000;
  for (double deviation : {0.3, 1.0, 2.5, 4.0, 9.0, 30.0})
    for (unsigned bits : {2u, 3u, 4u, 5u, 8u})
      if (deviation < 1 << (bits - 2))
        expectNearEntropy(bellCodes(count, bits, deviation, bits), bits);
  EXPECT_EQ(expectNearEntropy(bellCodes(count, 4, 2.5, 2), 4), SymbolCoder::huffman);
  EXPECT_EQ(expectNearEntropy(bellCodes(count, 8, 30.0, 4), 8), SymbolCoder::huffman);
  for (double share : {0.5, 0.3, 0.1, 0.05, 0.01})
    expectNearEntropy(sparseSymbols(count, share, 6), 4);
  EXPECT_EQ(expectNearEntropy(sparseSymbols(count, 0.1, 6), 4), SymbolCoder::rans);
}

TEST(EntropyCoding, ExponentsOfBFloat16) {
  std::mt19937 random(7);
  std::normal_distribution<float> bell(0, 0.05f);
  std::vector<uint8_t> bytes;
  for (int i = 0; i < 200000; ++i) {
    float value = bell(random);
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    bytes.insert(bytes.end(), {static_cast<uint8_t>(bits >> 16), static_cast<uint8_t>(bits >> 24)});
  }
  std::vector<std::vector<uint8_t>> planes = splitPlanes(bytes, 2);
  EXPECT_EQ(expectNearEntropy(planes[0], 8), SymbolCoder::huffman);
  EXPECT_EQ(chooseCoder(planes[1], 8).coder, SymbolCoder::none);
}

TEST(EntropyCoding, RunsOfZeros) {
  std::vector<uint8_t> symbols(1 << 20);
  for (size_t i = 0; i < 300; ++i)
    symbols[1000 + i] = symbols[500000 + i] = static_cast<uint8_t>(1 + i * 77 % 250);
  CoderChoice choice = chooseCoder(symbols, 8);
  EXPECT_EQ(choice.coder, SymbolCoder::runLength);
  expectRoundTrip(symbols, choice.coder, choice.blockSymbols);
}

TEST(EntropyCoding, OneSymbolTakesNoBits) {
  std::vector<uint8_t> symbols(1 << 20, 7);
  CoderChoice choice = chooseCoder(symbols, 8);
  EXPECT_EQ(choice.coder, SymbolCoder::rans);
  EXPECT_EQ(choice.bytes, 3u + 8u);
  EXPECT_EQ(encodeSymbols(symbols, choice.coder, choice.blockSymbols)->size(), choice.bytes);
}

TEST(EntropyCoding, NothingToGain) {
  std::vector<uint8_t> symbols(65536);
  for (size_t i = 0; i < symbols.size(); ++i)
    symbols[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(chooseCoder(symbols, 8).coder, SymbolCoder::none);
  EXPECT_EQ(chooseCoder(symbols, 8, 0, SymbolCoder::huffman).coder, SymbolCoder::none);
  EXPECT_FALSE(encodeSymbols(symbols, SymbolCoder::huffman, 4096));
  EXPECT_EQ(chooseCoder({}, 8).coder, SymbolCoder::none);
}

/// Decodes into memory of exactly the right size, so that a sanitizer sees each step too far.
static std::string decodeExactly(const CodedSymbols &coded, unsigned bits, size_t count) {
  CodedSymbols exact{coded.coder, coded.blockSymbols, coded.table, coded.offsets, coded.bytes};
  exact.bytes.shrink_to_fit();
  exact.table.shrink_to_fit();
  std::vector<uint8_t> symbols(count);
  std::string error = decodeSymbols(exact, bits, symbols);
  for (uint8_t symbol : symbols)
    EXPECT_TRUE(!error.empty() || symbol >> bits == 0);
  return error;
}

TEST(EntropyCoding, Truncated) {
  std::vector<uint8_t> symbols = bellCodes(3000, 4, 2.0, 8);
  for (SymbolCoder coder : coders) {
    CodedSymbols coded = *encodeSymbols(symbols, coder, 256);
    for (size_t size = 0; size < coded.bytes.size(); ++size) {
      CodedSymbols damaged = coded;
      damaged.bytes.resize(size);
      EXPECT_NE(decodeExactly(damaged, 4, symbols.size()), "");
    }
    for (size_t size = 0; size < coded.table.size(); ++size) {
      CodedSymbols damaged = coded;
      damaged.table.resize(size);
      EXPECT_NE(decodeExactly(damaged, 4, symbols.size()), "");
    }
    CodedSymbols damaged = coded;
    damaged.bytes.push_back(0);
    EXPECT_NE(decodeExactly(damaged, 4, symbols.size()), "");
    damaged = coded;
    damaged.offsets.pop_back();
    EXPECT_NE(decodeExactly(damaged, 4, symbols.size()), "");
    EXPECT_NE(decodeExactly(coded, 4, symbols.size() + 1), "");
    EXPECT_NE(decodeExactly(coded, 1, symbols.size()), "");
  }
}

TEST(EntropyCoding, Corrupted) {
  std::mt19937 random(9);
  std::vector<uint8_t> symbols = bellCodes(5000, 4, 2.0, 10);
  for (SymbolCoder coder : coders) {
    CodedSymbols coded = *encodeSymbols(symbols, coder, 600);
    for (int round = 0; round < 200; ++round) {
      CodedSymbols damaged = coded;
      for (unsigned flips = 1 + random() % 4; flips; --flips) {
        switch (random() % 3) {
        case 0:
          damaged.bytes[random() % damaged.bytes.size()] ^= 1 << random() % 8;
          break;
        case 1:
          damaged.offsets[random() % damaged.offsets.size()] ^= 1u << random() % 32;
          break;
        default:
          if (!damaged.table.empty())
            damaged.table[random() % damaged.table.size()] ^= 1 << random() % 8;
        }
      }
      decodeExactly(damaged, 4, symbols.size()); // an error or other symbols, never out of bounds
    }
  }
}

TEST(EntropyCoding, Garbage) {
  std::mt19937 random(11);
  for (int round = 0; round < 600; ++round) {
    CodedSymbols garbage{coders[round % 3], 1 + random() % 300, {}, {}, {}};
    garbage.bytes.resize(random() % 2000);
    garbage.table.resize(random() % 40);
    garbage.offsets.resize(random() % 12);
    for (uint8_t &byte : garbage.bytes)
      byte = static_cast<uint8_t>(random());
    for (uint8_t &byte : garbage.table)
      byte = static_cast<uint8_t>(random() % 4);
    for (size_t i = 1; i < garbage.offsets.size(); ++i)
      garbage.offsets[i] = garbage.offsets[i - 1] + random() % 300;
    decodeExactly(garbage, 8, random() % 3000);
  }
}

TEST(EntropyCoding, UnknownCoder) {
  CodedSymbols coded = *encodeSymbols(bellCodes(100, 4, 2.0, 8), SymbolCoder::huffman, 256);
  coded.coder = static_cast<SymbolCoder>(9);
  EXPECT_EQ(decodeExactly(coded, 4, 100), "the coder is unknown");
  coded.coder = SymbolCoder::huffman;
  coded.blockSymbols = 0;
  EXPECT_EQ(decodeExactly(coded, 4, 100), "the coder is unknown");
}

TEST(BytePlanes, RoundTripOfEveryWord) {
  std::vector<uint8_t> bytes(2 * 65536);
  for (unsigned word = 0; word < 65536; ++word) {
    bytes[2 * word] = static_cast<uint8_t>(word);
    bytes[2 * word + 1] = static_cast<uint8_t>(word >> 8);
  }
  for (unsigned wordBytes : {1u, 2u, 4u}) {
    std::vector<std::vector<uint8_t>> planes = splitPlanes(bytes, wordBytes);
    std::vector<const uint8_t *> pointers;
    for (const std::vector<uint8_t> &plane : planes)
      pointers.push_back(plane.data());
    std::vector<uint8_t> joined(bytes.size());
    condense_join_planes(pointers.data(), wordBytes, bytes.size() / wordBytes, joined.data());
    EXPECT_EQ(joined, bytes) << wordBytes;
  }
}

TEST(BytePlanes, FirstPlaneIsTheExponent) {
  float values[] = {1.0f, -1.0f, 3.5f, 0.0f, -0.0f};
  std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t *>(values), sizeof(values));
  EXPECT_EQ(splitPlanes(bytes, 4)[0], (std::vector<uint8_t>{127, 127, 128, 0, 0}));
  EXPECT_EQ(splitPlanes(bytes, 4)[3], (std::vector<uint8_t>{0, 1, 0, 0, 1}));
}

TEST(Checksum, KnownValues) {
  EXPECT_EQ(condense_crc32(0, "123456789", 9), 0xcbf43926u);
  EXPECT_EQ(condense_crc32(0, "", 0), 0u);
  const char text[] = "every split of a text gives the same checksum";
  for (size_t split = 0; split <= sizeof(text); ++split)
    EXPECT_EQ(condense_crc32(condense_crc32(0, text, split), text + split, sizeof(text) - split),
              condense_crc32(0, text, sizeof(text)));
}
