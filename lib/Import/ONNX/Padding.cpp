//===- Padding.cpp - ONNX Pad and CenterCropPad ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
std::optional<nn::PadMode> readPadMode(NodeImporter &importer) {
  std::string name = importer.getString("mode", "constant");
  std::optional<nn::PadMode> mode = nn::symbolizePadMode(name);
  if (!mode)
    (void)importer.reject("attribute 'mode' has the unknown value '" + name + "'");
  return mode;
}

/// The value to pad with, as an attribute; null after a rejection.
TypedAttr readPadValue(NodeImporter &importer, Type type) {
  if (importer.opset < 11)
    return makeElement(type, importer.getFloat("value", 0));
  if (!importer.hasInput(2))
    return makeElement(type, 0);
  std::optional<SmallVector<double>> value = importer.getReals(2, "constant_value");
  if (!value)
    return nullptr;
  if (value->size() == 1)
    return makeElement(type, value->front());
  (void)importer.reject("constant_value must have one element");
  return nullptr;
}

Value createPad(NodeImporter &importer, Value input, ArrayRef<int64_t> low, ArrayRef<int64_t> high, nn::PadMode mode,
                TypedAttr value) {
  auto modeAttr = nn::PadModeAttr::get(importer.builder.getContext(), mode);
  return importer.create<nn::PadOp>(input, {importer.attr("low", low), importer.attr("high", high),
                                            importer.attr("mode", mlir::Attribute(modeAttr)),
                                            importer.attr("value", mlir::Attribute(value))});
}

LogicalResult importPad(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  int64_t rank = type.getRank();
  std::optional<Shape> pads = importer.opset < 11 ? importer.getInts("pads", {}) : importer.getNumbers(1, "pads");
  std::optional<Shape> axes = makeRange(0, rank);
  if (importer.hasInput(3))
    axes = importer.getNumbers(3, "axes");
  std::optional<nn::PadMode> mode = readPadMode(importer);
  if (!pads || !axes || !mode)
    return failure();
  TypedAttr value = readPadValue(importer, type.getElementType());
  if (!value)
    return failure();
  if (pads->size() != 2 * axes->size())
    return importer.reject("pads must have two numbers per axis");
  Shape low(rank, 0), high(rank, 0);
  for (auto [i, given] : llvm::enumerate(*axes)) {
    std::optional<int64_t> axis = importer.normalizeAxis(given, rank);
    if (!axis)
      return failure();
    low[*axis] = (*pads)[i];
    high[*axis] = (*pads)[i + axes->size()];
  }
  return importer.setOutput(0, createPad(importer, importer.getInput(0), low, high, *mode, value));
}

/// Cuts or pads each axis to the wanted size, evenly, the odd one at the end.
LogicalResult importCenterCropPad(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  std::optional<Shape> sizes = importer.getNumbers(1, "shape");
  if (!importer.requireStatic(type, "CenterCropPad") || !sizes)
    return failure();
  int64_t rank = type.getRank();
  Shape axes = importer.getInts("axes", makeRange(0, rank));
  if (axes.size() != sizes->size())
    return importer.reject("shape and axes differ in number");
  Shape starts(rank, 0), ends(rank, INT64_MAX);
  Shape low(rank, 0), high(rank, 0);
  for (auto [given, size] : llvm::zip_equal(axes, *sizes)) {
    std::optional<int64_t> axis = importer.normalizeAxis(given, rank);
    if (!axis)
      return failure();
    int64_t difference = size - type.getDimSize(*axis);
    if (size < 0)
      return importer.reject("sizes must not be negative");
    if (difference < 0) {
      starts[*axis] = -difference / 2;
      ends[*axis] = starts[*axis] + size;
    } else {
      low[*axis] = difference / 2;
      high[*axis] = difference - difference / 2;
    }
  }
  Value cropped =
      importer.create<nn::SliceOp>(importer.getInput(0), {importer.attr("starts", starts), importer.attr("ends", ends),
                                                          importer.attr("steps", Shape(rank, 1))});
  return importer.setOutput(
      0, createPad(importer, cropped, low, high, nn::PadMode::Constant, makeElement(type.getElementType(), 0)));
}
} // namespace

void condense::onnx::registerPadding(HandlerTable &table) {
  table["Pad"] = {2, importPad};
  table["CenterCropPad"] = {18, importCenterCropPad};
}
