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

struct AvgPool2DLowering : Lowering<AvgPool2DOp> {
  using Lowering::Lowering;

  Value lower(AvgPool2DOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type element = type.getElementType(), wide = getComputeType(element);
    SmallVector<int64_t> pads(op.getPads());
    pads[2] += op.getCeilPads()[0];
    pads[3] += op.getCeilPads()[1];
    Value image = padImage(b, adaptor.getInput(), pads, op.getLayout(), createConstant(b, element, 0));
    Value sum = createPooling(op, b, image, createConstant(b, wide, 0), [&](ImplicitLocOpBuilder &in, ValueRange args) {
      Value x = convertScalar(in, args[0], wide, false, false);
      return createAdd(in, args[2], x);
    });
    SmallVector<WindowDim> dims = getDims(op, b, adaptor.getInput());
    bool full = isAlwaysFull(op, pads);
    return createElementwise(b, sum, getSizes(b, sum), element, [&](ImplicitLocOpBuilder &in, ValueRange args) {
      Value count = full ? createConstant(in, wide, dims[0].kernel * dims[1].kernel) : createCount(op, in, dims, wide);
      Value mean = createDiv(in, args[0], count, false);
      return convertScalar(in, mean, element, false, false);
    });
  }

  /// Whether every position of every window counts.
  static bool isAlwaysFull(AvgPool2DOp op, ArrayRef<int64_t> pads) {
    auto isZero = [](int64_t pad) { return pad == 0; };
    return op.getCountIncludePad() ? llvm::all_of(op.getCeilPads(), isZero) : llvm::all_of(pads, isZero);
  }

  static SmallVector<WindowDim> getDims(AvgPool2DOp op, ImplicitLocOpBuilder &b, Value input) {
    int64_t first = op.getLayout() == Layout::NCHW ? 2 : 1;
    SmallVector<WindowDim> dims;
    for (int64_t dim : {0, 1}) {
      OpFoldResult size = getSize(b, input, first + dim);
      int64_t low = op.getPads()[dim];
      if (op.getCountIncludePad()) {
        int64_t both = low + op.getPads()[dim + 2];
        size = addSizes(b, size, b.getIndexAttr(both));
        low = 0;
      }
      dims.push_back({toValue(b, size), low, op.getKernel()[dim], op.getStrides()[dim], op.getDilations()[dim]});
    }
    return dims;
  }

  /// At least 1, so that an empty window gives 0.
  static Value createCount(AvgPool2DOp op, ImplicitLocOpBuilder &b, ArrayRef<WindowDim> dims, Type type) {
    int64_t first = op.getLayout() == Layout::NCHW ? 2 : 1;
    Value rows = dims[0].count(b, linalg::IndexOp::create(b, first));
    Value columns = dims[1].count(b, linalg::IndexOp::create(b, first + 1));
    Value count = arith::MulIOp::create(b, rows, columns);
    count = arith::MaxSIOp::create(b, count, createIndex(b, 1));
    Value integer = arith::IndexCastOp::create(b, b.getI32Type(), count);
    return arith::SIToFPOp::create(b, type, integer);
  }
};

} // namespace

void lowering::populatePoolingPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<MaxPool2DLowering, AvgPool2DLowering>(converter, patterns.getContext());
}
