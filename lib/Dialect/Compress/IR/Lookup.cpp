// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Look-up of values in codebooks: verification, value, and reference semantics.

#include "Blockwise.h"
#include "CodeArithmetic.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/BlockLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Codebooks may be of any float that others may be, but not of powers of two.
static bool isEntryType(Type type) {
  return type.isF16() || type.isBF16() || type.isF32() || type.isF64() || isa<Float8E4M3FNType, Float8E5M2Type>(type);
}

LogicalResult LookupOp::verify() {
  RankedTensorType indices = getIndices().getType(), codebook = getCodebook().getType();
  auto index = dyn_cast<IntegerType>(indices.getElementType());
  if (!index || !isCodeType(index) || index.getWidth() > 16)
    return emitOpError() << "indices must be iN or uiN with N from 2 to 8 or 16, found " << indices.getElementType();
  if (!isEntryType(codebook.getElementType()))
    return emitOpError() << "a codebook must be of f8E4M3FN, f8E5M2, f16, bf16, f32 or f64, found "
                         << codebook.getElementType();
  if (failed(verifyCompatibleShape(indices, getOutput().getType())))
    return emitOpError() << "indices and result must have the same shape, found " << indices << " and "
                         << getOutput().getType();
  if (codebook.getRank() != indices.getRank() + 1 || !codebook.hasStaticShape() || codebook.getShape().back() == 0)
    return emitOpError()
           << "the codebook must have a static shape of one dimension more than the indices, its last one "
           << "the entries, found " << codebook << " for " << indices;
  for (auto [dim, size] : llvm::enumerate(indices.getShape())) {
    int64_t blocks = codebook.getDimSize(dim);
    if (blocks != 1 && (ShapedType::isDynamic(size) || blocks == 0 || size % blocks != 0))
      return emitOpError() << "dimension " << dim << " of the indices " << indices << " is not divisible into "
                           << blocks << " codebooks";
  }
  return success();
}

/// Indices of at most 16 bits, as stored on the host.
static std::vector<uint16_t> readIndices(const HostTensor &tensor) {
  unsigned width = tensor.getType().getElementTypeBitWidth();
  if (width > 8)
    return std::vector<uint16_t>(tensor.as<uint16_t>());
  std::vector<uint16_t> indices(tensor.getNumElements());
  llvm::transform(tensor.as<uint8_t>(), indices.begin(), [&](uint8_t byte) { return byte & ((1u << width) - 1); });
  return indices;
}

FailureOr<HostTensor> LookupOp::evaluate(ArrayRef<HostTensor> operands) {
  RankedTensorType type = operands[0].getType().clone(getOutput().getType().getElementType());
  ArrayRef<int64_t> bookShape = operands[1].getType().getShape();
  FailureOr<std::vector<float>> books = operands[1].toFloats();
  // entries of f64 are kept as f32
  bool loses = type.getElementType().isF64() && operands[1].getType().getElementType().isF64();
  if (failed(books) || loses)
    return failure();
  std::vector<uint16_t> indices = readIndices(operands[0]);
  std::vector<float> values(indices.size());
  int64_t entries = bookShape.back();
  numerics::BlockLayout layout(type.getShape(), bookShape.drop_back());
  for (int64_t block = 0; block < layout.getNumBlocks(); ++block) {
    const float *book = books->data() + block * entries;
    bool isInside = true;
    layout.forEachSegment(block, [&](int64_t first) {
      for (int64_t i = first; i < first + layout.getSegment(); ++i) {
        isInside &= indices[i] < entries;
        values[i] = book[std::min<int64_t>(indices[i], entries - 1)];
      }
    });
    if (!isInside)
      return failure();
  }
  return HostTensor::fromFloats(type, values);
}

/// The bits that constant indices of a byte each need, at most `width`: codes that were narrower need no bound.
static unsigned countUsedBits(Value indices, unsigned width) {
  std::optional<TensorConstant> constant = getTensorConstant(indices);
  if (!constant || width != 8)
    return width;
  unsigned all = 0;
  for (uint8_t index : constant->as<uint8_t>())
    all |= index;
  return llvm::bit_width(all);
}

/// In the body of the generic: the entry of the block's codebook that `code` selects.
static Value buildEntry(ImplicitLocOpBuilder &b, const BlockSpace &space, Value codebook, Value code, unsigned width) {
  auto type = cast<RankedTensorType>(codebook.getType());
  int64_t entries = type.getShape().back();
  if (entries < (int64_t(1) << width)) {
    Value last = arith::ConstantOp::create(b, b.getIntegerAttr(code.getType(), entries - 1));
    code = arith::MinUIOp::create(b, code, last);
  }
  SmallVector<Value> position;
  size_t next = 0;
  for (int64_t size : type.getShape().drop_back()) {
    if (size == 1) {
      position.push_back(arith::ConstantIndexOp::create(b, 0));
      continue;
    }
    auto dim = cast<AffineDimExpr>(space.blockDims[next++]);
    position.push_back(linalg::IndexOp::create(b, dim.getPosition()));
  }
  position.push_back(arith::IndexCastUIOp::create(b, b.getIndexType(), code));
  return tensor::ExtractOp::create(b, codebook, position);
}

FailureOr<Value> LookupOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  RankedTensorType type = getOutput().getType(), codebook = getCodebook().getType();
  ArrayRef<int64_t> blocks = codebook.getShape().drop_back();
  // Unsigned, whatever the type says: unpacking must not extend a sign.
  unsigned width = getCodeWidth(getIndices().getType().getElementType());
  Type codeType = IntegerType::get(getContext(), width, IntegerType::Unsigned);
  BlockwiseOperands operands{{}, {}, llvm::to_vector(blocks), codeType, getCodesPerByte(getIndices(), blocks)};
  operands.values = getBlockwiseValues(b, getIndices(), operands.perByte);
  unsigned used = countUsedBits(getIndices(), width);
  return buildBlockwise(b, operands, type, [&](ImplicitLocOpBuilder &in, const BlockSpace &space, ValueRange args) {
    Value code = args[0];
    if (unsigned wide = code.getType().getIntOrFloatBitWidth(); operands.perByte == 1 && wide > width)
      code = arith::AndIOp::create(
          in, code, arith::ConstantOp::create(in, in.getIntegerAttr(code.getType(), (int64_t(1) << width) - 1)));
    return buildNumber(in, buildEntry(in, space, getCodebook(), code, used), type.getElementType());
  });
}
