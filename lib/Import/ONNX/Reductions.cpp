//===- Reductions.cpp - ONNX reductions and scans -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
/// What every reduction asks for. `isIdentity` is ReduceX over no axes.
struct Reduction {
  Value input;
  Shape axes;
  bool keepDims = true;
  bool isIdentity = false;
};

/// The axes are an attribute first and an input later: from opset 13 on for
/// ReduceSum, from 18 on for the others.
std::optional<Reduction> readReduction(NodeImporter &importer) {
  Reduction reduction;
  reduction.input = importer.getInput(0);
  if (!reduction.input)
    return std::nullopt;
  int64_t rank = getTensorType(reduction.input).getRank();
  reduction.keepDims = importer.getInt("keepdims", 1) != 0;
  bool isInput = importer.opset >= (importer.node.opType == "ReduceSum" ? 13 : 18);
  bool noop = isInput && importer.getInt("noop_with_empty_axes", 0) != 0;
  std::optional<Shape> axes;
  if (!isInput)
    axes = importer.getInts("axes", {});
  else if (importer.hasInput(1))
    axes = importer.getNumbers(1, "axes");
  else
    axes = Shape();
  if (axes)
    axes = importer.normalizeAxes(*axes, rank);
  if (!axes)
    return std::nullopt;
  reduction.isIdentity = axes->empty() && noop;
  reduction.axes = axes->empty() ? makeRange(0, rank) : *axes;
  return reduction;
}

template <typename OpTy> Value apply(NodeImporter &importer, const Reduction &reduction, Value value) {
  if (reduction.isIdentity)
    return value;
  return importer.reduce<OpTy>(value, reduction.axes, reduction.keepDims);
}

template <typename OpTy> LogicalResult importReduce(NodeImporter &importer) {
  std::optional<Reduction> reduction = readReduction(importer);
  if (!reduction)
    return failure();
  return importer.setOutput(0, apply<OpTy>(importer, *reduction, reduction->input));
}

/// Booleans are ordered as 0 and 1, not as the signed numbers of one bit.
template <typename OpTy> LogicalResult importReduceOrdered(NodeImporter &importer) {
  std::optional<Reduction> reduction = readReduction(importer);
  if (!reduction)
    return failure();
  Type type = getTensorType(reduction->input).getElementType();
  Value input = reduction->input;
  if (type.isInteger(1))
    input = importer.cast(input, importer.builder.getI8Type());
  Value result = apply<OpTy>(importer, *reduction, input);
  return importer.setOutput(0, importer.cast(result, type));
}

LogicalResult importReduceL1(NodeImporter &importer) {
  std::optional<Reduction> reduction = readReduction(importer);
  if (!reduction)
    return failure();
  Value magnitude = importer.create<nn::AbsOp>(reduction->input);
  return importer.setOutput(0, apply<nn::ReduceSumOp>(importer, *reduction, magnitude));
}

LogicalResult importReduceSumSquare(NodeImporter &importer) {
  std::optional<Reduction> reduction = readReduction(importer);
  if (!reduction)
    return failure();
  Value square = importer.create<nn::MulOp>({reduction->input, reduction->input});
  return importer.setOutput(0, apply<nn::ReduceSumOp>(importer, *reduction, square));
}

LogicalResult importReduceL2(NodeImporter &importer) {
  std::optional<Reduction> reduction = readReduction(importer);
  if (!reduction)
    return failure();
  Value square = importer.create<nn::MulOp>({reduction->input, reduction->input});
  Value sum = apply<nn::ReduceSumOp>(importer, *reduction, square);
  return importer.setOutput(0, importer.create<nn::SqrtOp>(sum));
}

LogicalResult importReduceLogSum(NodeImporter &importer) {
  std::optional<Reduction> reduction = readReduction(importer);
  if (!reduction)
    return failure();
  Value sum = apply<nn::ReduceSumOp>(importer, *reduction, reduction->input);
  return importer.setOutput(0, importer.create<nn::LogOp>(sum));
}

/// m + ln(sum(exp(x - m))) with the maximum m, which is left out (as 0) where
/// it is infinite.
LogicalResult importReduceLogSumExp(NodeImporter &importer) {
  std::optional<Reduction> reduction = readReduction(importer);
  if (!reduction)
    return failure();
  if (reduction->isIdentity)
    return importer.setOutput(0, reduction->input);
  Type type = getTensorType(reduction->input).getElementType();
  if (!isa<FloatType>(type))
    return importer.reject("requires floats");
  Reduction keeping = *reduction;
  keeping.keepDims = true;
  auto getFinite = [&](const Reduction &how) {
    Value maximum = apply<nn::ReduceMaxOp>(importer, how, reduction->input);
    Value isInfinite = importer.create<nn::IsInfOp>(maximum, {importer.unit("positive"), importer.unit("negative")});
    return importer.create<nn::SelectOp>({isInfinite, importer.createScalar(type, 0), maximum});
  };
  Value difference = importer.create<nn::SubOp>({reduction->input, getFinite(keeping)});
  Value sum = apply<nn::ReduceSumOp>(importer, *reduction, importer.create<nn::ExpOp>(difference));
  return importer.setOutput(0, importer.create<nn::AddOp>({importer.create<nn::LogOp>(sum), getFinite(*reduction)}));
}

template <typename OpTy> LogicalResult importArg(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  std::optional<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", 0), type.getRank());
  if (!axis)
    return failure();
  SmallVector<NamedAttribute> attributes = {importer.attr("axis", *axis)};
  if (importer.getInt("keepdims", 1))
    attributes.push_back(importer.unit("keep_dims"));
  if (importer.getInt("select_last_index", 0))
    attributes.push_back(importer.unit("last"));
  return importer.setOutput(0, importer.create<OpTy>(importer.getInput(0), attributes));
}

LogicalResult importCumSum(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  std::optional<Shape> numbers = importer.getNumbers(1, "axis");
  if (!type || !numbers)
    return failure();
  if (numbers->size() != 1)
    return importer.reject("requires one axis");
  std::optional<int64_t> axis = importer.normalizeAxis(numbers->front(), type.getRank());
  if (!axis)
    return failure();
  SmallVector<NamedAttribute> attributes = {importer.attr("axis", *axis)};
  if (importer.getInt("exclusive", 0))
    attributes.push_back(importer.unit("exclusive"));
  if (importer.getInt("reverse", 0))
    attributes.push_back(importer.unit("reverse"));
  return importer.setOutput(0, importer.create<nn::CumSumOp>(importer.getInput(0), attributes));
}
} // namespace

void condense::onnx::registerReductions(HandlerTable &table) {
  table["ReduceSum"] = {1, importReduce<nn::ReduceSumOp>};
  table["ReduceMean"] = {1, importReduce<nn::ReduceMeanOp>};
  table["ReduceProd"] = {1, importReduce<nn::ReduceProdOp>};
  table["ReduceMax"] = {1, importReduceOrdered<nn::ReduceMaxOp>};
  table["ReduceMin"] = {1, importReduceOrdered<nn::ReduceMinOp>};
  table["ReduceL1"] = {1, importReduceL1};
  table["ReduceL2"] = {1, importReduceL2};
  table["ReduceLogSum"] = {1, importReduceLogSum};
  table["ReduceLogSumExp"] = {1, importReduceLogSumExp};
  table["ReduceSumSquare"] = {1, importReduceSumSquare};
  table["ArgMax"] = {1, importArg<nn::ArgMaxOp>};
  table["ArgMin"] = {1, importArg<nn::ArgMinOp>};
  table["CumSum"] = {11, importCumSum};
}
