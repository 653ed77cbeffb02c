//===- Generators.cpp - ONNX operators that make tensors from little ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <numbers>

using namespace mlir;
using namespace condense;
using namespace condense::onnx;
using AttributeKind = condense::onnx::Attribute::Kind;

namespace {
template <typename T>
std::shared_ptr<Tensor> makeTensor(DataType type, std::vector<int64_t> dims, const std::vector<T> &elements) {
  auto owner = std::make_shared<std::vector<T>>(elements);
  auto tensor = std::make_shared<Tensor>();
  tensor->type = type;
  tensor->dims = std::move(dims);
  tensor->size = owner->size() * sizeof(T);
  tensor->data = tensor->size ? reinterpret_cast<const std::byte *>(owner->data()) : nullptr;
  tensor->owner = std::move(owner);
  return tensor;
}

/// The one attribute of a Constant, in any of its forms.
LogicalResult importConstant(NodeImporter &importer) {
  if (importer.node.attributes.size() != 1)
    return importer.reject("requires one attribute");
  const onnx::Attribute *value = importer.getAttribute(importer.node.attributes.front().name);
  auto count = static_cast<int64_t>(value->ints.size() + value->floats.size());
  Imported output;
  switch (value->kind) {
  case AttributeKind::Tensor: {
    auto tensor = std::make_shared<Tensor>(value->tensors.front());
    if (tensor->name.empty() && !importer.node.outputs.empty())
      tensor->name = importer.node.outputs.front();
    output.constant = std::move(tensor);
    break;
  }
  case AttributeKind::Int:
    output.constant = makeTensor(DataType::Int64, {}, value->ints);
    break;
  case AttributeKind::Ints:
    output.constant = makeTensor(DataType::Int64, {count}, value->ints);
    break;
  case AttributeKind::Float:
    output.constant = makeTensor(DataType::Float, {}, value->floats);
    break;
  case AttributeKind::Floats:
    output.constant = makeTensor(DataType::Float, {count}, value->floats);
    break;
  default:
    return importer.reject("attribute '" + value->name + "' is not supported");
  }
  importer.setOutput(0, output);
  return success();
}

/// Reached only by what integer evaluation could not do.
LogicalResult rejectShape(NodeImporter &importer) {
  return importer.reject("the size of a tensor with dynamic "
                         "dimensions is not known at import");
}

LogicalResult importConstantOfShape(NodeImporter &importer) {
  std::optional<Shape> shape = importer.getNumbers(0, "shape");
  const onnx::Attribute *value = importer.getAttribute("value");
  if (!shape)
    return failure();
  Type type = importer.builder.getF32Type();
  double fill = 0;
  if (value) {
    if (value->tensors.size() != 1)
      return importer.reject("attribute 'value' must be a tensor");
    const Tensor &tensor = value->tensors.front();
    type = convertType(importer.builder.getContext(), tensor.type);
    std::optional<SmallVector<double>> numbers = decodeReals(tensor);
    if (!type || !numbers || numbers->size() != 1)
      return importer.reject("attribute 'value' must have one number");
    fill = numbers->front();
  }
  int64_t count = 1;
  for (int64_t dim : *shape)
    if (dim < 0 || llvm::MulOverflow(count, dim, count) || count > (int64_t{1} << 32))
      return importer.reject("the shape is negative or too large");
  return importer.setOutput(0, importer.createSplat(RankedTensorType::get(*shape, type), fill));
}

LogicalResult importRange(NodeImporter &importer) {
  SmallVector<double> bounds;
  for (size_t i = 0; i < 3; ++i) {
    std::optional<SmallVector<double>> bound = importer.getReals(i, "bounds of Range");
    if (!bound || bound->size() != 1)
      return importer.reject("requires scalars");
    bounds.push_back(bound->front());
  }
  double start = bounds[0], limit = bounds[1], delta = bounds[2];
  double count = std::max(std::ceil((limit - start) / delta), 0.0);
  if (!(count <= maxIntTensorElements))
    return importer.reject("has more than " + Twine(maxIntTensorElements) + " elements");
  SmallVector<double> elements;
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i)
    elements.push_back(start + static_cast<double>(i) * delta);
  auto size = static_cast<int64_t>(elements.size());
  return importer.setOutput(
      0, importer.createConstant(RankedTensorType::get({size}, importer.getInputType(0).getElementType()), elements));
}

/// The element type that the attribute `name` numbers; null after a rejection.
Type readType(NodeImporter &importer, StringRef name, int64_t defaultValue) {
  int64_t number = importer.getInt(name, defaultValue);
  Type type;
  if (number > 0 && number <= INT32_MAX && isKnownDataType(static_cast<int32_t>(number)))
    type = convertType(importer.builder.getContext(), static_cast<DataType>(number));
  if (!type)
    (void)importer.reject("attribute '" + name + "' is not supported");
  return type;
}

Value createTrilu(NodeImporter &importer, Value input, int64_t diagonal, bool isUpper) {
  SmallVector<NamedAttribute> attributes = {importer.attr("diagonal", diagonal)};
  if (isUpper)
    attributes.push_back(importer.unit("upper"));
  return importer.create<nn::TriluOp>(input, attributes);
}

LogicalResult importTrilu(NodeImporter &importer) {
  std::optional<Shape> diagonal = Shape{0};
  if (importer.hasInput(1))
    diagonal = importer.getNumbers(1, "k");
  if (!diagonal)
    return failure();
  if (diagonal->size() != 1)
    return importer.reject("k must have one element");
  return importer.setOutput(
      0, createTrilu(importer, importer.getInput(0), diagonal->front(), importer.getInt("upper", 1) != 0));
}

/// Both triangles of ones at the diagonal leave just that.
LogicalResult importEyeLike(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!importer.requireStatic(type, "EyeLike"))
    return failure();
  DataType own = convertType(type.getElementType());
  Type elementType = readType(importer, "dtype", static_cast<int64_t>(own));
  int64_t diagonal = importer.getInt("k", 0);
  if (!elementType)
    return failure();
  Value ones = importer.createSplat(type.clone(elementType), 1);
  Value upper = createTrilu(importer, ones, diagonal, true);
  return importer.setOutput(0, createTrilu(importer, upper, diagonal, false));
}

LogicalResult importOneHot(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  std::optional<SmallVector<double>> depth = importer.getReals(1, "depth");
  RankedTensorType valuesType = importer.getInputType(2);
  if (!type || !depth || !valuesType)
    return failure();
  std::optional<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", -1), type.getRank() + 1);
  if (!axis)
    return failure();
  if (depth->size() != 1 || !(depth->front() >= 0 && depth->front() < 1e9) ||
      valuesType.getShape() != ArrayRef<int64_t>{2})
    return importer.reject("depth or values do not fit");
  Value indices = importer.cast(importer.getInput(0), importer.builder.getI64Type());
  auto pick = [&](int64_t position) {
    return importer.create<nn::GatherOp>({importer.getInput(2), importer.createIntegers({}, {position})},
                                         importer.attr("axis", int64_t{0}));
  };
  return importer.setOutput(
      0, importer.create<nn::OneHotOp>(
             {indices, pick(1), pick(0)},
             {importer.attr("axis", *axis), importer.attr("depth", static_cast<int64_t>(depth->front()))}));
}

//===----------------------------------------------------------------------===//
// Window functions
//===----------------------------------------------------------------------===//

/// a - b cos(x) + c cos(2x), x running over one period.
LogicalResult createWindow(NodeImporter &importer, double a, double b, double c) {
  std::optional<Shape> size = importer.getNumbers(0, "size");
  Type type = readType(importer, "output_datatype", 1);
  bool isPeriodic = importer.getInt("periodic", 1) != 0;
  if (!size || !type)
    return failure();
  if (size->size() != 1 || size->front() < 1 || size->front() > maxIntTensorElements)
    return importer.reject("the size must be within [1, " + Twine(maxIntTensorElements) + "]");
  int64_t count = size->front();
  auto period = static_cast<double>(isPeriodic ? count : count - 1);
  SmallVector<double> elements;
  for (int64_t i = 0; i < count; ++i) {
    double x = 2 * std::numbers::pi * static_cast<double>(i) / period;
    elements.push_back(a - b * std::cos(x) + c * std::cos(2 * x));
  }
  return importer.setOutput(0, importer.createConstant(RankedTensorType::get({count}, type), elements));
}

LogicalResult importHannWindow(NodeImporter &importer) { return createWindow(importer, 0.5, 0.5, 0); }
LogicalResult importHammingWindow(NodeImporter &importer) { return createWindow(importer, 25.0 / 46, 21.0 / 46, 0); }
LogicalResult importBlackmanWindow(NodeImporter &importer) { return createWindow(importer, 0.42, 0.5, 0.08); }
} // namespace

void condense::onnx::registerGenerators(HandlerTable &table) {
  table["Constant"] = {1, importConstant};
  table["Shape"] = {1, rejectShape};
  table["Size"] = {1, rejectShape};
  table["ConstantOfShape"] = {9, importConstantOfShape};
  table["Range"] = {11, importRange};
  table["Trilu"] = {14, importTrilu};
  table["EyeLike"] = {9, importEyeLike};
  table["OneHot"] = {9, importOneHot};
  table["HannWindow"] = {17, importHannWindow};
  table["HammingWindow"] = {17, importHammingWindow};
  table["BlackmanWindow"] = {17, importBlackmanWindow};
}
