// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arrays of words coded without loss: what compiled models store of constants that they decode when they load. The
// format is that of containers in condense/Runtime/Codec.h.

#ifndef CONDENSE_NUMERICS_CODEDARRAYS_H
#define CONDENSE_NUMERICS_CODEDARRAYS_H

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace condense::numerics {

/// Codes `bytes`, words of `wordBytes` each: as bytes, as the planes of bytes of the words, or, if there are at
/// most 256 distinct words, as their indices, whichever is smallest. Returns what a container stores of the
/// array, but for its place; nothing if less than `leastSaving` (a share of the bytes) would be saved.
std::optional<std::vector<uint8_t>> codeArray(std::span<const uint8_t> bytes, unsigned wordBytes, double leastSaving);

/// Collects coded arrays.
class CodedArrayContainer {
public:
  CodedArrayContainer();

  /// Adds what codeArray returned for an array that belongs to byte `first` of the memory.
  void add(uint64_t first, std::span<const uint8_t> coded);

  uint64_t size() const { return bytes.size(); }
  uint64_t numArrays() const { return count; }

  /// The whole container, complete with its checksum.
  const std::vector<uint8_t> &finish();

private:
  std::vector<uint8_t> bytes;
  uint64_t count = 0;
};

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_CODEDARRAYS_H
