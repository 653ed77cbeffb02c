// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Transposition, broadcast, concatenation, repetition and triangles.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

/// Repeats `tensor`, indexed by `dims` of the sizes, along the others.
static Value repeat(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> dims) {
  if (dims.size() == sizes.size())
    return tensor;
  SmallVector<int64_t> added = makeRange(sizes.size());
  llvm::erase_if(added, [&](int64_t dim) { return llvm::is_contained(dims, dim); });
  Value init = createEmpty(b, sizes, getElementTypeOrSelf(tensor));
  // The named operation wants the static shapes to agree exactly.
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape;
  for (int64_t dim : dims)
    shape.push_back(cast<RankedTensorType>(init.getType()).getDimSize(dim));
  tensor = castTo(b, tensor, type.clone(shape));
  return linalg::BroadcastOp::create(b, tensor, init, added)->getResult(0);
}

namespace {

struct TransposeLowering : Lowering<TransposeOp> {
  using Lowering::Lowering;

  Value lower(TransposeOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Sizes inputSizes = getSizes(b, adaptor.getInput()), sizes;
    for (int64_t dim : op.getPermutation())
      sizes.push_back(inputSizes[dim]);
    Value init = createEmpty(b, sizes, type.getElementType());
    return linalg::TransposeOp::create(b, adaptor.getInput(), init, op.getPermutation())->getResult(0);
  }
};

struct BroadcastToLowering : Lowering<BroadcastToOp> {
  using Lowering::Lowering;

  Value lower(BroadcastToOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = adaptor.getInput();
    auto inputType = cast<RankedTensorType>(input.getType());
    int64_t inputOffset = type.getRank() - inputType.getRank();
    int64_t requestOffset = type.getRank() - op.getShape().size();
    Sizes inputSizes = getSizes(b, input), sizes;
    bool isUncertain = false;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      int64_t request = dim < requestOffset ? 1 : op.getShape()[dim - requestOffset];
      bool isDynamic = dim >= inputOffset && inputType.isDynamicDim(dim - inputOffset);
      isUncertain |= isDynamic && request != 1;
      bool copies = dim >= inputOffset && request == 1;
      sizes.push_back(copies ? inputSizes[dim - inputOffset] : b.getIndexAttr(request));
    }
    if (isUncertain)
      return broadcastAtRunTime(b, input, sizes);
    SmallVector<int64_t> dims = dropStretched(b, input, sizes);
    return repeat(b, input, sizes, dims);
  }
};

struct ConcatLowering : Lowering<ConcatOp> {
  using Lowering::Lowering;

  Value lower(ConcatOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    int64_t axis = op.getAxis();
    Sizes sizes = getSizes(b, adaptor.getInputs().front());
    sizes[axis] = b.getIndexAttr(0);
    Sizes offsets(type.getRank(), b.getIndexAttr(0));
    Sizes strides(type.getRank(), b.getIndexAttr(1)), starts;
    for (Value input : adaptor.getInputs()) {
      starts.push_back(sizes[axis]);
      sizes[axis] = addSizes(b, sizes[axis], getSize(b, input, axis));
    }
    Value result = createEmpty(b, sizes, type.getElementType());
    for (auto [input, start] : llvm::zip_equal(adaptor.getInputs(), starts)) {
      offsets[axis] = start;
      // Sizes that one input knows hold for all.
      Sizes part = sizes;
      part[axis] = getSize(b, input, axis);
      auto inputType = cast<RankedTensorType>(input.getType());
      SmallVector<int64_t> shape;
      for (OpFoldResult size : part)
        shape.push_back(getConstantIntValue(size).value_or(ShapedType::kDynamic));
      result =
          tensor::InsertSliceOp::create(b, castTo(b, input, inputType.clone(shape)), result, offsets, part, strides);
    }
    return result;
  }
};

/// Each repeated dimension gets one for the repetitions before it.
struct TileLowering : Lowering<TileOp> {
  using Lowering::Lowering;

  Value lower(TileOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = adaptor.getInput();
    Sizes inputSizes = getSizes(b, input), sizes;
    SmallVector<int64_t> dims;
    SmallVector<ReassociationIndices> groups;
    for (auto [size, repeats] : llvm::zip_equal(inputSizes, op.getRepeats())) {
      groups.emplace_back();
      if (repeats != 1) {
        groups.back().push_back(sizes.size());
        sizes.push_back(b.getIndexAttr(repeats));
      }
      groups.back().push_back(sizes.size());
      dims.push_back(sizes.size());
      sizes.push_back(size);
    }
    Value repeated = repeat(b, input, sizes, dims);
    if (sizes.size() == dims.size())
      return repeated;
    return tensor::CollapseShapeOp::create(b, repeated, groups);
  }
};

struct TriluLowering : Lowering<TriluOp> {
  using Lowering::Lowering;

  Value lower(TriluOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    int64_t rank = type.getRank();
    Comparison kind = op.getUpper() ? Comparison::GE : Comparison::LE;
    return createElementwise(b, adaptor.getInput(), getSizes(b, adaptor.getInput()), type.getElementType(),
                             [&](ImplicitLocOpBuilder &in, ValueRange args) {
                               Value row = linalg::IndexOp::create(in, rank - 2);
                               Value column = linalg::IndexOp::create(in, rank - 1);
                               Value diagonal = arith::SubIOp::create(in, column, row);
                               Value limit = createIndex(in, op.getDiagonal());
                               Value isKept = createCompare(in, kind, diagonal, limit, false);
                               Value zero = createConstant(in, type.getElementType(), 0);
                               return createSelect(in, isKept, args[0], zero);
                             });
  }
};

} // namespace

void lowering::populateShapePatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<TransposeLowering, BroadcastToLowering, ConcatLowering, TileLowering, TriluLowering>(
      converter, patterns.getContext());
}
