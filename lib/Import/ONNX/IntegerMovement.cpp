//===- IntegerMovement.cpp - Known integers that change their place -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shapes are vectors, so vectors and scalars are all that is handled.
//
//===----------------------------------------------------------------------===//

#include "IntegerEvaluation.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace condense::onnx;

namespace {
bool finish(NodeImporter &importer, DataType type, SmallVector<int64_t> dims, SmallVector<Integer> elements) {
  IntTensor result;
  result.type = type;
  result.dims = std::move(dims);
  result.elements = std::move(elements);
  return succeeded(importer.setOutput(0, std::move(result)));
}

bool evaluateConcat(NodeImporter &importer) {
  if (importer.getNumInputs() == 0)
    return false;
  SmallVector<Integer> elements;
  for (size_t i = 0; i < importer.getNumInputs(); ++i) {
    const IntTensor *input = importer.getIntegers(i);
    if (!input || input->dims.size() != 1 || input->type != importer.getIntegers(0)->type)
      return false;
    elements.append(input->elements);
  }
  int64_t axis = importer.getInt("axis", 1);
  if (elements.size() > maxIntTensorElements || (axis != 0 && axis != -1))
    return false;
  auto count = static_cast<int64_t>(elements.size());
  return finish(importer, importer.getIntegers(0)->type, {count}, elements);
}

bool evaluateGather(NodeImporter &importer) {
  const IntTensor *input = importer.getIntegers(0);
  const IntTensor *indices = importer.getIntegers(1);
  if (!input || !indices || input->dims.size() != 1 || indices->dims.size() > 1)
    return false;
  std::optional<Shape> numbers = indices->getNumbers();
  if (!numbers)
    return false;
  auto size = static_cast<int64_t>(input->elements.size());
  SmallVector<Integer> elements;
  for (int64_t index : *numbers) {
    if (index < -size || index >= size)
      return false;
    elements.push_back(input->elements[index < 0 ? index + size : index]);
  }
  return finish(importer, input->type, indices->dims, elements);
}

/// The elements stay, only the shape changes.
bool setDims(NodeImporter &importer, SmallVector<int64_t> dims) {
  const IntTensor *input = importer.getIntegers(0);
  return finish(importer, input->type, std::move(dims), input->elements);
}

bool evaluateSqueeze(NodeImporter &importer) {
  const IntTensor *input = importer.getIntegers(0);
  return input && input->dims.size() == 1 && input->elements.size() == 1 && setDims(importer, {});
}

bool evaluateUnsqueeze(NodeImporter &importer) {
  const IntTensor *input = importer.getIntegers(0);
  return input && input->dims.empty() && setDims(importer, {1});
}

bool evaluateReshape(NodeImporter &importer) {
  const IntTensor *input = importer.getIntegers(0);
  const IntTensor *shape = importer.getIntegers(1);
  std::optional<Shape> numbers;
  if (input && shape)
    numbers = shape->getNumbers();
  if (!numbers)
    return false;
  if (numbers->empty() && input->elements.size() == 1)
    return setDims(importer, {});
  auto count = static_cast<int64_t>(input->elements.size());
  if (numbers->size() == 1 && (numbers->front() == -1 || (numbers->front() == count && count != 0)))
    return setDims(importer, {count});
  return false;
}

bool evaluateIdentity(NodeImporter &importer) {
  const IntTensor *input = importer.getIntegers(0);
  return input && setDims(importer, input->dims);
}

bool evaluateSlice(NodeImporter &importer) {
  const IntTensor *input = importer.getIntegers(0);
  if (!input || input->dims.size() != 1)
    return false;
  auto get = [&](size_t index, StringRef name) -> std::optional<int64_t> {
    std::optional<Shape> numbers;
    if (importer.opset < 10)
      numbers = importer.getInts(name, {});
    else if (const IntTensor *given = importer.getIntegers(index))
      numbers = given->getNumbers();
    if (!numbers || numbers->size() != 1)
      return std::nullopt;
    return numbers->front();
  };
  std::optional<int64_t> start = get(1, "starts"), end = get(2, "ends");
  int64_t step = 1;
  if (importer.opset >= 10 && importer.hasInput(4))
    step = get(4, "steps").value_or(0);
  // A vector has only one axis, so `axes` says nothing new.
  if (!start || !end || step == 0 || input->elements.empty())
    return false;
  auto size = static_cast<int64_t>(input->elements.size());
  auto limit = [&](int64_t position, int64_t low, int64_t high) {
    return std::clamp(position < 0 ? position + size : position, low, high);
  };
  int64_t low = step < 0 ? -1 : 0, high = step < 0 ? size - 1 : size;
  int64_t from = limit(*start, 0, high);
  int64_t to = *end < -size ? low : limit(*end, low, high);
  SmallVector<Integer> elements;
  for (__int128 i = from; step > 0 ? i < to : i > to; i += step)
    elements.push_back(input->elements[static_cast<size_t>(i)]);
  auto count = static_cast<int64_t>(elements.size());
  return finish(importer, input->type, {count}, elements);
}
} // namespace

bool condense::onnx::evaluateMovement(NodeImporter &importer) {
  using Evaluator = bool (*)(NodeImporter &);
  return llvm::StringSwitch<Evaluator>(importer.node.opType)
      .Case("Concat", evaluateConcat)
      .Case("Gather", evaluateGather)
      .Case("Identity", evaluateIdentity)
      .Case("Reshape", evaluateReshape)
      .Case("Slice", evaluateSlice)
      .Case("Squeeze", evaluateSqueeze)
      .Default(evaluateUnsqueeze)(importer);
}
