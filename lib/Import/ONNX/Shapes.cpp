//===- Shapes.cpp - ONNX operators that only change shapes ----------------===//
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
// Reshape
//===----------------------------------------------------------------------===//

/// Follows a dynamic dimension to the tensor whose dimension it is, through
/// operations that pass it on unchanged.
Integer findOrigin(Value value, int64_t dim) {
  for (Operation *op = value.getDefiningOp(); op; op = value.getDefiningOp()) {
    RankedTensorType type = getTensorType(value);
    Value operand;
    if (auto transpose = dyn_cast<nn::TransposeOp>(op)) {
      operand = transpose.getInput();
      dim = transpose.getPermutation()[dim];
    } else if (auto reshape = dyn_cast<nn::ReshapeOp>(op)) {
      if (reshape.getShape()[dim] == 0)
        operand = reshape.getInput();
    } else if (isa<nn::LinearOp, nn::EmbeddingOp>(op) ||
               (isa<nn::MatmulOp>(op) && getTensorType(op->getOperand(1)).getRank() == 2)) {
      if (dim + 1 < type.getRank())
        operand = op->getOperand(0);
    } else if (isa<nn::LayerNormOp, nn::RMSNormOp, nn::SoftmaxOp, nn::BatchNormOp>(op) ||
               (op->hasTrait<OpTrait::Elementwise>() && op->getNumOperands() == 1)) {
      operand = op->getOperand(0);
    } else if (isa<nn::AddOp, nn::SubOp, nn::MulOp, nn::DivOp>(op)) {
      // The other operand has size 1 there, or no such dimension.
      for (unsigned i : {0, 1}) {
        RankedTensorType own = getTensorType(op->getOperand(i));
        RankedTensorType other = getTensorType(op->getOperand(1 - i));
        int64_t inOther = dim - (type.getRank() - other.getRank());
        if (own.getRank() == type.getRank() && own.isDynamicDim(dim) && (inOther < 0 || other.getDimSize(inOther) == 1))
          operand = op->getOperand(i);
      }
    }
    if (auto iota = dyn_cast<nn::IotaOp>(op)) {
      operand = iota.getLike();
      dim = static_cast<int64_t>(iota.getDim());
    }
    if (!operand)
      break;
    value = operand;
  }
  return Integer(value, dim);
}

bool areSameDims(Value lhs, int64_t lhsDim, Value rhs, int64_t rhsDim) {
  Integer left = findOrigin(lhs, lhsDim), right = findOrigin(rhs, rhsDim);
  return left.source == right.source && left.dim == right.dim;
}

/// The attribute of nn.reshape for a shape some of whose sizes are dynamic.
std::optional<Shape> resolveShape(NodeImporter &importer, const IntTensor &request, bool allowZero) {
  Value input = importer.getInput(0);
  if (!input)
    return std::nullopt;
  RankedTensorType type = getTensorType(input);
  Shape shape;
  unsigned numInferred = 0;
  for (auto [i, element] : llvm::enumerate(request.elements)) {
    auto dim = static_cast<int64_t>(i);
    int64_t size = -1;
    if (element.number)
      size = *element.number;
    else if (element.source && dim < type.getRank() && areSameDims(element.source, element.dim, input, dim))
      size = 0;
    bool isLiteralZero = element.number && size == 0 && allowZero;
    if (isLiteralZero && !(dim < type.getRank() && type.getDimSize(dim) == 0)) {
      (void)importer.reject("a size of 0 is not supported");
      return std::nullopt;
    }
    numInferred += size == -1;
    shape.push_back(size);
  }
  if (numInferred > 1) {
    (void)importer.reject("several sizes depend on dynamic dimensions in a way "
                          "that is not supported; import with static shapes");
    return std::nullopt;
  }
  return shape;
}

LogicalResult importReshape(NodeImporter &importer) {
  bool allowZero = importer.getInt("allowzero", 0) != 0;
  const IntTensor *request = importer.getIntegers(1);
  if (!request) {
    (void)importer.getNumbers(1, "shape");
    return failure();
  }
  if (request->dims.size() != 1)
    return importer.reject("the shape must be a vector");
  std::optional<Shape> shape = resolveShape(importer, *request, allowZero);
  if (!shape)
    return failure();
  // A constant that is only viewed differently stays a constant.
  bool isPlain = llvm::all_of(*shape, [](int64_t size) { return size > 0; });
  const Tensor *constant = importer.getConstant(0);
  int64_t product = 1;
  for (int64_t size : *shape)
    isPlain = isPlain && !llvm::MulOverflow(product, size, product);
  if (constant && isPlain && product == constant->getNumElements()) {
    auto view = std::make_shared<Tensor>(*constant);
    view->dims.assign(shape->begin(), shape->end());
    Imported output;
    output.constant = std::move(view);
    importer.setOutput(0, output);
    return success();
  }
  return importer.setOutput(0, importer.create<nn::ReshapeOp>(importer.getInput(0), importer.attr("shape", *shape)));
}

/// To a matrix: the dimensions before the axis, and the others.
LogicalResult importFlatten(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  int64_t rank = type.getRank(), axis = importer.getInt("axis", 1);
  if (axis < -rank || axis > rank)
    return importer.reject("axis " + Twine(axis) +
                           " is outside of a tensor of "
                           "rank " +
                           Twine(rank));
  axis = axis < 0 ? axis + rank : axis;
  auto getProduct = [](ArrayRef<int64_t> dims) -> int64_t {
    int64_t product = 1;
    for (int64_t dim : dims)
      product = ShapedType::isDynamic(dim) || product < 0 ? -1 : product * dim;
    return product;
  };
  int64_t rows = getProduct(type.getShape().take_front(axis));
  int64_t columns = getProduct(type.getShape().drop_front(axis));
  if (rows == 0 || columns == 0)
    return importer.reject("tensors without elements are not supported");
  if (rows < 0 && columns < 0) {
    if (axis != 1)
      return importer.reject("dynamic dimensions on both sides of the axis are "
                             "not supported");
    rows = 0;
  }
  return importer.setOutput(0, importer.reshape(importer.getInput(0), {rows, columns}));
}

//===----------------------------------------------------------------------===//
// Dimensions of size 1
//===----------------------------------------------------------------------===//

/// The axes are an input from opset 13 on.
std::optional<Shape> readAxes(NodeImporter &importer) {
  if (importer.opset < 13)
    return importer.getInts("axes", {});
  if (!importer.hasInput(1))
    return Shape();
  return importer.getNumbers(1, "axes");
}

LogicalResult importSqueeze(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  std::optional<Shape> axes = readAxes(importer);
  if (!type || !axes)
    return failure();
  axes = importer.normalizeAxes(*axes, type.getRank());
  if (!axes)
    return failure();
  if (axes->empty()) {
    if (!importer.requireStatic(type, "squeezing all dimensions"))
      return failure();
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.getDimSize(i) == 1)
        axes->push_back(i);
  }
  Shape sources;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    if (!llvm::is_contained(*axes, i))
      sources.push_back(i);
    else if (type.getDimSize(i) != 1)
      return importer.reject("dimension " + Twine(i) + " is not of size 1");
  }
  return importer.setOutput(0, importer.rearrange(importer.getInput(0), sources));
}

LogicalResult importUnsqueeze(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  std::optional<Shape> axes = readAxes(importer);
  if (!type || !axes)
    return failure();
  int64_t rank = type.getRank() + static_cast<int64_t>(axes->size());
  axes = importer.normalizeAxes(*axes, rank);
  if (!axes)
    return failure();
  Shape sources;
  int64_t next = 0;
  for (int64_t i = 0; i < rank; ++i)
    sources.push_back(llvm::is_contained(*axes, i) ? -1 : next++);
  return importer.setOutput(0, importer.rearrange(importer.getInput(0), sources));
}

//===----------------------------------------------------------------------===//
// Order and repetition
//===----------------------------------------------------------------------===//

LogicalResult importTranspose(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  Shape reversed = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, type.getRank())));
  return importer.setOutput(0, importer.transpose(importer.getInput(0), importer.getInts("perm", reversed)));
}

LogicalResult importConcat(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  std::optional<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", 1), type.getRank());
  if (!axis)
    return failure();
  return importer.setOutput(0, importer.create<nn::ConcatOp>(importer.getInputs(), importer.attr("axis", *axis)));
}

LogicalResult importExpand(NodeImporter &importer) {
  std::optional<Shape> shape = importer.getNumbers(1, "shape");
  if (!shape)
    return failure();
  return importer.setOutput(0,
                            importer.create<nn::BroadcastToOp>(importer.getInput(0), importer.attr("shape", *shape)));
}

LogicalResult importTile(NodeImporter &importer) {
  std::optional<Shape> repeats = importer.getNumbers(1, "repeats");
  if (!repeats)
    return failure();
  return importer.setOutput(0, importer.create<nn::TileOp>(importer.getInput(0), importer.attr("repeats", *repeats)));
}
} // namespace

void condense::onnx::registerShapes(HandlerTable &table) {
  table["Reshape"] = {5, importReshape};
  table["Flatten"] = {1, importFlatten};
  table["Squeeze"] = {1, importSqueeze};
  table["Unsqueeze"] = {1, importUnsqueeze};
  table["Transpose"] = {1, importTranspose};
  table["Concat"] = {4, importConcat};
  table["Expand"] = {8, importExpand};
  table["Tile"] = {6, importTile};
}
