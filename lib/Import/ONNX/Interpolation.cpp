//===- Interpolation.cpp - The mathematics of ONNX Resize -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpolation.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

using namespace condense::onnx;

static bool isOneOf(const std::string &name, std::initializer_list<const char *> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool InterpolationOptions::isKnown() const {
  return isOneOf(mode, {"nearest", "linear", "cubic"}) &&
         isOneOf(coordinates, {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
                               "asymmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn"}) &&
         isOneOf(rounding, {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
}

/// The position in the input that output element `position` looks at.
static double getCoordinate(const std::string &how, const Interpolation &axis, int64_t position) {
  auto x = static_cast<double>(position);
  auto size = static_cast<double>(axis.size);
  auto outputSize = static_cast<double>(axis.outputSize);
  if (how == "align_corners")
    return axis.outputSize == 1 ? 0 : x * (size - 1) / (outputSize - 1);
  if (how == "asymmetric")
    return x / axis.scale;
  if (how == "tf_half_pixel_for_nn")
    return (x + 0.5) / axis.scale;
  if (how == "pytorch_half_pixel" && axis.outputSize == 1)
    return 0;
  if (how == "tf_crop_and_resize")
    return axis.outputSize > 1
               ? axis.roiStart * (size - 1) + x * (axis.roiEnd - axis.roiStart) * (size - 1) / (outputSize - 1)
               : 0.5 * (axis.roiStart + axis.roiEnd) * (size - 1);
  double center = (x + 0.5) / axis.scale - 0.5;
  if (how != "half_pixel_symmetric")
    return center;
  double adjustment = outputSize / (axis.scale * size);
  return center + size / 2 * (1 - adjustment);
}

static int64_t roundCoordinate(const std::string &how, double x) {
  if (how == "floor")
    return static_cast<int64_t>(std::floor(x));
  if (how == "ceil")
    return static_cast<int64_t>(std::ceil(x));
  if (how == "round_prefer_ceil")
    return static_cast<int64_t>(std::floor(x + 0.5));
  return static_cast<int64_t>(std::ceil(x - 0.5));
}

/// The weight of an input element at `distance`.
static double getKernel(const InterpolationOptions &options, double distance) {
  double x = std::fabs(distance);
  if (options.mode == "linear")
    return std::max(1 - x, 0.0);
  double a = options.cubicCoefficient;
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

Taps condense::onnx::computeTaps(const InterpolationOptions &options, const Interpolation &axis, int64_t position) {
  double x = getCoordinate(options.coordinates, axis, position);
  Taps taps;
  bool isCrop = options.coordinates == "tf_crop_and_resize";
  if (isCrop && (x < 0 || x > static_cast<double>(axis.size - 1)))
    return taps;
  if (options.mode == "nearest") {
    int64_t index = roundCoordinate(options.rounding, x);
    taps.indices = {std::clamp<int64_t>(index, 0, axis.size - 1)};
    taps.weights = {1};
    return taps;
  }
  // When shrinking, an antialiasing kernel is as wide as the input elements
  // that fall on one output element.
  double stretch = options.antialias ? std::min(axis.scale, 1.0) : 1;
  double support = (options.mode == "linear" ? 1 : 2) / stretch;
  auto first = static_cast<int64_t>(std::ceil(x - support));
  auto last = static_cast<int64_t>(std::floor(x + support));
  double sum = 0;
  for (int64_t i = first; i <= last; ++i) {
    double weight = getKernel(options, (static_cast<double>(i) - x) * stretch);
    bool isOutside = i < 0 || i >= axis.size;
    if (weight == 0 || (isOutside && options.excludeOutside))
      continue;
    taps.indices.push_back(std::clamp<int64_t>(i, 0, axis.size - 1));
    taps.weights.push_back(weight);
    sum += weight;
  }
  if (options.antialias || options.excludeOutside)
    for (double &weight : taps.weights)
      weight /= sum;
  return taps;
}
