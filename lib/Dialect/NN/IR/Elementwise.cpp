// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types and folds of the elementwise operations.

#include "Inference.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

LogicalResult nn::inferBinary(Inference inference, Value lhs, Value rhs) {
  if (failed(inference.checkElementTypes({lhs, rhs})))
    return failure();
  SmallVector<int64_t> shape(getShape(lhs));
  if (failed(inference.broadcast(shape, getShape(rhs))))
    return failure();
  return inference.result(shape, getElementTypeOrSelf(lhs));
}

LogicalResult PowOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  SmallVector<int64_t> shape(getShape(adaptor.getLhs()));
  if (failed(inference.broadcast(shape, getShape(adaptor.getRhs()))))
    return failure();
  return inference.result(shape, getElementTypeOrSelf(adaptor.getLhs()));
}

LogicalResult CompareOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  if (failed(inference.checkElementTypes(adaptor.getOperands())))
    return failure();
  SmallVector<int64_t> shape(getShape(adaptor.getLhs()));
  if (failed(inference.broadcast(shape, getShape(adaptor.getRhs()))))
    return failure();
  return inference.result(shape, IntegerType::get(context, 1));
}

LogicalResult SelectOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  if (failed(inference.checkElementTypes({adaptor.getOnTrue(), adaptor.getOnFalse()})))
    return failure();
  SmallVector<int64_t> shape(getShape(adaptor.getCondition()));
  if (failed(inference.broadcast(shape, getShape(adaptor.getOnTrue()))) ||
      failed(inference.broadcast(shape, getShape(adaptor.getOnFalse()))))
    return failure();
  return inference.result(shape, getElementTypeOrSelf(adaptor.getOnTrue()));
}

LogicalResult CastOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  if (!adaptor.getTo().isIntOrFloat())
    return inference.error("requires an integer or float type to convert to, "
                           "found ",
                           adaptor.getTo());
  return inference.result(getShape(adaptor.getInput()), adaptor.getTo());
}

OpFoldResult CastOp::fold(FoldAdaptor) { return getInput().getType() == getType() ? getInput() : Value(); }

LogicalResult ClampOp::verify() {
  Type elementType = getElementTypeOrSelf(getInput());
  for (TypedAttr bound : {getLowAttr(), getHighAttr()})
    if (bound.getType() != elementType)
      return emitOpError() << "requires bounds of the element type " << elementType << ", found " << bound.getType();
  return success();
}
