// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Encoding and decoding of positions. Decoding trusts nothing: every field is
// checked against the number of units and the field before.

#include "condense/Numerics/SparseEncoding.h"

#include "condense/Numerics/Pruning.h"
#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

using namespace condense::numerics;
using Kind = PositionFormat::Kind;

std::string condense::numerics::getName(const PositionFormat &format) {
  switch (format.kind) {
  case Kind::Bitmap:
    return "bitmap";
  case Kind::GroupIndices:
    return std::to_string(format.kept) + ":" + std::to_string(format.group) + " indices";
  case Kind::Gaps:
    return "relative index of " + std::to_string(format.width) + " bits";
  case Kind::List:
    return "list of " + std::to_string(format.width) + " bits";
  }
  return "";
}

unsigned condense::numerics::getFieldWidth(const PositionFormat &format) {
  if (format.kind != Kind::GroupIndices)
    return format.width;
  // Codes have at least two bits.
  return std::max<unsigned>(std::bit_width(static_cast<uint64_t>(format.group - 1)), 2);
}

int64_t condense::numerics::getEncodedSize(const PositionFormat &format, int64_t units, int64_t stored) {
  if (format.kind == Kind::Bitmap)
    return (units + 7) / 8;
  return (stored * getFieldWidth(format) + 7) / 8;
}

namespace {
/// Fields of up to 32 bits, least significant first.
class BitWriter {
public:
  explicit BitWriter(int64_t bytes) { result.reserve(bytes); }

  void write(uint32_t value, unsigned width) {
    word |= static_cast<uint64_t>(value) << filled;
    for (filled += width; filled >= 8; filled -= 8, word >>= 8)
      result.push_back(static_cast<uint8_t>(word));
  }

  std::vector<uint8_t> take() {
    if (filled > 0)
      result.push_back(static_cast<uint8_t>(word));
    return std::move(result);
  }

private:
  std::vector<uint8_t> result;
  uint64_t word = 0;
  unsigned filled = 0;
};

/// Reads what BitWriter wrote; the caller has checked the number of bytes.
class BitReader {
public:
  explicit BitReader(std::span<const uint8_t> bytes) : bytes(bytes) {}

  uint32_t read(unsigned width) {
    for (; filled < width; filled += 8)
      word |= static_cast<uint64_t>(next < bytes.size() ? bytes[next++] : 0) << filled;
    uint32_t value = static_cast<uint32_t>(word & ((uint64_t(1) << width) - 1));
    word >>= width;
    filled -= width;
    return value;
  }

  /// Whether the bits that no field uses are 0.
  bool isRestZero() const { return word == 0; }

private:
  std::span<const uint8_t> bytes;
  size_t next = 0;
  uint64_t word = 0;
  unsigned filled = 0;
};

/// The runs of N:M units: calls `visit(first unit, length, kept)` while it returns true.
template <typename Visit> bool forEachGroup(const PositionFormat &format, int64_t units, Visit visit) {
  for (int64_t row = 0; row < units; row += format.row)
    for (int64_t end = std::min(row + format.row, units), start = row; start < end; start += format.group) {
      int64_t length = std::min(format.group, end - start);
      if (!visit(start, length, getNumKept(format.kept, format.group, length)))
        return false;
    }
  return true;
}
} // namespace

/// Fills groups with the first units that are not positions.
static std::optional<std::vector<uint32_t>> fillGroups(const PositionFormat &format, int64_t units,
                                                       std::span<const uint32_t> positions) {
  std::vector<uint32_t> stored;
  size_t next = 0;
  bool fits = forEachGroup(format, units, [&](int64_t start, int64_t length, int64_t kept) {
    size_t end = next;
    while (end < positions.size() && positions[end] < start + length)
      ++end;
    int64_t fillers = kept - static_cast<int64_t>(end - next);
    if (fillers < 0)
      return false;
    for (int64_t unit = start; unit < start + length; ++unit) {
      bool isPosition = next < end && positions[next] == unit;
      if (!isPosition && fillers == 0)
        continue;
      stored.push_back(static_cast<uint32_t>(unit));
      next += isPosition;
      fillers -= !isPosition;
    }
    return true;
  });
  if (!fits)
    return std::nullopt;
  return stored;
}

static std::vector<uint32_t> bridgeGaps(unsigned width, std::span<const uint32_t> positions) {
  std::vector<uint32_t> stored;
  stored.reserve(positions.size());
  int64_t longest = (int64_t(1) << width) - 1, last = -1;
  for (uint32_t position : positions) {
    for (; position - last - 1 > longest; stored.push_back(static_cast<uint32_t>(last)))
      last += longest + 1;
    stored.push_back(position);
    last = position;
  }
  return stored;
}

std::optional<std::vector<uint32_t>> condense::numerics::getStoredUnits(const PositionFormat &format, int64_t units,
                                                                        std::span<const uint32_t> positions) {
  if (format.kind == Kind::GroupIndices)
    return fillGroups(format, units, positions);
  if (format.kind == Kind::Gaps)
    return bridgeGaps(format.width, positions);
  if (format.kind == Kind::List && units > int64_t(1) << format.width)
    return std::nullopt;
  return std::vector<uint32_t>(positions.begin(), positions.end());
}

std::vector<uint8_t> condense::numerics::encodePositions(const PositionFormat &format, int64_t units,
                                                         std::span<const uint32_t> stored) {
  int64_t size = getEncodedSize(format, units, stored.size());
  if (format.kind == Kind::Bitmap) {
    std::vector<uint8_t> bytes(size);
    for (uint32_t unit : stored)
      bytes[unit / 8] |= 1u << (unit % 8);
    return bytes;
  }
  BitWriter writer(size);
  unsigned width = getFieldWidth(format);
  int64_t last = -1;
  for (uint32_t unit : stored) {
    if (format.kind == Kind::GroupIndices)
      writer.write(static_cast<uint32_t>(unit % format.row % format.group), width);
    else
      writer.write(format.kind == Kind::Gaps ? static_cast<uint32_t>(unit - last - 1) : unit, width);
    last = unit;
  }
  return writer.take();
}

static DecodedPositions failDecoding(std::string error) { return {{}, std::move(error)}; }

/// Why no bytes can be decoded for these numbers; empty if some can.
static std::string checkFormat(const PositionFormat &format, int64_t units, int64_t stored) {
  if (units < 0 || units > int64_t(1) << 32 || stored < 0 || stored > units)
    return std::to_string(stored) + " values of " + std::to_string(units) + " units are impossible";
  if (format.kind == Kind::GroupIndices &&
      (format.kept <= 0 || format.kept > format.group || format.group > 1 << 16 || format.row <= 0))
    return "groups " + std::to_string(format.kept) + ":" + std::to_string(format.group) + " in rows of " +
           std::to_string(format.row) + " units are impossible";
  if ((format.kind == Kind::Gaps || format.kind == Kind::List) && (format.width == 0 || format.width > 32))
    return "fields of " + std::to_string(format.width) + " bits are impossible";
  return "";
}

static std::string getSizeError(const PositionFormat &format, int64_t units, int64_t stored, int64_t bytes) {
  int64_t size = getEncodedSize(format, units, stored);
  if (bytes == size)
    return "";
  return getName(format) + ": " + std::to_string(stored) + " of " + std::to_string(units) + " units take " +
         std::to_string(size) + " bytes, found " + std::to_string(bytes);
}

DecodedPositions condense::numerics::decodeBitmap(std::span<const uint8_t> bytes, int64_t units) {
  PositionFormat format = PositionFormat::bitmap();
  std::string error = checkFormat(format, units, 0);
  if (error.empty())
    error = getSizeError(format, units, 0, bytes.size());
  if (!error.empty())
    return failDecoding(std::move(error));
  if (units % 8 != 0 && bytes.back() >> (units % 8) != 0)
    return failDecoding("the bitmap has ones beyond the last of " + std::to_string(units) + " units");
  DecodedPositions result;
  for (int64_t at = 0, count = bytes.size(); at < count; ++at)
    for (unsigned rest = bytes[at]; rest; rest &= rest - 1)
      result.units.push_back(static_cast<uint32_t>(8 * at + std::countr_zero(rest)));
  return result;
}

static DecodedPositions decodeGroups(const PositionFormat &format, std::span<const uint32_t> fields, int64_t units) {
  DecodedPositions result;
  bool complete = forEachGroup(format, units, [&](int64_t start, int64_t length, int64_t kept) {
    for (int64_t i = 0, last = -1; i < kept; ++i) {
      if (result.units.size() == fields.size())
        return false;
      int64_t place = fields[result.units.size()];
      if (place <= last || place >= length) {
        result.error = "index " + std::to_string(result.units.size()) + " is " + std::to_string(place) +
                       ", which is not ascending in a group of " + std::to_string(length) + " units";
        return false;
      }
      result.units.push_back(static_cast<uint32_t>(start + place));
      last = place;
    }
    return true;
  });
  if (!result.error.empty())
    return failDecoding(std::move(result.error));
  if (!complete || result.units.size() != fields.size())
    return failDecoding(std::to_string(units) + " units in groups " + std::to_string(format.kept) + ":" +
                        std::to_string(format.group) + " do not have " + std::to_string(fields.size()) + " values");
  return result;
}

DecodedPositions condense::numerics::decodeFields(const PositionFormat &format, std::span<const uint32_t> fields,
                                                  int64_t units) {
  if (std::string error = checkFormat(format, units, fields.size()); !error.empty())
    return failDecoding(std::move(error));
  if (format.kind == Kind::GroupIndices)
    return decodeGroups(format, fields, units);
  DecodedPositions result;
  result.units.reserve(fields.size());
  int64_t last = -1;
  for (int64_t field : fields) {
    int64_t unit = format.kind == Kind::Gaps ? last + 1 + field : field;
    if (unit <= last || unit >= units) {
      std::string where = "position " + std::to_string(result.units.size()) + " is " + std::to_string(unit);
      return failDecoding(unit <= last ? where + " after " + std::to_string(last) + ": positions must ascend"
                                       : where + ", out of range for " + std::to_string(units) + " units");
    }
    result.units.push_back(static_cast<uint32_t>(unit));
    last = unit;
  }
  return result;
}

DecodedPositions condense::numerics::decodePositions(const PositionFormat &format, std::span<const uint8_t> bytes,
                                                     int64_t units, int64_t stored) {
  std::string error = checkFormat(format, units, stored);
  if (error.empty())
    error = getSizeError(format, units, stored, bytes.size());
  if (!error.empty())
    return failDecoding(std::move(error));
  if (format.kind == Kind::Bitmap) {
    DecodedPositions result = decodeBitmap(bytes, units);
    if (int64_t ones = result.units.size(); result.error.empty() && ones != stored)
      return failDecoding("the bitmap has " + std::to_string(ones) + " ones for " + std::to_string(stored) + " values");
    return result;
  }
  BitReader reader(bytes);
  std::vector<uint32_t> fields(stored);
  for (uint32_t &field : fields)
    field = reader.read(getFieldWidth(format));
  if (!reader.isRestZero())
    return failDecoding("unused bits of the positions are not 0");
  return decodeFields(format, fields, units);
}

EncodingChoice condense::numerics::chooseEncoding(const EncodingProblem &problem, std::span<const uint32_t> positions) {
  std::vector<PositionFormat> formats;
  if (problem.group > 0)
    formats.push_back(PositionFormat::groupIndices(problem.kept, problem.group, problem.row));
  formats.push_back(PositionFormat::bitmap());
  for (unsigned width : {4u, 8u})
    formats.push_back(PositionFormat::gaps(width));
  for (unsigned width : {16u, 32u})
    formats.push_back(PositionFormat::list(width));

  std::vector<EncodingChoice> choices;
  for (const PositionFormat &format : formats) {
    std::optional<std::vector<uint32_t>> stored = getStoredUnits(format, problem.units, positions);
    if (!stored)
      continue;
    int64_t count = stored->size(), elements = problem.sizes.empty() ? count : 0;
    if (!problem.sizes.empty())
      for (uint32_t unit : *stored)
        elements += problem.sizes[unit];
    int64_t bytes = getEncodedSize(format, problem.units, count) + (elements * problem.bitsPerElement + 7) / 8;
    choices.push_back({format, std::move(*stored), bytes, ""});
  }
  auto isAsked = [&](const EncodingChoice &choice) { return choice.format.kind == problem.only; };
  if (problem.only && std::any_of(choices.begin(), choices.end(), isAsked))
    std::erase_if(choices, [&](const EncodingChoice &choice) { return !isAsked(choice); });
  std::vector<size_t> order(choices.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return std::pair(choices[a].bytes, a) < std::pair(choices[b].bytes, b); });
  std::string comparison;
  for (size_t i : order) {
    comparison += comparison.empty() ? "" : ", ";
    comparison += getName(choices[i].format) + " " + std::to_string(choices[i].bytes);
  }
  EncodingChoice &best = choices[order.front()];
  best.comparison = std::move(comparison);
  return std::move(best);
}

std::vector<uint32_t> condense::numerics::getPositions(std::span<const uint8_t> mask) {
  std::vector<uint32_t> positions;
  positions.reserve(countKept(mask));
  for (size_t i = 0; i < mask.size(); ++i)
    if (mask[i])
      positions.push_back(static_cast<uint32_t>(i));
  return positions;
}
