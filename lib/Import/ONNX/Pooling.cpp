//===- Pooling.cpp - ONNX pooling -----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nn pools over two dimensions. One dimension is pooled as an image of height
// 1; three in two steps, since maximum and mean over a box are those over the
// first dimension of those over the other two: each step divides by the number
// of elements that count in its dimensions, and the numbers multiply.
//
//===----------------------------------------------------------------------===//

#include "Window.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
/// The part of a window over the spatial dimensions [first, first + count),
/// brought to two dimensions by one of size 1 behind.
Window takeDims(const Window &window, size_t first, size_t count) {
  auto take = [&](const Shape &list, int64_t filler) {
    Shape part(list.begin() + first, list.begin() + first + count);
    part.resize(2, filler);
    return part;
  };
  Window part;
  part.kernel = take(window.kernel, 1);
  part.strides = take(window.strides, 1);
  part.dilations = take(window.dilations, 1);
  part.low = take(window.low, 0);
  part.high = take(window.high, 0);
  part.extra = take(window.extra, 0);
  return part;
}

enum class Kind { Max, Average, AverageWithPads };

Value createPool(NodeImporter &importer, Value image, const Window &window, Kind kind) {
  Shape high = window.high;
  if (kind == Kind::Max) {
    high[0] += window.extra[0];
    high[1] += window.extra[1];
  }
  SmallVector<NamedAttribute> attributes = {
      importer.attr("kernel", window.kernel), importer.attr("strides", window.strides),
      importer.attr("dilations", window.dilations),
      importer.attr("pads", Shape{window.low[0], window.low[1], high[0], high[1]}), getChannelsFirst(importer)};
  if (kind == Kind::Max)
    return importer.create<nn::MaxPool2DOp>(image, attributes);
  attributes.push_back(importer.attr("ceil_pads", window.extra));
  if (kind == Kind::AverageWithPads)
    attributes.push_back(importer.unit("count_include_pad"));
  return importer.create<nn::AvgPool2DOp>(image, attributes);
}

/// Pools a volume [n, c, d, h, w], which must be static.
Value createPool3D(NodeImporter &importer, Value volume, const Window &window, Kind kind) {
  if (!volume || !importer.requireStatic(getTensorType(volume), "pooling of volumes"))
    return Value();
  Shape shape(getTensorType(volume).getShape());
  Value slices = importer.reshape(volume, {shape[0], shape[1] * shape[2], shape[3], shape[4]});
  Value pooled = createPool(importer, slices, takeDims(window, 1, 2), kind);
  if (!pooled)
    return Value();
  int64_t height = getTensorType(pooled).getDimSize(2);
  int64_t width = getTensorType(pooled).getDimSize(3);
  Value columns = importer.reshape(pooled, {shape[0], shape[1], shape[2], height * width});
  Value result = createPool(importer, columns, takeDims(window, 0, 1), kind);
  if (!result)
    return Value();
  return importer.reshape(result, {shape[0], shape[1], getTensorType(result).getDimSize(2), height, width});
}

Value createPoolND(NodeImporter &importer, Value input, const Window &window, Kind kind) {
  switch (window.getRank()) {
  case 1: {
    Value image = importer.rearrange(input, {0, 1, 2, -1});
    Value result = createPool(importer, image, takeDims(window, 0, 1), kind);
    return importer.rearrange(result, {0, 1, 2});
  }
  case 2:
    return createPool(importer, input, window, kind);
  default:
    return createPool3D(importer, input, window, kind);
  }
}

/// The window of a pooling node over the spatial dimensions of input 0.
std::optional<Window> readPoolWindow(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return std::nullopt;
  if (type.getRank() < 3 || type.getRank() > 5) {
    (void)importer.reject("only one to three spatial dimensions are supported");
    return std::nullopt;
  }
  bool ceilMode = importer.getInt("ceil_mode", 0) != 0;
  return readWindow(importer, importer.getInts("kernel_shape", {}), type.getShape().drop_front(2), ceilMode);
}

LogicalResult importMaxPool(NodeImporter &importer) {
  if (importer.hasOutput(1))
    return importer.reject("the output 'Indices' is not supported");
  importer.ignoreAttribute("storage_order");
  std::optional<Window> window = readPoolWindow(importer);
  if (!window)
    return failure();
  return importer.setOutput(0, createPoolND(importer, importer.getInput(0), *window, Kind::Max));
}

LogicalResult importAveragePool(NodeImporter &importer) {
  bool includesPads = importer.getInt("count_include_pad", 0) != 0;
  std::optional<Window> window = readPoolWindow(importer);
  if (!window)
    return failure();
  // From opset 19 on runtimes count what ceil_mode adds like other padding;
  // before, they disagree.
  bool isAdding = llvm::any_of(window->extra, [](int64_t extra) { return extra != 0; });
  if (includesPads && isAdding) {
    if (importer.opset < 19)
      return importer.reject("ceil_mode with count_include_pad is not "
                             "supported before opset 19");
    for (size_t i = 0; i < window->getRank(); ++i)
      window->high[i] += window->extra[i];
    window->extra.assign(window->getRank(), 0);
  }
  return importer.setOutput(
      0, createPoolND(importer, importer.getInput(0), *window, includesPads ? Kind::AverageWithPads : Kind::Average));
}

//===----------------------------------------------------------------------===//
// Norms
//===----------------------------------------------------------------------===//

/// |x|^p
Value createPower(NodeImporter &importer, Value input, int64_t p) {
  if (!input)
    return Value();
  if (p == 2)
    return importer.create<nn::MulOp>({input, input});
  Value magnitude = importer.create<nn::AbsOp>(input);
  if (p == 1)
    return magnitude;
  Type type = getTensorType(input).getElementType();
  return importer.create<nn::PowOp>({magnitude, importer.createScalar(type, static_cast<double>(p))});
}

/// x^(1/p)
Value createRoot(NodeImporter &importer, Value input, int64_t p) {
  if (!input || p == 1)
    return input;
  if (p == 2)
    return importer.create<nn::SqrtOp>(input);
  Type type = getTensorType(input).getElementType();
  return importer.create<nn::PowOp>({input, importer.createScalar(type, 1.0 / static_cast<double>(p))});
}

/// The p-norm over each window: a mean times the number of elements.
LogicalResult importLpPool(NodeImporter &importer) {
  int64_t p = importer.getInt("p", 2);
  std::optional<Window> window = readPoolWindow(importer);
  if (!window)
    return failure();
  if (p < 1 || p > 64)
    return importer.reject("attribute 'p' must be within [1, 64]");
  if (llvm::any_of(window->extra, [](int64_t extra) { return extra != 0; }))
    return importer.reject("ceil_mode is not supported");
  Value mean = createPoolND(importer, createPower(importer, importer.getInput(0), p), *window, Kind::AverageWithPads);
  if (!mean)
    return failure();
  double count = 1;
  for (int64_t size : window->kernel)
    count *= static_cast<double>(size);
  Value sum = importer.create<nn::MulOp>({mean, importer.createScalar(getTensorType(mean).getElementType(), count)});
  return importer.setOutput(0, createRoot(importer, sum, p));
}

/// All dimensions behind the channels.
std::optional<Shape> getSpatialAxes(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return std::nullopt;
  if (type.getRank() < 3) {
    (void)importer.reject("requires spatial dimensions");
    return std::nullopt;
  }
  return makeRange(2, type.getRank());
}

template <typename OpTy> LogicalResult importGlobalPool(NodeImporter &importer) {
  std::optional<Shape> axes = getSpatialAxes(importer);
  if (!axes)
    return failure();
  return importer.setOutput(0, importer.reduce<OpTy>(importer.getInput(0), *axes, true));
}

LogicalResult importGlobalLpPool(NodeImporter &importer) {
  int64_t p = importer.getInt("p", 2);
  std::optional<Shape> axes = getSpatialAxes(importer);
  if (!axes)
    return failure();
  if (p < 1 || p > 64)
    return importer.reject("attribute 'p' must be within [1, 64]");
  Value sum = importer.reduce<nn::ReduceSumOp>(createPower(importer, importer.getInput(0), p), *axes, true);
  return importer.setOutput(0, createRoot(importer, sum, p));
}
} // namespace

void condense::onnx::registerPooling(HandlerTable &table) {
  table["MaxPool"] = {1, importMaxPool};
  table["AveragePool"] = {7, importAveragePool};
  table["LpPool"] = {2, importLpPool};
  table["GlobalAveragePool"] = {1, importGlobalPool<nn::ReduceMeanOp>};
  table["GlobalMaxPool"] = {1, importGlobalPool<nn::ReduceMaxOp>};
  table["GlobalLpPool"] = {2, importGlobalLpPool};
}
