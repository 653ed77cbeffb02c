//===- Interpolation.h - The mathematics of ONNX Resize ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Resizing is separable: along each axis an output element is a fixed
// combination of input elements.
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_LIB_IMPORT_ONNX_INTERPOLATION_H
#define CONDENSE_LIB_IMPORT_ONNX_INTERPOLATION_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace condense::onnx {

/// The attributes of Resize, checked and with defaults.
struct InterpolationOptions {
  std::string mode = "nearest"; ///< nearest, linear, cubic
  std::string coordinates = "half_pixel";
  std::string rounding = "round_prefer_floor";
  double cubicCoefficient = -0.75;
  bool excludeOutside = false;
  bool antialias = false;

  /// Whether every name is one that ONNX defines.
  bool isKnown() const;
};

/// One axis: `size` input elements, `outputSize` output elements.
struct Interpolation {
  int64_t size = 0;
  int64_t outputSize = 0;
  double scale = 1;
  double roiStart = 0, roiEnd = 1; ///< for tf_crop_and_resize
};

/// What an output element is made of. No taps: it lies outside, where the
/// extrapolation value is.
struct Taps {
  std::vector<int64_t> indices;
  std::vector<double> weights;
};

/// The taps of output element `position`.
Taps computeTaps(const InterpolationOptions &options, const Interpolation &axis, int64_t position);

} // namespace condense::onnx

#endif // CONDENSE_LIB_IMPORT_ONNX_INTERPOLATION_H
