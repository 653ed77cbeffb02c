// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types and interfaces of convolution and pooling.

#include "Inference.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

namespace {
/// How a window moves over the two spatial dimensions of an image.
struct Window {
  SmallVector<int64_t, 2> kernel; // may be dynamic
  ArrayRef<int64_t> strides, dilations, pads;
  SmallVector<int64_t, 2> endPads = {0, 0}; // beyond `pads`: bottom, right
};
} // namespace

static LogicalResult checkWindow(Inference inference, const Window &window) {
  if (failed(inference.checkArray("strides", window.strides, 2, 1, kLargestWindowValue)) ||
      failed(inference.checkArray("dilations", window.dilations, 2, 1, kLargestWindowValue)) ||
      failed(inference.checkArray("pads", window.pads, 4, 0, kLargestWindowValue)))
    return failure();
  for (int64_t size : window.kernel)
    if (!ShapedType::isDynamic(size) && (size < 1 || size > kLargestWindowValue))
      return inference.error("requires a kernel within [1, ", kLargestWindowValue, "], found ", size);
  return success();
}

/// The number of windows along the spatial dimension `dim` (0 or 1).
static FailureOr<int64_t> inferWindows(Inference inference, int64_t size, const Window &window, unsigned dim) {
  if (ShapedType::isDynamic(size) || ShapedType::isDynamic(window.kernel[dim]))
    return ShapedType::kDynamic;
  if (size > INT64_MAX / 4)
    return inference.error("has an image that is too large: ", size);
  int64_t padded = size + window.pads[dim] + window.pads[dim + 2] + window.endPads[dim];
  int64_t extent = window.dilations[dim] * (window.kernel[dim] - 1) + 1;
  if (padded < extent)
    return inference.error("has a window of ", extent, " that does not fit the padded size ", padded);
  return (padded - extent) / window.strides[dim] + 1;
}

/// Replaces the spatial dimensions of an image by the numbers of windows.
static LogicalResult inferSpatial(Inference inference, MutableArrayRef<int64_t> shape, Layout layout,
                                  const Window &window) {
  unsigned first = layout == Layout::NCHW ? 2 : 1;
  for (unsigned dim : {0, 1}) {
    FailureOr<int64_t> windows = inferWindows(inference, shape[first + dim], window, dim);
    if (failed(windows))
      return failure();
    shape[first + dim] = *windows;
  }
  return success();
}

static LogicalResult checkChannels(Inference inference, ArrayRef<int64_t> input, ArrayRef<int64_t> filter, Value bias,
                                   int64_t groups, unsigned channelDim) {
  int64_t channels = input[channelDim], perGroup = filter[channelDim];
  if (groups < 1 || groups > kLargestWindowValue)
    return inference.error("requires groups within [1, ", kLargestWindowValue, "], found ", groups);
  // Division first: the product may overflow.
  if (!ShapedType::isDynamic(channels) && !ShapedType::isDynamic(perGroup) &&
      (channels % groups != 0 || channels / groups != perGroup))
    return inference.error("requires a filter of the image's ", channels, " channels / ", groups, " groups, found ",
                           perGroup);
  if (!ShapedType::isDynamic(filter[0]) && filter[0] % groups != 0)
    return inference.error("requires output channels that ", groups, " groups divide, found ", filter[0]);
  if (bias && (getShape(bias).size() != 1 || !mayBeEqual(getShape(bias)[0], filter[0])))
    return inference.error("requires a bias of shape ", printShape(filter.take_front()), ", found ",
                           printShape(getShape(bias)));
  return success();
}

static LogicalResult checkConvolutionTypes(Inference inference, Conv2DOp::Adaptor adaptor) {
  Type type = getProductType(adaptor.getInput(), adaptor.getFilter());
  if (!type)
    return inference.error("requires operands of one element type or integers of 2 to 8 bits, "
                           "found ",
                           getElementTypeOrSelf(adaptor.getInput()), " and ",
                           getElementTypeOrSelf(adaptor.getFilter()));
  if (Value bias = adaptor.getBias(); bias && getElementTypeOrSelf(bias) != type)
    return inference.error("requires a bias of element type ", type, ", found ", getElementTypeOrSelf(bias));
  return success();
}

LogicalResult Conv2DOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> input = getShape(adaptor.getInput());
  ArrayRef<int64_t> filter = getShape(adaptor.getFilter());
  if (input.size() != 4 || filter.size() != 4)
    return inference.error("requires an image and a filter of rank 4, found ", printShape(input), " and ",
                           printShape(filter));
  bool channelsFirst = adaptor.getLayout() == Layout::NCHW;
  unsigned channelDim = channelsFirst ? 1 : 3, kernelDim = channelsFirst ? 2 : 1;
  Window window{
      {filter[kernelDim], filter[kernelDim + 1]}, adaptor.getStrides(), adaptor.getDilations(), adaptor.getPads()};
  if (failed(checkWindow(inference, window)) ||
      failed(checkChannels(inference, input, filter, adaptor.getBias(), adaptor.getGroups(), channelDim)) ||
      failed(checkConvolutionTypes(inference, adaptor)))
    return failure();
  SmallVector<int64_t> shape(input);
  shape[channelDim] = filter[0];
  if (failed(inferSpatial(inference, shape, adaptor.getLayout(), window)))
    return failure();
  return inference.result(shape, getProductType(adaptor.getInput(), adaptor.getFilter()));
}

OpOperand &Conv2DOp::getWeightOperand() { return getFilterMutable(); }
OpOperand &Conv2DOp::getActivationOperand() { return getInputMutable(); }
SmallVector<int64_t> Conv2DOp::getOutputChannelDims() { return {0}; }

int64_t Conv2DOp::getNumGroups() { return getGroups(); }

SmallVector<int64_t> Conv2DOp::getReductionDims() {
  if (getLayout() == Layout::NCHW)
    return {1, 2, 3};
  return {3, 1, 2};
}

/// The result type of pooling.
static LogicalResult inferPooling(Inference inference, Value input, ArrayRef<int64_t> kernel, Window window,
                                  Layout layout) {
  if (getShape(input).size() != 4)
    return inference.error("requires an image of rank 4, found ", printShape(getShape(input)));
  if (failed(inference.checkArray("kernel sizes", kernel, 2, 1, kLargestWindowValue)))
    return failure();
  window.kernel.assign(kernel.begin(), kernel.end());
  if (failed(checkWindow(inference, window)))
    return failure();
  SmallVector<int64_t> shape(getShape(input));
  if (failed(inferSpatial(inference, shape, layout, window)))
    return failure();
  return inference.result(shape, getElementTypeOrSelf(input));
}

LogicalResult MaxPool2DOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  Window window{{}, adaptor.getStrides(), adaptor.getDilations(), adaptor.getPads()};
  return inferPooling(inference, adaptor.getInput(), adaptor.getKernel(), window, adaptor.getLayout());
}

LogicalResult AvgPool2DOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  if (failed(inference.checkArray("ceil_pads", adaptor.getCeilPads(), 2, 0, kLargestWindowValue)))
    return failure();
  Window window{{}, adaptor.getStrides(), adaptor.getDilations(), adaptor.getPads()};
  window.endPads.assign(adaptor.getCeilPads().begin(), adaptor.getCeilPads().end());
  return inferPooling(inference, adaptor.getInput(), adaptor.getKernel(), window, adaptor.getLayout());
}
