// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types and interfaces of the look-ups.

#include "Inference.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

LogicalResult EmbeddingOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> table = getShape(adaptor.getTable());
  if (table.size() != 2)
    return inference.error("requires a table of rank 2, found ", printShape(table));
  SmallVector<int64_t> shape(getShape(adaptor.getIds()));
  shape.push_back(table[1]);
  return inference.result(shape, getElementTypeOrSelf(adaptor.getTable()));
}

OpOperand &EmbeddingOp::getWeightOperand() { return getTableMutable(); }
OpOperand &EmbeddingOp::getActivationOperand() { return getIdsMutable(); }
SmallVector<int64_t> EmbeddingOp::getReductionDims() { return {}; }
SmallVector<int64_t> EmbeddingOp::getOutputChannelDims() { return {0}; }

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> input = getShape(adaptor.getInput());
  int64_t axis = adaptor.getAxis();
  if (failed(inference.checkAxis(axis, input.size())))
    return failure();
  SmallVector<int64_t> shape(input.take_front(axis));
  llvm::append_range(shape, getShape(adaptor.getIndices()));
  llvm::append_range(shape, input.drop_front(axis + 1));
  return inference.result(shape, getElementTypeOrSelf(adaptor.getInput()));
}

LogicalResult GatherElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                                 SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> input = getShape(adaptor.getInput());
  ArrayRef<int64_t> indices = getShape(adaptor.getIndices());
  int64_t axis = adaptor.getAxis();
  if (failed(inference.checkAxis(axis, input.size())))
    return failure();
  bool fits = input.size() == indices.size();
  for (size_t dim = 0; fits && dim < input.size(); ++dim)
    fits = static_cast<int64_t>(dim) == axis || mayBeEqual(input[dim], indices[dim]) || indices[dim] < input[dim];
  if (!fits)
    return inference.error("requires indices within the input except along "
                           "the axis, found ",
                           printShape(indices), " for ", printShape(input));
  return inference.result(indices, getElementTypeOrSelf(adaptor.getInput()));
}

LogicalResult OneHotOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  int64_t axis = adaptor.getAxis(), depth = adaptor.getDepth();
  SmallVector<int64_t> shape(getShape(adaptor.getIndices()));
  if (failed(inference.checkAxis(axis, shape.size() + 1)) ||
      failed(inference.checkElementTypes({adaptor.getOn(), adaptor.getOff()})))
    return failure();
  if (depth < 0)
    return inference.error("requires a depth of 0 or more, found ", depth);
  if (!getShape(adaptor.getOn()).empty() || !getShape(adaptor.getOff()).empty())
    return inference.error("requires scalars to choose from, found ", adaptor.getOn().getType(), " and ",
                           adaptor.getOff().getType());
  shape.insert(shape.begin() + axis, depth);
  return inference.result(shape, getElementTypeOrSelf(adaptor.getOn()));
}
