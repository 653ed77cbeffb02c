// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chooses how the bytes of an array become symbols, codes them and writes containers.

#include "condense/Numerics/CodedArrays.h"
#include "condense/Numerics/EntropyCoding.h"
#include "condense/Runtime/Codec.h"
#include <cstring>

using namespace condense::numerics;

/// Streams of an array are decoded in step, so their blocks are equally long.
static constexpr uint64_t planeBlock = 16384, largePlaneBlock = 65536, largePlane = 1 << 18;
/// Of a stream's description in a container.
static constexpr uint64_t streamBytes = 6 * 8, arrayBytes = 6 * 8;

namespace {

/// Symbols and how they are to be coded.
struct Stream {
  std::span<const uint8_t> symbols;
  CoderChoice choice;

  uint64_t bytes() const { return choice.coder == SymbolCoder::none ? symbols.size() : choice.bytes; }
};

/// One way of coding an array.
struct Candidate {
  condense_transform transform;
  unsigned wordBytes;
  std::vector<uint32_t> palette;
  std::vector<std::vector<uint8_t>> owned; ///< symbols that are not the array's bytes
  std::vector<Stream> streams;

  uint64_t bytes() const {
    uint64_t sum = arrayBytes + palette.size() * wordBytes;
    for (const Stream &stream : streams)
      sum += streamBytes + stream.bytes();
    return sum;
  }
};

/// Numbers the distinct words by their order of appearance.
class Palette {
public:
  /// The number of `word`, or -1 if there are too many.
  int find(uint32_t word) {
    for (uint32_t slot = word * 2654435761u >> 22;; ++slot %= 1024) {
      if (slots[slot] < 0) {
        if (words.size() == CONDENSE_MAX_PALETTE)
          return -1;
        slots[slot] = words.size();
        words.push_back(word);
        return slots[slot];
      }
      if (words[slots[slot]] == word)
        return slots[slot];
    }
  }

  std::vector<uint32_t> words;

private:
  std::vector<int> slots = std::vector<int>(1024, -1);
};

} // namespace

static void appendNumbers(std::vector<uint8_t> &bytes, std::initializer_list<uint64_t> numbers) {
  for (uint64_t number : numbers)
    for (unsigned shift = 0; shift < 64; shift += 8)
      bytes.push_back(static_cast<uint8_t>(number >> shift));
}

static Candidate codeBytes(std::span<const uint8_t> bytes) {
  Candidate result{CONDENSE_TRANSFORM_BYTES, 1, {}, {}, {}};
  result.streams.push_back({bytes, chooseCoder(bytes, 8)});
  return result;
}

static Candidate codePlanes(std::span<const uint8_t> bytes, unsigned wordBytes) {
  Candidate result{CONDENSE_TRANSFORM_PLANES, wordBytes, {}, splitPlanes(bytes, wordBytes), {}};
  uint64_t block = bytes.size() / wordBytes >= largePlane ? largePlaneBlock : planeBlock;
  for (const std::vector<uint8_t> &plane : result.owned)
    result.streams.push_back({plane, chooseCoder(plane, 8, block)});
  return result;
}

static std::optional<Candidate> codePalette(std::span<const uint8_t> bytes, unsigned wordBytes) {
  Palette palette;
  std::vector<uint8_t> symbols(bytes.size() / wordBytes);
  for (size_t i = 0; i < symbols.size(); ++i) {
    uint32_t word = 0;
    std::memcpy(&word, bytes.data() + i * wordBytes, wordBytes);
    int index = palette.find(word);
    if (index < 0)
      return std::nullopt;
    symbols[i] = static_cast<uint8_t>(index);
  }
  Candidate result{CONDENSE_TRANSFORM_PALETTE, wordBytes, std::move(palette.words), {}, {}};
  result.owned.push_back(std::move(symbols));
  result.streams.push_back({result.owned[0], chooseCoder(result.owned[0], 8)});
  return result;
}

static bool appendStream(std::vector<uint8_t> &out, const Stream &stream) {
  if (stream.choice.coder == SymbolCoder::none) {
    appendNumbers(out, {0, 8, 0, 0, 0, stream.symbols.size()});
    out.insert(out.end(), stream.symbols.begin(), stream.symbols.end());
    return true;
  }
  std::optional<CodedSymbols> coded = encodeSymbols(stream.symbols, stream.choice.coder, stream.choice.blockSymbols);
  if (!coded)
    return false;
  appendNumbers(out, {static_cast<uint64_t>(coded->coder), 8, coded->blockSymbols, coded->table.size(),
                      coded->offsets.size(), coded->bytes.size()});
  out.insert(out.end(), coded->table.begin(), coded->table.end());
  for (uint32_t offset : coded->offsets)
    for (unsigned shift = 0; shift < 32; shift += 8)
      out.push_back(static_cast<uint8_t>(offset >> shift));
  out.insert(out.end(), coded->bytes.begin(), coded->bytes.end());
  return true;
}

std::optional<std::vector<uint8_t>> condense::numerics::codeArray(std::span<const uint8_t> bytes, unsigned wordBytes,
                                                                  double leastSaving) {
  if (wordBytes == 8) // halves of words are words
    wordBytes = 4;
  if ((wordBytes != 2 && wordBytes != 4) || bytes.size() % wordBytes)
    wordBytes = 1;
  std::optional<Candidate> best;
  if (wordBytes > 1)
    best = codePalette(bytes, wordBytes);
  if (!best || best->streams[0].choice.coder == SymbolCoder::none)
    best = wordBytes == 1 ? codeBytes(bytes) : codePlanes(bytes, wordBytes);
  if (best->bytes() > (1 - leastSaving) * bytes.size())
    return std::nullopt;
  std::vector<uint8_t> out;
  appendNumbers(out, {bytes.size(), static_cast<uint64_t>(best->transform), best->wordBytes, best->palette.size(),
                      best->streams.size()});
  for (uint32_t word : best->palette)
    for (unsigned byte = 0; byte < best->wordBytes; ++byte)
      out.push_back(static_cast<uint8_t>(word >> (8 * byte)));
  for (const Stream &stream : best->streams)
    if (!appendStream(out, stream))
      return std::nullopt;
  return out;
}

CodedArrayContainer::CodedArrayContainer() : bytes(CONDENSE_CONTAINER_HEADER) {}

void CodedArrayContainer::add(uint64_t first, std::span<const uint8_t> coded) {
  appendNumbers(bytes, {first});
  bytes.insert(bytes.end(), coded.begin(), coded.end());
  ++count;
}

const std::vector<uint8_t> &CodedArrayContainer::finish() {
  std::span<const uint8_t> body = std::span(bytes).subspan(CONDENSE_CONTAINER_HEADER);
  std::vector<uint8_t> header;
  for (char letter : {'C', 'N', 'D', 'A', 'R', 'R', 'A', 'Y'})
    header.push_back(letter);
  appendNumbers(header, {CONDENSE_CONTAINER_VERSION, condense_crc32(0, body.data(), body.size()), bytes.size(), count});
  std::copy(header.begin(), header.end(), bytes.begin());
  return bytes;
}
