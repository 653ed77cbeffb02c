// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constants of codes.

#include "PackedCodes.h"

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/Packing.h"
#include "mlir/IR/Threading.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Packs in place-sized parts on all threads; a part is a multiple of eight codes.
static std::vector<char> packBytes(MLIRContext *context, ArrayRef<char> codes, unsigned width) {
  constexpr int64_t partSize = 1 << 20;
  std::vector<char> bytes(numerics::getPackedSize(codes.size(), width));
  parallelFor(context, 0, llvm::divideCeil(codes.size(), partSize), [&](size_t part) {
    ArrayRef<char> from = codes.slice(part * partSize, std::min<int64_t>(partSize, codes.size() - part * partSize));
    char *to = bytes.data() + part * partSize / 8 * width;
    numerics::packCodes(
        {reinterpret_cast<const uint8_t *>(from.data()), from.size()}, width,
        {reinterpret_cast<uint8_t *>(to), static_cast<size_t>(numerics::getPackedSize(from.size(), width))});
  });
  return bytes;
}

Value condense::compress::buildCodes(OpBuilder &builder, Location loc, RankedTensorType type, std::vector<char> codes,
                                     const Twine &name) {
  Type storage = type.getElementType();
  unsigned width = getCodeWidth(storage);
  if (width == 8 && !storage.isUnsignedInteger())
    return createTensorConstant(builder, loc, type, std::move(codes), name.str());
  std::vector<char> bytes = width == 8 ? std::move(codes) : packBytes(builder.getContext(), codes, width);
  auto byteType = RankedTensorType::get(static_cast<int64_t>(bytes.size()), builder.getI8Type());
  Value packed = createTensorConstant(builder, loc, byteType, std::move(bytes), name.str());
  return UnpackOp::create(builder, loc, type, packed);
}
