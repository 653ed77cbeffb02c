// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types of the normalising operations.

#include "Inference.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  if (failed(inference.checkChannelVectors(adaptor.getOperands(), adaptor.getAxis())))
    return failure();
  return inference.sameType(adaptor.getInput().getType());
}

/// Checks that `value` broadcasts to `input` without enlarging it.
static LogicalResult checkBroadcasts(Inference inference, Value value, Value input) {
  SmallVector<int64_t> shape(getShape(input));
  if (failed(inference.broadcast(shape, getShape(value))))
    return failure();
  if (succeeded(verifyCompatibleShape(shape, getShape(input))))
    return success();
  return inference.error("requires a scale and a bias that broadcast to ", printShape(getShape(input)), ", found ",
                         printShape(getShape(value)));
}

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  Value input = adaptor.getInput();
  if (failed(inference.checkElementTypes(adaptor.getOperands())) ||
      failed(inference.checkAxis(adaptor.getAxis(), getShape(input).size())) ||
      failed(checkBroadcasts(inference, adaptor.getScale(), input)) ||
      (adaptor.getBias() && failed(checkBroadcasts(inference, adaptor.getBias(), input))))
    return failure();
  return inference.sameType(input.getType());
}

LogicalResult RMSNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  Value input = adaptor.getInput();
  if (failed(inference.checkElementTypes(adaptor.getOperands())) ||
      failed(inference.checkAxis(adaptor.getAxis(), getShape(input).size())) ||
      failed(checkBroadcasts(inference, adaptor.getScale(), input)))
    return failure();
  return inference.sameType(input.getType());
}

/// The attribute `axis` names a dimension of the operand.
template <typename OpTy> static LogicalResult verifyAxis(OpTy op) {
  int64_t axis = op.getAxis(), rank = getShape(op.getInput()).size();
  if (axis >= 0 && axis < rank)
    return success();
  return op.emitOpError() << "requires an axis in [0, " << rank << "), found " << axis;
}

LogicalResult SoftmaxOp::verify() { return verifyAxis(*this); }
LogicalResult LogSoftmaxOp::verify() { return verifyAxis(*this); }
LogicalResult CumSumOp::verify() { return verifyAxis(*this); }
