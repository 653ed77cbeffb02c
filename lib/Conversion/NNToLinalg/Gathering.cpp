// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Look-ups: each element of the result is read at a computed position.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

Value lowering::createPosition(ImplicitLocOpBuilder &b, Value index, bool isUnsigned, Value size, bool wraps) {
  Value position = isUnsigned ? arith::IndexCastUIOp::create(b, b.getIndexType(), index).getResult()
                              : arith::IndexCastOp::create(b, b.getIndexType(), index).getResult();
  Value zero = createIndex(b, 0);
  if (wraps) {
    Value isNegative = createCompare(b, Comparison::LT, position, zero, false);
    Value fromEnd = arith::AddIOp::create(b, position, size);
    position = createSelect(b, isNegative, fromEnd, position);
  }
  Value last = arith::SubIOp::create(b, size, createIndex(b, 1));
  position = arith::MinSIOp::create(b, position, last);
  return arith::MaxSIOp::create(b, position, zero);
}

/// Reads `source` at the coordinates of each result element, of which those of
/// dimension `axis` are replaced by the element of `indices` that `indexDims`
/// of the result select; the indices have `indexRank` dimensions from `axis`
/// on.
static Value createLookUp(ImplicitLocOpBuilder &b, Value source, Value indices, ArrayRef<OpFoldResult> sizes,
                          int64_t axis, ArrayRef<int64_t> indexDims, int64_t consumed, bool isUnsigned, bool wraps) {
  Type element = getElementTypeOrSelf(source);
  auto sourceType = cast<RankedTensorType>(source.getType());
  // Nothing can be read from an empty dimension.
  if (sourceType.getDimSize(axis) == 0)
    return createFilled(b, sizes, createConstant(b, element, 0));
  Value size = toValue(b, getSize(b, source, axis));
  int64_t rank = sizes.size();
  return createGeneric(b, indices, createEmpty(b, sizes, element), rank,
                       {SmallVector<int64_t>(indexDims), makeRange(rank)},
                       [&](ImplicitLocOpBuilder &in, ValueRange args) -> Value {
                         SmallVector<Value> position;
                         for (int64_t dim = 0; dim < sourceType.getRank(); ++dim) {
                           if (dim == axis) {
                             position.push_back(createPosition(in, args[0], isUnsigned, size, wraps));
                             continue;
                           }
                           int64_t loop = dim < axis ? dim : dim - 1 + consumed;
                           position.push_back(linalg::IndexOp::create(in, loop));
                         }
                         return tensor::ExtractOp::create(in, source, position);
                       });
}

namespace {

struct EmbeddingLowering : Lowering<EmbeddingOp> {
  using Lowering::Lowering;

  Value lower(EmbeddingOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Sizes sizes = getSizes(b, adaptor.getIds());
    int64_t idsRank = sizes.size();
    sizes.push_back(getSize(b, adaptor.getTable(), 1));
    return createLookUp(b, adaptor.getTable(), adaptor.getIds(), sizes, 0, makeRange(idsRank), idsRank,
                        isUnsigned(getElementTypeOrSelf(op.getIds())), false);
  }
};

struct GatherLowering : Lowering<GatherOp> {
  using Lowering::Lowering;

  Value lower(GatherOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    int64_t axis = op.getAxis();
    Sizes input = getSizes(b, adaptor.getInput());
    Sizes indices = getSizes(b, adaptor.getIndices());
    Sizes sizes(ArrayRef(input).take_front(axis));
    llvm::append_range(sizes, indices);
    llvm::append_range(sizes, ArrayRef(input).drop_front(axis + 1));
    int64_t count = indices.size();
    SmallVector<int64_t> dims = llvm::to_vector(llvm::seq<int64_t>(axis, axis + count));
    return createLookUp(b, adaptor.getInput(), adaptor.getIndices(), sizes, axis, dims, count,
                        isUnsigned(getElementTypeOrSelf(op.getIndices())), true);
  }
};

struct GatherElementsLowering : Lowering<GatherElementsOp> {
  using Lowering::Lowering;

  Value lower(GatherElementsOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Sizes sizes = getSizes(b, adaptor.getIndices());
    return createLookUp(b, adaptor.getInput(), adaptor.getIndices(), sizes, op.getAxis(), makeRange(sizes.size()), 1,
                        isUnsigned(getElementTypeOrSelf(op.getIndices())), true);
  }
};

struct OneHotLowering : Lowering<OneHotOp> {
  using Lowering::Lowering;

  Value lower(OneHotOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    int64_t axis = op.getAxis(), rank = type.getRank(), depth = op.getDepth();
    Sizes sizes = getSizes(b, adaptor.getIndices());
    sizes.insert(sizes.begin() + axis, b.getIndexAttr(depth));
    SmallVector<int64_t> dims = makeRange(rank);
    dims.erase(dims.begin() + axis);
    bool isUnsignedIndex = isUnsigned(getElementTypeOrSelf(op.getIndices()));
    return createGeneric(
        b, {adaptor.getIndices(), adaptor.getOn(), adaptor.getOff()}, createEmpty(b, sizes, type.getElementType()),
        rank, {dims, {}, {}, makeRange(rank)}, [&](ImplicitLocOpBuilder &in, ValueRange args) {
          Type wide = in.getI64Type();
          Value index = convertScalar(in, args[0], wide, isUnsignedIndex, false);
          Value isNegative = createCompare(in, Comparison::LT, index, createConstant(in, wide, 0), false);
          Value fromEnd = createAdd(in, index, createConstant(in, wide, depth));
          index = createSelect(in, isNegative, fromEnd, index);
          Value here = arith::IndexCastOp::create(in, wide, linalg::IndexOp::create(in, axis));
          Value hit = createCompare(in, Comparison::EQ, index, here, false);
          return createSelect(in, hit, args[1], args[2]);
        });
  }
};

} // namespace

void lowering::populateGatheringPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<EmbeddingLowering, GatherLowering, GatherElementsLowering, OneHotLowering>(converter,
                                                                                          patterns.getContext());
}
