// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of poolings: for each position of the window in turn, what all windows have there is added to the
// image, elementwise and in a fixed order.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

namespace {
/// The windows of a padded image.
template <typename OpTy> struct Windows {
  mutable OpTy op;
  int64_t first; // spatial dimension
  Sizes sizes;   // of the pooled image

  Windows(OpTy op, ImplicitLocOpBuilder &b, Value pooled)
      : op(op), first(op.getLayout() == Layout::NCHW ? 2 : 1), sizes(getSizes(b, pooled)) {}

  /// Calls `body` with the offsets and steps of each position of the window.
  void forEach(ImplicitLocOpBuilder &b, function_ref<void(ArrayRef<OpFoldResult>, ArrayRef<OpFoldResult>)> body) const {
    Sizes offsets(4, b.getIndexAttr(0)), steps(4, b.getIndexAttr(1));
    for (int64_t dim : {0, 1})
      steps[first + dim] = b.getIndexAttr(op.getStrides()[dim]);
    for (int64_t row = 0; row < op.getKernel()[0]; ++row)
      for (int64_t column = 0; column < op.getKernel()[1]; ++column) {
        offsets[first] = b.getIndexAttr(row * op.getDilations()[0]);
        offsets[first + 1] = b.getIndexAttr(column * op.getDilations()[1]);
        body(offsets, steps);
      }
  }

  /// Adds `part` to the image at a position of the window.
  Value add(ImplicitLocOpBuilder &b, Value image, Value part, ArrayRef<OpFoldResult> offsets,
            ArrayRef<OpFoldResult> steps) const {
    Value old = tensor::ExtractSliceOp::create(b, image, offsets, sizes, steps);
    Value sum = createReduction(
        b, part, {}, old, [](ImplicitLocOpBuilder &in, ValueRange args) { return createAdd(in, args[1], args[0]); });
    return tensor::InsertSliceOp::create(b, sum, image, offsets, sizes, steps);
  }

  /// The image without what padding added.
  Value crop(ImplicitLocOpBuilder &b, Value image, Value like, ArrayRef<int64_t> pads) const {
    if (llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
      return image;
    Sizes offsets(4, b.getIndexAttr(0)), steps(4, b.getIndexAttr(1));
    for (int64_t dim : {0, 1})
      offsets[first + dim] = b.getIndexAttr(pads[dim]);
    return tensor::ExtractSliceOp::create(b, image, offsets, getSizes(b, like), steps);
  }
};

struct MaxPoolGradientLowering : Lowering<MaxPool2DGradientOp> {
  using Lowering::Lowering;

  Value lower(MaxPool2DGradientOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type element = type.getElementType(), wide = getComputeType(element);
    Value adjoint = convertTensor(b, adaptor.getAdjoint(), wide), pooled = adaptor.getPooled();
    Value image = padImage(b, adaptor.getInput(), op.getPads(), op.getLayout(), createLowest(b, element, false));
    Windows<MaxPool2DGradientOp> windows(op, b, adaptor.getAdjoint());
    Value result = createFilled(b, getSizes(b, image), createConstant(b, wide, 0));
    // What is left of each window's adjoint: nothing once an element equalled the maximum.
    windows.forEach(b, [&](ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> steps) {
      Value part = tensor::ExtractSliceOp::create(b, image, offsets, windows.sizes, steps);
      auto choose = [&](bool taken) {
        return createElementwise(
            b, {part, pooled, adjoint}, windows.sizes, wide, [&](ImplicitLocOpBuilder &in, ValueRange args) {
              Value isMax = createCompare(in, Comparison::EQ, args[0], args[1], false);
              Value zero = createConstant(in, wide, 0);
              return taken ? createSelect(in, isMax, args[2], zero) : createSelect(in, isMax, zero, args[2]);
            });
      };
      result = windows.add(b, result, choose(true), offsets, steps);
      adjoint = choose(false);
    });
    return convertTensor(b, windows.crop(b, result, adaptor.getInput(), op.getPads()), element);
  }
};

struct AvgPoolGradientLowering : Lowering<AvgPool2DGradientOp> {
  using Lowering::Lowering;

  Value lower(AvgPool2DGradientOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type wide = getComputeType(type.getElementType());
    SmallVector<int64_t> pads(op.getPads());
    pads[2] += op.getCeilPads()[0];
    pads[3] += op.getCeilPads()[1];
    Windows<AvgPool2DGradientOp> windows(op, b, adaptor.getAdjoint());
    // What counts is what a pooling of ones, not divided, gives.
    Value counts = sumOfCounted(op, b, adaptor.getInput(), windows, wide);
    Value part = createElementwise(
        b, {convertTensor(b, adaptor.getAdjoint(), wide), counts}, windows.sizes, wide,
        [&](ImplicitLocOpBuilder &in, ValueRange args) { return createDiv(in, args[0], args[1], false); });
    Value image = padImage(b, adaptor.getInput(), pads, op.getLayout(), createConstant(b, type.getElementType(), 0));
    Value result = createFilled(b, getSizes(b, image), createConstant(b, wide, 0));
    windows.forEach(b, [&](ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> steps) {
      result = windows.add(b, result, part, offsets, steps);
    });
    return convertTensor(b, windows.crop(b, result, adaptor.getInput(), pads), type.getElementType());
  }

  /// At least 1, so that an empty window gives 0.
  static Value sumOfCounted(AvgPool2DGradientOp op, ImplicitLocOpBuilder &b, Value input,
                            const Windows<AvgPool2DGradientOp> &windows, Type wide) {
    Sizes sizes = getSizes(b, input), unit(4, b.getIndexAttr(1));
    for (int64_t dim : {0, 1})
      unit[windows.first + dim] = sizes[windows.first + dim];
    Value one = createConstant(b, wide, 1), zero = createConstant(b, wide, 0);
    Value ones = createFilled(b, unit, one);
    ones = padImage(b, ones, op.getPads(), op.getLayout(), op.getCountIncludePad() ? one : zero);
    ones = padImage(b, ones, {0, 0, op.getCeilPads()[0], op.getCeilPads()[1]}, op.getLayout(), zero);
    Sizes outputs(4, b.getIndexAttr(1));
    for (int64_t dim : {0, 1})
      outputs[windows.first + dim] = windows.sizes[windows.first + dim];
    Value counts = createFilled(b, outputs, zero);
    windows.forEach(b, [&](ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> steps) {
      Value part = tensor::ExtractSliceOp::create(b, ones, offsets, outputs, steps);
      counts = createElementwise(b, {counts, part}, outputs, wide, [](ImplicitLocOpBuilder &in, ValueRange args) {
        return createAdd(in, args[0], args[1]);
      });
    });
    return createElementwise(b, counts, outputs, wide, [&](ImplicitLocOpBuilder &in, ValueRange args) {
      return createMax(in, args[0], createConstant(in, wide, 1), false);
    });
  }
};

} // namespace

void lowering::populatePoolingGradientPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<MaxPoolGradientLowering, AvgPoolGradientLowering>(converter, patterns.getContext());
}
