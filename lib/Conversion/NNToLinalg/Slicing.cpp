// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Slices and padding.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

static Value extractSlice(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes, ArrayRef<OpFoldResult> steps) {
  return tensor::ExtractSliceOp::create(b, tensor, offsets, sizes, steps);
}

/// A start or end, counted from the end if negative, limited to [low, high].
static OpFoldResult limitPosition(ImplicitLocOpBuilder &b, int64_t position, OpFoldResult size, OpFoldResult low,
                                  OpFoldResult high) {
  OpFoldResult value = b.getIndexAttr(position);
  if (position < 0)
    value = addSizes(b, value, size);
  return minSizes(b, maxSizes(b, value, low), high);
}

SliceDim lowering::getSliceDim(ImplicitLocOpBuilder &b, OpFoldResult size, int64_t start, int64_t end, int64_t step) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  OpFoldResult last = step > 0 ? size : subSizes(b, size, one);
  OpFoldResult first = limitPosition(b, start, size, zero, last);
  OpFoldResult limit = limitPosition(b, end, size, step > 0 ? zero : b.getIndexAttr(-1), last);
  OpFoldResult span = step > 0 ? subSizes(b, limit, first) : subSizes(b, first, limit);
  // A longer step takes the first element only, and could overflow addresses.
  int64_t longest = getConstantIntValue(size).value_or(int64_t(1) << 31);
  int64_t stride = std::min(std::abs(step), std::max<int64_t>(longest, 1));
  OpFoldResult strideSize = b.getIndexAttr(stride);
  OpFoldResult raised = addSizes(b, maxSizes(b, span, zero), b.getIndexAttr(stride - 1));
  OpFoldResult count = divSizes(b, raised, strideSize);
  if (step > 0)
    return {first, count, strideSize};
  // Backwards: the last element taken is the first in memory.
  OpFoldResult steps = maxSizes(b, subSizes(b, count, one), zero);
  OpFoldResult lowest = subSizes(b, first, mulSizes(b, steps, strideSize));
  return {maxSizes(b, lowest, zero), count, strideSize};
}

Value lowering::reverse(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<int64_t> dims) {
  Sizes sizes = getSizes(b, tensor);
  SmallVector<Value> last(sizes.size());
  for (int64_t dim : dims)
    last[dim] = toValue(b, subSizes(b, sizes[dim], b.getIndexAttr(1)));
  return createFromIndices(b, sizes, getElementTypeOrSelf(tensor),
                           [&](ImplicitLocOpBuilder &in, ValueRange indices) -> Value {
                             SmallVector<Value> position(indices);
                             for (int64_t dim : dims)
                               position[dim] = arith::SubIOp::create(in, last[dim], indices[dim]);
                             return tensor::ExtractOp::create(in, tensor, position);
                           });
}

namespace {
struct SliceLowering : Lowering<SliceOp> {
  using Lowering::Lowering;

  Value lower(SliceOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Sizes inputSizes = getSizes(b, adaptor.getInput()), offsets, sizes, steps;
    SmallVector<int64_t> reversed;
    for (auto [dim, size] : llvm::enumerate(inputSizes)) {
      SliceDim slice = getSliceDim(b, size, op.getStarts()[dim], op.getEnds()[dim], op.getSteps()[dim]);
      offsets.push_back(slice.offset);
      sizes.push_back(slice.size);
      steps.push_back(slice.step);
      if (op.getSteps()[dim] < 0)
        reversed.push_back(dim);
    }
    Value taken = extractSlice(b, adaptor.getInput(), offsets, sizes, steps);
    return reversed.empty() ? taken : reverse(b, taken, reversed);
  }
};

/// Writes the elements to where the slice took them from, into zeros.
struct SliceGradientLowering : Lowering<SliceGradientOp> {
  using Lowering::Lowering;

  Value lower(SliceGradientOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Sizes inputSizes = getSizes(b, adaptor.getInput()), offsets, sizes, steps;
    SmallVector<int64_t> reversed, shape;
    for (auto [dim, size] : llvm::enumerate(inputSizes)) {
      SliceDim slice = getSliceDim(b, size, op.getStarts()[dim], op.getEnds()[dim], op.getSteps()[dim]);
      offsets.push_back(slice.offset);
      sizes.push_back(slice.size);
      steps.push_back(slice.step);
      shape.push_back(getConstantIntValue(slice.size).value_or(ShapedType::kDynamic));
      if (op.getSteps()[dim] < 0)
        reversed.push_back(dim);
    }
    Value part = castTo(b, adaptor.getAdjoint(), type.clone(shape));
    if (!reversed.empty())
      part = reverse(b, part, reversed);
    Value zeros = createFilled(b, inputSizes, createConstant(b, type.getElementType(), 0));
    return tensor::InsertSliceOp::create(b, part, zeros, offsets, sizes, steps);
  }
};

struct PadLowering : Lowering<PadOp> {
  using Lowering::Lowering;

  Value lower(PadOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = crop(op, b, adaptor.getInput());
    auto keepPositive = [](int64_t amount) { return std::max<int64_t>(amount, 0); };
    auto low = llvm::map_to_vector(op.getLow(), keepPositive);
    auto high = llvm::map_to_vector(op.getHigh(), keepPositive);
    if (op.getMode() == PadMode::Constant)
      return padConstant(op, b, input, low, high, type.getElementType());

    Sizes inputSizes = getSizes(b, input), sizes;
    SmallVector<Value> bounds;
    for (auto [dim, size] : llvm::enumerate(inputSizes)) {
      sizes.push_back(addSizes(b, size, b.getIndexAttr(low[dim] + high[dim])));
      bounds.push_back(toValue(b, size));
    }
    return createFromIndices(b, sizes, type.getElementType(),
                             [&](ImplicitLocOpBuilder &in, ValueRange indices) -> Value {
                               SmallVector<Value> position(indices);
                               for (auto [dim, index] : llvm::enumerate(position))
                                 if (low[dim] != 0 || high[dim] != 0)
                                   index = getSource(in, op.getMode(), index, low[dim], bounds[dim]);
                               return tensor::ExtractOp::create(in, input, position);
                             });
  }

  /// Removes what negative amounts ask for.
  static Value crop(PadOp op, ImplicitLocOpBuilder &b, Value input) {
    Sizes sizes = getSizes(b, input), offsets;
    Sizes steps(sizes.size(), b.getIndexAttr(1));
    bool crops = false;
    for (auto [dim, size] : llvm::enumerate(sizes)) {
      int64_t low = std::max<int64_t>(-op.getLow()[dim], 0);
      int64_t high = std::max<int64_t>(-op.getHigh()[dim], 0);
      crops |= low != 0 || high != 0;
      offsets.push_back(b.getIndexAttr(low));
      size = subSizes(b, size, b.getIndexAttr(low + high));
    }
    return crops ? extractSlice(b, input, offsets, sizes, steps) : input;
  }

  static Value padConstant(PadOp op, ImplicitLocOpBuilder &b, Value input, ArrayRef<int64_t> low,
                           ArrayRef<int64_t> high, Type element) {
    Value padding = createConstant(b, element, 0);
    if (TypedAttr value = op.getValueAttr()) {
      if (auto integer = dyn_cast<IntegerAttr>(value))
        value = IntegerAttr::get(element, integer.getValue());
      padding = arith::ConstantOp::create(b, value);
    }
    auto toSize = [&](int64_t amount) -> OpFoldResult { return b.getIndexAttr(amount); };
    return tensor::PadOp::create(b, Type(), input, llvm::map_to_vector(low, toSize), llvm::map_to_vector(high, toSize),
                                 padding);
  }

  /// The position in the input that a position of the result copies.
  static Value getSource(ImplicitLocOpBuilder &b, PadMode mode, Value index, int64_t low, Value size) {
    Value zero = createIndex(b, 0);
    Value last = arith::SubIOp::create(b, size, createIndex(b, 1));
    Value shifted = arith::SubIOp::create(b, index, createIndex(b, low));
    if (mode == PadMode::Wrap) {
      Value rest = arith::RemSIOp::create(b, shifted, size);
      Value isNegative = createCompare(b, Comparison::LT, rest, zero, false);
      Value raised = arith::AddIOp::create(b, rest, size);
      return createSelect(b, isNegative, raised, rest);
    }
    if (mode == PadMode::Reflect) {
      Value opposite = arith::SubIOp::create(b, zero, shifted);
      Value mirrored = arith::MaxSIOp::create(b, shifted, opposite);
      Value twice = arith::AddIOp::create(b, last, last);
      Value beyond = arith::SubIOp::create(b, twice, mirrored);
      shifted = arith::MinSIOp::create(b, mirrored, beyond);
    }
    return arith::MaxSIOp::create(b, arith::MinSIOp::create(b, shifted, last), zero);
  }
};
} // namespace

void lowering::populateSlicingPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<SliceLowering, SliceGradientLowering, PadLowering>(converter, patterns.getContext());
}
