// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Packing of codes of 2 to 8 bits into bytes: code `i` of width `b` is the
// bits i*b ... i*b+b-1, least significant first, as in compress.unpack.

#ifndef CONDENSE_NUMERICS_PACKING_H
#define CONDENSE_NUMERICS_PACKING_H

#include <cstdint>
#include <span>

namespace condense::numerics {

/// Bytes that `count` codes of `width` bits take.
constexpr int64_t getPackedSize(int64_t count, unsigned width) { return (count * width + 7) / 8; }

/// Packs the low `width` bits of each code. `bytes` has getPackedSize(codes.size(), width)
/// elements; unused bits are 0. Parts that start at a multiple of 8 codes may be
/// packed separately, into the bytes from `start * width / 8` on.
void packCodes(std::span<const uint8_t> codes, unsigned width, std::span<uint8_t> bytes);

/// The inverse; signed codes are sign-extended to 8 bits, unsigned ones zero-extended.
void unpackCodes(std::span<const uint8_t> bytes, unsigned width, bool isSigned, std::span<uint8_t> codes);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_PACKING_H
