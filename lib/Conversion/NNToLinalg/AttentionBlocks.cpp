// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention by blocks of queries:
//
//   for each batch and head                      (in parallel)
//     transpose the keys
//     for each block of queries
//       scores = Q K^T * scale + mask            (one block of them is all that is stored: it stays in the cache)
//       weights = exp(scores - max), result = weights V / sum
//
// Each step is a linalg operation on the block, for which kernels are made as for any other. What splits heads is in
// the slices. Blocks have a static size, so that their kernels have no rest; what is left of the queries is one block
// of dynamic size.

#include "Attention.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

/// Dimensions `kept` of the part of a tensor of rank 4, from `offsets` on and of these sizes.
static Value slice(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                   ArrayRef<int64_t> kept) {
  SmallVector<int64_t> shape;
  for (int64_t dim : kept)
    shape.push_back(getConstantIntValue(sizes[dim]).value_or(ShapedType::kDynamic));
  auto type = cast<RankedTensorType>(tensor.getType()).clone(shape);
  SmallVector<OpFoldResult> steps(sizes.size(), b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(b, type, tensor, offsets, sizes, steps);
}

namespace {

/// Emits the attention of one head.
class HeadEmitter {
public:
  HeadEmitter(ImplicitLocOpBuilder &b, AttentionOp op, Value query, Value key, Value value, Value mask,
              OpFoldResult batch, OpFoldResult head)
      : b(b), op(op), query(query), mask(mask), batch(batch), head(head), zero(b.getIndexAttr(0)),
        one(b.getIndexAttr(1)), wide(getElementTypeOrSelf(query)) {
    int64_t perGroup = op.getQuery().getType().getDimSize(2) / op.getKey().getType().getDimSize(2);
    OpFoldResult group =
        affine::makeComposedFoldedAffineApply(b, b.getLoc(), b.getAffineDimExpr(0).floorDiv(perGroup), ArrayRef(head));
    numKeys = getSize(b, key, 1);
    keys = transpose(slice(b, key, {batch, zero, group, zero}, {one, numKeys, one, getSize(b, key, 3)}, {1, 3}));
    values = slice(b, value, {batch, zero, group, zero}, {one, numKeys, one, getSize(b, value, 3)}, {1, 3});
  }

  /// Writes the results of all queries into `output` [queries, depth].
  Value emit(Value output, int64_t block);

private:
  Value transpose(Value matrix);
  Value emitBlock(OpFoldResult begin, OpFoldResult count);
  Value createScores(OpFoldResult begin, OpFoldResult count);
  Value insertBlock(Value output, OpFoldResult begin, OpFoldResult count);
  /// Sums products of [m, k] and [k, n].
  Value multiply(Value lhs, Value rhs);
  Value reduceRows(Value matrix, double init, Body body);

  ImplicitLocOpBuilder &b;
  AttentionOp op;
  Value query, mask;
  OpFoldResult batch, head, zero, one, numKeys;
  Type wide;
  Value keys, values;
};

} // namespace

Value HeadEmitter::transpose(Value matrix) {
  Sizes sizes = getSizes(b, matrix);
  std::swap(sizes[0], sizes[1]);
  return linalg::TransposeOp::create(b, matrix, createEmpty(b, sizes, wide), ArrayRef<int64_t>{1, 0})->getResult(0);
}

Value HeadEmitter::multiply(Value lhs, Value rhs) {
  Sizes sizes{getSize(b, lhs, 0), getSize(b, rhs, 1)};
  return createGeneric(
      b, {lhs, rhs}, createFilled(b, sizes, createConstant(b, wide, 0)), 3, {{0, 2}, {2, 1}, {0, 1}},
      [](ImplicitLocOpBuilder &in, ValueRange args) { return createMultiplyAdd(in, args, false, false); });
}

Value HeadEmitter::reduceRows(Value matrix, double init, Body body) {
  return createReduction(b, matrix, {1}, createFilled(b, getSize(b, matrix, 0), createConstant(b, wide, init)), body);
}

Value HeadEmitter::createScores(OpFoldResult begin, OpFoldResult count) {
  Value queries = slice(b, query, {batch, begin, head, zero}, {one, count, one, getSize(b, query, 3)}, {1, 3});
  Value products = multiply(queries, keys);
  SmallVector<Value> inputs{products};
  SmallVector<SmallVector<int64_t>> dims{{0, 1}};
  if (mask) {
    // Of [batch, head, query, key], those that the mask has and that do not stretch.
    Sizes starts{batch, head, begin, zero}, lengths{one, one, count, numKeys}, offsets, sizes;
    auto type = cast<RankedTensorType>(mask.getType());
    SmallVector<int64_t> kept, loops;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      int64_t full = dim + 4 - type.getRank();
      bool stretches = type.getDimSize(dim) == 1;
      offsets.push_back(stretches ? zero : starts[full]);
      sizes.push_back(stretches ? one : lengths[full]);
      if (full < 2 || stretches)
        continue;
      kept.push_back(dim);
      loops.push_back(full - 2);
    }
    inputs.push_back(slice(b, mask, offsets, sizes, kept));
    dims.push_back(loops);
  }
  dims.push_back({0, 1});
  return createGeneric(b, inputs, createEmpty(b, getSizes(b, products), wide), 2, dims,
                       [&](ImplicitLocOpBuilder &in, ValueRange args) {
                         Value position, key;
                         if (op.getCausal()) {
                           key = linalg::IndexOp::create(in, 1);
                           position = arith::AddIOp::create(in, linalg::IndexOp::create(in, 0), toValue(in, begin));
                         }
                         return createScore(in, op, args[0], mask ? args[1] : Value(), position, key);
                       });
}

Value HeadEmitter::emitBlock(OpFoldResult begin, OpFoldResult count) {
  Value scores = createScores(begin, count);
  // A score that is NaN makes its weight NaN, whatever the maximum: the cheaper operation may ignore it.
  Value maximum = reduceRows(scores, getLowestScore(wide), [](ImplicitLocOpBuilder &in, ValueRange args) -> Value {
    return arith::MaxNumFOp::create(in, args[1], args[0]);
  });
  Value weights = createGeneric(b, {scores, maximum}, createEmpty(b, getSizes(b, scores), wide), 2,
                                {{0, 1}, {0}, {0, 1}}, [](ImplicitLocOpBuilder &in, ValueRange args) -> Value {
                                  return math::ExpOp::create(in, createSub(in, args[0], args[1]));
                                });
  Value sum =
      reduceRows(weights, 0, [](ImplicitLocOpBuilder &in, ValueRange args) { return createAdd(in, args[1], args[0]); });
  Value products = multiply(weights, values);
  Type element = op.getType().getElementType();
  return createGeneric(b, {products, sum}, createEmpty(b, getSizes(b, products), element), 2, {{0, 1}, {0}, {0, 1}},
                       [&](ImplicitLocOpBuilder &in, ValueRange args) {
                         return convertScalar(in, divideBySum(in, args[0], args[1]), element, false, false);
                       });
}

Value HeadEmitter::insertBlock(Value output, OpFoldResult begin, OpFoldResult count) {
  Value result = emitBlock(begin, count);
  return tensor::InsertSliceOp::create(b, result, output, Sizes{begin, zero}, Sizes{count, getSize(b, output, 1)},
                                       Sizes{one, one});
}

Value HeadEmitter::emit(Value output, int64_t block) {
  OpFoldResult count = getSize(b, query, 1);
  AffineExpr size = b.getAffineDimExpr(0);
  OpFoldResult whole = affine::makeComposedFoldedAffineApply(b, b.getLoc(), size.floorDiv(block) * block, {count});
  OpFoldResult rest = affine::makeComposedFoldedAffineApply(b, b.getLoc(), size % block, {count});
  if (getConstantIntValue(whole) != 0) {
    auto loop = scf::ForOp::create(b, toValue(b, zero), toValue(b, whole), createIndex(b, block), output);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value part = insertBlock(loop.getRegionIterArg(0), loop.getInductionVar(), b.getIndexAttr(block));
    scf::YieldOp::create(b, part);
    output = loop.getResult(0);
  }
  if (getConstantIntValue(rest) == 0)
    return output;
  // At most one iteration.
  auto loop = scf::ForOp::create(b, toValue(b, whole), toValue(b, count), createIndex(b, block), output);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(b, insertBlock(loop.getRegionIterArg(0), loop.getInductionVar(), rest));
  return loop.getResult(0);
}

namespace {

struct AttentionBlockLowering : Lowering<AttentionOp> {
  AttentionBlockLowering(const TypeConverter &converter, MLIRContext *context, int64_t block)
      : Lowering(converter, context, /*benefit=*/2), block(block) {}

  Value lower(AttentionOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type wide = getComputeType(type.getElementType());
    Value query = convertTensor(b, adaptor.getQuery(), wide), key = convertTensor(b, adaptor.getKey(), wide),
          value = convertTensor(b, adaptor.getValue(), wide), mask = prepareMask(b, op, adaptor);
    int64_t heads = type.getDimSize(2);
    Sizes sizes{getSize(b, query, 0), getSize(b, query, 1), b.getIndexAttr(heads), getSize(b, value, 3)};
    Value output = createEmpty(b, sizes, type.getElementType());
    OpFoldResult count = mulSizes(b, sizes[0], sizes[2]), zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
    auto loop = scf::ForallOp::create(b, ArrayRef(count), output, std::nullopt);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    OpFoldResult number = loop.getInductionVar(0);
    AffineExpr dim = b.getAffineDimExpr(0);
    OpFoldResult batch = affine::makeComposedFoldedAffineApply(b, b.getLoc(), dim.floorDiv(heads), {number});
    OpFoldResult head = affine::makeComposedFoldedAffineApply(b, b.getLoc(), dim % heads, {number});
    Sizes offsets{batch, zero, head, zero}, part{one, sizes[1], one, sizes[3]}, steps(4, one);
    Value own = slice(b, loop.getRegionIterArgs()[0], offsets, part, {1, 3});
    Value result = HeadEmitter(b, op, query, key, value, mask, batch, head).emit(own, block);
    b.setInsertionPointToStart(loop.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(b, result, loop.getRegionIterArgs()[0], offsets, part, steps);
    return loop.getResult(0);
  }

  int64_t block;
};

} // namespace

void lowering::populateAttentionBlockPatterns(const TypeConverter &converter, RewritePatternSet &patterns,
                                              int64_t block) {
  patterns.add<AttentionBlockLowering>(converter, patterns.getContext(), block);
}
