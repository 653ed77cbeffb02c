// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Direct convolution: one loop per dimension of the output and of the window.
//
// With groups the channel dimensions become [groups, channels per group], so
// that every map stays linear; a depthwise convolution has the group loop only.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

OpFoldResult lowering::countWindows(ImplicitLocOpBuilder &b, OpFoldResult size, OpFoldResult kernel, int64_t stride,
                                    int64_t dilation) {
  // (size - (dilation * (kernel - 1) + 1)) / stride + 1, and 0 if that does not
  // fit.
  OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
  OpFoldResult extent = addSizes(b, mulSizes(b, subSizes(b, kernel, one), b.getIndexAttr(dilation)), one);
  OpFoldResult room = addSizes(b, subSizes(b, size, extent), b.getIndexAttr(stride));
  return divSizes(b, maxSizes(b, room, zero), b.getIndexAttr(stride));
}

Value lowering::padImage(ImplicitLocOpBuilder &b, Value image, ArrayRef<int64_t> pads, Layout layout, Value padding) {
  if (llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
    return image;
  int64_t first = layout == Layout::NCHW ? 2 : 1;
  Sizes low(4, b.getIndexAttr(0)), high = low;
  for (int64_t dim : {0, 1}) {
    low[first + dim] = b.getIndexAttr(pads[dim]);
    high[first + dim] = b.getIndexAttr(pads[dim + 2]);
  }
  return tensor::PadOp::create(b, Type(), image, low, high, padding);
}

Value lowering::splitDim(ImplicitLocOpBuilder &b, Value tensor, int64_t dim, int64_t groups) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape(type.getShape());
  Sizes sizes = getSizes(b, tensor);
  SmallVector<ReassociationIndices> indices;
  for (int64_t source = 0; source < type.getRank(); ++source) {
    int64_t target = source + (source > dim);
    indices.push_back({target});
    if (source == dim)
      indices.back().push_back(target + 1);
  }
  if (!ShapedType::isDynamic(shape[dim]))
    shape[dim] /= groups;
  sizes[dim] = divSizes(b, sizes[dim], b.getIndexAttr(groups));
  shape.insert(shape.begin() + dim, groups);
  sizes.insert(sizes.begin() + dim, b.getIndexAttr(groups));
  return tensor::ExpandShapeOp::create(b, type.clone(shape), tensor, indices, sizes);
}

Value lowering::mergeDims(ImplicitLocOpBuilder &b, Value tensor, int64_t dim) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<ReassociationIndices> indices;
  for (int64_t source = 0; source < type.getRank(); ++source) {
    if (source == dim + 1)
      indices.back().push_back(source);
    else
      indices.push_back({source});
  }
  return tensor::CollapseShapeOp::create(b, tensor, indices);
}

namespace {

/// The loops of a convolution; an absent one is null.
struct Loops {
  AffineExpr batch, height, width, group, outputChannel;
  AffineExpr kernelHeight, kernelWidth, inputChannel;
  unsigned count = 0;

  enum class Kind { Plain, Grouped, Depthwise };

  /// Numbers the loops in the order of the output, then that of the filter.
  Loops(MLIRContext *context, Layout layout, Kind kind) {
    bool first = layout == Layout::NCHW;
    auto add = [&](AffineExpr &loop, bool exists = true) {
      if (exists)
        loop = getAffineDimExpr(count++, context);
    };
    auto addChannels = [&](bool here) {
      add(group, here && kind != Kind::Plain);
      add(outputChannel, here && kind != Kind::Depthwise);
    };
    add(batch);
    addChannels(first);
    add(height);
    add(width);
    addChannels(!first);
    add(inputChannel, first && kind != Kind::Depthwise);
    add(kernelHeight);
    add(kernelWidth);
    add(inputChannel, !first && kind != Kind::Depthwise);
  }
};

struct Conv2DLowering : Lowering<Conv2DOp> {
  using Lowering::Lowering;

  Value lower(Conv2DOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    bool channelsFirst = op.getLayout() == Layout::NCHW;
    int64_t channelDim = channelsFirst ? 1 : 3, groups = op.getGroups();
    Value filter = adaptor.getFilter();
    Value zero = createConstant(b, getElementTypeOrSelf(adaptor.getInput()), 0);
    Value image = padImage(b, adaptor.getInput(), op.getPads(), op.getLayout(), zero);
    Type sum = getComputeType(type.getElementType());
    Value init = createAccumulator(b, adaptor.getBias(), getOutputSizes(op, b, image, filter), channelDim, sum);

    Loops::Kind kind = getKind(op);
    if (kind == Loops::Kind::Depthwise)
      filter = mergeDims(b, filter, channelsFirst ? 0 : 2);
    if (kind == Loops::Kind::Grouped) {
      image = splitDim(b, image, channelDim, groups);
      filter = splitDim(b, filter, 0, groups);
      init = splitDim(b, init, channelDim, groups);
    }
    Value result = createConvolution(op, b, image, filter, init, Loops(b.getContext(), op.getLayout(), kind));
    if (kind == Loops::Kind::Grouped)
      result = mergeDims(b, result, channelDim);
    return convertTensor(b, result, type.getElementType());
  }

  static Loops::Kind getKind(Conv2DOp op) {
    int64_t groups = op.getGroups();
    ArrayRef<int64_t> filter = op.getFilter().getType().getShape();
    if (groups == 1)
      return Loops::Kind::Plain;
    int64_t perGroup = filter[op.getLayout() == Layout::NCHW ? 1 : 3];
    return perGroup == 1 && filter[0] == groups ? Loops::Kind::Depthwise : Loops::Kind::Grouped;
  }

  static Sizes getOutputSizes(Conv2DOp op, ImplicitLocOpBuilder &b, Value image, Value filter) {
    bool channelsFirst = op.getLayout() == Layout::NCHW;
    int64_t first = channelsFirst ? 2 : 1;
    Sizes sizes = getSizes(b, image);
    for (int64_t dim : {0, 1})
      sizes[first + dim] = countWindows(b, sizes[first + dim], getSize(b, filter, first + dim), op.getStrides()[dim],
                                        op.getDilations()[dim]);
    sizes[channelsFirst ? 1 : 3] = getSize(b, filter, 0);
    return sizes;
  }

  static Value createConvolution(Conv2DOp op, ImplicitLocOpBuilder &b, Value image, Value filter, Value init,
                                 const Loops &loops) {
    bool first = op.getLayout() == Layout::NCHW;
    AffineExpr none;
    AffineExpr row = loops.height * op.getStrides()[0] + loops.kernelHeight * op.getDilations()[0];
    AffineExpr column = loops.width * op.getStrides()[1] + loops.kernelWidth * op.getDilations()[1];
    auto makeMap = [&](ArrayRef<AffineExpr> exprs) {
      SmallVector<AffineExpr> present(exprs);
      llvm::erase(present, none);
      return AffineMap::get(loops.count, 0, present, b.getContext());
    };
    auto pick = [&](bool condition, AffineExpr expr) { return condition ? expr : none; };
    SmallVector<AffineMap> maps{
        makeMap({loops.batch, pick(first, loops.group), pick(first, loops.inputChannel), row, column,
                 pick(!first, loops.group), pick(!first, loops.inputChannel)}),
        makeMap({loops.group, loops.outputChannel, pick(first, loops.inputChannel), loops.kernelHeight,
                 loops.kernelWidth, pick(!first, loops.inputChannel)}),
        makeMap({loops.batch, pick(first, loops.group), pick(first, loops.outputChannel), loops.height, loops.width,
                 pick(!first, loops.group), pick(!first, loops.outputChannel)})};
    SmallVector<utils::IteratorType> iterators(loops.count, utils::IteratorType::reduction);
    for (unsigned dim = 0; dim < maps.back().getNumResults(); ++dim)
      iterators[dim] = utils::IteratorType::parallel;
    bool imageIsUnsigned = isUnsigned(getElementTypeOrSelf(op.getInput()));
    bool filterIsUnsigned = isUnsigned(getElementTypeOrSelf(op.getFilter()));
    return createGeneric(b, {image, filter}, init, maps, iterators, [&](ImplicitLocOpBuilder &in, ValueRange args) {
      return createMultiplyAdd(in, args, imageIsUnsigned, filterIsUnsigned);
    });
  }
};

} // namespace

void lowering::populateConvolutionPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<Conv2DLowering>(converter, patterns.getContext());
}
