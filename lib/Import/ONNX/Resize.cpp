//===- Resize.cpp - ONNX Resize and Upsample ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Along each axis that changes, nearest neighbours are gathered, and other
// modes multiply with a constant matrix of weights.
//
//===----------------------------------------------------------------------===//

#include "Interpolation.h"
#include "NodeImporter.h"

#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
/// More output elements along an axis are refused.
constexpr int64_t maxOutputSize = 1 << 16;

struct ResizeNode {
  InterpolationOptions options;
  double extrapolation = 0;
  Shape axes;
  SmallVector<Interpolation> interpolations; ///< one per entry of `axes`
};

bool readOptions(NodeImporter &importer, ResizeNode &node) {
  InterpolationOptions &options = node.options;
  options.mode = importer.getString("mode", "nearest");
  if (importer.opset < 11) {
    options.coordinates = "asymmetric";
    options.rounding = "floor";
  } else {
    options.coordinates = importer.getString("coordinate_transformation_mode", "half_pixel");
    options.rounding = importer.getString("nearest_mode", "round_prefer_floor");
    options.cubicCoefficient = importer.getFloat("cubic_coeff_a", -0.75f);
    options.excludeOutside = importer.getInt("exclude_outside", 0) != 0;
    options.antialias = importer.getInt("antialias", 0) != 0;
    node.extrapolation = importer.getFloat("extrapolation_value", 0);
  }
  if (options.isKnown())
    return true;
  (void)importer.reject("an attribute has an unknown value");
  return false;
}

/// Sizes and scales of all axes follow from either.
bool readSizes(NodeImporter &importer, RankedTensorType type, std::optional<SmallVector<double>> scales,
               std::optional<Shape> sizes, ResizeNode &node) {
  std::string policy = importer.getString("keep_aspect_ratio_policy", "stretch");
  if (sizes && policy != "stretch") {
    double common = policy == "not_larger" ? INFINITY : 0;
    for (auto [axis, size] : llvm::zip_equal(node.axes, *sizes)) {
      double scale = static_cast<double>(size) / static_cast<double>(type.getDimSize(axis));
      common = policy == "not_larger" ? std::min(common, scale) : std::max(common, scale);
    }
    scales = SmallVector<double>(node.axes.size(), common);
  }
  for (auto [i, axis] : llvm::enumerate(node.axes)) {
    Interpolation interpolation;
    interpolation.size = type.getDimSize(axis);
    auto size = static_cast<double>(interpolation.size);
    interpolation.scale = scales ? (*scales)[i] : static_cast<double>((*sizes)[i]) / size;
    double outputSize = !scales ? static_cast<double>((*sizes)[i])
                        : sizes ? std::floor(interpolation.scale * size + 0.5)
                                : std::floor(interpolation.scale * size);
    if (!(outputSize >= 1 && outputSize <= maxOutputSize) || interpolation.size < 1) {
      (void)importer.reject("sizes must be within [1, " + Twine(maxOutputSize) + "]");
      return false;
    }
    interpolation.outputSize = static_cast<int64_t>(outputSize);
    node.interpolations.push_back(interpolation);
  }
  return true;
}

bool readRegion(NodeImporter &importer, ResizeNode &node) {
  if (node.options.coordinates != "tf_crop_and_resize")
    return true;
  std::optional<SmallVector<double>> region = importer.getReals(1, "roi");
  if (!region)
    return false;
  size_t count = node.axes.size();
  if (region->size() != 2 * count) {
    (void)importer.reject("roi must have two numbers per axis");
    return false;
  }
  for (size_t i = 0; i < count; ++i) {
    node.interpolations[i].roiStart = (*region)[i];
    node.interpolations[i].roiEnd = (*region)[i + count];
  }
  return true;
}

/// Whether a tensor input is given and not empty, as an omitted one may be.
bool isGiven(NodeImporter &importer, size_t index) {
  if (!importer.hasInput(index))
    return false;
  const Tensor *constant = importer.getConstant(index);
  return !constant || constant->getNumElements() != 0;
}

/// Inputs: x, roi, scales, sizes; before opset 11 x, scales.
bool readInputs(NodeImporter &importer, RankedTensorType type, ResizeNode &node) {
  Shape all = makeRange(0, type.getRank());
  for (int64_t axis : importer.getInts("axes", all)) {
    std::optional<int64_t> normal = importer.normalizeAxis(axis, type.getRank());
    if (!normal)
      return false;
    node.axes.push_back(*normal);
  }
  size_t scalesIndex = importer.opset < 11 ? 1 : 2;
  std::optional<SmallVector<double>> scales;
  std::optional<Shape> sizes;
  if (importer.opset >= 11 && isGiven(importer, 3)) {
    if (!(sizes = importer.getNumbers(3, "sizes")))
      return false;
  } else if (importer.opset < 9) {
    if (const onnx::Attribute *given = importer.getAttribute("scales"))
      scales = SmallVector<double>(given->floats.begin(), given->floats.end());
  } else if (!(scales = importer.getReals(scalesIndex, "scales"))) {
    return false;
  }
  if ((scales ? scales->size() : sizes ? sizes->size() : 0) != node.axes.size()) {
    (void)importer.reject("scales or sizes must have one number per axis");
    return false;
  }
  return readSizes(importer, type, scales, sizes, node) && readRegion(importer, node);
}

//===----------------------------------------------------------------------===//
// One axis
//===----------------------------------------------------------------------===//

/// Replaces the elements along `axis` where `isOutside` by the extrapolation.
Value extrapolate(NodeImporter &importer, Value value, int64_t axis, const SmallVector<double> &isOutside,
                  double filler) {
  if (!value || llvm::all_of(isOutside, [](double x) { return x == 0; }))
    return value;
  RankedTensorType type = getTensorType(value);
  Shape shape(type.getRank(), 1);
  shape[axis] = static_cast<int64_t>(isOutside.size());
  Value mask = importer.createConstant(RankedTensorType::get(shape, importer.builder.getI1Type()), isOutside);
  return importer.create<nn::SelectOp>({mask, importer.createScalar(type.getElementType(), filler), value});
}

/// x W^T along the axis, which is moved to the end for it.
Value multiplyAlong(NodeImporter &importer, Value value, Value weights, int64_t axis) {
  if (!value)
    return value;
  int64_t rank = getTensorType(value).getRank();
  Shape permutation = makeRange(0, rank);
  std::swap(permutation[axis], permutation[rank - 1]);
  bool isLast = axis == rank - 1;
  Value moved = isLast ? value : importer.transpose(value, permutation);
  Value product = importer.create<nn::LinearOp>({moved, weights});
  return isLast ? product : importer.transpose(product, permutation);
}

Value resizeAxis(NodeImporter &importer, Value value, const ResizeNode &node, size_t position) {
  const Interpolation &axis = node.interpolations[position];
  bool isNearest = node.options.mode == "nearest";
  SmallVector<int64_t> indices;
  SmallVector<double> isOutside;
  SmallVector<double> weights;
  weights.assign(isNearest ? 0 : static_cast<size_t>(axis.size * axis.outputSize), 0);
  bool isIdentity = axis.size == axis.outputSize;
  for (int64_t i = 0; i < axis.outputSize; ++i) {
    Taps taps = computeTaps(node.options, axis, i);
    indices.push_back(taps.indices.empty() ? 0 : taps.indices.front());
    isOutside.push_back(taps.indices.empty());
    isIdentity &= taps.indices.size() == 1 && taps.indices.front() == i;
    for (size_t tap = 0; !isNearest && tap < taps.indices.size(); ++tap)
      weights[i * axis.size + taps.indices[tap]] += taps.weights[tap];
  }
  if (!value || isIdentity)
    return value;
  int64_t dim = node.axes[position];
  Value result;
  if (isNearest) {
    result = importer.create<nn::GatherOp>({value, importer.createIntegers({axis.outputSize}, indices)},
                                           importer.attr("axis", dim));
  } else {
    auto type = RankedTensorType::get({axis.outputSize, axis.size}, getTensorType(value).getElementType());
    result = multiplyAlong(importer, value, importer.createConstant(type, weights), dim);
  }
  return extrapolate(importer, result, dim, isOutside, node.extrapolation);
}

LogicalResult importResize(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  ResizeNode node;
  if (!importer.requireStatic(type, "resizing") || !readOptions(importer, node) || !readInputs(importer, type, node))
    return failure();
  if (node.options.mode != "nearest" && !isa<FloatType>(type.getElementType()))
    return importer.reject("interpolation of integers is not supported");
  int64_t largest = 0;
  for (const Interpolation &axis : node.interpolations)
    largest = std::max(largest, axis.size);
  if (node.options.mode != "nearest" && largest > maxOutputSize / 16)
    return importer.reject("the image is too large to interpolate");
  Value value = importer.getInput(0);
  for (size_t i = 0; i < node.axes.size(); ++i)
    value = resizeAxis(importer, value, node, i);
  return importer.setOutput(0, value);
}
} // namespace

void condense::onnx::registerResize(HandlerTable &table) {
  table["Resize"] = {10, importResize};
  table["Upsample"] = {7, importResize};
}
