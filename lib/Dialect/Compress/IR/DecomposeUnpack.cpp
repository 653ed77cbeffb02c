// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reference semantics of unpack.
//
// Where whole bytes lie in the last dimension (2 and 4 bits), the bytes get the
// codes' shape and the position inside the byte is a dimension of its own, so
// that tiling follows the codes. Otherwise the bit position is computed.

#include "Unpacking.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace condense::compress;

Value condense::compress::reshapeBytes(ImplicitLocOpBuilder &b, Value bytes, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(bytes.getType());
  if (shape.size() == 1)
    return bytes;
  if (shape.empty())
    return tensor::CollapseShapeOp::create(b, type.clone(shape), bytes, ArrayRef<ReassociationIndices>{});
  ReassociationIndices all = llvm::to_vector(llvm::seq<int64_t>(0, shape.size()));
  return tensor::ExpandShapeOp::create(b, type.clone(shape), bytes, ArrayRef<ReassociationIndices>{all});
}

/// Codes of 8 bits are the bytes themselves, seen as another type.
static Value viewBytes(ImplicitLocOpBuilder &b, Value bytes, RankedTensorType codes) {
  Value shaped = reshapeBytes(b, bytes, codes.getShape());
  if (isa<IntegerType>(codes.getElementType()))
    return shaped;
  // Elementwise, because no bufferization exists for tensor.bitcast.
  Value init = tensor::EmptyOp::create(b, codes.getShape(), codes.getElementType());
  SmallVector<AffineMap> maps(2, b.getMultiDimIdentityMap(codes.getRank()));
  SmallVector<utils::IteratorType> iterators(codes.getRank(), utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, codes, shaped, init, maps, iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
        Value code = arith::BitcastOp::create(nested, loc, codes.getElementType(), args[0]);
        linalg::YieldOp::create(nested, loc, code);
      });
  return generic.getResult(0);
}

/// The `width` bits of `bits` (i8 or i16) from `position` on as `element`: i8,
/// extended as `codeType` demands, or its own signless type.
static Value extractField(ImplicitLocOpBuilder &b, Type codeType, Value bits, Value position, Type element) {
  Type type = bits.getType();
  unsigned width = getCodeWidth(codeType), room = type.getIntOrFloatBitWidth() - width;
  if (element.getIntOrFloatBitWidth() == width)
    return arith::TruncIOp::create(b, element, arith::ShRUIOp::create(b, bits, position));
  // To the upper end first: the way back extends the sign.
  Value space = arith::ConstantOp::create(b, b.getIntegerAttr(type, room));
  Value upper = arith::ShLIOp::create(b, bits, arith::SubIOp::create(b, space, position));
  Value code = codeType.isUnsignedInteger() ? arith::ShRUIOp::create(b, upper, space).getResult()
                                            : arith::ShRSIOp::create(b, upper, space).getResult();
  return type == element ? code : arith::TruncIOp::create(b, element, code).getResult();
}

/// The position in bits of the code in its byte.
static Value buildBitPosition(ImplicitLocOpBuilder &b, int64_t byteDim, unsigned width) {
  Value index = arith::IndexCastOp::create(b, b.getI8Type(), linalg::IndexOp::create(b, byteDim));
  return arith::MulIOp::create(b, index, arith::ConstantOp::create(b, b.getI8IntegerAttr(width)));
}

Value condense::compress::buildExtract(ImplicitLocOpBuilder &b, Type codeType, Value byte, int64_t perByte,
                                       int64_t byteDim) {
  Value position = buildBitPosition(b, byteDim, 8 / perByte);
  return extractField(b, codeType, byte, position, b.getI8Type());
}

/// `per` codes in each byte, the last dimension a multiple of `per`.
static Value unpackByteDims(ImplicitLocOpBuilder &b, Value bytes, RankedTensorType codes, Type element, int64_t per) {
  int64_t rank = codes.getRank();
  SmallVector<int64_t> byteShape(codes.getShape());
  byteShape.back() /= per;
  Value shaped = reshapeBytes(b, bytes, byteShape);

  SmallVector<int64_t> shape(byteShape);
  shape.push_back(per);
  Value init = tensor::EmptyOp::create(b, shape, element);
  AffineMap identity = b.getMultiDimIdentityMap(rank + 1);
  SmallVector<AffineMap> maps{identity.getMajorSubMap(rank), identity};
  SmallVector<utils::IteratorType> iterators(rank + 1, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, init.getType(), shaped, init, maps, iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder in(loc, nested);
        Value position = buildBitPosition(in, rank, 8 / per);
        linalg::YieldOp::create(in, extractField(in, codes.getElementType(), args[0], position, element));
      });
  SmallVector<ReassociationIndices> groups;
  for (int64_t dim = 0; dim < rank; ++dim)
    groups.push_back({dim});
  groups.back().push_back(rank);
  return tensor::CollapseShapeOp::create(b, codes.clone(element), generic.getResult(0), groups);
}

/// The code that starts at bit `offset` of the bytes (index); it may reach into the next byte.
static Value extractBits(ImplicitLocOpBuilder &b, Value bytes, Value offset, Type codeType, Type element) {
  Type i16 = b.getIntegerType(16);
  int64_t count = cast<RankedTensorType>(bytes.getType()).getNumElements();
  auto index = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(b, value); };
  Value first = arith::DivUIOp::create(b, offset, index(8));
  Value second = arith::MinUIOp::create(b, arith::AddIOp::create(b, first, index(1)), index(count - 1));
  auto load = [&](Value position) -> Value {
    return arith::ExtUIOp::create(b, i16, tensor::ExtractOp::create(b, bytes, position));
  };
  Value eight = arith::ConstantOp::create(b, b.getIntegerAttr(i16, 8));
  Value pair = arith::OrIOp::create(b, load(first), arith::ShLIOp::create(b, load(second), eight));
  Value position = arith::IndexCastOp::create(b, i16, arith::RemUIOp::create(b, offset, index(8)));
  return extractField(b, codeType, pair, position, element);
}

/// Any width and shape: the bit position of each code is computed.
static Value unpackByPosition(ImplicitLocOpBuilder &b, Value bytes, RankedTensorType codes, Type element) {
  int64_t rank = codes.getRank();
  Value init = tensor::EmptyOp::create(b, codes.getShape(), element);
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, init.getType(), ValueRange{}, init, b.getMultiDimIdentityMap(rank), iterators,
      [&](OpBuilder &nested, Location loc, ValueRange) {
        ImplicitLocOpBuilder in(loc, nested);
        Value position = arith::ConstantIndexOp::create(in, 0);
        for (auto [dim, size] : llvm::enumerate(codes.getShape())) {
          position = arith::MulIOp::create(in, position, arith::ConstantIndexOp::create(in, size));
          position = arith::AddIOp::create(in, position, linalg::IndexOp::create(in, dim));
        }
        Value width = arith::ConstantIndexOp::create(in, getCodeWidth(codes.getElementType()));
        Value offset = arith::MulIOp::create(in, position, width);
        linalg::YieldOp::create(in, extractBits(in, bytes, offset, codes.getElementType(), element));
      });
  return generic.getResult(0);
}

Value condense::compress::buildUnpacked(ImplicitLocOpBuilder &b, UnpackOp unpack, Type element) {
  RankedTensorType codes = unpack.getCodes().getType();
  int64_t width = getCodeWidth(codes.getElementType());
  if (8 % width == 0 && codes.getRank() > 0 && codes.getShape().back() % (8 / width) == 0)
    return unpackByteDims(b, unpack.getBytes(), codes, element, 8 / width);
  return unpackByPosition(b, unpack.getBytes(), codes, element);
}

FailureOr<Value> UnpackOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  auto codes = cast<RankedTensorType>(getSignlessType(getCodes().getType()));
  Value result = getCodeWidth(codes.getElementType()) == 8 ? viewBytes(b, getBytes(), codes)
                                                           : buildUnpacked(b, *this, codes.getElementType());
  if (result.getType() == getCodes().getType())
    return result;
  return UnrealizedConversionCastOp::create(b, getCodes().getType(), result).getResult(0);
}
