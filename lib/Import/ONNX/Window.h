//===- Window.h - Sliding windows of convolution and pooling ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_LIB_IMPORT_ONNX_WINDOW_H
#define CONDENSE_LIB_IMPORT_ONNX_WINDOW_H

#include "NodeImporter.h"

namespace condense::onnx {

/// How a window moves over the spatial dimensions, one element for each.
struct Window {
  Shape kernel, strides, dilations;
  Shape low, high; ///< padding before and after
  /// Beyond `high`: what ceil_mode adds so that the last window fits.
  Shape extra;

  size_t getRank() const { return kernel.size(); }
  int64_t getExtent(size_t i) const { return (kernel[i] - 1) * dilations[i] + 1; }
};

/// Reads strides, dilations, pads and auto_pad of a node whose kernel has the
/// sizes `kernel` and whose input has the spatial sizes `sizes` (dynamic where
/// unknown, which auto_pad SAME and ceil_mode do not allow). Rejects the node
/// and returns nothing if something does not fit.
std::optional<Window> readWindow(NodeImporter &importer, llvm::ArrayRef<int64_t> kernel, llvm::ArrayRef<int64_t> sizes,
                                 bool ceilMode);

/// #nn.layout<nchw>
mlir::NamedAttribute getChannelsFirst(NodeImporter &importer);

} // namespace condense::onnx

#endif // CONDENSE_LIB_IMPORT_ONNX_WINDOW_H
