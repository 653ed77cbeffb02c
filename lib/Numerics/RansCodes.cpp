// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Asymmetric numeral systems (Duda, arXiv:1311.2540): the encoder is the decoder run backwards.

#include "EntropyCoders.h"
#include "condense/Runtime/Codec.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>

using namespace condense::numerics;

/// Bits that all occurrences of a symbol cost more when its frequency falls from `frequency` by one.
static double lossOfOne(uint64_t count, uint32_t frequency) {
  return frequency < 2 ? HUGE_VAL : count * std::log2(double(frequency) / (frequency - 1));
}

std::array<uint32_t, 256> condense::numerics::normalizeFrequencies(const SymbolCounts &symbols, unsigned bits) {
  std::array<uint32_t, 256> frequencies{};
  int64_t excess = -(int64_t(1) << bits);
  assert(symbols.numDistinct() <= -excess && "more symbols than frequencies");
  if (!symbols.total)
    return frequencies;
  for (int symbol = 0; symbol < 256; ++symbol) {
    if (!symbols.counts[symbol])
      continue;
    double share = double(symbols.counts[symbol]) / symbols.total * (1 << bits);
    frequencies[symbol] = std::max<uint32_t>(1, static_cast<uint32_t>(share));
    excess += frequencies[symbol];
  }
  // one at a time from, or to, the symbol for which it matters least, or most
  for (; excess > 0; --excess) {
    int best = 0;
    double least = HUGE_VAL;
    for (int symbol = 0; symbol < 256; ++symbol) {
      double loss = lossOfOne(symbols.counts[symbol], frequencies[symbol]);
      if (frequencies[symbol] && loss < least)
        least = loss, best = symbol;
    }
    --frequencies[best];
  }
  for (; excess < 0; ++excess) {
    int best = 0;
    double most = -1;
    for (int symbol = 0; symbol < 256; ++symbol) {
      double gain = frequencies[symbol] ? lossOfOne(symbols.counts[symbol], frequencies[symbol] + 1) : -1;
      if (gain > most)
        most = gain, best = symbol;
    }
    ++frequencies[best];
  }
  return frequencies;
}

namespace {

class RansEncoder : public BlockEncoder {
public:
  explicit RansEncoder(const SymbolCounts &symbols) : frequencies(normalizeFrequencies(symbols, CONDENSE_RANS_BITS)) {
    uint32_t start = 0;
    for (int symbol = 0; symbol < 256; start += frequencies[symbol++])
      starts[symbol] = start;
  }

  std::vector<uint8_t> getTable() const override {
    std::vector<uint8_t> table;
    for (int symbol = 0; symbol < 256; ++symbol)
      if (uint32_t frequency = frequencies[symbol])
        table.insert(table.end(), {static_cast<uint8_t>(symbol), static_cast<uint8_t>(frequency),
                                   static_cast<uint8_t>(frequency >> 8)});
    return table;
  }

  void encode(std::span<const uint8_t> symbols, std::vector<uint8_t> &bytes) const override {
    // the decoder reads forwards what is written backwards here
    std::vector<uint8_t> reversed;
    uint32_t state = 1u << 16;
    for (size_t i = symbols.size(); i--;) {
      uint32_t frequency = frequencies[symbols[i]];
      if (state >= uint64_t(frequency) << (32 - CONDENSE_RANS_BITS)) {
        reversed.push_back(static_cast<uint8_t>(state >> 8));
        reversed.push_back(static_cast<uint8_t>(state));
        state >>= 16;
      }
      state = (state / frequency << CONDENSE_RANS_BITS) + state % frequency + starts[symbols[i]];
    }
    for (int shift = 24; shift >= 0; shift -= 8)
      reversed.push_back(static_cast<uint8_t>(state >> shift));
    bytes.insert(bytes.end(), reversed.rbegin(), reversed.rend());
  }

private:
  std::array<uint32_t, 256> frequencies;
  std::array<uint32_t, 256> starts;
};

} // namespace

std::unique_ptr<BlockEncoder> condense::numerics::createRansEncoder(const SymbolCounts &symbols) {
  return std::make_unique<RansEncoder>(symbols);
}
