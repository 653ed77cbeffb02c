// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reference semantics of quantize and dequantize as one linalg.generic.
//
// A block dimension of more than one element becomes two dimensions of the
// iteration space, [blocks, elements], by expanding codes and result; unit
// dimensions of the scales are collapsed away. Every indexing map is then a
// projected permutation, which tiling and fusion handle; a map with a division
// would not tile.

#include "CodeArithmetic.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace condense::compress;

namespace {

/// How the dimensions of codes and scales map to the iteration space.
struct BlockSpace {
  SmallVector<ReassociationIndices> expansion; // codes' dimension -> iteration dimensions
  SmallVector<int64_t> shape;                  // of the iteration space
  SmallVector<AffineExpr> scaleDims;           // iteration dimensions that index the scales
  bool expands = false;

  BlockSpace(RankedTensorType codes, RankedTensorType scales) {
    for (auto [size, blocks] : llvm::zip_equal(codes.getShape(), scales.getShape())) {
      ReassociationIndices dims{static_cast<int64_t>(shape.size())};
      if (blocks != 1)
        scaleDims.push_back(getAffineDimExpr(shape.size(), codes.getContext()));
      bool split = blocks != 1 && blocks != size;
      shape.push_back(split ? blocks : size);
      if (split) {
        dims.push_back(shape.size());
        shape.push_back(size / blocks);
        expands = true;
      }
      expansion.push_back(dims);
    }
  }

  Value expand(ImplicitLocOpBuilder &b, Value value) const {
    if (!expands)
      return value;
    auto type = cast<RankedTensorType>(value.getType());
    return tensor::ExpandShapeOp::create(b, type.clone(shape), value, expansion);
  }

  Value collapse(ImplicitLocOpBuilder &b, Value value) const {
    return expands ? tensor::CollapseShapeOp::create(b, value, expansion).getResult() : value;
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

/// Builds the generic operation over the block space of `values` (codes or
/// numbers). `body` gets one element of the values, the scale and, with zero
/// points, the zero point; its result has the element type of `resultType`.
Value buildBlockwise(ImplicitLocOpBuilder &b, Value values, Value scales, Value zeroPoints,
                     RankedTensorType resultType,
                     function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> body) {
  BlockSpace space(cast<RankedTensorType>(values.getType()), cast<RankedTensorType>(scales.getType()));
  SmallVector<Value> inputs{space.expand(b, values), dropUnitDims(b, scales)};
  if (zeroPoints)
    inputs.push_back(dropUnitDims(b, zeroPoints));

  int64_t rank = space.shape.size();
  AffineMap identity = b.getMultiDimIdentityMap(rank);
  AffineMap scaleMap = AffineMap::get(rank, 0, space.scaleDims, b.getContext());
  SmallVector<AffineMap> maps{identity, scaleMap};
  if (zeroPoints)
    maps.push_back(scaleMap);
  maps.push_back(identity);

  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), inputs.front());
  Value init = tensor::EmptyOp::create(b, sizes, resultType.getElementType());
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(b, init.getType(), inputs, init, maps, iterators,
                                           [&](OpBuilder &nested, Location loc, ValueRange args) {
                                             ImplicitLocOpBuilder in(loc, nested);
                                             linalg::YieldOp::create(in, body(in, args.drop_back()));
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

FailureOr<Value> DequantizeOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  Type codeType = getCodes().getType().getElementType();
  RankedTensorType type = getOutput().getType();
  return buildBlockwise(b, toSignless(b, getCodes()), getScales(), toSignless(b, getZeroPoints()), type,
                        [&](ImplicitLocOpBuilder &in, ValueRange args) {
                          Value zero = args.size() > 2 ? args[2] : Value();
                          return buildDequantize(in, codeType, args[0], args[1], zero, type.getElementType());
                        });
}

FailureOr<Value> QuantizeOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  RankedTensorType type = getCodes().getType();
  auto signless = cast<RankedTensorType>(getSignlessType(type));
  Value codes = buildBlockwise(b, getInput(), getScales(), toSignless(b, getZeroPoints()), signless,
                               [&](ImplicitLocOpBuilder &in, ValueRange args) {
                                 Value zero = args.size() > 2 ? args[2] : Value();
                                 return buildQuantize(in, type.getElementType(), args[0], args[1], zero);
                               });
  return castTo(b, type, codes);
}
