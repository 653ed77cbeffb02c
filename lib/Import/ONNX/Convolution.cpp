//===- Convolution.cpp - ONNX convolutions --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Images of one dimension become images of height 1. A transposed convolution
// is a convolution with the flipped filter over the input with zeros between
// its elements.
//
//===----------------------------------------------------------------------===//

#include "Window.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
/// What convolutions of one and two dimensions share: the input and filter as
/// [n, c, h, w] and [o, i, h, w].
struct Operands {
  Value input, filter, bias;
  int64_t spatialRank = 0;
};

/// Adds the height of 1 to a window of one dimension.
void addHeight(Window &window) {
  if (window.getRank() != 1)
    return;
  for (Shape *list : {&window.kernel, &window.strides, &window.dilations})
    list->insert(list->begin(), 1);
  for (Shape *list : {&window.low, &window.high, &window.extra})
    list->insert(list->begin(), 0);
}

Value addHeight(NodeImporter &importer, Value value) {
  if (!value || getTensorType(value).getRank() != 3)
    return value;
  return importer.rearrange(value, {0, 1, -1, 2});
}

Value dropHeight(NodeImporter &importer, Value value, int64_t spatialRank) {
  return spatialRank == 2 ? value : importer.rearrange(value, {0, 1, 3});
}

/// The filter of a convolution over one dimension keeps its bytes.
Value getFilter(NodeImporter &importer, RankedTensorType type) {
  if (type.getRank() == 4 || !type.hasStaticShape())
    return addHeight(importer, importer.getInput(1));
  return importer.getReshapedInput(1, {type.getDimSize(0), type.getDimSize(1), 1, type.getDimSize(2)});
}

/// Checks ranks and the attribute kernel_shape; returns the spatial rank.
std::optional<int64_t> checkOperands(NodeImporter &importer) {
  RankedTensorType input = importer.getInputType(0);
  RankedTensorType filter = importer.getInputType(1);
  if (!input || !filter)
    return std::nullopt;
  int64_t rank = input.getRank();
  ArrayRef<int64_t> kernel = filter.getShape().drop_front(std::min<int64_t>(2, filter.getRank()));
  if (rank < 3 || rank > 4 || filter.getRank() != rank) {
    (void)importer.reject("only one and two spatial dimensions are supported");
    return std::nullopt;
  }
  if (llvm::is_contained(kernel, ShapedType::kDynamic)) {
    (void)importer.reject("the kernel needs static spatial dimensions");
    return std::nullopt;
  }
  if (importer.getInts("kernel_shape", kernel) != Shape(kernel)) {
    (void)importer.reject("attribute 'kernel_shape' differs from the filter's "
                          "shape");
    return std::nullopt;
  }
  return rank - 2;
}

/// top, left, bottom, right
Shape getPads(const Window &window) { return {window.low[0], window.low[1], window.high[0], window.high[1]}; }

Value createConv(NodeImporter &importer, const Operands &operands, const Window &window, int64_t groups) {
  SmallVector<Value> values = {operands.input, operands.filter};
  if (operands.bias)
    values.push_back(operands.bias);
  return importer.create<nn::Conv2DOp>(
      values, {importer.attr("strides", window.strides), importer.attr("dilations", window.dilations),
               importer.attr("pads", getPads(window)), importer.attr("groups", groups), getChannelsFirst(importer)});
}

/// The window of a convolution, with the height of 1 added if needed.
std::optional<Window> readConvWindow(NodeImporter &importer) {
  RankedTensorType input = importer.getInputType(0);
  RankedTensorType filter = importer.getInputType(1);
  std::optional<Window> window =
      readWindow(importer, filter.getShape().drop_front(2), input.getShape().drop_front(2), /*ceilMode=*/false);
  if (window)
    addHeight(*window);
  return window;
}

LogicalResult importConv(NodeImporter &importer) {
  std::optional<int64_t> rank = checkOperands(importer);
  if (!rank)
    return failure();
  std::optional<Window> window = readConvWindow(importer);
  if (!window)
    return failure();
  if (!isa<FloatType>(importer.getInputType(0).getElementType()))
    return importer.reject("requires floats");
  Operands operands;
  operands.input = addHeight(importer, importer.getInput(0));
  operands.filter = getFilter(importer, importer.getInputType(1));
  if (importer.hasInput(2) && !(operands.bias = importer.getInput(2)))
    return failure();
  Value result = createConv(importer, operands, *window, importer.getInt("group", 1));
  return importer.setOutput(0, dropHeight(importer, result, *rank));
}

/// x - x_zero_point and w - w_zero_point convolved in 32-bit integers.
LogicalResult importConvInteger(NodeImporter &importer) {
  std::optional<int64_t> rank = checkOperands(importer);
  if (!rank)
    return failure();
  std::optional<Window> window = readConvWindow(importer);
  if (!window)
    return failure();
  Type type = importer.builder.getI32Type();
  Value values[2] = {importer.cast(importer.getInput(0), type), importer.cast(importer.getInput(1), type)};
  for (size_t i : {0, 1}) {
    if (!importer.hasInput(i + 2))
      continue;
    Value zero = importer.cast(importer.getInput(i + 2), type);
    if (!zero)
      return failure();
    if (getTensorType(zero).getNumElements() != 1)
      return importer.reject("zero points per channel are not supported");
    values[i] = importer.create<nn::SubOp>({values[i], importer.reshape(zero, {})});
  }
  Operands operands;
  operands.input = addHeight(importer, values[0]);
  operands.filter = addHeight(importer, values[1]);
  Value result = createConv(importer, operands, *window, importer.getInt("group", 1));
  return importer.setOutput(0, dropHeight(importer, result, *rank));
}

//===----------------------------------------------------------------------===//
// Transposed convolution
//===----------------------------------------------------------------------===//

/// [c, o / groups, h, w] to [o, c / groups, h, w], flipped in both directions.
Value flipFilter(NodeImporter &importer, Value filter, int64_t groups) {
  RankedTensorType type = getTensorType(filter);
  int64_t channels = type.getDimSize(0), perGroup = type.getDimSize(1);
  int64_t height = type.getDimSize(2), width = type.getDimSize(3);
  Value grouped = importer.reshape(filter, {groups, channels / groups, perGroup, height, width});
  Value swapped = importer.transpose(grouped, {0, 2, 1, 3, 4});
  Value joined = importer.reshape(swapped, {groups * perGroup, channels / groups, height, width});
  constexpr int64_t all = INT64_MAX;
  return importer.create<nn::SliceOp>(joined, {importer.attr("starts", ArrayRef<int64_t>{0, 0, -1, -1}),
                                               importer.attr("ends", ArrayRef<int64_t>{all, all, INT64_MIN, INT64_MIN}),
                                               importer.attr("steps", ArrayRef<int64_t>{1, 1, -1, -1})});
}

/// Puts `strides - 1` zeros between the elements of an image.
Value spread(NodeImporter &importer, Value image, ArrayRef<int64_t> strides) {
  if (!image || (strides[0] == 1 && strides[1] == 1))
    return image;
  Shape shape(getTensorType(image).getShape());
  Value split = importer.reshape(image, {shape[0], shape[1], shape[2], 1, shape[3], 1});
  auto mode = nn::PadModeAttr::get(importer.builder.getContext(), nn::PadMode::Constant);
  Shape none(6, 0), high = {0, 0, 0, strides[0] - 1, 0, strides[1] - 1};
  Value padded = importer.create<nn::PadOp>(
      split, {importer.attr("low", none), importer.attr("high", high), importer.attr("mode", mlir::Attribute(mode))});
  int64_t height = shape[2] * strides[0], width = shape[3] * strides[1];
  Value joined = importer.reshape(padded, {shape[0], shape[1], height, width});
  return importer.create<nn::SliceOp>(
      joined, {importer.attr("starts", Shape(4, 0)),
               importer.attr("ends", Shape{shape[0], shape[1], height - strides[0] + 1, width - strides[1] + 1}),
               importer.attr("steps", Shape(4, 1))});
}

/// Padding per side of a transposed convolution, as ONNX defines it from
/// output_shape, auto_pad or pads. Negative results cut.
std::optional<Window> readTransposedWindow(NodeImporter &importer, ArrayRef<int64_t> sizes) {
  RankedTensorType filter = importer.getInputType(1);
  std::string mode = importer.getString("auto_pad", "NOTSET");
  size_t rank = sizes.size();
  Shape outputPadding = importer.getInts("output_padding", Shape(rank, 0));
  Shape outputShape = importer.getInts("output_shape", {});
  if (mode != "NOTSET" && mode != "VALID" && mode != "SAME_UPPER" && mode != "SAME_LOWER") {
    (void)importer.reject("attribute 'auto_pad' has an unknown value");
    return std::nullopt;
  }
  std::optional<Window> window = readWindow(importer, filter.getShape().drop_front(2), sizes, /*ceilMode=*/false);
  if (!window)
    return std::nullopt;
  if (outputPadding.size() != rank || (!outputShape.empty() && outputShape.size() != rank) ||
      llvm::any_of(outputPadding, [](int64_t p) { return p < 0 || p > 4096; })) {
    (void)importer.reject("output_padding or output_shape does not fit");
    return std::nullopt;
  }
  for (size_t i = 0; i < rank; ++i) {
    int64_t full = window->strides[i] * (sizes[i] - 1) + outputPadding[i] + window->getExtent(i);
    bool isSame = mode == "SAME_UPPER" || mode == "SAME_LOWER";
    if (isSame || !outputShape.empty()) {
      int64_t size = outputShape.empty() ? sizes[i] * window->strides[i] : outputShape[i];
      // An output larger than the full one ends in zeros.
      int64_t total = full - size;
      int64_t half = std::max<int64_t>(total, 0) / 2;
      window->low[i] = mode == "SAME_UPPER" ? half : std::max<int64_t>(total, 0) - half;
      window->high[i] = total - window->low[i];
    }
    window->extra[i] = outputPadding[i];
  }
  return window;
}

/// Pads (or cuts, where negative) the spatial dimensions.
Value padImage(NodeImporter &importer, Value image, ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
  auto mode = nn::PadModeAttr::get(importer.builder.getContext(), nn::PadMode::Constant);
  return importer.create<nn::PadOp>(image, {importer.attr("low", Shape{0, 0, low[0], low[1]}),
                                            importer.attr("high", Shape{0, 0, high[0], high[1]}),
                                            importer.attr("mode", mlir::Attribute(mode))});
}

LogicalResult importConvTranspose(NodeImporter &importer) {
  std::optional<int64_t> rank = checkOperands(importer);
  if (!rank)
    return failure();
  RankedTensorType input = importer.getInputType(0);
  RankedTensorType filter = importer.getInputType(1);
  int64_t groups = importer.getInt("group", 1);
  if (!importer.requireStatic(input, "a transposed convolution") ||
      !importer.requireStatic(filter, "a transposed convolution"))
    return failure();
  if (groups < 1 || filter.getDimSize(0) % groups != 0 || input.getNumElements() == 0 || filter.getNumElements() == 0)
    return importer.reject("the groups do not divide the channels");
  std::optional<Window> window = readTransposedWindow(importer, input.getShape().drop_front(2));
  if (!window)
    return failure();
  addHeight(*window);
  Operands operands;
  Value image = spread(importer, addHeight(importer, importer.getInput(0)), window->strides);
  Shape low, high;
  for (size_t i : {0, 1}) {
    int64_t border = window->getExtent(i) - 1;
    low.push_back(border - window->low[i]);
    high.push_back(border - window->high[i] + window->extra[i]);
  }
  operands.input = padImage(importer, image, low, high);
  operands.filter = flipFilter(importer, getFilter(importer, filter), groups);
  if (importer.hasInput(2) && !(operands.bias = importer.getInput(2)))
    return failure();
  window->strides = {1, 1};
  window->low = window->high = {0, 0};
  Value result = createConv(importer, operands, *window, groups);
  return importer.setOutput(0, dropHeight(importer, result, *rank));
}
} // namespace

void condense::onnx::registerConvolution(HandlerTable &table) {
  table["Conv"] = {1, importConv};
  table["ConvInteger"] = {10, importConvInteger};
  table["ConvTranspose"] = {1, importConvTranspose};
}
