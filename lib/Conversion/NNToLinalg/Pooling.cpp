// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pooling: a reduction over the positions of a window.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

/// Reduces each window of `image`, from the scalar `init` on.
template <typename OpTy>
static Value createPooling(OpTy op, ImplicitLocOpBuilder &b, Value image, Value init, Body body) {
  int64_t first = op.getLayout() == Layout::NCHW ? 2 : 1;
  Sizes sizes = getSizes(b, image), kernel;
  SmallVector<AffineExpr> position;
  for (int64_t dim = 0; dim < 4; ++dim)
    position.push_back(b.getAffineDimExpr(dim));
  for (int64_t dim : {0, 1}) {
    kernel.push_back(b.getIndexAttr(op.getKernel()[dim]));
    sizes[first + dim] = countWindows(b, sizes[first + dim], kernel[dim], op.getStrides()[dim], op.getDilations()[dim]);
    position[first + dim] =
        position[first + dim] * op.getStrides()[dim] + b.getAffineDimExpr(4 + dim) * op.getDilations()[dim];
  }
  AffineMap imageMap = AffineMap::get(6, 0, position, b.getContext());
  AffineMap windowMap = b.getMultiDimIdentityMap(6).getMinorSubMap(2);
  AffineMap outputMap = b.getMultiDimIdentityMap(6).getMajorSubMap(4);
  SmallVector<utils::IteratorType> iterators(6, utils::IteratorType::parallel);
  iterators[4] = iterators[5] = utils::IteratorType::reduction;
  // Only the shape of the window is used: it bounds the last two loops.
  Value window = createEmpty(b, kernel, init.getType());
  return createGeneric(b, {image, window}, createFilled(b, sizes, init), {imageMap, windowMap, outputMap}, iterators,
                       body);
}

namespace {

struct MaxPool2DLowering : Lowering<MaxPool2DOp> {
  using Lowering::Lowering;

  Value lower(MaxPool2DOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    bool unsignedImage = isUnsigned(op.getInput().getType().getElementType());
    Value lowest = createLowest(b, type.getElementType(), unsignedImage);
    Value image = padImage(b, adaptor.getInput(), op.getPads(), op.getLayout(), lowest);
    return createPooling(op, b, image, lowest, [&](ImplicitLocOpBuilder &in, ValueRange args) {
      return createMax(in, args[2], args[0], unsignedImage);
    });
  }
};

/// A spatial dimension of average pooling.
struct WindowDim {
  Value size;  // of what counts
  int64_t low; // what does not count before it
  int64_t kernel, stride, dilation;

  /// The number of window positions within [0, size) for window `number`.
  Value count(ImplicitLocOpBuilder &b, Value number) const {
    Value zero = createIndex(b, 0), step = createIndex(b, dilation);
    auto divideUp = [&](Value x) -> Value {
      Value raised = arith::AddIOp::create(b, x, createIndex(b, dilation - 1));
      return arith::DivUIOp::create(b, raised, step);
    };
    Value start =
        arith::SubIOp::create(b, arith::MulIOp::create(b, number, createIndex(b, stride)), createIndex(b, low));
    Value before = arith::SubIOp::create(b, zero, start);
    Value skipped = divideUp(arith::MaxSIOp::create(b, before, zero));
    Value room = arith::SubIOp::create(b, size, start);
    Value end = divideUp(arith::MaxSIOp::create(b, room, zero));
    end = arith::MinSIOp::create(b, end, createIndex(b, kernel));
    return arith::MaxSIOp::create(b, arith::SubIOp::create(b, end, skipped), zero);
  }
};

/// Whether every position of every window counts.
bool isAlwaysFull(const AveragePooling &pooling) {
  auto isZero = [](int64_t pad) { return pad == 0; };
  return llvm::all_of(pooling.ceilPads, isZero) && (pooling.countIncludePad || llvm::all_of(pooling.pads, isZero));
}

SmallVector<WindowDim> getWindowDims(const AveragePooling &pooling, ImplicitLocOpBuilder &b, Value input) {
  SmallVector<WindowDim> dims;
  for (int64_t dim : {0, 1}) {
    OpFoldResult size = getSize(b, input, pooling.getFirstDim() + dim);
    int64_t low = pooling.pads[dim];
    if (pooling.countIncludePad) {
      int64_t both = low + pooling.pads[dim + 2];
      size = addSizes(b, size, b.getIndexAttr(both));
      low = 0;
    }
    dims.push_back({toValue(b, size), low, pooling.kernel[dim], pooling.strides[dim], pooling.dilations[dim]});
  }
  return dims;
}

/// At least 1, so that an empty window gives 0.
Value createCount(const AveragePooling &pooling, ImplicitLocOpBuilder &b, ArrayRef<WindowDim> dims, Type type) {
  int64_t first = pooling.getFirstDim();
  Value rows = dims[0].count(b, linalg::IndexOp::create(b, first));
  Value columns = dims[1].count(b, linalg::IndexOp::create(b, first + 1));
  Value count = arith::MulIOp::create(b, rows, columns);
  count = arith::MaxSIOp::create(b, count, createIndex(b, 1));
  Value integer = arith::IndexCastOp::create(b, b.getI32Type(), count);
  return arith::SIToFPOp::create(b, type, integer);
}

struct AvgPool2DLowering : Lowering<AvgPool2DOp> {
  using Lowering::Lowering;

  Value lower(AvgPool2DOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type element = type.getElementType(), wide = getComputeType(element);
    AveragePooling pooling = getAveragePooling(op);
    Value image = padImage(b, adaptor.getInput(), pooling.getAllPads(), op.getLayout(), createConstant(b, element, 0));
    Value sum = createPooling(op, b, image, createConstant(b, wide, 0), [&](ImplicitLocOpBuilder &in, ValueRange args) {
      Value x = convertScalar(in, args[0], wide, false, false);
      return createAdd(in, args[2], x);
    });
    return divideByCount(b, pooling, sum, adaptor.getInput(), element);
  }
};

} // namespace

Value lowering::divideByCount(ImplicitLocOpBuilder &b, const AveragePooling &pooling, Value pooled, Value input,
                              Type elementType) {
  Type wide = getComputeType(getElementTypeOrSelf(pooled));
  SmallVector<WindowDim> dims = getWindowDims(pooling, b, input);
  bool full = isAlwaysFull(pooling);
  return createElementwise(b, pooled, getSizes(b, pooled), elementType, [&](ImplicitLocOpBuilder &in, ValueRange args) {
    Value count =
        full ? createConstant(in, wide, dims[0].kernel * dims[1].kernel) : createCount(pooling, in, dims, wide);
    Value mean = createDiv(in, convertScalar(in, args[0], wide, false, false), count, false);
    return convertScalar(in, mean, elementType, false, false);
  });
}

void lowering::populatePoolingPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<MaxPool2DLowering, AvgPool2DLowering>(converter, patterns.getContext());
}
