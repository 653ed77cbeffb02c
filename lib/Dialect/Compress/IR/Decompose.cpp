// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reference semantics of quantize and dequantize as one linalg.generic.
//
// A block dimension of more than one element becomes two dimensions of the
// iteration space, [blocks, elements], by expanding codes and result; unit
// dimensions of the scales are collapsed away. Every indexing map is then a
// projected permutation, which tiling and fusion handle; a map with a division
// would not tile.

#include "CodeArithmetic.h"
#include "Unpacking.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace condense::compress;

namespace {

/// How the dimensions of codes and scales map to the iteration space. With
/// `perByte` > 1 the last iteration dimension is the position inside a byte.
struct BlockSpace {
  SmallVector<ReassociationIndices> expansion; // codes' dimension -> iteration dimensions
  SmallVector<int64_t> shape;                  // of the iteration space
  SmallVector<AffineExpr> scaleDims;           // iteration dimensions that index the scales
  int64_t perByte;

  BlockSpace(RankedTensorType codes, RankedTensorType scales, int64_t perByte) : perByte(perByte) {
    for (auto [size, blocks] : llvm::zip_equal(codes.getShape(), scales.getShape())) {
      ReassociationIndices dims{static_cast<int64_t>(shape.size())};
      if (blocks != 1)
        scaleDims.push_back(getAffineDimExpr(shape.size(), codes.getContext()));
      bool split = blocks != 1 && blocks != size;
      shape.push_back(split ? blocks : size);
      if (split) {
        dims.push_back(shape.size());
        shape.push_back(size / blocks);
      }
      expansion.push_back(dims);
    }
    if (perByte > 1) {
      shape.back() /= perByte;
      expansion.back().push_back(shape.size());
      shape.push_back(perByte);
    }
  }

  bool expands() const { return shape.size() != expansion.size(); }

  /// Values with the shape of the codes; or bytes, of rank 1.
  Value expand(ImplicitLocOpBuilder &b, Value value) const {
    if (perByte > 1)
      return reshapeBytes(b, value, ArrayRef(shape).drop_back());
    auto type = cast<RankedTensorType>(value.getType());
    return expands() ? tensor::ExpandShapeOp::create(b, type.clone(shape), value, expansion).getResult() : value;
  }

  Value collapse(ImplicitLocOpBuilder &b, Value value) const {
    return expands() ? tensor::CollapseShapeOp::create(b, value, expansion).getResult() : value;
  }
};

/// Drops the unit dimensions of scales or zero points.
Value dropUnitDims(ImplicitLocOpBuilder &b, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<ReassociationIndices> groups;
  SmallVector<int64_t> shape;
  ReassociationIndices leading;
  for (auto [dim, size] : llvm::enumerate(type.getShape())) {
    if (size == 1) {
      (groups.empty() ? leading : groups.back()).push_back(dim);
      continue;
    }
    groups.emplace_back();
    if (groups.size() == 1)
      groups.back() = leading;
    groups.back().push_back(dim);
    shape.push_back(size);
  }
  if (static_cast<int64_t>(shape.size()) == type.getRank())
    return value;
  return tensor::CollapseShapeOp::create(b, type.clone(shape), value, groups);
}

/// The tensors of a quantization, signless.
struct Operands {
  Value values; // codes or numbers, or with `perByte` > 1 packed bytes
  Value scales;
  Value zeroPoints; // may be null
  Type codeType;
  int64_t perByte = 1;
};

/// Builds the generic operation over the block space. `body` gets one code or
/// number, the scale and, with zero points, the zero point; its result has
/// the element type of `resultType`, which has the codes' shape.
Value buildBlockwise(ImplicitLocOpBuilder &b, const Operands &operands, RankedTensorType resultType,
                     function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> body) {
  BlockSpace space(resultType, cast<RankedTensorType>(operands.scales.getType()), operands.perByte);
  SmallVector<Value> inputs{space.expand(b, operands.values), dropUnitDims(b, operands.scales)};
  int64_t rank = space.shape.size();
  AffineMap identity = b.getMultiDimIdentityMap(rank);
  AffineMap scaleMap = AffineMap::get(rank, 0, space.scaleDims, b.getContext());
  SmallVector<AffineMap> maps{operands.perByte > 1 ? identity.getMajorSubMap(rank - 1) : identity, scaleMap};
  if (operands.zeroPoints) {
    inputs.push_back(dropUnitDims(b, operands.zeroPoints));
    maps.push_back(scaleMap);
  }
  maps.push_back(identity);

  SmallVector<OpFoldResult> sizes = operands.perByte > 1 ? getAsIndexOpFoldResult(b.getContext(), space.shape)
                                                         : tensor::getMixedSizes(b, b.getLoc(), inputs.front());
  Value init = tensor::EmptyOp::create(b, sizes, resultType.getElementType());
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(b, init.getType(), inputs, init, maps, iterators,
                                           [&](OpBuilder &nested, Location loc, ValueRange args) {
                                             ImplicitLocOpBuilder in(loc, nested);
                                             SmallVector<Value> elements(args.drop_back());
                                             if (operands.perByte > 1)
                                               elements[0] = buildExtract(in, operands.codeType, elements[0],
                                                                          operands.perByte, rank - 1);
                                             linalg::YieldOp::create(in, body(in, elements));
                                           });
  Value result = space.collapse(b, generic.getResult(0));
  return result.getType() == resultType ? result : tensor::CastOp::create(b, resultType, result).getResult();
}

/// A value of a `uiN` tensor as `iN` or back: a cast that the type conversion
/// of the surrounding operations removes.
Value castTo(ImplicitLocOpBuilder &b, Type type, Value value) {
  if (!value || value.getType() == type)
    return value;
  return UnrealizedConversionCastOp::create(b, type, value).getResult(0);
}

Value toSignless(ImplicitLocOpBuilder &b, Value value) {
  return value ? castTo(b, getSignlessType(value.getType()), value) : value;
}

} // namespace

/// Codes in one byte each where they come from packed bytes.
static Value unpackOrSignless(ImplicitLocOpBuilder &b, Value codes) {
  auto unpack = codes ? codes.getDefiningOp<UnpackOp>() : UnpackOp();
  if (unpack && getCodeWidth(unpack.getCodes().getType().getElementType()) < 8)
    return buildUnpacked(b, unpack, b.getI8Type());
  return toSignless(b, codes);
}

/// Codes per byte if whole bytes lie in a block's last dimension, else 1.
static int64_t getCodesPerByte(DequantizeOp op) {
  RankedTensorType type = op.getCodes().getType();
  int64_t width = getCodeWidth(type.getElementType());
  if (!op.getCodes().getDefiningOp<UnpackOp>() || 8 % width != 0 || type.getRank() == 0)
    return 1;
  int64_t block = type.getShape().back() / op.getScales().getType().getShape().back();
  return block % (8 / width) == 0 ? 8 / width : 1;
}

FailureOr<Value> DequantizeOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  Type codeType = getCodes().getType().getElementType();
  RankedTensorType type = getOutput().getType();
  Operands operands{Value(), getScales(), unpackOrSignless(b, getZeroPoints()), codeType, getCodesPerByte(*this)};
  operands.values = operands.perByte > 1 ? getCodes().getDefiningOp<UnpackOp>().getBytes()
                                         : unpackOrSignless(b, getCodes());
  return buildBlockwise(b, operands, type, [&](ImplicitLocOpBuilder &in, ValueRange args) {
    Value zero = args.size() > 2 ? args[2] : Value();
    return buildDequantize(in, codeType, args[0], args[1], zero, type.getElementType());
  });
}

FailureOr<Value> QuantizeOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  RankedTensorType type = getCodes().getType();
  auto signless = cast<RankedTensorType>(getSignlessType(type));
  Operands operands{getInput(), getScales(), toSignless(b, getZeroPoints()), type.getElementType()};
  Value codes = buildBlockwise(b, operands, signless, [&](ImplicitLocOpBuilder &in, ValueRange args) {
    Value zero = args.size() > 2 ? args[2] : Value();
    return buildQuantize(in, type.getElementType(), args[0], args[1], zero);
  });
  return castTo(b, type, codes);
}
