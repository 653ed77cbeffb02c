//===- IntegerEvaluation.cpp - Shapes computed at import ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chains like Shape, Gather, Unsqueeze, Concat, Reshape compute a shape with
// tensors. Each evaluator here does one such operator on numbers; what it does
// not handle it leaves to the operator's handler.
//
//===----------------------------------------------------------------------===//

#include "IntegerEvaluation.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
bool evaluateShape(NodeImporter &importer) {
  const IntTensor *known = importer.getIntegers(0);
  RankedTensorType type =
      known ? RankedTensorType::get(known->dims, importer.builder.getI64Type()) : importer.getInputType(0);
  if (!type)
    return false;
  int64_t rank = type.getRank();
  auto clampAxis = [&](int64_t axis) { return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank); };
  int64_t start = clampAxis(importer.getInt("start", 0));
  int64_t end = clampAxis(importer.getInt("end", rank));
  IntTensor result;
  for (int64_t i = start; i < end; ++i)
    result.elements.push_back(type.isDynamicDim(i) ? Integer(importer.getInput(0), i) : Integer(type.getDimSize(i)));
  result.dims = {static_cast<int64_t>(result.elements.size())};
  return succeeded(importer.setOutput(0, std::move(result)));
}

bool evaluateSize(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type || !type.hasStaticShape())
    return false;
  IntTensor result;
  result.elements.push_back(type.getNumElements());
  return succeeded(importer.setOutput(0, std::move(result)));
}

bool evaluateCast(NodeImporter &importer) {
  const IntTensor *input = importer.getIntegers(0);
  DataType type;
  if (importer.node.opType == "CastLike") {
    Value like = importer.hasInput(1) ? importer.getInput(1) : Value();
    if (!like)
      return false;
    type = convertType(getTensorType(like).getElementType());
  } else {
    int64_t to = importer.getInt("to", 0);
    if (to < 0 || to > INT32_MAX || !isKnownDataType(static_cast<int32_t>(to)))
      return false;
    type = static_cast<DataType>(to);
  }
  if (!input || !(type == DataType::Int64 || type == DataType::Int32 || type == DataType::Bool))
    return false;
  IntTensor result = *input;
  result.type = type;
  for (Integer &element : result.elements)
    if (element.number)
      element = wrapInteger(*element.number, type);
  return succeeded(importer.setOutput(0, std::move(result)));
}

bool evaluateRange(NodeImporter &importer) {
  int64_t bounds[3];
  for (size_t i = 0; i < 3; ++i) {
    const IntTensor *input = importer.getIntegers(i);
    if (!input || input->elements.size() != 1 || !input->elements[0].number)
      return false;
    bounds[i] = *input->elements[0].number;
  }
  auto [start, limit, delta] = bounds;
  IntTensor result;
  result.type = importer.getIntegers(0)->type;
  if (delta == 0)
    return false;
  for (__int128 i = start; delta > 0 ? i < limit : i > limit; i += delta) {
    if (result.elements.size() == maxIntTensorElements)
      return false;
    result.elements.push_back(static_cast<int64_t>(i));
  }
  result.dims = {static_cast<int64_t>(result.elements.size())};
  return succeeded(importer.setOutput(0, std::move(result)));
}

bool evaluateConstantOfShape(NodeImporter &importer) {
  const IntTensor *shape = importer.getIntegers(0);
  const onnx::Attribute *value = importer.getAttribute("value");
  std::optional<Shape> dims;
  if (shape)
    dims = shape->getNumbers();
  if (!dims || !value || value->tensors.size() != 1)
    return false;
  std::shared_ptr<const IntTensor> fill = decodeIntegers(value->tensors[0]);
  int64_t count = 1;
  for (int64_t dim : *dims)
    if (dim < 0 || dim > maxIntTensorElements || (count *= dim) > maxIntTensorElements)
      return false;
  if (!fill || fill->elements.size() != 1)
    return false;
  IntTensor result;
  result.type = fill->type;
  result.dims = *dims;
  result.elements.assign(static_cast<size_t>(count), fill->elements[0]);
  return succeeded(importer.setOutput(0, std::move(result)));
}

/// The product of all elements: how exporters compute a flattened size.
bool evaluateReduceProd(NodeImporter &importer) {
  const IntTensor *input = importer.getIntegers(0);
  std::optional<Shape> numbers;
  if (input && input->dims.size() == 1)
    numbers = input->getNumbers();
  Shape axes = importer.getInts("axes", {0});
  if (!numbers || importer.hasInput(1) || axes.size() != 1 || (axes[0] != 0 && axes[0] != -1))
    return false;
  uint64_t product = 1;
  for (int64_t number : *numbers)
    product *= static_cast<uint64_t>(number);
  IntTensor result;
  result.type = input->type;
  if (importer.getInt("keepdims", 1))
    result.dims = {1};
  result.elements.push_back(wrapInteger(static_cast<int64_t>(product), result.type));
  return succeeded(importer.setOutput(0, std::move(result)));
}
} // namespace

bool condense::onnx::evaluateIntegers(NodeImporter &importer) {
  using Evaluator = bool (*)(NodeImporter &);
  auto evaluator =
      llvm::StringSwitch<Evaluator>(importer.node.opType)
          .Case("Shape", evaluateShape)
          .Case("Size", evaluateSize)
          .Cases({"Cast", "CastLike"}, evaluateCast)
          .Case("Range", evaluateRange)
          .Case("ConstantOfShape", evaluateConstantOfShape)
          .Case("ReduceProd", evaluateReduceProd)
          .Cases({"Concat", "Gather", "Identity", "Reshape", "Slice", "Squeeze", "Unsqueeze"}, evaluateMovement)
          .Default(evaluateArithmetic);
  return evaluator(importer);
}
