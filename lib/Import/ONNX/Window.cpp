//===- Window.cpp - Sliding windows of convolution and pooling ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Window.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
/// Sizes above this make products of them overflow.
constexpr int64_t maxWindowValue = int64_t{1} << 30;

bool checkList(NodeImporter &importer, StringRef name, ArrayRef<int64_t> list, size_t size, int64_t low) {
  bool fits = list.size() == size;
  for (int64_t value : list)
    fits &= value >= low && value <= maxWindowValue;
  if (!fits)
    (void)importer.reject("attribute '" + name + "' must have " + Twine(size) + " values of " + Twine(low) +
                          " or more");
  return fits;
}

/// SAME: as many windows as strides fit the input, padding split evenly with
/// the odd element at the end (UPPER) or at the beginning (LOWER).
bool padSame(NodeImporter &importer, ArrayRef<int64_t> sizes, bool isUpper, Window &window) {
  for (size_t i = 0; i < window.getRank(); ++i) {
    if (ShapedType::isDynamic(sizes[i]) || sizes[i] == 0) {
      (void)importer.reject("auto_pad needs static spatial dimensions");
      return false;
    }
    int64_t windows = (sizes[i] - 1) / window.strides[i] + 1;
    int64_t padded = (windows - 1) * window.strides[i] + window.getExtent(i);
    int64_t total = std::max<int64_t>(padded - sizes[i], 0);
    window.low[i] = isUpper ? total / 2 : total - total / 2;
    window.high[i] = total - window.low[i];
  }
  return true;
}

bool readPads(NodeImporter &importer, ArrayRef<int64_t> sizes, Window &window) {
  size_t rank = window.getRank();
  std::string mode = importer.getString("auto_pad", "NOTSET");
  Shape pads = importer.getInts("pads", Shape(2 * rank, 0));
  window.low.assign(rank, 0);
  window.high.assign(rank, 0);
  if (mode == "VALID")
    return true;
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER")
    return padSame(importer, sizes, mode == "SAME_UPPER", window);
  if (mode != "NOTSET") {
    (void)importer.reject("attribute 'auto_pad' has the unknown value '" + mode + "'");
    return false;
  }
  if (!checkList(importer, "pads", pads, 2 * rank, 0))
    return false;
  window.low.assign(pads.begin(), pads.begin() + rank);
  window.high.assign(pads.begin() + rank, pads.end());
  return true;
}

/// Rounding the number of windows up is the same as padding a little more. A
/// window that would start beyond the input and its front padding is one that
/// runtimes disagree about.
bool addCeilPadding(NodeImporter &importer, ArrayRef<int64_t> sizes, Window &window) {
  for (size_t i = 0; i < window.getRank(); ++i) {
    if (ShapedType::isDynamic(sizes[i])) {
      (void)importer.reject("ceil_mode needs static spatial dimensions");
      return false;
    }
    int64_t padded = sizes[i] + window.low[i] + window.high[i];
    int64_t span = padded - window.getExtent(i);
    if (span < 0) {
      (void)importer.reject("the window is larger than the padded input");
      return false;
    }
    int64_t last = (span + window.strides[i] - 1) / window.strides[i] * window.strides[i];
    if (last >= sizes[i] + window.low[i]) {
      (void)importer.reject("ceil_mode with a window that starts in the "
                            "padding is not supported");
      return false;
    }
    window.extra[i] = last - span;
  }
  return true;
}
} // namespace

std::optional<Window> condense::onnx::readWindow(NodeImporter &importer, ArrayRef<int64_t> kernel,
                                                 ArrayRef<int64_t> sizes, bool ceilMode) {
  Window window;
  size_t rank = sizes.size();
  window.kernel = Shape(kernel);
  window.strides = importer.getInts("strides", Shape(rank, 1));
  window.dilations = importer.getInts("dilations", Shape(rank, 1));
  window.extra.assign(rank, 0);
  if (!checkList(importer, "kernel_shape", window.kernel, rank, 1) ||
      !checkList(importer, "strides", window.strides, rank, 1) ||
      !checkList(importer, "dilations", window.dilations, rank, 1) || !readPads(importer, sizes, window) ||
      (ceilMode && !addCeilPadding(importer, sizes, window)))
    return std::nullopt;
  return window;
}

NamedAttribute condense::onnx::getChannelsFirst(NodeImporter &importer) {
  return importer.attr("layout", mlir::Attribute(nn::LayoutAttr::get(importer.builder.getContext(), nn::Layout::NCHW)));
}
