// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Entropy coding of symbols of up to 8 bits: canonical Huffman codes of limited length (package-merge,
// Larmore and Hirschberg 1990), asymmetric numeral systems (Duda, arXiv:1311.2540) and runs of zeros. The
// format and the decoders are those of condense/Runtime/Codec.h.

#ifndef CONDENSE_NUMERICS_ENTROPYCODING_H
#define CONDENSE_NUMERICS_ENTROPYCODING_H

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace condense::numerics {

/// The numbers are those of condense_coder.
enum class SymbolCoder : uint8_t { none = 0, huffman = 1, rans = 2, runLength = 3 };

/// "huffman", ...
const char *getName(SymbolCoder coder);

/// How often each symbol occurs.
struct SymbolCounts {
  std::array<uint64_t, 256> counts{};
  uint64_t total = 0;

  explicit SymbolCounts(std::span<const uint8_t> symbols);

  /// Shannon's entropy: the bits that all symbols together need at least, if each is coded for itself.
  double entropyBits() const;
  unsigned numDistinct() const;
};

struct CodedSymbols {
  SymbolCoder coder = SymbolCoder::none;
  uint64_t blockSymbols = 0;
  std::vector<uint8_t> table;
  std::vector<uint32_t> offsets; ///< of each block in `bytes`
  std::vector<uint8_t> bytes;

  /// All that has to be stored.
  uint64_t size() const { return table.size() + 4 * offsets.size() + bytes.size(); }
};

/// Lengths of an optimal prefix code none of whose codes is longer than `limit` (0 for symbols that do not
/// occur; 1 if there is one symbol only). 2^limit must not be less than the number of symbols.
std::array<uint8_t, 256> computeCodeLengths(const SymbolCounts &symbols, unsigned limit);

/// Frequencies that sum to 2^bits, at least 1 for each symbol that occurs, nearly proportional to the counts.
std::array<uint32_t, 256> normalizeFrequencies(const SymbolCounts &symbols, unsigned bits);

/// What each coder would need for the symbols, and which one is taken.
struct CoderChoice {
  SymbolCoder coder = SymbolCoder::none; ///< none: not smaller than storing the symbols as they are
  uint64_t blockSymbols = 0;
  uint64_t bytes = 0;     ///< estimated, all that has to be stored
  double entropyBits = 0; ///< per symbol
  std::string reason;     ///< one clause for a remark
};

/// Huffman, unless it loses over 3 % to the entropy and another coder is smaller with its table: symbols of which
/// one is very frequent want fractions of a bit (rans). Runs of zeros (runLength) where they beat both.
/// `bits` is the width in which the symbols would be stored otherwise. `blockSymbols` 0: chosen so that blocks are some
/// kilobytes, and at least as many as are decoded at once. `wanted`, unless none, excludes the other coders.
CoderChoice chooseCoder(std::span<const uint8_t> symbols, unsigned bits, uint64_t blockSymbols = 0,
                        SymbolCoder wanted = SymbolCoder::none);

/// Codes all symbols. Fails where the coder has no code for them: Huffman codes of 256 equally long codes,
/// 4 GiB of coded bytes or more.
std::optional<CodedSymbols> encodeSymbols(std::span<const uint8_t> symbols, SymbolCoder coder, uint64_t blockSymbols);

/// The inverse. Returns an empty string, or what is wrong with the stream. `bits` bounds the symbols.
std::string decodeSymbols(const CodedSymbols &coded, unsigned bits, std::span<uint8_t> symbols);

/// Planes of the bytes of words of 1, 2 or 4 bytes rotated left by one bit, most significant first: of bf16
/// and f32 the first plane is the exponent (DFloat11, arXiv:2504.11651), and the sign is the lowest bit of the last.
std::vector<std::vector<uint8_t>> splitPlanes(std::span<const uint8_t> bytes, unsigned wordBytes);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_ENTROPYCODING_H
