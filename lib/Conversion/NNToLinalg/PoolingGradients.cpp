// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of poolings: for each position of the window in turn, what all windows have there is added to the
// image, elementwise and in a fixed order. Where windows are fewer than positions, each window is added as a whole.

#include "Structured.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

/// More steps than this are a loop instead of straight code.
static constexpr int64_t kMaxUnrolled = 16;

namespace {
using Carried = SmallVector<Value>;
using Step = function_ref<Carried(ImplicitLocOpBuilder &, ArrayRef<OpFoldResult>, ValueRange)>;
} // namespace

/// `step` for each pair of numbers below the bounds, on the values that the step before returned.
static Carried repeat(ImplicitLocOpBuilder &b, ArrayRef<int64_t> bounds, Carried carried, Step step) {
  if (bounds[0] * bounds[1] <= kMaxUnrolled) {
    for (int64_t row = 0; row < bounds[0]; ++row)
      for (int64_t column = 0; column < bounds[1]; ++column)
        carried = step(b, {b.getIndexAttr(row), b.getIndexAttr(column)}, carried);
    return carried;
  }
  Value zero = createIndex(b, 0), one = createIndex(b, 1);
  SmallVector<Value> ends{createIndex(b, bounds[0]), createIndex(b, bounds[1])};
  scf::LoopNest nest =
      scf::buildLoopNest(b, b.getLoc(), {zero, zero}, ends, {one, one}, carried,
                         [&](OpBuilder &nested, Location loc, ValueRange loops, ValueRange values) -> scf::ValueVector {
                           ImplicitLocOpBuilder in(loc, nested);
                           Carried next = step(in, {loops[0], loops[1]}, values);
                           return scf::ValueVector(next.begin(), next.end());
                         });
  return Carried(nest.results.begin(), nest.results.end());
}

/// A part of an image: offsets and steps of its spatial dimensions.
static Value takePart(ImplicitLocOpBuilder &b, Value image, int64_t first, ArrayRef<OpFoldResult> starts,
                      ArrayRef<int64_t> steps, ArrayRef<OpFoldResult> sizes) {
  Sizes offsets(4, b.getIndexAttr(0)), strides(4, b.getIndexAttr(1));
  for (int64_t dim : {0, 1}) {
    offsets[first + dim] = starts[dim];
    strides[first + dim] = b.getIndexAttr(steps[dim]);
  }
  return tensor::ExtractSliceOp::create(b, image, offsets, sizes, strides);
}

/// Adds `part`, which may stretch, to that part of an image.
static Value addPart(ImplicitLocOpBuilder &b, Value image, Value part, int64_t first, ArrayRef<OpFoldResult> starts,
                     ArrayRef<int64_t> steps, ArrayRef<OpFoldResult> sizes) {
  auto old = takePart(b, image, first, starts, steps, sizes).getDefiningOp<tensor::ExtractSliceOp>();
  Value sum =
      createElementwise(b, {old, part}, sizes, getElementTypeOrSelf(image),
                        [](ImplicitLocOpBuilder &in, ValueRange args) { return createAdd(in, args[0], args[1]); });
  return tensor::InsertSliceOp::create(b, sum, image, old.getMixedOffsets(), sizes, old.getMixedStrides());
}

static Sizes scale(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> numbers, ArrayRef<int64_t> factors) {
  return {mulSizes(b, numbers[0], b.getIndexAttr(factors[0])), mulSizes(b, numbers[1], b.getIndexAttr(factors[1]))};
}

/// The image without what padding added.
static Value crop(ImplicitLocOpBuilder &b, Value image, Value like, int64_t first, ArrayRef<int64_t> pads) {
  if (llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
    return image;
  return takePart(b, image, first, {b.getIndexAttr(pads[0]), b.getIndexAttr(pads[1])}, {1, 1}, getSizes(b, like));
}

/// Zeros of the size of the padded image.
static Value createZeros(ImplicitLocOpBuilder &b, Value input, int64_t first, ArrayRef<int64_t> pads, Type type) {
  Sizes sizes = getSizes(b, input);
  for (int64_t dim : {0, 1}) {
    int64_t both = pads[dim] + pads[dim + 2];
    sizes[first + dim] = addSizes(b, sizes[first + dim], b.getIndexAttr(both));
  }
  return createFilled(b, sizes, createConstant(b, type, 0));
}

namespace {

struct MaxPoolGradientLowering : Lowering<MaxPool2DGradientOp> {
  using Lowering::Lowering;

  /// Carries the result and what is left of each window's adjoint: nothing once an element equalled the maximum.
  Value lower(MaxPool2DGradientOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type element = type.getElementType(), wide = getComputeType(element);
    int64_t first = op.getLayout() == Layout::NCHW ? 2 : 1;
    Value image = padImage(b, adaptor.getInput(), op.getPads(), op.getLayout(), createLowest(b, element, false));
    Value pooled = adaptor.getPooled();
    Sizes sizes = getSizes(b, adaptor.getAdjoint());
    Carried start{createZeros(b, adaptor.getInput(), first, op.getPads(), wide),
                  convertTensor(b, adaptor.getAdjoint(), wide)};
    Carried end = repeat(b, op.getKernel(), start,
                         [&](ImplicitLocOpBuilder &in, ArrayRef<OpFoldResult> position, ValueRange carried) -> Carried {
                           Sizes starts = scale(in, position, op.getDilations());
                           Value part = takePart(in, image, first, starts, op.getStrides(), sizes);
                           Value taken = choose(in, {part, pooled, carried[1]}, sizes, wide, /*ofMaximum=*/true);
                           Value rest = choose(in, {part, pooled, carried[1]}, sizes, wide, /*ofMaximum=*/false);
                           return {addPart(in, carried[0], taken, first, starts, op.getStrides(), sizes), rest};
                         });
    return convertTensor(b, crop(b, end[0], adaptor.getInput(), first, op.getPads()), element);
  }

  /// The adjoint where an element is the maximum, or where it is not.
  static Value choose(ImplicitLocOpBuilder &b, ValueRange tensors, ArrayRef<OpFoldResult> sizes, Type wide,
                      bool ofMaximum) {
    return createElementwise(b, tensors, sizes, wide, [&](ImplicitLocOpBuilder &in, ValueRange args) {
      Value isMaximum = createCompare(in, Comparison::EQ, args[0], args[1], false);
      Value zero = createConstant(in, wide, 0);
      return ofMaximum ? createSelect(in, isMaximum, args[2], zero) : createSelect(in, isMaximum, zero, args[2]);
    });
  }
};

struct AvgPoolGradientLowering : Lowering<AvgPool2DGradientOp> {
  using Lowering::Lowering;

  Value lower(AvgPool2DGradientOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    AveragePooling pooling = getAveragePooling(op);
    int64_t first = pooling.getFirstDim();
    Type wide = getComputeType(type.getElementType());
    Value part = divideByCount(b, pooling, convertTensor(b, adaptor.getAdjoint(), wide), adaptor.getInput(), wide);
    Value zeros = createZeros(b, adaptor.getInput(), first, pooling.getAllPads(), wide);
    ArrayRef<int64_t> windows = cast<RankedTensorType>(part.getType()).getShape().slice(first, 2);
    bool isKnown = llvm::none_of(windows, ShapedType::isDynamic);
    bool byWindow = isKnown && windows[0] * windows[1] < pooling.kernel[0] * pooling.kernel[1];
    Carried end = byWindow ? addWindows(b, pooling, part, zeros, windows) : addPositions(b, pooling, part, zeros);
    Value result = crop(b, end[0], adaptor.getInput(), first, pooling.getAllPads());
    return convertTensor(b, result, type.getElementType());
  }

  static Carried addPositions(ImplicitLocOpBuilder &b, const AveragePooling &pooling, Value part, Value zeros) {
    Sizes sizes = getSizes(b, part);
    return repeat(b, pooling.kernel, {zeros},
                  [&](ImplicitLocOpBuilder &in, ArrayRef<OpFoldResult> position, ValueRange carried) -> Carried {
                    return {addPart(in, carried[0], part, pooling.getFirstDim(), scale(in, position, pooling.dilations),
                                    pooling.strides, sizes)};
                  });
  }

  static Carried addWindows(ImplicitLocOpBuilder &b, const AveragePooling &pooling, Value part, Value zeros,
                            ArrayRef<int64_t> windows) {
    int64_t first = pooling.getFirstDim();
    Sizes one = getSizes(b, part), all = one;
    for (int64_t dim : {0, 1}) {
      one[first + dim] = b.getIndexAttr(1);
      all[first + dim] = b.getIndexAttr(pooling.kernel[dim]);
    }
    return repeat(
        b, windows, {zeros},
        [&](ImplicitLocOpBuilder &in, ArrayRef<OpFoldResult> window, ValueRange carried) -> Carried {
          Value mean = takePart(in, part, first, window, {1, 1}, one);
          return {addPart(in, carried[0], mean, first, scale(in, window, pooling.strides), pooling.dilations, all)};
        });
  }
};

} // namespace

void lowering::populatePoolingGradientPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<MaxPoolGradientLowering, AvgPoolGradientLowering>(converter, patterns.getContext());
}
