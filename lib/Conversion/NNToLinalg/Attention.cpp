// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention and what prepares its operands. This is the reference: it stores the scores of all queries.

#include "Attention.h"
#include "Structured.h"

#include <limits>

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

double lowering::getLowestScore(Type type) {
  return type.isF64() ? std::numeric_limits<double>::lowest() : std::numeric_limits<float>::lowest();
}

Value lowering::createScore(ImplicitLocOpBuilder &in, AttentionOp op, Value product, Value mask, Value query,
                            Value key) {
  Type wide = product.getType();
  Value score = createMul(in, product, createConstant(in, wide, op.getScale().convertToDouble()));
  Value excluded = createLowest(in, wide, false);
  if (mask && mask.getType().isInteger(1))
    score = createSelect(in, mask, score, excluded);
  else if (mask)
    score = createAdd(in, score, convertScalar(in, mask, wide, false, false));
  if (!op.getCausal())
    return score;
  Value isPast = arith::CmpIOp::create(in, arith::CmpIPredicate::ule, key, query);
  return createSelect(in, isPast, score, excluded);
}

Value lowering::divideBySum(ImplicitLocOpBuilder &in, Value product, Value sum) {
  Value least = createConstant(in, sum.getType(), std::numeric_limits<float>::min());
  return createDiv(in, product, createMax(in, sum, least, false), false);
}

/// Where the mask is not known to have the size of the scores, it may turn out to be 1.
Value lowering::prepareMask(ImplicitLocOpBuilder &b, AttentionOp op, AttentionOp::Adaptor adaptor) {
  Value mask = adaptor.getMask();
  if (!mask)
    return mask;
  auto type = cast<RankedTensorType>(mask.getType());
  Sizes sizes = getSizes(b, mask);
  int64_t offset = 4 - type.getRank();
  bool isCertain = true;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (type.getDimSize(dim) == 1)
      continue;
    unsigned operand = dim + offset == 3, operandDim = std::array{0, 2, 1, 1}[dim + offset];
    sizes[dim] = getSize(b, adaptor.getOperands()[operand], operandDim);
    isCertain &= !type.isDynamicDim(dim) ||
                 getDimensionSource(op.getMask(), dim) == getDimensionSource(op->getOperand(operand), operandDim);
  }
  return isCertain ? mask : broadcastAtRunTime(b, mask, sizes);
}

namespace {

/// The scores are [batch, groups, heads of a group, queries, keys].
struct AttentionLowering : Lowering<AttentionOp> {
  using Lowering::Lowering;

  Value lower(AttentionOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type wide = getComputeType(type.getElementType());
    int64_t groups = op.getKey().getType().getDimSize(2), perGroup = op.getQuery().getType().getDimSize(2) / groups;
    Value query = splitHeads(b, convertTensor(b, adaptor.getQuery(), wide), groups, perGroup);
    Value key = convertTensor(b, adaptor.getKey(), wide), value = convertTensor(b, adaptor.getValue(), wide);
    Sizes sizes{getSize(b, query, 0), b.getIndexAttr(groups), b.getIndexAttr(perGroup), getSize(b, query, 1),
                getSize(b, key, 1)};
    Value scores =
        createGeneric(b, {query, key}, createFilled(b, sizes, createConstant(b, wide, 0)), 6,
                      {{0, 3, 1, 2, 5}, {0, 4, 1, 5}, makeRange(5)}, [&](ImplicitLocOpBuilder &in, ValueRange args) {
                        return createMultiplyAdd(in, args, false, false);
                      });
    scores = scaleAndMask(op, prepareMask(b, op, adaptor), b, scores, sizes, perGroup);

    Value maximum = createReduction(
        b, scores, {4}, createFilled(b, ArrayRef(sizes).drop_back(), createConstant(b, wide, getLowestScore(wide))),
        [](ImplicitLocOpBuilder &in, ValueRange args) { return createMax(in, args[1], args[0], false); });
    Value weights =
        createGeneric(b, {scores, maximum}, createEmpty(b, sizes, wide), 5, {makeRange(5), makeRange(4), makeRange(5)},
                      [](ImplicitLocOpBuilder &in, ValueRange args) -> Value {
                        return math::ExpOp::create(in, createSub(in, args[0], args[1]));
                      });
    Value sum =
        createReduction(b, weights, {4}, createFilled(b, ArrayRef(sizes).drop_back(), createConstant(b, wide, 0)),
                        [](ImplicitLocOpBuilder &in, ValueRange args) { return createAdd(in, args[1], args[0]); });
    Value result = divide(b, multiplyValues(b, weights, value, sizes), sum, type.getElementType());
    return tensor::CollapseShapeOp::create(b, result, SmallVector<ReassociationIndices>{{0}, {1}, {2, 3}, {4}});
  }

  static Value splitHeads(ImplicitLocOpBuilder &b, Value query, int64_t groups, int64_t perGroup) {
    auto type = cast<RankedTensorType>(query.getType());
    ArrayRef<int64_t> shape = type.getShape();
    Sizes sizes = getSizes(b, query);
    Sizes split{sizes[0], sizes[1], b.getIndexAttr(groups), b.getIndexAttr(perGroup), sizes[3]};
    return tensor::ExpandShapeOp::create(b, type.clone({shape[0], shape[1], groups, perGroup, shape[3]}), query,
                                         SmallVector<ReassociationIndices>{{0}, {1}, {2, 3}, {4}}, split);
  }

  static Value scaleAndMask(AttentionOp op, Value mask, ImplicitLocOpBuilder &b, Value scores, const Sizes &sizes,
                            int64_t perGroup) {
    SmallVector<Value> inputs{scores};
    SmallVector<SmallVector<int64_t>> dims{makeRange(5)};
    if (mask) {
      dims.push_back(alignMask(b, mask, sizes, op.getQuery().getType().getDimSize(2), perGroup));
      inputs.push_back(mask);
    }
    dims.push_back(makeRange(5));
    return createGeneric(b, inputs, createEmpty(b, sizes, getElementTypeOrSelf(scores)), 5, dims,
                         [&](ImplicitLocOpBuilder &in, ValueRange args) {
                           Value query = linalg::IndexOp::create(in, 3), key = linalg::IndexOp::create(in, 4);
                           return createScore(in, op, args[0], mask ? args[1] : Value(), query, key);
                         });
  }

  /// The loops that index the mask, whose heads become groups if they do not stretch.
  static SmallVector<int64_t> alignMask(ImplicitLocOpBuilder &b, Value &mask, const Sizes &sizes, int64_t heads,
                                        int64_t perGroup) {
    auto type = cast<RankedTensorType>(mask.getType());
    int64_t headDim = type.getRank() - 3;
    Sizes full{sizes[0], b.getIndexAttr(heads), sizes[3], sizes[4]};
    SmallVector<int64_t> loops = dropStretched(b, mask, full);
    SmallVector<int64_t> result;
    for (int64_t loop : loops)
      result.push_back(loop == 0 ? 0 : loop + 1);
    auto *position = llvm::find(loops, 1);
    if (headDim < 0 || position == loops.end())
      return result;
    // One dimension of the mask becomes two.
    int64_t dim = position - loops.begin();
    auto kept = cast<RankedTensorType>(mask.getType());
    SmallVector<int64_t> shape(kept.getShape());
    Sizes split = getSizes(b, mask);
    shape[dim] = heads / perGroup;
    split[dim] = b.getIndexAttr(heads / perGroup);
    shape.insert(shape.begin() + dim + 1, perGroup);
    split.insert(split.begin() + dim + 1, b.getIndexAttr(perGroup));
    result[dim] = 1;
    result.insert(result.begin() + dim + 1, 2);
    SmallVector<ReassociationIndices> reassociation;
    for (int64_t i = 0, next = 0; i < kept.getRank(); ++i) {
      reassociation.push_back({next++});
      if (i == dim)
        reassociation.back().push_back(next++);
    }
    mask = tensor::ExpandShapeOp::create(b, kept.clone(shape), mask, reassociation, split);
    return result;
  }

  static Value multiplyValues(ImplicitLocOpBuilder &b, Value weights, Value value, const Sizes &sizes) {
    Type wide = getElementTypeOrSelf(weights);
    Sizes results{sizes[0], sizes[3], sizes[1], sizes[2], getSize(b, value, 3)};
    return createGeneric(b, {weights, value}, createFilled(b, results, createConstant(b, wide, 0)), 6,
                         {{0, 2, 3, 1, 5}, {0, 5, 2, 4}, makeRange(5)}, [](ImplicitLocOpBuilder &in, ValueRange args) {
                           return createMultiplyAdd(in, args, false, false);
                         });
  }

  static Value divide(ImplicitLocOpBuilder &b, Value products, Value sum, Type element) {
    Type wide = getElementTypeOrSelf(products);
    return createGeneric(b, {products, sum}, createEmpty(b, getSizes(b, products), element), 5,
                         {makeRange(5), {0, 2, 3, 1}, makeRange(5)}, [&](ImplicitLocOpBuilder &in, ValueRange args) {
                           Value least = createConstant(in, wide, std::numeric_limits<float>::min());
                           Value quotient = createDiv(in, args[0], createMax(in, args[1], least, false), false);
                           return convertScalar(in, quotient, element, false, false);
                         });
  }
};

/// Both halves are read and written as rows of their own.
struct RotaryLowering : Lowering<RotaryOp> {
  using Lowering::Lowering;

  Value lower(RotaryOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = adaptor.getInput();
    Sizes sizes = getSizes(b, input);
    int64_t half = type.getDimSize(type.getRank() - 1) / 2;
    Value result = createEmpty(b, sizes, type.getElementType());
    for (bool isUpper : {false, true})
      result = insertHalf(b, rotateHalf(adaptor, b, type, half, isUpper), result, half, isUpper);
    return result;
  }

  static Value rotateHalf(Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type, int64_t half, bool isUpper) {
    Sizes sizes = getSizes(b, adaptor.getInput());
    sizes.back() = b.getIndexAttr(half);
    Type wide = getComputeType(type.getElementType());
    SmallVector<Value> inputs{
        extractHalf(b, adaptor.getInput(), half, isUpper), extractHalf(b, adaptor.getInput(), half, !isUpper),
        extractHalf(b, adaptor.getCos(), half, isUpper), extractHalf(b, adaptor.getSin(), half, isUpper)};
    return createElementwise(b, inputs, sizes, type.getElementType(), [&](ImplicitLocOpBuilder &in, ValueRange args) {
      SmallVector<Value> wideArgs;
      for (Value arg : args)
        wideArgs.push_back(convertScalar(in, arg, wide, false, false));
      Value own = createMul(in, wideArgs[0], wideArgs[2]), other = createMul(in, wideArgs[1], wideArgs[3]);
      Value sum = isUpper ? createAdd(in, own, other) : createSub(in, own, other);
      return convertScalar(in, sum, type.getElementType(), false, false);
    });
  }

  /// Of a last dimension that stretches, the same for both halves.
  static Value extractHalf(ImplicitLocOpBuilder &b, Value tensor, int64_t half, bool isUpper) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (type.getRank() == 0 || type.getShape().back() == 1)
      return tensor;
    Sizes offsets(type.getRank(), b.getIndexAttr(0)), steps(type.getRank(), b.getIndexAttr(1));
    Sizes sizes = getSizes(b, tensor);
    offsets.back() = b.getIndexAttr(isUpper ? half : 0);
    sizes.back() = b.getIndexAttr(half);
    return tensor::ExtractSliceOp::create(b, tensor, offsets, sizes, steps);
  }

  static Value insertHalf(ImplicitLocOpBuilder &b, Value part, Value whole, int64_t half, bool isUpper) {
    int64_t rank = cast<RankedTensorType>(whole.getType()).getRank();
    Sizes offsets(rank, b.getIndexAttr(0)), steps(rank, b.getIndexAttr(1));
    offsets.back() = b.getIndexAttr(isUpper ? half : 0);
    return tensor::InsertSliceOp::create(b, part, whole, offsets, getSizes(b, part), steps);
  }
};

struct IotaLowering : Lowering<IotaOp> {
  using Lowering::Lowering;

  Value lower(IotaOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    return createFromIndices(b, getSize(b, adaptor.getLike(), op.getDim()), type.getElementType(),
                             [&](ImplicitLocOpBuilder &in, ValueRange indices) -> Value {
                               return arith::IndexCastOp::create(in, type.getElementType(), indices[0]);
                             });
  }
};

} // namespace

void lowering::populateAttentionPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<AttentionLowering, RotaryLowering, IotaLowering>(converter, patterns.getContext());
}
