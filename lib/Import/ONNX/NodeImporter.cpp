//===- NodeImporter.cpp - What a handler of an operator works with --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;
using AttributeKind = condense::onnx::Attribute::Kind;

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

bool NodeImporter::hasInput(size_t index) const { return index < inputs.size() && inputs[index]; }

Value NodeImporter::getInput(size_t index) {
  if (!hasInput(index)) {
    (void)reject("input " + Twine(index) + " is missing");
    return Value();
  }
  Imported &input = *inputs[index];
  if (input.value)
    return input.value;
  if (input.constant) {
    auto name = StringAttr::get(builder.getContext(), input.constant->name);
    input.value = materializeTensor(builder, input.constant->name.empty() ? loc : NameLoc::get(name), input.constant);
    if (!input.value)
      (void)reject("constants of type " + Twine(std::string(getName(input.constant->type))) + " are not supported");
    return input.value;
  }
  std::optional<Shape> numbers = input.integers->getNumbers();
  if (!numbers) {
    (void)reject("input " + Twine(index) +
                 " computes data from the size of a dynamic dimension; import "
                 "the model with static shapes");
    return Value();
  }
  input.value =
      cast(createIntegers(input.integers->dims, *numbers), convertType(builder.getContext(), input.integers->type));
  return input.value;
}

SmallVector<Value> NodeImporter::getInputs() {
  SmallVector<Value> values;
  for (size_t i = 0; i < inputs.size(); ++i)
    values.push_back(getInput(i));
  return values;
}

RankedTensorType NodeImporter::getInputType(size_t index) {
  // Asking for the type of a constant must not make it part of the module.
  if (hasInput(index) && !inputs[index]->value) {
    const Imported &input = *inputs[index];
    Type elementType = convertType(builder.getContext(), input.constant ? input.constant->type : input.integers->type);
    if (elementType && input.constant)
      return RankedTensorType::get(input.constant->dims, elementType);
    if (elementType)
      return RankedTensorType::get(input.integers->dims, elementType);
  }
  Value value = getInput(index);
  return value ? getTensorType(value) : RankedTensorType();
}

const IntTensor *NodeImporter::getIntegers(size_t index) const {
  if (!hasInput(index))
    return nullptr;
  Imported &input = *inputs[index];
  if (!input.integers && input.constant)
    input.integers = decodeIntegers(*input.constant);
  return input.integers.get();
}

const Tensor *NodeImporter::getConstant(size_t index) const {
  return hasInput(index) ? inputs[index]->constant.get() : nullptr;
}

std::optional<Shape> NodeImporter::getNumbers(size_t index, StringRef role) {
  if (!hasInput(index)) {
    (void)reject("the " + role + " (input " + Twine(index) + ") is missing");
    return std::nullopt;
  }
  if (const IntTensor *integers = getIntegers(index))
    if (std::optional<Shape> numbers = integers->getNumbers())
      return numbers;
  (void)reject("the " + role + " (input " + Twine(index) + ", '" + node.inputs[index] +
               "') must be known when the model is "
               "imported; give the graph's inputs it depends on as constants");
  return std::nullopt;
}

std::optional<SmallVector<double>> NodeImporter::getReals(size_t index, StringRef role) {
  if (const Tensor *constant = getConstant(index))
    if (std::optional<SmallVector<double>> numbers = decodeReals(*constant))
      return numbers;
  std::optional<Shape> numbers = getNumbers(index, role);
  if (!numbers)
    return std::nullopt;
  return SmallVector<double>(numbers->begin(), numbers->end());
}

Value NodeImporter::getReshapedInput(size_t index, ArrayRef<int64_t> shape) {
  const Tensor *constant = getConstant(index);
  if (!constant || !constant->strings.empty())
    return reshape(getInput(index), shape);
  auto reshaped = std::make_shared<Tensor>(*constant);
  reshaped->dims.assign(shape.begin(), shape.end());
  return materializeTensor(builder, NameLoc::get(builder.getStringAttr(constant->name)), reshaped);
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const condense::onnx::Attribute *NodeImporter::getAttribute(StringRef name) {
  consulted.insert(name);
  return node.findAttribute({name.data(), name.size()});
}

bool NodeImporter::hasAttribute(StringRef name) { return getAttribute(name); }

const condense::onnx::Attribute *NodeImporter::find(StringRef name, AttributeKind kind) {
  const onnx::Attribute *attribute = getAttribute(name);
  if (!attribute)
    return nullptr;
  // An empty list may have been written without its type.
  if (attribute->kind == AttributeKind::Other)
    return nullptr;
  if (attribute->kind != kind || !attribute->reference.empty()) {
    (void)reject("attribute '" + name + "' has an unexpected type");
    return nullptr;
  }
  return attribute;
}

int64_t NodeImporter::getInt(StringRef name, int64_t defaultValue) {
  const onnx::Attribute *attribute = find(name, AttributeKind::Int);
  return attribute ? attribute->ints[0] : defaultValue;
}

double NodeImporter::getFloat(StringRef name, double defaultValue) {
  const onnx::Attribute *attribute = find(name, AttributeKind::Float);
  return attribute ? attribute->floats[0] : defaultValue;
}

std::string NodeImporter::getString(StringRef name, StringRef defaultValue) {
  const onnx::Attribute *attribute = find(name, AttributeKind::String);
  return attribute ? attribute->strings[0] : defaultValue.str();
}

Shape NodeImporter::getInts(StringRef name, ArrayRef<int64_t> defaultValue) {
  if (const onnx::Attribute *attribute = find(name, AttributeKind::Ints))
    return Shape(attribute->ints.begin(), attribute->ints.end());
  return Shape(defaultValue);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

LogicalResult NodeImporter::setOutput(size_t index, Value value) {
  if (!value)
    return failure();
  if (index < outputs.size())
    outputs[index].value = value;
  return success();
}

LogicalResult NodeImporter::setOutput(size_t index, IntTensor integers) {
  if (index < outputs.size())
    outputs[index].integers = std::make_shared<IntTensor>(std::move(integers));
  return success();
}

LogicalResult NodeImporter::reject(const Twine &why) {
  if (reason.empty())
    reason = why.str();
  return failure();
}

LogicalResult NodeImporter::checkComplete() {
  if (!reason.empty())
    return failure();
  for (const onnx::Attribute &attribute : node.attributes)
    if (!consulted.contains(attribute.name))
      return reject("attribute '" + attribute.name + "' is not supported");
  for (auto [name, output] : llvm::zip_equal(node.outputs, outputs))
    if (!name.empty() && !output.value && !output.constant && !output.integers)
      return reject("its output '" + name + "' is not supported");
  return success();
}
