// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Normalisation and softmax: reductions and elementwise operations that read
// their results, in f32 or wider.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

namespace {

/// A tensor that is normalised over some of its dimensions.
struct Normalised {
  ImplicitLocOpBuilder &b;
  Value input;
  Type wide; // to compute in
  int64_t rank;
  SmallVector<int64_t> axes, kept;
  Sizes sizes;

  Normalised(ImplicitLocOpBuilder &b, Value input, ArrayRef<int64_t> axes)
      : b(b), input(input), wide(getComputeType(getElementTypeOrSelf(input))),
        rank(cast<RankedTensorType>(input.getType()).getRank()), axes(axes), sizes(getSizes(b, input)) {
    for (int64_t dim = 0; dim < rank; ++dim)
      if (!llvm::is_contained(axes, dim))
        kept.push_back(dim);
  }

  /// Reduces `tensors`, of the full shape or already reduced, from `init` on.
  /// The body's arguments have the wide type.
  Value reduce(ValueRange tensors, Value init, Body body) const {
    Sizes keptSizes;
    for (int64_t dim : kept)
      keptSizes.push_back(sizes[dim]);
    return createReduction(b, tensors, axes, createFilled(b, keptSizes, init),
                           [&](ImplicitLocOpBuilder &in, ValueRange args) { return body(in, widen(in, args)); });
  }

  /// Computes the result from `tensors`, each indexed by the given dimensions.
  Value map(ValueRange tensors, SmallVector<SmallVector<int64_t>> dims, Type element, Body body) const {
    dims.push_back(makeRange(rank));
    return createGeneric(b, tensors, createEmpty(b, sizes, element), rank, dims,
                         [&](ImplicitLocOpBuilder &in, ValueRange args) {
                           Value y = body(in, widen(in, args.drop_back()));
                           return convertScalar(in, y, element, false, false);
                         });
  }

  /// The number of elements that are reduced, as a float.
  Value count() const {
    OpFoldResult product = b.getIndexAttr(1);
    for (int64_t axis : axes)
      product = mulSizes(b, product, sizes[axis]);
    if (std::optional<int64_t> known = getConstantIntValue(product))
      return createConstant(b, wide, *known);
    Value integer = arith::IndexCastOp::create(b, b.getI64Type(), toValue(b, product));
    return arith::SIToFPOp::create(b, wide, integer);
  }

  SmallVector<Value> widen(ImplicitLocOpBuilder &in, ValueRange args) const {
    SmallVector<Value> wideArgs;
    for (Value arg : args)
      wideArgs.push_back(convertScalar(in, arg, wide, false, false));
    return wideArgs;
  }
};

} // namespace

/// A tensor of a reduced shape, changed element by element.
static Value mapReduced(ImplicitLocOpBuilder &b, Value tensor,
                        function_ref<Value(ImplicitLocOpBuilder &, Value)> body) {
  return createElementwise(b, tensor, getSizes(b, tensor), getElementTypeOrSelf(tensor),
                           [&](ImplicitLocOpBuilder &in, ValueRange args) { return body(in, args[0]); });
}

/// 1 / sqrt(sum / count + epsilon)
static Value createInverseDeviation(ImplicitLocOpBuilder &b, Value sum, Value count, double epsilon) {
  return mapReduced(b, sum, [&](ImplicitLocOpBuilder &in, Value x) -> Value {
    Value mean = createDiv(in, x, count, false);
    Value variance = createAdd(in, mean, createConstant(in, x.getType(), epsilon));
    Value deviation = math::SqrtOp::create(in, variance);
    return createDiv(in, createConstant(in, x.getType(), 1), deviation, false);
  });
}

namespace {

struct BatchNormLowering : Lowering<BatchNormOp> {
  using Lowering::Lowering;

  Value lower(BatchNormOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    int64_t axis = op.getAxis();
    Normalised space(b, adaptor.getInput(), {});
    // The square root is taken once per channel.
    Value variance = convertTensor(b, adaptor.getVariance(), space.wide);
    double epsilon = op.getEpsilon().convertToDouble();
    Value inverse = createInverseDeviation(b, variance, createConstant(b, space.wide, 1), epsilon);
    SmallVector<int64_t> channel{axis};
    return space.map({adaptor.getInput(), adaptor.getMean(), inverse, adaptor.getScale(), adaptor.getBias()},
                     {makeRange(space.rank), channel, channel, channel, channel}, type.getElementType(),
                     [](ImplicitLocOpBuilder &in, ValueRange args) {
                       Value centred = createSub(in, args[0], args[1]);
                       Value scaled = createMul(in, createMul(in, centred, args[2]), args[3]);
                       return createAdd(in, scaled, args[4]);
                     });
  }
};

/// Mean and variance of the batch, in two passes, then what batch_norm does.
struct BatchNormTrainingLowering : OpConversionPattern<BatchNormTrainingOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(BatchNormTrainingOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value input = adaptor.getInput();
    int64_t rank = op.getInput().getType().getRank(), axis = op.getAxis();
    SmallVector<int64_t> axes = makeRange(rank), channel{axis};
    axes.erase(axes.begin() + axis);
    Normalised space(b, input, axes);
    Value zero = createConstant(b, space.wide, 0), count = space.count();
    auto divide = [&](ImplicitLocOpBuilder &in, Value x) { return createDiv(in, x, count, false); };
    Value sum = space.reduce(input, zero,
                             [](ImplicitLocOpBuilder &in, ValueRange args) { return createAdd(in, args[1], args[0]); });
    Value mean = mapReduced(b, sum, divide);
    Value squares = space.reduce({input, mean}, zero, [](ImplicitLocOpBuilder &in, ValueRange args) {
      Value centred = createSub(in, args[0], args[1]);
      return createAdd(in, args[2], createMul(in, centred, centred));
    });
    Value variance = mapReduced(b, squares, divide);
    Value one = createConstant(b, space.wide, 1);
    Value inverse = createInverseDeviation(b, variance, one, op.getEpsilon().convertToDouble());
    Type element = getElementTypeOrSelf(input);
    Value output = space.map({input, mean, inverse, adaptor.getScale(), adaptor.getBias()},
                             {makeRange(rank), channel, channel, channel, channel}, element,
                             [](ImplicitLocOpBuilder &in, ValueRange args) {
                               Value centred = createSub(in, args[0], args[1]);
                               Value scaled = createMul(in, createMul(in, centred, args[2]), args[3]);
                               return createAdd(in, scaled, args[4]);
                             });
    SmallVector<Value> results{output, convertTensor(b, mean, element), convertTensor(b, variance, element)};
    for (auto [value, result] : llvm::zip_equal(results, op->getResults()))
      value = castTo(b, value, getTypeConverter()->convertType(result.getType()));
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// The dimensions from `axis` on.
SmallVector<int64_t> getTrailingDims(RankedTensorType type, int64_t axis) {
  return llvm::to_vector(llvm::seq<int64_t>(axis, type.getRank()));
}

struct LayerNormLowering : Lowering<LayerNormOp> {
  using Lowering::Lowering;

  Value lower(LayerNormOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = adaptor.getInput(), scale = adaptor.getScale();
    Normalised space(b, input, getTrailingDims(type, op.getAxis()));
    Value zero = createConstant(b, space.wide, 0), count = space.count();
    Value sum = space.reduce(input, zero,
                             [](ImplicitLocOpBuilder &in, ValueRange args) { return createAdd(in, args[1], args[0]); });
    Value mean = mapReduced(b, sum, [&](ImplicitLocOpBuilder &in, Value x) { return createDiv(in, x, count, false); });
    Value squares = space.reduce({input, mean}, zero, [](ImplicitLocOpBuilder &in, ValueRange args) {
      Value centred = createSub(in, args[0], args[1]);
      return createAdd(in, args[2], createMul(in, centred, centred));
    });
    Value inverse = createInverseDeviation(b, squares, count, op.getEpsilon().convertToDouble());
    SmallVector<int64_t> scaleDims = dropStretched(b, scale, space.sizes);
    SmallVector<Value> tensors{input, mean, inverse, scale};
    SmallVector<SmallVector<int64_t>> dims{makeRange(space.rank), space.kept, space.kept, scaleDims};
    if (Value bias = adaptor.getBias()) {
      dims.push_back(dropStretched(b, bias, space.sizes));
      tensors.push_back(bias);
    }
    return space.map(tensors, dims, type.getElementType(), [](ImplicitLocOpBuilder &in, ValueRange args) {
      Value centred = createSub(in, args[0], args[1]);
      Value y = createMul(in, createMul(in, centred, args[2]), args[3]);
      return args.size() > 4 ? createAdd(in, y, args[4]) : y;
    });
  }
};

struct RMSNormLowering : Lowering<RMSNormOp> {
  using Lowering::Lowering;

  Value lower(RMSNormOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = adaptor.getInput(), scale = adaptor.getScale();
    Normalised space(b, input, getTrailingDims(type, op.getAxis()));
    Value squares =
        space.reduce(input, createConstant(b, space.wide, 0), [](ImplicitLocOpBuilder &in, ValueRange args) {
          return createAdd(in, args[1], createMul(in, args[0], args[0]));
        });
    Value inverse = createInverseDeviation(b, squares, space.count(), op.getEpsilon().convertToDouble());
    SmallVector<int64_t> scaleDims = dropStretched(b, scale, space.sizes);
    return space.map({input, inverse, scale}, {makeRange(space.rank), space.kept, scaleDims}, type.getElementType(),
                     [](ImplicitLocOpBuilder &in, ValueRange args) {
                       return createMul(in, createMul(in, args[0], args[1]), args[2]);
                     });
  }
};

/// The maximum along the axis, and exp(x - maximum) summed along it.
struct SoftmaxParts {
  Value maximum, exponentials, sum;

  SoftmaxParts(ImplicitLocOpBuilder &b, const Normalised &space) {
    maximum =
        space.reduce(space.input, createLowest(b, space.wide, false),
                     [](ImplicitLocOpBuilder &in, ValueRange args) { return createMax(in, args[1], args[0], false); });
    exponentials = space.map({space.input, maximum}, {makeRange(space.rank), space.kept}, space.wide,
                             [](ImplicitLocOpBuilder &in, ValueRange args) -> Value {
                               return math::ExpOp::create(in, createSub(in, args[0], args[1]));
                             });
    sum = space.reduce(exponentials, createConstant(b, space.wide, 0),
                       [](ImplicitLocOpBuilder &in, ValueRange args) { return createAdd(in, args[1], args[0]); });
  }
};

struct SoftmaxLowering : Lowering<SoftmaxOp> {
  using Lowering::Lowering;

  Value lower(SoftmaxOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Normalised space(b, adaptor.getInput(), {static_cast<int64_t>(op.getAxis())});
    SoftmaxParts parts(b, space);
    return space.map({parts.exponentials, parts.sum}, {makeRange(space.rank), space.kept}, type.getElementType(),
                     [](ImplicitLocOpBuilder &in, ValueRange args) { return createDiv(in, args[0], args[1], false); });
  }
};

struct LogSoftmaxLowering : Lowering<LogSoftmaxOp> {
  using Lowering::Lowering;

  Value lower(LogSoftmaxOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Normalised space(b, adaptor.getInput(), {static_cast<int64_t>(op.getAxis())});
    SoftmaxParts parts(b, space);
    Value logarithm =
        mapReduced(b, parts.sum, [](ImplicitLocOpBuilder &in, Value x) -> Value { return math::LogOp::create(in, x); });
    return space.map({adaptor.getInput(), parts.maximum, logarithm}, {makeRange(space.rank), space.kept, space.kept},
                     type.getElementType(), [](ImplicitLocOpBuilder &in, ValueRange args) {
                       Value shifted = createSub(in, args[0], args[1]);
                       return createSub(in, shifted, args[2]);
                     });
  }
};

} // namespace

void lowering::populateNormalisationPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<BatchNormLowering, BatchNormTrainingLowering, LayerNormLowering, RMSNormLowering, SoftmaxLowering,
               LogSoftmaxLowering>(converter, patterns.getContext());
}
