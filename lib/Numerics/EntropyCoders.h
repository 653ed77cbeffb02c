// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The encoders behind encodeSymbols: a table for all symbols, then one block after the other.

#ifndef CONDENSE_LIB_NUMERICS_ENTROPYCODERS_H
#define CONDENSE_LIB_NUMERICS_ENTROPYCODERS_H

#include "condense/Numerics/EntropyCoding.h"
#include <memory>

namespace condense::numerics {

/// Codes blocks with codes that were built for all of them.
class BlockEncoder {
public:
  virtual ~BlockEncoder() = default;
  /// What the decoder needs to know.
  virtual std::vector<uint8_t> getTable() const = 0;
  /// Appends the coded symbols to `bytes`.
  virtual void encode(std::span<const uint8_t> symbols, std::vector<uint8_t> &bytes) const = 0;
};

/// Null if the lengths cannot be described: 256 codes of 8 bits.
std::unique_ptr<BlockEncoder> createHuffmanEncoder(const SymbolCounts &symbols);
std::unique_ptr<BlockEncoder> createRansEncoder(const SymbolCounts &symbols);
std::unique_ptr<BlockEncoder> createRunLengthEncoder();

} // namespace condense::numerics

#endif // CONDENSE_LIB_NUMERICS_ENTROPYCODERS_H
