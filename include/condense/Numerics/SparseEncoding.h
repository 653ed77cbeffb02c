// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How the positions of the nonzero elements (or blocks) of a tensor are stored.
//
// A position is the number of a unit, 0 ... units - 1; a unit is an element or a
// block. Values are stored in ascending order of their positions. An encoding may
// store a few more units than are nonzero (N:M groups that are not full, relative
// indices over long gaps): their values are zeros.

#ifndef CONDENSE_NUMERICS_SPARSEENCODING_H
#define CONDENSE_NUMERICS_SPARSEENCODING_H

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace condense::numerics {

/// An encoding of positions.
struct PositionFormat {
  enum class Kind {
    /// A bit per unit, least significant first; unused bits are 0.
    Bitmap,
    /// Of each run of `group` units exactly ceil(kept * length / group) are stored,
    /// `length` being `group`, or less in the last run of a row of `row` units. A
    /// stored unit is its place in the run: ceil(log2(group)) bits, at least 2, packed,
    /// least significant first, ascending in a run.
    GroupIndices,
    /// Units skipped since the last stored one, as codes of `width` (4 or 8) bits,
    /// packed. A longer gap is bridged by stored zeros (Deep Compression, Han et
    /// al., arXiv:1510.00149).
    Gaps,
    /// The positions, ascending: integers of `width` (16 or 32) bits.
    List
  };
  Kind kind = Kind::Bitmap;
  unsigned width = 0;
  int64_t kept = 0, group = 0, row = 0;

  static PositionFormat bitmap() { return {}; }
  static PositionFormat groupIndices(int64_t kept, int64_t group, int64_t row) {
    return {Kind::GroupIndices, 0, kept, group, row};
  }
  static PositionFormat gaps(unsigned width) { return {Kind::Gaps, width}; }
  static PositionFormat list(unsigned width) { return {Kind::List, width}; }
};

/// "bitmap", "2:4 indices", "relative index of 4 bits" or "list of 16 bits".
std::string getName(const PositionFormat &format);

/// Bytes of the encoded positions of `stored` of `units` units.
int64_t getEncodedSize(const PositionFormat &format, int64_t units, int64_t stored);

/// The units that the encoding stores to hold those of `positions` (ascending):
/// these, and fillers. Nothing when it cannot hold them: a group with more units
/// than are kept, or positions too large for a list.
std::optional<std::vector<uint32_t>> getStoredUnits(const PositionFormat &format, int64_t units,
                                                    std::span<const uint32_t> positions);

/// Encodes `stored`, as from getStoredUnits.
std::vector<uint8_t> encodePositions(const PositionFormat &format, int64_t units, std::span<const uint32_t> stored);

/// What decoding found: the units, or why the bytes are wrong.
struct DecodedPositions {
  std::vector<uint32_t> units;
  std::string error;
};

/// Decodes `stored` positions from bytes of any content: a result without error is
/// ascending, without repetition and below `units`. Unused bits must be 0.
DecodedPositions decodePositions(const PositionFormat &format, std::span<const uint8_t> bytes, int64_t units,
                                 int64_t stored);

/// The units of a bitmap, however many.
DecodedPositions decodeBitmap(std::span<const uint8_t> bytes, int64_t units);

/// The units of the other encodings, from their fields one by one.
DecodedPositions decodeFields(const PositionFormat &format, std::span<const uint32_t> fields, int64_t units);

/// Bits of a field; 0 for a bitmap.
unsigned getFieldWidth(const PositionFormat &format);

/// What a unit's value takes, and which encodings are possible.
struct EncodingProblem {
  int64_t units;
  int64_t bitsPerElement;
  /// With N:M structure: kept, group and row as in PositionFormat; else 0.
  int64_t kept = 0, group = 0, row = 0;
  /// Only encodings of this kind, if one is possible.
  std::optional<PositionFormat::Kind> only = std::nullopt;
  /// Elements of each unit; empty if all have one.
  std::span<const uint32_t> sizes = {};
};

/// An encoding, and why it was chosen.
struct EncodingChoice {
  PositionFormat format;
  std::vector<uint32_t> stored;
  int64_t bytes = 0; // positions and values
  /// The sizes of all candidates, ascending: "2:4 indices 768, bitmap 896, ...".
  std::string comparison;
};

/// The encoding with the fewest bytes of positions and values; of equals the first
/// of: N:M indices, bitmap, relative index, list (narrow before wide).
EncodingChoice chooseEncoding(const EncodingProblem &problem, std::span<const uint32_t> positions);

/// The units of a mask that are not zero.
std::vector<uint32_t> getPositions(std::span<const uint8_t> mask);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_SPARSEENCODING_H
