//===- Normalization.cpp - ONNX normalisations ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Window.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
Type getElementType(Value value) { return getTensorType(value).getElementType(); }

/// (x - mean) / sqrt(variance + epsilon) over the dimensions `axes`, with the
/// parts that ONNX can ask for.
struct Standardized {
  Value output, mean, inverseDeviation;
};

Standardized standardize(NodeImporter &importer, Value input, ArrayRef<int64_t> axes, double epsilon) {
  Standardized parts;
  if (!input)
    return parts;
  parts.mean = importer.reduce<nn::ReduceMeanOp>(input, axes, true);
  Value centered = importer.create<nn::SubOp>({input, parts.mean});
  Value square = importer.create<nn::MulOp>({centered, centered});
  Value variance = importer.reduce<nn::ReduceMeanOp>(square, axes, true);
  Value shifted = importer.create<nn::AddOp>({variance, importer.createScalar(getElementType(input), epsilon)});
  parts.inverseDeviation = importer.create<nn::ReciprocalOp>(importer.create<nn::SqrtOp>(shifted));
  parts.output = importer.create<nn::MulOp>({centered, parts.inverseDeviation});
  return parts;
}

/// A vector over dimension `axis` of a tensor of rank `rank`.
Value alignVector(NodeImporter &importer, Value vector, int64_t axis, int64_t rank) {
  Shape sources(rank, -1);
  sources[axis] = 0;
  return vector && getTensorType(vector).getRank() == 1 ? importer.rearrange(vector, sources) : Value();
}

LogicalResult importBatchNormalization(NodeImporter &importer) {
  importer.ignoreAttribute("momentum");
  if (importer.getInt("training_mode", 0) != 0)
    return importer.reject("training mode is not supported");
  if (importer.opset < 9 && importer.getInt("spatial", 1) != 1)
    return importer.reject("attribute 'spatial' must be 1");
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  if (type.getRank() < 2)
    return importer.reject("requires channels");
  SmallVector<Value> inputs;
  for (size_t i = 0; i < 5; ++i)
    inputs.push_back(importer.getInput(i));
  if (llvm::is_contained(inputs, Value()))
    return failure();
  // Statistics may be in higher precision than the data.
  for (Value &value : inputs)
    if (getElementType(value) != type.getElementType())
      return importer.reject("mixed element types are not supported");
  return importer.setOutput(
      0, importer.create<nn::BatchNormOp>(inputs, {importer.attr("axis", int64_t{1}),
                                                   importer.attr("epsilon", importer.getFloat("epsilon", 1e-5f))}));
}

LogicalResult importLayerNormalization(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  std::optional<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", -1), type.getRank());
  double epsilon = importer.getFloat("epsilon", 1e-5f);
  if (!axis)
    return failure();
  if (importer.getInt("stash_type", 1) != 1 || !(type.getElementType().isF32() || type.getElementType().isF64()))
    return importer.reject("only float32 is supported");
  if (importer.hasOutput(1) || importer.hasOutput(2)) {
    Shape axes = makeRange(*axis, type.getRank());
    Standardized parts = standardize(importer, importer.getInput(0), axes, epsilon);
    (void)importer.setOutput(1, parts.mean);
    (void)importer.setOutput(2, parts.inverseDeviation);
  }
  SmallVector<Value> inputs = {importer.getInput(0), importer.getInput(1)};
  if (importer.hasInput(2))
    inputs.push_back(importer.getInput(2));
  return importer.setOutput(
      0, importer.create<nn::LayerNormOp>(inputs, {importer.attr("axis", *axis), importer.attr("epsilon", epsilon)}));
}

LogicalResult importInstanceNormalization(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  int64_t rank = type.getRank();
  if (rank < 3)
    return importer.reject("requires spatial dimensions");
  Shape axes = makeRange(2, rank);
  Standardized parts = standardize(importer, importer.getInput(0), axes, importer.getFloat("epsilon", 1e-5f));
  Value scale = alignVector(importer, importer.getInput(1), 1, rank);
  Value bias = alignVector(importer, importer.getInput(2), 1, rank);
  Value scaled = importer.create<nn::MulOp>({parts.output, scale});
  return importer.setOutput(0, importer.create<nn::AddOp>({scaled, bias}));
}

/// Channels are split into groups, which are normalised each for itself. Before
/// opset 21 scale and bias have an element per group, from then on per channel.
LogicalResult importGroupNormalization(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  int64_t groups = importer.getInt("num_groups", 0);
  if (!importer.requireStatic(type, "GroupNormalization"))
    return failure();
  if (importer.getInt("stash_type", 1) != 1)
    return importer.reject("attribute 'stash_type' must be 1");
  if (type.getRank() < 2 || groups < 1 || type.getDimSize(1) % groups != 0 || type.getNumElements() == 0)
    return importer.reject("the groups do not divide the channels");
  int64_t batch = type.getDimSize(0), channels = type.getDimSize(1);
  int64_t inner = type.getNumElements() / batch / channels;
  Value grouped = importer.reshape(importer.getInput(0), {batch, groups, channels / groups, inner});
  Standardized parts = standardize(importer, grouped, {2, 3}, importer.getFloat("epsilon", 1e-5f));
  Shape shape = importer.opset < 21 ? Shape{1, groups, 1, 1} : Shape{1, groups, channels / groups, 1};
  Value scaled = importer.create<nn::MulOp>({parts.output, importer.reshape(importer.getInput(1), shape)});
  Value shifted = importer.create<nn::AddOp>({scaled, importer.reshape(importer.getInput(2), shape)});
  return importer.setOutput(0, importer.reshape(shifted, type.getShape()));
}

/// (x - E[x]) / (sqrt(E[x^2] - E[x]^2) + 1e-9)
LogicalResult importMeanVarianceNormalization(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  std::optional<Shape> axes = importer.normalizeAxes(importer.getInts("axes", {0, 2, 3}), type.getRank());
  if (!axes)
    return failure();
  Value input = importer.getInput(0);
  Value mean = importer.reduce<nn::ReduceMeanOp>(input, *axes, true);
  Value centered = importer.create<nn::SubOp>({input, mean});
  Value variance = importer.reduce<nn::ReduceMeanOp>(importer.create<nn::MulOp>({centered, centered}), *axes, true);
  Value deviation = importer.create<nn::AddOp>(
      {importer.create<nn::SqrtOp>(variance), importer.createScalar(type.getElementType(), 1e-9)});
  return importer.setOutput(0, importer.create<nn::DivOp>({centered, deviation}));
}

/// x / (bias + alpha / size * (sum of squares over `size` channels))^beta: the
/// bracket is a mean over a window of channels, zeros included.
LogicalResult importLRN(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!importer.requireStatic(type, "LRN"))
    return failure();
  int64_t size = importer.getInt("size", 0);
  if (type.getRank() < 2 || size < 1 || size > 65536 || type.getNumElements() == 0)
    return importer.reject("requires channels and a size of 1 or more");
  double alpha = importer.getFloat("alpha", 1e-4f);
  double beta = importer.getFloat("beta", 0.75f);
  double bias = importer.getFloat("bias", 1);
  int64_t batch = type.getDimSize(0), channels = type.getDimSize(1);
  int64_t inner = type.getNumElements() / batch / channels;
  Value input = importer.getInput(0);
  Value square = importer.reshape(importer.create<nn::MulOp>({input, input}), {batch, 1, channels, inner});
  Value mean = importer.create<nn::AvgPool2DOp>(
      square,
      {importer.attr("kernel", Shape{size, 1}), importer.attr("strides", Shape{1, 1}),
       importer.attr("dilations", Shape{1, 1}), importer.attr("pads", Shape{(size - 1) / 2, 0, size / 2, 0}),
       importer.attr("ceil_pads", Shape{0, 0}), importer.unit("count_include_pad"), getChannelsFirst(importer)});
  Type elementType = type.getElementType();
  Value scaled =
      importer.create<nn::MulOp>({importer.reshape(mean, type.getShape()), importer.createScalar(elementType, alpha)});
  Value base = importer.create<nn::AddOp>({scaled, importer.createScalar(elementType, bias)});
  Value power = importer.create<nn::PowOp>({base, importer.createScalar(elementType, beta)});
  return importer.setOutput(0, importer.create<nn::DivOp>({input, power}));
}

/// x / |x|_p along an axis.
LogicalResult importLpNormalization(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  std::optional<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", -1), type.getRank());
  int64_t p = importer.getInt("p", 2);
  if (!axis)
    return failure();
  if (p != 1 && p != 2)
    return importer.reject("attribute 'p' must be 1 or 2");
  Value input = importer.getInput(0);
  Value terms = p == 1 ? importer.create<nn::AbsOp>(input) : importer.create<nn::MulOp>({input, input});
  Value norm = importer.reduce<nn::ReduceSumOp>(terms, {*axis}, true);
  if (p == 2)
    norm = importer.create<nn::SqrtOp>(norm);
  return importer.setOutput(0, importer.create<nn::DivOp>({input, norm}));
}
} // namespace

void condense::onnx::registerNormalization(HandlerTable &table) {
  table["BatchNormalization"] = {7, importBatchNormalization};
  table["LayerNormalization"] = {17, importLayerNormalization};
  table["InstanceNormalization"] = {6, importInstanceNormalization};
  table["GroupNormalization"] = {18, importGroupNormalization};
  table["MeanVarianceNormalization"] = {9, importMeanVarianceNormalization};
  table["LRN"] = {1, importLRN};
  table["LpNormalization"] = {1, importLpNormalization};
}
