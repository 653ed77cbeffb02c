// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Entropy-coded symbols: what a stream must look like, and its symbols by the decoder of
// compiled models.

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Runtime/Codec.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static_assert(static_cast<int>(Coder::Huffman) == CONDENSE_CODER_HUFFMAN);
static_assert(static_cast<int>(Coder::RANS) == CONDENSE_CODER_RANS);
static_assert(static_cast<int>(Coder::RunLength) == CONDENSE_CODER_RUN_LENGTH);

/// What is wrong with the size of the table; empty if nothing.
static StringRef getTableError(Coder coder, int64_t bytes) {
  switch (coder) {
  case Coder::Huffman:
    return bytes > CONDENSE_HUFFMAN_BITS ? "" : "a table of at least 12 bytes: 11 counts and the symbols";
  case Coder::RANS:
    return bytes > 0 && bytes % 3 == 0 ? "" : "a table of 3 bytes for each symbol";
  case Coder::RunLength:
    return bytes == 0 ? "" : "an empty table";
  case Coder::Automatic:
    break;
  }
  return "huffman, rans or run_length";
}

LogicalResult EntropyDecodeOp::verify() {
  RankedTensorType codes = getCodes().getType();
  if (!isWeightStorage(codes.getElementType()))
    return emitOpError() << "decodes to codes of at most 8 bits, found " << codes.getElementType();
  if (!getHostBytes(codes) || codes.getNumElements() == 0)
    return emitOpError() << "requires a static shape with elements, found " << codes;
  for (Value operand : getOperands())
    if (auto type = cast<RankedTensorType>(operand.getType()); !type.hasStaticShape() || type.getRank() != 1)
      return emitOpError() << "requires operands of rank 1 and static shape, found " << type;
  if (StringRef expected = getTableError(getCoder(), getTable().getType().getNumElements()); !expected.empty())
    return emitOpError() << "coder " << stringifyCoder(getCoder()) << ": expected " << expected << ", found "
                         << getTable().getType();
  if (getBlock() < 1)
    return emitOpError() << "requires at least one symbol in a block, found " << getBlock();
  uint64_t blocks = llvm::divideCeil(codes.getNumElements(), getBlock());
  if (static_cast<uint64_t>(getOffsets().getType().getNumElements()) != blocks)
    return emitOpError() << codes.getNumElements() << " symbols in blocks of " << getBlock() << " have " << blocks
                         << " offsets, found " << getOffsets().getType();
  return success();
}

/// Symbols of `width` bits, extended as HostTensor holds them.
static void extendSigns(std::vector<char> &symbols, unsigned width) {
  uint8_t sign = 1u << (width - 1);
  for (char &symbol : symbols)
    symbol = static_cast<char>((static_cast<uint8_t>(symbol) ^ sign) - sign);
}

FailureOr<HostTensor> EntropyDecodeOp::evaluate(ArrayRef<HostTensor> operands) {
  RankedTensorType type = getCodes().getType();
  unsigned width = getCodeWidth(type.getElementType());
  std::vector<char> symbols(type.getNumElements());
  condense_coded_stream stream = {};
  stream.bytes = operands[0].as<uint8_t>().data();
  stream.num_bytes = operands[0].getNumElements();
  stream.offsets = operands[1].getBytes().data();
  stream.num_blocks = operands[1].getNumElements();
  stream.table = operands[2].as<uint8_t>().data();
  stream.table_bytes = operands[2].getNumElements();
  stream.num_symbols = symbols.size();
  stream.block_symbols = getBlock();
  stream.coder = static_cast<int32_t>(getCoder());
  stream.symbol_bits = width;
  if (condense_decode_symbols(&stream, reinterpret_cast<uint8_t *>(symbols.data())) != CONDENSE_CODEC_OK)
    return failure();
  if (width < 8 && getCodeFormat(type.getElementType()).kind == numerics::CodeFormat::Kind::Signed)
    extendSigns(symbols, width);
  return HostTensor(type, std::move(symbols));
}
