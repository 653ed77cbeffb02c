// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types and interfaces of the matrix products.

#include "Inference.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

/// The element type of a product with an optional bias of that type.
static FailureOr<Type> inferProductType(Inference inference, Value lhs, Value rhs, Value bias) {
  Type type = getProductType(lhs, rhs);
  if (!type)
    return inference.error("requires operands of one element type or integers of 2 to 8 bits, "
                           "found ",
                           getElementTypeOrSelf(lhs), " and ", getElementTypeOrSelf(rhs));
  if (bias && getElementTypeOrSelf(bias) != type)
    return inference.error("requires a bias of element type ", type, ", found ", getElementTypeOrSelf(bias));
  return type;
}

LogicalResult LinearOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> input = getShape(adaptor.getInput());
  ArrayRef<int64_t> weight = getShape(adaptor.getWeight());
  if (input.empty() || weight.size() != 2)
    return inference.error("requires an input of rank 1 or more and a weight "
                           "of rank 2, found ",
                           printShape(input), " and ", printShape(weight));
  if (!mayBeEqual(input.back(), weight[1]))
    return inference.error("requires a weight with the input's ", input.back(), " features, found ",
                           printShape(weight));
  if (Value bias = adaptor.getBias(); bias && (getShape(bias).size() != 1 || !mayBeEqual(getShape(bias)[0], weight[0])))
    return inference.error("requires a bias of shape [", weight[0], "], found ", printShape(getShape(bias)));
  FailureOr<Type> type = inferProductType(inference, adaptor.getInput(), adaptor.getWeight(), adaptor.getBias());
  if (failed(type))
    return failure();
  SmallVector<int64_t> shape(input);
  shape.back() = weight[0];
  return inference.result(shape, *type);
}

OpOperand &LinearOp::getWeightOperand() { return getWeightMutable(); }
OpOperand &LinearOp::getActivationOperand() { return getInputMutable(); }
SmallVector<int64_t> LinearOp::getReductionDims() { return {1}; }
SmallVector<int64_t> LinearOp::getOutputChannelDims() { return {0}; }

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> lhs = getShape(adaptor.getLhs());
  ArrayRef<int64_t> rhs = getShape(adaptor.getRhs());
  if (lhs.empty() || rhs.empty())
    return inference.error("requires operands of rank 1 or more, found ", printShape(lhs), " and ", printShape(rhs));
  int64_t lhsReduced = lhs.back();
  int64_t rhsReduced = rhs.size() == 1 ? rhs[0] : rhs[rhs.size() - 2];
  if (!mayBeEqual(lhsReduced, rhsReduced))
    return inference.error("requires one size of the summed dimension, found ", printShape(lhs), " and ",
                           printShape(rhs));
  FailureOr<Type> type = inferProductType(inference, adaptor.getLhs(), adaptor.getRhs(), Value());
  if (failed(type))
    return failure();
  SmallVector<int64_t> shape(lhs.drop_back(std::min<size_t>(2, lhs.size())));
  if (failed(inference.broadcast(shape, rhs.drop_back(std::min<size_t>(2, rhs.size())))))
    return failure();
  if (lhs.size() > 1)
    shape.push_back(lhs[lhs.size() - 2]);
  if (rhs.size() > 1)
    shape.push_back(rhs.back());
  return inference.result(shape, *type);
}

OpOperand &MatmulOp::getWeightOperand() { return getRhsMutable(); }
OpOperand &MatmulOp::getActivationOperand() { return getLhsMutable(); }

SmallVector<int64_t> MatmulOp::getReductionDims() {
  int64_t rank = getShape(getRhs()).size();
  return {std::max<int64_t>(rank - 2, 0)};
}

SmallVector<int64_t> MatmulOp::getOutputChannelDims() {
  int64_t rank = getShape(getRhs()).size();
  SmallVector<int64_t> dims(llvm::to_vector(llvm::seq<int64_t>(0, std::max<int64_t>(rank - 2, 0))));
  if (rank > 1)
    dims.push_back(rank - 1);
  return dims;
}
