// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types of attention and of what prepares its operands.

#include "Inference.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

/// Query, key and value as [batch, position, head, depth].
static LogicalResult checkHeads(Inference inference, ArrayRef<int64_t> query, ArrayRef<int64_t> key,
                                ArrayRef<int64_t> value) {
  auto print = [&] { return printShape(query) + ", " + printShape(key) + " and " + printShape(value); };
  if (query.size() != 4 || key.size() != 4 || value.size() != 4)
    return inference.error("requires [batch, position, head, depth], found ", print());
  if (!mayBeEqual(query[0], key[0]) || !mayBeEqual(query[0], value[0]) || !mayBeEqual(key[1], value[1]))
    return inference.error("requires one batch, and as many values as keys, found ", print());
  if (!mayBeEqual(query[3], key[3]))
    return inference.error("requires queries and keys of one depth, found ", print());
  bool isKnown = !ShapedType::isDynamic(query[2]) && !ShapedType::isDynamic(key[2]);
  if (!isKnown || key[2] != value[2] || key[2] == 0 || query[2] % key[2] != 0)
    return inference.error("requires known numbers of heads, the queries' a multiple of the others', found ", print());
  return success();
}

static LogicalResult checkMask(Inference inference, Value mask, ArrayRef<int64_t> scores, Type element) {
  Type type = getElementTypeOrSelf(mask);
  if (type != element && !type.isInteger(1))
    return inference.error("requires a mask of booleans or of element type ", element, ", found ", type);
  SmallVector<int64_t> shape(scores);
  if (failed(inference.broadcast(shape, getShape(mask))))
    return failure();
  if (succeeded(verifyCompatibleShape(shape, scores)))
    return success();
  return inference.error("requires a mask that broadcasts to ", printShape(scores), ", found ",
                         printShape(getShape(mask)));
}

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> query = getShape(adaptor.getQuery()), key = getShape(adaptor.getKey()),
                    value = getShape(adaptor.getValue());
  Type element = getElementTypeOrSelf(adaptor.getQuery());
  if (failed(inference.checkElementTypes({adaptor.getQuery(), adaptor.getKey(), adaptor.getValue()})) ||
      failed(checkHeads(inference, query, key, value)))
    return failure();
  if (Value mask = adaptor.getMask();
      mask && failed(checkMask(inference, mask, {query[0], query[2], query[1], key[1]}, element)))
    return failure();
  return inference.result({query[0], query[1], query[2], value[3]}, element);
}

LogicalResult RotaryOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> input = getShape(adaptor.getInput());
  if (failed(inference.checkElementTypes(adaptor.getOperands())))
    return failure();
  if (input.empty() || ShapedType::isDynamic(input.back()) || input.back() % 2 != 0)
    return inference.error("requires a last dimension of known even size, found ", printShape(input));
  for (Value angle : {adaptor.getCos(), adaptor.getSin()}) {
    SmallVector<int64_t> shape(input);
    if (failed(inference.broadcast(shape, getShape(angle))))
      return failure();
    if (failed(verifyCompatibleShape(shape, input)))
      return inference.error("requires angles that broadcast to ", printShape(input), ", found ",
                             printShape(getShape(angle)));
  }
  return inference.sameType(adaptor.getInput().getType());
}

LogicalResult IotaOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> shape = getShape(adaptor.getLike());
  int64_t dim = adaptor.getDim();
  if (failed(inference.checkAxis(dim, shape.size())))
    return failure();
  return inference.result(shape[dim], IntegerType::get(context, 64));
}
