// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chooses a coder by what each would need, codes block by block, and decodes with the runtime's decoder.

#include "condense/Numerics/EntropyCoding.h"
#include "EntropyCoders.h"
#include "condense/Runtime/Codec.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <memory>

using namespace condense::numerics;

/// A block should be large enough that its offset and its ends do not matter.
static constexpr double blockBytes = 4096;
static constexpr uint64_t smallestBlock = 4096, largestBlock = 1 << 20;
/// Huffman codes decode faster than rans, and are taken unless they waste more than this.
static constexpr double toleratedLoss = 1.03;

const char *condense::numerics::getName(SymbolCoder coder) {
  switch (coder) {
  case SymbolCoder::huffman:
    return "huffman";
  case SymbolCoder::rans:
    return "rans";
  case SymbolCoder::runLength:
    return "run_length";
  case SymbolCoder::none:
    break;
  }
  return "none";
}

SymbolCounts::SymbolCounts(std::span<const uint8_t> symbols) : total(symbols.size()) {
  // four tables: equal symbols in a row do not wait for each other
  std::array<std::array<uint64_t, 256>, 4> parts{};
  size_t i = 0;
  for (; i + 4 <= symbols.size(); i += 4)
    for (size_t k = 0; k < 4; ++k)
      ++parts[k][symbols[i + k]];
  for (; i < symbols.size(); ++i)
    ++parts[0][symbols[i]];
  for (int symbol = 0; symbol < 256; ++symbol)
    for (const std::array<uint64_t, 256> &part : parts)
      counts[symbol] += part[symbol];
}

double SymbolCounts::entropyBits() const {
  double bits = 0;
  for (uint64_t count : counts)
    if (count)
      bits += count * std::log2(double(total) / count);
  return bits;
}

unsigned SymbolCounts::numDistinct() const {
  return std::count_if(counts.begin(), counts.end(), [](uint64_t count) { return count != 0; });
}

namespace {

class RunLengthEncoder : public BlockEncoder {
public:
  std::vector<uint8_t> getTable() const override { return {}; }

  void encode(std::span<const uint8_t> symbols, std::vector<uint8_t> &bytes) const override {
    for (size_t i = 0; i < symbols.size();) {
      uint8_t run = 0;
      while (i < symbols.size() && symbols[i] == 0 && run < 255)
        ++i, ++run;
      bytes.push_back(run);
      if (run < 255 && i < symbols.size())
        bytes.push_back(symbols[i++]);
    }
  }
};

} // namespace

std::unique_ptr<BlockEncoder> condense::numerics::createRunLengthEncoder() {
  return std::make_unique<RunLengthEncoder>();
}

static std::unique_ptr<BlockEncoder> createEncoder(const SymbolCounts &symbols, SymbolCoder coder) {
  switch (coder) {
  case SymbolCoder::huffman:
    return createHuffmanEncoder(symbols);
  case SymbolCoder::rans:
    return createRansEncoder(symbols);
  case SymbolCoder::runLength:
    return createRunLengthEncoder();
  case SymbolCoder::none:
    break;
  }
  return nullptr;
}

std::optional<CodedSymbols> condense::numerics::encodeSymbols(std::span<const uint8_t> symbols, SymbolCoder coder,
                                                              uint64_t blockSymbols) {
  std::unique_ptr<BlockEncoder> encoder = createEncoder(SymbolCounts(symbols), coder);
  if (!encoder || !blockSymbols)
    return std::nullopt;
  CodedSymbols coded{coder, blockSymbols, encoder->getTable(), {}, {}};
  for (uint64_t first = 0; first < symbols.size(); first += blockSymbols) {
    if (coded.bytes.size() > UINT32_MAX)
      return std::nullopt;
    coded.offsets.push_back(static_cast<uint32_t>(coded.bytes.size()));
    encoder->encode(symbols.subspan(first, std::min<uint64_t>(blockSymbols, symbols.size() - first)), coded.bytes);
  }
  return coded;
}

std::string condense::numerics::decodeSymbols(const CodedSymbols &coded, unsigned bits, std::span<uint8_t> symbols) {
  condense_coded_stream stream = {};
  stream.bytes = coded.bytes.data();
  stream.num_bytes = coded.bytes.size();
  stream.offsets = coded.offsets.data();
  stream.num_blocks = coded.offsets.size();
  stream.table = coded.table.data();
  stream.table_bytes = coded.table.size();
  stream.num_symbols = symbols.size();
  stream.block_symbols = coded.blockSymbols;
  stream.coder = static_cast<int32_t>(coded.coder);
  stream.symbol_bits = bits;
  int status = condense_decode_symbols(&stream, symbols.data());
  return status ? condense_codec_message(status) : "";
}

/// Some kilobytes per block, and blocks for all lanes of the decoder if there is enough for that.
static uint64_t chooseBlock(uint64_t count, double bits) {
  double wanted = 8 * blockBytes * count / std::max(bits, 1.0);
  uint64_t block = smallestBlock;
  while (block * 2 <= wanted && block < largestBlock)
    block *= 2;
  return block;
}

static double huffmanBits(const SymbolCounts &symbols) {
  std::array<uint8_t, 256> lengths = computeCodeLengths(symbols, CONDENSE_HUFFMAN_BITS);
  double bits = 0;
  for (int symbol = 0; symbol < 256; ++symbol)
    bits += double(symbols.counts[symbol]) * lengths[symbol];
  return bits;
}

static double ransBits(const SymbolCounts &symbols) {
  std::array<uint32_t, 256> frequencies = normalizeFrequencies(symbols, CONDENSE_RANS_BITS);
  double bits = 0;
  for (int symbol = 0; symbol < 256; ++symbol)
    if (symbols.counts[symbol])
      bits += symbols.counts[symbol] * (double(CONDENSE_RANS_BITS) - std::log2(frequencies[symbol]));
  return bits;
}

static double runLengthBits(std::span<const uint8_t> symbols) {
  uint64_t bytes = 0, run = 0;
  for (uint8_t symbol : symbols) {
    run = symbol ? 0 : run + 1;
    bytes += symbol ? 2 : run % 255 == 0;
  }
  return 8.0 * (bytes + 1);
}

static std::string percent(double ratio) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", 100 * (ratio - 1));
  return text;
}

namespace {

/// Bits that each coder needs, without what blocks add.
struct Candidates {
  Candidates(std::span<const uint8_t> symbols, const SymbolCounts &counts)
      : entropy(counts.entropyBits()), huffman(huffmanBits(counts)),
        huffmanTable(8 * (CONDENSE_HUFFMAN_BITS + counts.numDistinct())), rans(ransBits(counts)),
        ransTable(8 * 3 * counts.numDistinct()), runLength(runLengthBits(symbols)) {}

  double of(SymbolCoder coder) const {
    switch (coder) {
    case SymbolCoder::huffman:
      return huffman + huffmanTable;
    case SymbolCoder::rans:
      return rans + ransTable;
    default:
      return runLength;
    }
  }

  double entropy, huffman, huffmanTable, rans, ransTable, runLength;
};

} // namespace

static SymbolCoder chooseByCost(const Candidates &bits, std::string &reason) {
  double huffman = bits.of(SymbolCoder::huffman), rans = bits.of(SymbolCoder::rans);
  if (bits.runLength < std::min(huffman, rans)) {
    reason = "zeros come in runs";
    return SymbolCoder::runLength;
  }
  std::string loss = bits.entropy < 1 ? "a bit for each symbol" : percent(bits.huffman / bits.entropy);
  if (bits.huffman <= toleratedLoss * bits.entropy) {
    reason = "huffman loses " + loss + " to the entropy";
    return SymbolCoder::huffman;
  }
  if (huffman <= rans) {
    reason = "huffman has the smaller table";
    return SymbolCoder::huffman;
  }
  reason = "huffman would lose " + loss + " to the entropy";
  return SymbolCoder::rans;
}

CoderChoice condense::numerics::chooseCoder(std::span<const uint8_t> symbols, unsigned bits, uint64_t blockSymbols,
                                            SymbolCoder wanted) {
  CoderChoice choice;
  SymbolCounts counts(symbols);
  if (!counts.total)
    return choice;
  Candidates candidates(symbols, counts);
  choice.entropyBits = candidates.entropy / counts.total;
  SymbolCoder coder = chooseByCost(candidates, choice.reason);
  if (wanted != SymbolCoder::none) {
    coder = wanted;
    choice.reason = std::string(getName(wanted)) + " was asked for";
  }
  choice.blockSymbols = blockSymbols ? blockSymbols : chooseBlock(counts.total, candidates.of(coder));
  uint64_t blocks = (counts.total + choice.blockSymbols - 1) / choice.blockSymbols;
  uint64_t perBlock = 4 + (coder == SymbolCoder::rans ? 4 : 0);
  choice.bytes = static_cast<uint64_t>(std::ceil(candidates.of(coder) / 8)) + blocks * perBlock;
  if (choice.bytes < (counts.total * bits + 7) / 8)
    choice.coder = coder;
  else
    choice.reason = "the symbols are nearly equally frequent";
  return choice;
}

std::vector<std::vector<uint8_t>> condense::numerics::splitPlanes(std::span<const uint8_t> bytes, unsigned wordBytes) {
  assert((wordBytes == 1 || wordBytes == 2 || wordBytes == 4) && bytes.size() % wordBytes == 0 && "words");
  size_t count = bytes.size() / wordBytes;
  std::vector<std::vector<uint8_t>> planes(wordBytes, std::vector<uint8_t>(count));
  unsigned width = 8 * wordBytes;
  for (size_t i = 0; i < count; ++i) {
    uint64_t word = 0;
    for (unsigned byte = 0; byte < wordBytes; ++byte)
      word |= uint64_t(bytes[i * wordBytes + byte]) << (8 * byte);
    word = word << 1 | word >> (width - 1);
    for (unsigned plane = 0; plane < wordBytes; ++plane)
      planes[plane][i] = static_cast<uint8_t>(word >> (width - 8 * (plane + 1)));
  }
  return planes;
}
