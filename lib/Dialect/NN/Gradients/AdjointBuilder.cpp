// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Builds adjoints from operations of `nn`, and simplifies what is obvious while it does.

#include "condense/Dialect/NN/Gradients/AdjointBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

std::optional<double> nn::getSplat(Value value) {
  DenseFPElementsAttr elements;
  if (!value || !matchPattern(value, m_Constant(&elements)) || !elements.isSplat())
    return std::nullopt;
  APFloat element = elements.getSplatValue<APFloat>();
  bool losesInfo;
  element.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  return element.convertToDouble();
}

static Value createSplat(ImplicitLocOpBuilder &b, RankedTensorType type, double value) {
  auto element = FloatAttr::get(type.getElementType(), value);
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, element.getValue()));
}

/// Whether `value` broadcasts to the shape of `other` whatever that is.
static bool isSmall(Value value, Value other) {
  return getType(value).getRank() <= getType(other).getRank() &&
         llvm::all_of(getType(value).getShape(), [](int64_t size) { return size == 1; });
}

/// Whether arithmetic of the two has the type of `value`.
static bool keepsType(Value value, Value other) {
  return isSmall(other, value) || (getType(value) == getType(other) && getType(value).hasStaticShape());
}

Value AdjointBuilder::constant(Value like, double value) {
  return createSplat(*this, RankedTensorType::get({}, getElementTypeOrSelf(like)), value);
}

template <typename OpTy> Value AdjointBuilder::binary(Value lhs, Value rhs, double (*fold)(double, double)) {
  std::optional<double> left = getSplat(lhs), right = getSplat(rhs);
  if (left && right && keepsType(lhs, rhs))
    return createSplat(*this, ::getType(lhs), fold(*left, *right));
  if (left && right && keepsType(rhs, lhs))
    return createSplat(*this, ::getType(rhs), fold(*left, *right));
  return OpTy::create(*this, lhs, rhs);
}

Value AdjointBuilder::add(Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return lhs ? lhs : rhs;
  return binary<AddOp>(lhs, rhs, [](double a, double b) { return a + b; });
}

Value AdjointBuilder::sub(Value lhs, Value rhs) {
  if (!rhs)
    return lhs;
  if (!lhs)
    return neg(rhs);
  return binary<SubOp>(lhs, rhs, [](double a, double b) { return a - b; });
}

Value AdjointBuilder::mul(Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return {};
  if (getSplat(lhs) == 1.0 && keepsType(rhs, lhs))
    return rhs;
  if (getSplat(rhs) == 1.0 && keepsType(lhs, rhs))
    return lhs;
  return binary<MulOp>(lhs, rhs, [](double a, double b) { return a * b; });
}

Value AdjointBuilder::div(Value lhs, Value rhs) {
  if (!lhs)
    return {};
  if (getSplat(rhs) == 1.0 && keepsType(lhs, rhs))
    return lhs;
  return binary<DivOp>(lhs, rhs, [](double a, double b) { return a / b; });
}

Value AdjointBuilder::neg(Value value) {
  if (!value)
    return {};
  if (std::optional<double> splat = getSplat(value))
    return createSplat(*this, ::getType(value), -*splat);
  if (auto inner = value.getDefiningOp<NegOp>())
    return inner.getInput();
  return NegOp::create(*this, value);
}

Value AdjointBuilder::complement(Value value) { return sub(constant(value, 1), value); }

Value AdjointBuilder::compare(Comparison kind, Value lhs, Value rhs) {
  return CompareOp::create(*this, kind, lhs, rhs);
}

Value AdjointBuilder::select(Value condition, Value onTrue, Value onFalse) {
  if (!onTrue && !onFalse)
    return {};
  if (!onTrue)
    onTrue = constant(onFalse, 0);
  if (!onFalse)
    onFalse = constant(onTrue, 0);
  return SelectOp::create(*this, condition, onTrue, onFalse);
}

Value AdjointBuilder::sum(Value value, ArrayRef<int64_t> axes, bool keepDims) {
  if (!value || axes.empty())
    return value;
  return ReduceSumOp::create(*this, value, axes, keepDims);
}

Value AdjointBuilder::expandDims(Value value, ArrayRef<int64_t> axes, Value like) {
  // A scalar broadcasts as it is.
  if (!value || axes.empty() || ::getType(value).getRank() == 0)
    return value;
  RankedTensorType type = ::getType(like);
  SmallVector<int64_t> shape(type.getShape()), starts(type.getRank(), 0), steps(type.getRank(), 1);
  SmallVector<int64_t> ends(type.getRank(), INT64_MAX);
  for (int64_t axis : axes)
    shape[axis] = ends[axis] = 1;
  if (llvm::count_if(shape, ShapedType::isDynamic) > 1)
    return ReshapeLikeOp::create(*this, value, SliceOp::create(*this, like, starts, ends, steps));
  for (int64_t &size : shape)
    size = ShapedType::isDynamic(size) ? -1 : size;
  return reshape(value, shape);
}

Value AdjointBuilder::alongAxis(Value vector, int64_t axis, int64_t rank) {
  SmallVector<int64_t> shape(rank - axis, 1);
  shape[0] = -1;
  return vector ? reshape(vector, shape) : vector;
}

Value AdjointBuilder::reshape(Value value, ArrayRef<int64_t> shape) {
  if (!value)
    return {};
  if (::getType(value).getShape() == shape)
    return value;
  if (auto inner = value.getDefiningOp<ReshapeOp>(); inner && !llvm::is_contained(shape, 0))
    return reshape(inner.getInput(), shape);
  Value result = ReshapeOp::create(*this, value, shape);
  std::optional<double> splat = getSplat(value);
  return splat && ::getType(result).hasStaticShape() ? createSplat(*this, ::getType(result), *splat) : result;
}

Value AdjointBuilder::reshapeLike(Value value, Value like) {
  if (!value)
    return {};
  RankedTensorType type = ::getType(like);
  if (type.getNumDynamicDims() > 1)
    return ReshapeLikeOp::create(*this, value, like);
  if (::getType(value) == type)
    return value;
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t &size : shape)
    size = ShapedType::isDynamic(size) ? -1 : size;
  return reshape(value, shape);
}

Value AdjointBuilder::broadcastLike(Value value, Value like) {
  if (!value)
    return {};
  RankedTensorType type = ::getType(like).clone(getElementTypeOrSelf(value));
  if (::getType(value) == type && type.hasStaticShape())
    return value;
  if (!type.hasStaticShape())
    return BroadcastLikeOp::create(*this, value, like);
  if (std::optional<double> splat = getSplat(value))
    return createSplat(*this, type, *splat);
  return BroadcastToOp::create(*this, value, type.getShape());
}

Value AdjointBuilder::sumLike(Value value, Value like) {
  if (!value)
    return {};
  RankedTensorType type = ::getType(value), target = ::getType(like);
  if (type.getShape() == target.getShape() && type.hasStaticShape())
    return value;
  if (!target.hasStaticShape())
    return SumLikeOp::create(*this, value, like);
  int64_t added = type.getRank() - target.getRank();
  SmallVector<int64_t> axes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (dim < added || (target.getDimSize(dim - added) == 1 && type.getDimSize(dim) != 1))
      axes.push_back(dim);
  return reshape(sum(value, axes, /*keepDims=*/false), target.getShape());
}

Value AdjointBuilder::transpose(Value value, ArrayRef<int64_t> permutation) {
  if (!value || llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size())))
    return value;
  auto inner = value.getDefiningOp<TransposeOp>();
  if (!inner)
    return TransposeOp::create(*this, value, permutation);
  SmallVector<int64_t> composed;
  for (int64_t dim : permutation)
    composed.push_back(inner.getPermutation()[dim]);
  return transpose(inner.getInput(), composed);
}

Value AdjointBuilder::transposeMatrix(Value value) {
  SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, ::getType(value).getRank()));
  std::swap(permutation[permutation.size() - 1], permutation[permutation.size() - 2]);
  return transpose(value, permutation);
}

Value AdjointBuilder::cast(Value value, Type elementType) {
  if (!value || getElementTypeOrSelf(value) == elementType)
    return value;
  return CastOp::create(*this, value, elementType);
}

Value AdjointBuilder::count(Value value, ArrayRef<int64_t> axes) {
  RankedTensorType type = ::getType(value);
  double product = 1;
  bool known = true;
  for (int64_t axis : axes) {
    known &= !type.isDynamicDim(axis);
    product *= type.getDimSize(axis);
  }
  if (known)
    return constant(value, product);
  // The sum of as many ones, over one slice of the others.
  SmallVector<int64_t> starts(type.getRank(), 0), ends(type.getRank(), 1), steps(type.getRank(), 1);
  for (int64_t axis : axes)
    ends[axis] = INT64_MAX;
  Value slice = SliceOp::create(*this, value, starts, ends, steps);
  Value ones = BroadcastLikeOp::create(*this, constant(value, 1), slice);
  return sum(ones, llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())), /*keepDims=*/false);
}
