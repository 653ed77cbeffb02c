//===- Indexing.cpp - ONNX operators that pick and place elements ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
//===----------------------------------------------------------------------===//
// Gather
//===----------------------------------------------------------------------===//

/// index < 0 ? index + size : index
Value wrapIndices(NodeImporter &importer, Value indices, int64_t size) {
  if (!indices)
    return Value();
  Type type = getTensorType(indices).getElementType();
  auto less = nn::ComparisonAttr::get(importer.builder.getContext(), nn::Comparison::LT);
  Value isNegative = importer.create<nn::CompareOp>({indices, importer.createScalar(type, 0)},
                                                    importer.attr("kind", mlir::Attribute(less)));
  Value wrapped = importer.create<nn::AddOp>({indices, importer.createScalar(type, static_cast<double>(size))});
  return importer.create<nn::SelectOp>({isNegative, wrapped, indices});
}

/// Rows of a constant table are an embedding, whose table can be compressed.
LogicalResult importGather(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  Value indices = importer.getInput(1);
  if (!type || !indices)
    return failure();
  std::optional<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", 0), type.getRank());
  if (!axis)
    return failure();
  bool isTable = importer.getConstant(0) && type.getRank() == 2 && *axis == 0 && isa<FloatType>(type.getElementType());
  if (!isTable)
    return importer.setOutput(
        0, importer.create<nn::GatherOp>({importer.getInput(0), indices}, importer.attr("axis", *axis)));
  Value ids = wrapIndices(importer, indices, type.getDimSize(0));
  return importer.setOutput(0, importer.create<nn::EmbeddingOp>({ids, importer.getInput(0)}));
}

LogicalResult importGatherElements(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  std::optional<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", 0), type.getRank());
  if (!axis)
    return failure();
  return importer.setOutput(0,
                            importer.create<nn::GatherElementsOp>(importer.getInputs(), importer.attr("axis", *axis)));
}

/// The first `depth` dimensions, which the last dimension of the indices
/// counts, become one, and the indices one number.
LogicalResult importGatherND(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  RankedTensorType indexType = importer.getInputType(1);
  if (!importer.requireStatic(type, "GatherND") || !importer.requireStatic(indexType, "GatherND"))
    return failure();
  if (importer.getInt("batch_dims", 0) != 0)
    return importer.reject("attribute 'batch_dims' must be 0");
  int64_t depth = indexType.getRank() ? indexType.getShape().back() : 0;
  if (depth < 1 || depth > type.getRank() || type.getNumElements() == 0 || indexType.getNumElements() == 0)
    return importer.reject("the indices do not fit the data");
  Shape rowShape(indexType.getShape().drop_back());
  Value linear;
  int64_t rows = 1;
  for (int64_t dim = 0; dim < depth; ++dim) {
    auto column = importer.createIntegers({}, {dim});
    Value index =
        importer.create<nn::GatherOp>({importer.getInput(1), column}, importer.attr("axis", indexType.getRank() - 1));
    index = wrapIndices(importer, index, type.getDimSize(dim));
    Value size = importer.createScalar(indexType.getElementType(), static_cast<double>(type.getDimSize(dim)));
    if (linear)
      index = importer.create<nn::AddOp>({importer.create<nn::MulOp>({linear, size}), index});
    linear = index;
    rows *= type.getDimSize(dim);
  }
  Shape tableShape = {rows};
  llvm::append_range(tableShape, type.getShape().drop_front(depth));
  Value table = importer.reshape(importer.getInput(0), tableShape);
  return importer.setOutput(0, importer.create<nn::GatherOp>({table, linear}, importer.attr("axis", int64_t{0})));
}

//===----------------------------------------------------------------------===//
// Slice and Split
//===----------------------------------------------------------------------===//

/// One part per dimension; whole until `set`.
struct Part {
  Shape starts, ends, steps;

  explicit Part(int64_t rank) : starts(rank, 0), ends(rank, INT64_MAX), steps(rank, 1) {}
  void set(int64_t axis, int64_t start, int64_t end, int64_t step = 1) {
    starts[axis] = start;
    ends[axis] = end;
    steps[axis] = step;
  }
};

Value createSlice(NodeImporter &importer, Value input, const Part &part) {
  return importer.create<nn::SliceOp>(input, {importer.attr("starts", part.starts), importer.attr("ends", part.ends),
                                              importer.attr("steps", part.steps)});
}

/// Ends at the size of a dynamic dimension, from 0 in steps of 1: how exporters take the first positions of a
/// table. Where the sequence is longer than the table, its last row is repeated.
bool importLeadingSlice(NodeImporter &importer, RankedTensorType type) {
  const IntTensor *ends = importer.getIntegers(2);
  if (importer.opset < 10 || !ends || ends->elements.size() != 1 || !ends->elements[0].source)
    return false;
  auto isNumber = [&](size_t index, int64_t number) {
    const IntTensor *input = importer.getIntegers(index);
    std::optional<Shape> numbers = input ? input->getNumbers() : std::nullopt;
    return numbers && *numbers == Shape{number};
  };
  const IntTensor *axes = importer.hasInput(3) ? importer.getIntegers(3) : nullptr;
  std::optional<Shape> axis = axes ? axes->getNumbers() : std::nullopt;
  if (!isNumber(1, 0) || (importer.hasInput(4) && !isNumber(4, 1)) || (importer.hasInput(3) && !axis))
    return false;
  if (!axis)
    axis = Shape{0};
  axis = importer.normalizeAxes(*axis, type.getRank());
  if (!axis || axis->size() != 1 || type.isDynamicDim(axis->front()))
    return false;
  const Integer &end = ends->elements[0];
  Value positions = importer.create<nn::IotaOp>(end.source, importer.attr("dim", end.dim));
  Value part = importer.create<nn::GatherOp>({importer.getInput(0), positions}, importer.attr("axis", axis->front()));
  return succeeded(importer.setOutput(0, part));
}

/// Attributes before opset 10, inputs from then on.
LogicalResult importSlice(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  if (importLeadingSlice(importer, type))
    return success();
  auto read = [&](size_t index, StringRef name, Shape defaultValue) -> std::optional<Shape> {
    if (importer.opset < 10)
      return importer.getInts(name, defaultValue);
    return importer.hasInput(index) ? importer.getNumbers(index, name) : defaultValue;
  };
  std::optional<Shape> starts = read(1, "starts", {});
  std::optional<Shape> ends = read(2, "ends", {});
  if (!starts || !ends)
    return failure();
  std::optional<Shape> axes = read(3, "axes", makeRange(0, starts->size()));
  Shape ones(starts->size(), 1);
  std::optional<Shape> steps = importer.opset < 10 ? ones : read(4, "steps", ones);
  if (!axes || !steps)
    return failure();
  if (ends->size() != starts->size() || axes->size() != starts->size() || steps->size() != starts->size())
    return importer.reject("starts, ends, axes and steps differ in number");
  Part part(type.getRank());
  for (size_t i = 0; i < axes->size(); ++i) {
    std::optional<int64_t> axis = importer.normalizeAxis((*axes)[i], type.getRank());
    if (!axis)
      return failure();
    part.set(*axis, (*starts)[i], (*ends)[i], std::max<int64_t>((*steps)[i], -INT64_MAX));
  }
  return importer.setOutput(0, createSlice(importer, importer.getInput(0), part));
}

/// The sizes of the parts of a dimension of `size`.
std::optional<Shape> readSplitSizes(NodeImporter &importer, int64_t size) {
  auto count = static_cast<int64_t>(importer.node.outputs.size());
  bool isInput = importer.opset >= 13;
  if (isInput && importer.hasInput(1))
    return importer.getNumbers(1, "split");
  if (!isInput && importer.hasAttribute("split"))
    return importer.getInts("split", {});
  if (importer.getInt("num_outputs", count) != count || count == 0 || ShapedType::isDynamic(size) ||
      (importer.opset < 18 && size % count != 0)) {
    (void)importer.reject("the dimension cannot be split equally");
    return std::nullopt;
  }
  // The last part may be smaller.
  int64_t part = (size + count - 1) / count;
  Shape sizes(count, part);
  sizes.back() = size - part * (count - 1);
  return sizes;
}

LogicalResult importSplit(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  std::optional<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", 0), type.getRank());
  if (!axis)
    return failure();
  int64_t size = type.getDimSize(*axis);
  std::optional<Shape> sizes = readSplitSizes(importer, size);
  if (!sizes)
    return failure();
  int64_t sum = 0;
  for (int64_t part : *sizes)
    if (part < 0 || llvm::AddOverflow(sum, part, sum))
      return importer.reject("the parts do not add up to the dimension");
  if (sizes->size() != importer.node.outputs.size() || sum != size)
    return importer.reject("the parts do not add up to the dimension");
  int64_t start = 0;
  for (auto [i, length] : llvm::enumerate(*sizes)) {
    Part part(type.getRank());
    part.set(*axis, start, start + length);
    start += length;
    if (failed(importer.setOutput(i, createSlice(importer, importer.getInput(0), part))))
      return failure();
  }
  return success();
}
} // namespace

void condense::onnx::registerIndexing(HandlerTable &table) {
  table["Gather"] = {1, importGather};
  table["GatherElements"] = {11, importGatherElements};
  table["GatherND"] = {11, importGatherND};
  table["Slice"] = {1, importSlice};
  table["Split"] = {2, importSplit};
}
