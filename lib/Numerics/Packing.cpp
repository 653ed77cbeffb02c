// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Packing of narrow codes. Eight codes of `width` bits are `width` bytes: the
// loops work on groups of eight so that every width is whole bytes.

#include "condense/Numerics/Packing.h"

#include <cassert>
#include <cstring>

using namespace condense::numerics;

/// Eight codes as the low `8 * width` bits of a word.
static uint64_t packGroup(const uint8_t *codes, int64_t count, unsigned width) {
  uint64_t mask = (1u << width) - 1, word = 0;
  for (int64_t i = 0; i < count; ++i)
    word |= static_cast<uint64_t>(codes[i] & mask) << (i * width);
  return word;
}

template <unsigned width> static void packGroups(const uint8_t *codes, int64_t groups, uint8_t *bytes) {
  for (int64_t group = 0; group < groups; ++group) {
    uint64_t word = packGroup(codes + 8 * group, 8, width);
    for (unsigned byte = 0; byte < width; ++byte)
      bytes[group * width + byte] = static_cast<uint8_t>(word >> (8 * byte));
  }
}

/// Two codes per byte is the common case; this loop vectorises.
static void packNibbles(const uint8_t *codes, int64_t count, uint8_t *bytes) {
  for (int64_t i = 0; i < count / 2; ++i)
    bytes[i] = static_cast<uint8_t>((codes[2 * i] & 15) | (codes[2 * i + 1] << 4));
}

void condense::numerics::packCodes(std::span<const uint8_t> codes, unsigned width, std::span<uint8_t> bytes) {
  int64_t count = codes.size();
  assert(static_cast<int64_t>(bytes.size()) == getPackedSize(count, width) && "size of packed codes");
  int64_t groups = count / 8, rest = count % 8;
  switch (width) {
  case 2:
    packGroups<2>(codes.data(), groups, bytes.data());
    break;
  case 3:
    packGroups<3>(codes.data(), groups, bytes.data());
    break;
  case 5:
    packGroups<5>(codes.data(), groups, bytes.data());
    break;
  case 6:
    packGroups<6>(codes.data(), groups, bytes.data());
    break;
  case 7:
    packGroups<7>(codes.data(), groups, bytes.data());
    break;
  case 4:
    packNibbles(codes.data(), 8 * groups, bytes.data());
    break;
  default:
    assert(width == 8 && "width of codes");
    if (count)
      std::memcpy(bytes.data(), codes.data(), count);
    return;
  }
  uint64_t word = packGroup(codes.data() + 8 * groups, rest, width);
  for (int64_t byte = groups * width; byte < static_cast<int64_t>(bytes.size()); ++byte, word >>= 8)
    bytes[byte] = static_cast<uint8_t>(word);
}

void condense::numerics::unpackCodes(std::span<const uint8_t> bytes, unsigned width, bool isSigned,
                                     std::span<uint8_t> codes) {
  assert(static_cast<int64_t>(bytes.size()) == getPackedSize(codes.size(), width) && "size of packed codes");
  uint8_t mask = static_cast<uint8_t>((1u << width) - 1), sign = isSigned ? 1u << (width - 1) : 0;
  int64_t last = static_cast<int64_t>(bytes.size()) - 1;
  for (int64_t i = 0, count = codes.size(); i < count; ++i) {
    int64_t bit = i * width, byte = bit / 8;
    unsigned pair = bytes[byte] | (byte < last ? bytes[byte + 1] << 8 : 0);
    uint8_t code = (pair >> (bit % 8)) & mask;
    codes[i] = static_cast<uint8_t>((code ^ sign) - sign);
  }
}
