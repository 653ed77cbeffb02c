// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reductions, searches for extreme elements, and running sums.

#include "Structured.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

/// The sizes of the dimensions that stay.
static Sizes getKeptSizes(ImplicitLocOpBuilder &b, Value input, ArrayRef<int64_t> axes) {
  Sizes sizes;
  for (auto [dim, size] : llvm::enumerate(getSizes(b, input)))
    if (!llvm::is_contained(axes, static_cast<int64_t>(dim)))
      sizes.push_back(size);
  return sizes;
}

/// What a reduction starts from.
template <typename OpTy> static Value createNeutral(ImplicitLocOpBuilder &b, Type type, bool isUnsigned) {
  if constexpr (std::is_same_v<OpTy, ReduceMaxOp>)
    return createLowest(b, type, isUnsigned);
  else if constexpr (std::is_same_v<OpTy, ReduceMinOp>)
    return createHighest(b, type, isUnsigned);
  else
    return createConstant(b, type, std::is_same_v<OpTy, ReduceProdOp> ? 1 : 0);
}

template <typename OpTy> static Value combine(ImplicitLocOpBuilder &b, Value accumulated, Value x, bool isUnsigned) {
  if constexpr (std::is_same_v<OpTy, ReduceMaxOp>)
    return createMax(b, accumulated, x, isUnsigned);
  else if constexpr (std::is_same_v<OpTy, ReduceMinOp>)
    return createMin(b, accumulated, x, isUnsigned);
  else if constexpr (std::is_same_v<OpTy, ReduceProdOp>)
    return createMul(b, accumulated, x);
  else
    return createAdd(b, accumulated, x);
}

/// The number of elements that a reduction covers, as a scalar of `type`.
static Value countReduced(ImplicitLocOpBuilder &b, Value input, ArrayRef<int64_t> axes, Type type) {
  OpFoldResult product = b.getIndexAttr(1);
  for (int64_t axis : axes)
    product = mulSizes(b, product, getSize(b, input, axis));
  Value count = arith::IndexCastOp::create(b, b.getI64Type(), toValue(b, product));
  return convertScalar(b, count, type, false, false);
}

namespace {

template <typename OpTy> struct ReductionLowering : Lowering<OpTy> {
  using Lowering<OpTy>::Lowering;

  Value lower(OpTy op, typename OpTy::Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = adaptor.getInput();
    ArrayRef<int64_t> axes = op.getAxes();
    Type element = type.getElementType(), wide = getComputeType(element);
    bool operandIsUnsigned = isUnsigned(op.getInput().getType().getElementType());
    Value neutral = createNeutral<OpTy>(b, wide, operandIsUnsigned);
    Value init = createFilled(b, getKeptSizes(b, input, axes), neutral);
    Value result = createReduction(b, input, axes, init, [&](ImplicitLocOpBuilder &in, ValueRange args) {
      Value x = convertScalar(in, args[0], wide, false, false);
      return combine<OpTy>(in, args[1], x, operandIsUnsigned);
    });
    if constexpr (std::is_same_v<OpTy, ReduceMeanOp>) {
      Value count = countReduced(b, input, axes, wide);
      result = createElementwise(b, result, getSizes(b, result), wide, [&](ImplicitLocOpBuilder &in, ValueRange args) {
        return createDiv(in, args[0], count, operandIsUnsigned);
      });
    }
    result = convertTensor(b, result, element);
    return op.getKeepDims() ? insertUnitDims(b, result, axes) : result;
  }
};

/// The largest magnitude of f32: without its sign, the bits of a float order as those of an integer, above which NaN
/// stays. One instruction compares them, and none writes the magnitudes.
struct LargestMagnitudeLowering : OpConversionPattern<ReduceMaxOp> {
  LargestMagnitudeLowering(const TypeConverter &converter, MLIRContext *context)
      : OpConversionPattern(converter, context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(ReduceMaxOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    auto magnitude = op.getInput().getDefiningOp<AbsOp>();
    if (!magnitude || !op.getType().getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "requires magnitudes of f32");
    Value input = rewriter.getRemappedValue(magnitude.getInput());
    if (!input)
      return rewriter.notifyMatchFailure(op, "the operand is not converted");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Type i32 = b.getI32Type(), f32 = b.getF32Type();
    Value lowest = arith::BitcastOp::create(b, i32, createLowest(b, f32, false));
    Value init = createFilled(b, getKeptSizes(b, input, op.getAxes()), lowest);
    Value bits = createReduction(b, input, op.getAxes(), init, [&](ImplicitLocOpBuilder &in, ValueRange args) {
      Value mask = createConstant(in, i32, 0x7fffffff);
      Value x = arith::AndIOp::create(in, arith::BitcastOp::create(in, i32, args[0]), mask);
      return arith::MaxSIOp::create(in, args[1], x);
    });
    Value result = createElementwise(b, bits, getSizes(b, bits), f32, [&](ImplicitLocOpBuilder &in, ValueRange args) {
      return arith::BitcastOp::create(in, f32, args[0]);
    });
    result = op.getKeepDims() ? insertUnitDims(b, result, op.getAxes()) : result;
    rewriter.replaceOp(op, castTo(b, result, getTypeConverter()->convertType(op.getType())));
    return success();
  }
};

/// Keeps the best element so far and its index.
template <typename OpTy> struct ArgReductionLowering : Lowering<OpTy> {
  using Lowering<OpTy>::Lowering;

  Value lower(OpTy op, typename OpTy::Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    constexpr bool isMax = std::is_same_v<OpTy, ArgMaxOp>;
    Value input = adaptor.getInput();
    int64_t axis = op.getAxis();
    auto inputType = cast<RankedTensorType>(input.getType());
    bool operandIsUnsigned = isUnsigned(op.getInput().getType().getElementType());
    Sizes sizes = getKeptSizes(b, input, axis);
    Type element = inputType.getElementType();
    Value worst = isMax ? createLowest(b, element, operandIsUnsigned) : createHighest(b, element, operandIsUnsigned);
    Value best = createFilled(b, sizes, worst);
    Value index = createFilled(b, sizes, createConstant(b, b.getI64Type(), 0));

    Comparison kind =
        isMax ? (op.getLast() ? Comparison::GE : Comparison::GT) : (op.getLast() ? Comparison::LE : Comparison::LT);
    SmallVector<utils::IteratorType> iterators(inputType.getRank(), utils::IteratorType::parallel);
    iterators[axis] = utils::IteratorType::reduction;
    AffineMap identity = b.getMultiDimIdentityMap(inputType.getRank());
    AffineMap kept = identity.dropResult(axis);
    auto generic = linalg::GenericOp::create(
        b, TypeRange{best.getType(), index.getType()}, input, ValueRange{best, index},
        ArrayRef<AffineMap>{identity, kept, kept}, iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
          ImplicitLocOpBuilder in(loc, nested);
          Value position = arith::IndexCastOp::create(in, in.getI64Type(), linalg::IndexOp::create(in, axis));
          Value better = createCompare(in, kind, args[0], args[1], operandIsUnsigned);
          linalg::YieldOp::create(
              in, ValueRange{createSelect(in, better, args[0], args[1]), createSelect(in, better, position, args[2])});
        });
    Value result = generic.getResult(1);
    return op.getKeepDims() ? insertUnitDims(b, result, axis) : result;
  }
};

/// A loop along the axis that carries the sum of a slice and the result.
struct CumSumLowering : Lowering<CumSumOp> {
  using Lowering::Lowering;

  Value lower(CumSumOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = adaptor.getInput();
    int64_t axis = op.getAxis(), rank = type.getRank();
    Type wide = getComputeType(type.getElementType());
    Sizes sizes = getSizes(b, input), sliceSizes = sizes;
    sliceSizes[axis] = b.getIndexAttr(1);
    Value sum = createFilled(b, sliceSizes, createConstant(b, wide, 0));
    Value output = createEmpty(b, sizes, type.getElementType());
    Value count = toValue(b, sizes[axis]);
    Sizes offsets(rank, b.getIndexAttr(0)), strides(rank, b.getIndexAttr(1));

    auto loop = scf::ForOp::create(
        b, createIndex(b, 0), count, createIndex(b, 1), ValueRange{sum, output},
        [&](OpBuilder &nested, Location loc, Value step, ValueRange carried) {
          ImplicitLocOpBuilder in(loc, nested);
          if (op.getReverse())
            step = arith::SubIOp::create(in, arith::SubIOp::create(in, count, createIndex(in, 1)), step);
          offsets[axis] = step;
          Value slice = tensor::ExtractSliceOp::create(in, input, offsets, sliceSizes, strides);
          auto insert = [&](Value part) -> Value {
            part = convertTensor(in, part, type.getElementType());
            return tensor::InsertSliceOp::create(in, part, carried[1], offsets, sliceSizes, strides);
          };
          // Before the sum is updated in place, or after.
          Value inserted = op.getExclusive() ? insert(carried[0]) : Value();
          Value next = accumulate(in, slice, carried[0]);
          if (!inserted)
            inserted = insert(next);
          scf::YieldOp::create(in, ValueRange{next, inserted});
        });
    return loop.getResult(1);
  }

  /// `sum + slice`, written to the sum.
  static Value accumulate(ImplicitLocOpBuilder &b, Value slice, Value sum) {
    Type wide = getElementTypeOrSelf(sum);
    return createReduction(b, slice, {}, sum, [&](ImplicitLocOpBuilder &in, ValueRange args) {
      Value x = convertScalar(in, args[0], wide, false, false);
      return createAdd(in, args[1], x);
    });
  }
};

} // namespace

void lowering::populateReductionPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<ReductionLowering<ReduceSumOp>, ReductionLowering<ReduceMeanOp>, ReductionLowering<ReduceProdOp>,
               ReductionLowering<ReduceMaxOp>, ReductionLowering<ReduceMinOp>, ArgReductionLowering<ArgMaxOp>,
               ArgReductionLowering<ArgMinOp>, CumSumLowering, LargestMagnitudeLowering>(converter,
                                                                                         patterns.getContext());
}
