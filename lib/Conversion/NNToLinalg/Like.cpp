// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations whose result has the shape of another tensor.

#include "Structured.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

/// Whether dimensions of two values of the graph may differ in size.
static bool mayDiffer(Value lhs, int64_t lhsDim, Value rhs, int64_t rhsDim) {
  int64_t left = cast<RankedTensorType>(lhs.getType()).getDimSize(lhsDim);
  int64_t right = cast<RankedTensorType>(rhs.getType()).getDimSize(rhsDim);
  if (!ShapedType::isDynamic(left) && !ShapedType::isDynamic(right))
    return left != right;
  return getDimensionSource(lhs, lhsDim) != getDimensionSource(rhs, rhsDim);
}

namespace {

struct BroadcastLikeLowering : Lowering<BroadcastLikeOp> {
  using Lowering::Lowering;

  Value lower(BroadcastLikeOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = adaptor.getInput();
    auto inputType = cast<RankedTensorType>(input.getType());
    Sizes sizes = getSizes(b, adaptor.getLike());
    int64_t added = type.getRank() - inputType.getRank();
    for (int64_t dim = 0; dim < inputType.getRank(); ++dim)
      if (inputType.isDynamicDim(dim) && mayDiffer(op.getInput(), dim, op.getLike(), dim + added))
        return broadcastAtRunTime(b, input, sizes);
    return createElementwise(b, input, sizes, type.getElementType(),
                             [](ImplicitLocOpBuilder &, ValueRange args) { return args[0]; });
  }
};

struct SumLikeLowering : Lowering<SumLikeOp> {
  using Lowering::Lowering;

  Value lower(SumLikeOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    auto inputType = cast<RankedTensorType>(adaptor.getInput().getType());
    auto likeType = cast<RankedTensorType>(adaptor.getLike().getType());
    int64_t added = inputType.getRank() - likeType.getRank();
    SmallVector<int64_t> axes = makeRange(added), unitDims, uncertain;
    for (int64_t dim = 0; dim < likeType.getRank(); ++dim) {
      if (likeType.getDimSize(dim) == 1) {
        axes.push_back(dim + added);
        unitDims.push_back(dim);
      } else if (likeType.isDynamicDim(dim) && inputType.getDimSize(dim + added) != 1 &&
                 mayDiffer(op.getInput(), dim + added, op.getLike(), dim))
        uncertain.push_back(dim);
    }
    Type wide = getComputeType(type.getElementType());
    Value result = convertTensor(b, adaptor.getInput(), wide);
    if (!axes.empty())
      result = insertUnitDims(b, sum(b, result, axes), unitDims);
    for (int64_t dim : uncertain)
      result = sumIfOne(b, result, dim, toValue(b, getSize(b, adaptor.getLike(), dim)));
    return convertTensor(b, result, type.getElementType());
  }

  static Value sum(ImplicitLocOpBuilder &b, Value input, ArrayRef<int64_t> axes) {
    Sizes kept;
    for (auto [dim, size] : llvm::enumerate(getSizes(b, input)))
      if (!llvm::is_contained(axes, static_cast<int64_t>(dim)))
        kept.push_back(size);
    Value zero = createConstant(b, getElementTypeOrSelf(input), 0);
    return createReduction(b, input, axes, createFilled(b, kept, zero),
                           [](ImplicitLocOpBuilder &in, ValueRange args) { return createAdd(in, args[1], args[0]); });
  }

  /// Sums over `dim` if the size that is wanted turns out to be 1.
  static Value sumIfOne(ImplicitLocOpBuilder &b, Value input, int64_t dim, Value size) {
    auto inputType = cast<RankedTensorType>(input.getType());
    SmallVector<int64_t> shape(inputType.getShape());
    shape[dim] = ShapedType::kDynamic;
    RankedTensorType type = inputType.clone(shape);
    Value isOne = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, size, createIndex(b, 1));
    auto choice = scf::IfOp::create(
        b, isOne,
        [&](OpBuilder &nested, Location loc) {
          ImplicitLocOpBuilder in(loc, nested);
          scf::YieldOp::create(in, castTo(in, insertUnitDims(in, sum(in, input, dim), dim), type));
        },
        [&](OpBuilder &nested, Location loc) {
          ImplicitLocOpBuilder in(loc, nested);
          scf::YieldOp::create(in, castTo(in, input, type));
        });
    return choice.getResult(0);
  }
};

struct ReshapeLikeLowering : Lowering<ReshapeLikeOp> {
  using Lowering::Lowering;

  /// With its shape as a tensor: a split of one dimension into several unknown ones is no view that upstream can
  /// lower.
  Value lower(ReshapeLikeOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    SmallVector<Value> sizes;
    SmallVector<int64_t> shape;
    for (OpFoldResult size : getSizes(b, adaptor.getLike())) {
      sizes.push_back(toValue(b, size));
      shape.push_back(getConstantIntValue(size).value_or(ShapedType::kDynamic));
    }
    auto shapeType = RankedTensorType::get({static_cast<int64_t>(sizes.size())}, b.getIndexType());
    Value target = tensor::FromElementsOp::create(b, shapeType, sizes);
    return tensor::ReshapeOp::create(b, type.clone(shape), adaptor.getInput(), target);
  }
};

} // namespace

void lowering::populateLikePatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<BroadcastLikeLowering, SumLikeLowering, ReshapeLikeLowering>(converter, patterns.getContext());
}
