// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sizes and structured operations that the lowerings of `nn` build.

#include "Structured.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

SmallVector<int64_t> lowering::makeRange(int64_t size) { return llvm::to_vector(llvm::seq<int64_t>(0, size)); }

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

OpFoldResult lowering::getSize(ImplicitLocOpBuilder &b, Value tensor, int64_t dim) {
  return tensor::getMixedSize(b, b.getLoc(), tensor, dim);
}

lowering::Sizes lowering::getSizes(ImplicitLocOpBuilder &b, Value tensor) {
  return tensor::getMixedSizes(b, b.getLoc(), tensor);
}

Value lowering::toValue(ImplicitLocOpBuilder &b, OpFoldResult size) {
  return getValueOrCreateConstantIndexOp(b, b.getLoc(), size);
}

/// Computes with two sizes, at once if both are known.
template <typename OpTy, typename Fold>
static OpFoldResult computeSize(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs, Fold fold) {
  std::optional<int64_t> left = getConstantIntValue(lhs);
  std::optional<int64_t> right = getConstantIntValue(rhs);
  if (left && right)
    return b.getIndexAttr(fold(*left, *right));
  return OpTy::create(b, lowering::toValue(b, lhs), lowering::toValue(b, rhs)).getResult();
}

OpFoldResult lowering::addSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs) {
  if (isZeroInteger(lhs))
    return rhs;
  if (isZeroInteger(rhs))
    return lhs;
  return computeSize<arith::AddIOp>(b, lhs, rhs, std::plus<int64_t>());
}

OpFoldResult lowering::subSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs) {
  if (isZeroInteger(rhs))
    return lhs;
  return computeSize<arith::SubIOp>(b, lhs, rhs, std::minus<int64_t>());
}

OpFoldResult lowering::mulSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs) {
  if (isOneInteger(lhs))
    return rhs;
  if (isOneInteger(rhs))
    return lhs;
  return computeSize<arith::MulIOp>(b, lhs, rhs, std::multiplies<int64_t>());
}

OpFoldResult lowering::divSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs) {
  if (isOneInteger(rhs))
    return lhs;
  return computeSize<arith::DivUIOp>(b, lhs, rhs, std::divides<int64_t>());
}

OpFoldResult lowering::maxSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs) {
  return computeSize<arith::MaxSIOp>(b, lhs, rhs, [](int64_t l, int64_t r) { return std::max(l, r); });
}

OpFoldResult lowering::minSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs) {
  return computeSize<arith::MinSIOp>(b, lhs, rhs, [](int64_t l, int64_t r) { return std::min(l, r); });
}

//===----------------------------------------------------------------------===//
// Structured operations
//===----------------------------------------------------------------------===//

Value lowering::createEmpty(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes, Type elementType) {
  return tensor::EmptyOp::create(b, sizes, elementType);
}

Value lowering::createFilled(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes, Value scalar) {
  Value empty = createEmpty(b, sizes, scalar.getType());
  return linalg::FillOp::create(b, scalar, empty).getResult(0);
}

Value lowering::createGeneric(ImplicitLocOpBuilder &b, ValueRange inputs, Value init, ArrayRef<AffineMap> maps,
                              ArrayRef<utils::IteratorType> iterators, Body body) {
  auto generic = linalg::GenericOp::create(b, init.getType(), inputs, init, maps, iterators,
                                           [&](OpBuilder &nested, Location loc, ValueRange args) {
                                             ImplicitLocOpBuilder in(loc, nested);
                                             linalg::YieldOp::create(in, body(in, args));
                                           });
  return generic.getResult(0);
}

Value lowering::createGeneric(ImplicitLocOpBuilder &b, ValueRange inputs, Value init, int64_t rank,
                              ArrayRef<SmallVector<int64_t>> dims, Body body) {
  SmallVector<AffineMap> maps;
  for (ArrayRef<int64_t> operandDims : dims) {
    SmallVector<AffineExpr> exprs;
    for (int64_t dim : operandDims)
      exprs.push_back(b.getAffineDimExpr(dim));
    maps.push_back(AffineMap::get(rank, 0, exprs, b.getContext()));
  }
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::reduction);
  for (int64_t dim : dims.back())
    iterators[dim] = utils::IteratorType::parallel;
  return createGeneric(b, inputs, init, maps, iterators, body);
}

/// The value of a splat constant of a signless type.
static TypedAttr getSplat(Value tensor) {
  DenseElementsAttr elements;
  if (!matchPattern(tensor, m_Constant(&elements)) || !elements.isSplat())
    return {};
  return cast<TypedAttr>(elements.getSplatValue<Attribute>());
}

Value lowering::createElementwise(ImplicitLocOpBuilder &b, ValueRange inputs, ArrayRef<OpFoldResult> sizes,
                                  Type elementType, Body body) {
  int64_t rank = sizes.size();
  SmallVector<Value> tensors;
  SmallVector<TypedAttr> splats;
  SmallVector<SmallVector<int64_t>> dims;
  for (Value input : inputs) {
    splats.push_back(getSplat(input));
    if (splats.back())
      continue;
    dims.push_back(dropStretched(b, input, sizes));
    tensors.push_back(input);
  }
  dims.push_back(makeRange(rank));
  Value init = createEmpty(b, sizes, elementType);
  return createGeneric(b, tensors, init, rank, dims, [&](ImplicitLocOpBuilder &in, ValueRange args) {
    SmallVector<Value> scalars;
    for (TypedAttr splat : splats) {
      if (splat) {
        scalars.push_back(arith::ConstantOp::create(in, splat));
        continue;
      }
      scalars.push_back(args.front());
      args = args.drop_front();
    }
    return body(in, scalars);
  });
}

Value lowering::createFromIndices(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes, Type elementType,
                                  function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> body) {
  int64_t rank = sizes.size();
  Value init = createEmpty(b, sizes, elementType);
  return createGeneric(b, {}, init, rank, {makeRange(rank)}, [&](ImplicitLocOpBuilder &in, ValueRange) {
    SmallVector<Value> indices;
    for (int64_t dim = 0; dim < rank; ++dim)
      indices.push_back(linalg::IndexOp::create(in, dim));
    return body(in, indices);
  });
}

Value lowering::createReduction(ImplicitLocOpBuilder &b, ValueRange inputs, ArrayRef<int64_t> axes, Value init,
                                Body body) {
  int64_t rank = cast<RankedTensorType>(inputs.front().getType()).getRank();
  SmallVector<int64_t> kept = makeRange(rank);
  llvm::erase_if(kept, [&](int64_t dim) { return llvm::is_contained(axes, dim); });
  SmallVector<SmallVector<int64_t>> dims;
  for (Value input : inputs) {
    // An input that is reduced already has only the kept dimensions.
    bool full = cast<RankedTensorType>(input.getType()).getRank() == rank;
    dims.push_back(full ? makeRange(rank) : kept);
  }
  dims.push_back(kept);
  return createGeneric(b, inputs, init, rank, dims, body);
}

Value lowering::insertUnitDims(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<int64_t> axes) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t rank = type.getRank() + axes.size();
  SmallVector<ReassociationIndices> groups;
  SmallVector<int64_t> shape;
  Sizes sizes;
  ReassociationIndices leading;
  for (int64_t dim = 0; dim < rank; ++dim) {
    bool inserted = llvm::is_contained(axes, dim);
    if (inserted) {
      (groups.empty() ? leading : groups.back()).push_back(dim);
      shape.push_back(1);
      sizes.push_back(b.getIndexAttr(1));
      continue;
    }
    int64_t source = groups.size();
    groups.push_back(source == 0 ? leading : ReassociationIndices());
    groups.back().push_back(dim);
    shape.push_back(type.getDimSize(source));
    sizes.push_back(getSize(b, tensor, source));
  }
  return tensor::ExpandShapeOp::create(b, type.clone(shape), tensor, groups, sizes);
}

Value lowering::castTo(ImplicitLocOpBuilder &b, Value tensor, Type type) {
  if (tensor.getType() == type)
    return tensor;
  return tensor::CastOp::create(b, type, tensor);
}
