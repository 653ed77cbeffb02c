// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The iteration space of blockwise operations.
//
// A block dimension of more than one element becomes two dimensions of the
// iteration space, [blocks, elements], by expanding codes and result; unit
// dimensions of the scales are collapsed away. Every indexing map is then a
// projected permutation, which tiling and fusion handle; a map with a division
// would not tile.

#include "Blockwise.h"
#include "Unpacking.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace condense::compress;

BlockSpace::BlockSpace(RankedTensorType codes, ArrayRef<int64_t> blockShape, int64_t perByte) : perByte(perByte) {
  for (auto [size, blocks] : llvm::zip_equal(codes.getShape(), blockShape)) {
    ReassociationIndices dims{static_cast<int64_t>(shape.size())};
    if (blocks != 1)
      blockDims.push_back(getAffineDimExpr(shape.size(), codes.getContext()));
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

Value BlockSpace::expand(ImplicitLocOpBuilder &b, Value value) const {
  if (perByte > 1)
    return reshapeBytes(b, value, ArrayRef(shape).drop_back());
  auto type = cast<RankedTensorType>(value.getType());
  return expands() ? tensor::ExpandShapeOp::create(b, type.clone(shape), value, expansion).getResult() : value;
}

Value BlockSpace::collapse(ImplicitLocOpBuilder &b, Value value) const {
  return expands() ? tensor::CollapseShapeOp::create(b, value, expansion).getResult() : value;
}

/// Drops the unit dimensions of scales or zero points.
static Value dropUnitDims(ImplicitLocOpBuilder &b, Value value) {
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

Value condense::compress::buildBlockwise(
    ImplicitLocOpBuilder &b, const BlockwiseOperands &operands, RankedTensorType resultType,
    function_ref<Value(ImplicitLocOpBuilder &, const BlockSpace &, ValueRange)> body) {
  BlockSpace space(resultType, operands.blocks, operands.perByte);
  SmallVector<Value> inputs{space.expand(b, operands.values)};
  int64_t rank = space.shape.size();
  AffineMap identity = b.getMultiDimIdentityMap(rank);
  AffineMap blockMap = AffineMap::get(rank, 0, space.blockDims, b.getContext());
  SmallVector<AffineMap> maps{operands.perByte > 1 ? identity.getMajorSubMap(rank - 1) : identity};
  for (Value value : operands.perBlock) {
    inputs.push_back(dropUnitDims(b, value));
    maps.push_back(blockMap);
  }
  maps.push_back(identity);

  SmallVector<OpFoldResult> sizes = operands.perByte > 1 ? getAsIndexOpFoldResult(b.getContext(), space.shape)
                                                         : tensor::getMixedSizes(b, b.getLoc(), inputs.front());
  Value init = tensor::EmptyOp::create(b, sizes, resultType.getElementType());
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, init.getType(), inputs, init, maps, iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder in(loc, nested);
        SmallVector<Value> elements(args.drop_back());
        if (operands.perByte > 1)
          elements[0] = buildExtract(in, operands.codeType, elements[0], operands.perByte, rank - 1);
        linalg::YieldOp::create(in, body(in, space, elements));
      });
  Value result = space.collapse(b, generic.getResult(0));
  return result.getType() == resultType ? result : tensor::CastOp::create(b, resultType, result).getResult();
}

Value condense::compress::castSignedness(ImplicitLocOpBuilder &b, Type type, Value value) {
  if (!value || value.getType() == type)
    return value;
  return UnrealizedConversionCastOp::create(b, type, value).getResult(0);
}

Value condense::compress::toSignless(ImplicitLocOpBuilder &b, Value value) {
  return value ? castSignedness(b, getSignlessType(value.getType()), value) : value;
}

int64_t condense::compress::getCodesPerByte(Value codes, ArrayRef<int64_t> blocks) {
  auto type = cast<RankedTensorType>(codes.getType());
  int64_t width = getCodeWidth(type.getElementType());
  if (!codes.getDefiningOp<UnpackOp>() || 8 % width != 0 || type.getRank() == 0)
    return 1;
  int64_t block = type.getShape().back() / blocks.back();
  return block % (8 / width) == 0 ? 8 / width : 1;
}

Value condense::compress::getBlockwiseValues(ImplicitLocOpBuilder &b, Value codes, int64_t perByte) {
  auto unpack = codes ? codes.getDefiningOp<UnpackOp>() : UnpackOp();
  if (perByte > 1)
    return unpack.getBytes();
  if (unpack && getCodeWidth(unpack.getCodes().getType().getElementType()) < 8)
    return buildUnpacked(b, unpack, b.getI8Type());
  return toSignless(b, codes);
}
