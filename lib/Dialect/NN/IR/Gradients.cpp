// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types of the operations that adjoints consist of.
//
// What an adjoint must look like follows from the type that the differentiated operation infers.

#include "Inference.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

//===----------------------------------------------------------------------===//
// The shape of another tensor
//===----------------------------------------------------------------------===//

static LogicalResult inferLike(Inference inference, Value input, Value like) {
  return inference.result(getShape(like), getElementTypeOrSelf(input));
}

/// `small` broadcasts to the shape of `large`.
static LogicalResult checkStretches(Inference inference, Value small, Value large) {
  SmallVector<int64_t> shape(getShape(large));
  if (failed(inference.broadcast(shape, getShape(small))))
    return failure();
  if (succeeded(verifyCompatibleShape(shape, getShape(large))))
    return success();
  return inference.error("requires ", printShape(getShape(small)), " to broadcast to ", printShape(getShape(large)));
}

LogicalResult nn::inferBroadcastLike(Inference inference, Value input, Value like) {
  if (failed(checkStretches(inference, input, like)))
    return failure();
  return inferLike(inference, input, like);
}

LogicalResult nn::inferSumLike(Inference inference, Value input, Value like) {
  if (failed(checkStretches(inference, like, input)))
    return failure();
  return inferLike(inference, input, like);
}

LogicalResult nn::inferReshapeLike(Inference inference, Value input, Value like) {
  auto from = cast<RankedTensorType>(input.getType()), to = cast<RankedTensorType>(like.getType());
  if (from.hasStaticShape() && to.hasStaticShape() && from.getNumElements() != to.getNumElements())
    return inference.error("cannot reshape ", printShape(from.getShape()), " to ", printShape(to.getShape()));
  return inferLike(inference, input, like);
}

//===----------------------------------------------------------------------===//
// Adjoints
//===----------------------------------------------------------------------===//

/// `adjoint` has the type that the operation `OpTy` infers from `operands` and `properties`.
template <typename OpTy>
static LogicalResult checkAdjoint(Inference inference, Value adjoint, ValueRange operands,
                                  const typename OpTy::Properties &properties) {
  MLIRContext *context = adjoint.getContext();
  SmallVector<Type> types;
  typename OpTy::Adaptor adaptor(operands, DictionaryAttr::get(context), properties);
  if (failed(OpTy::inferReturnTypes(context, inference.getLocation(), adaptor, types)))
    return failure();
  if (areCompatibleTypes(types, adjoint.getType()))
    return success();
  return inference.error("requires an adjoint of type ", types.front(), ", found ", adjoint.getType());
}

template <typename OpTy, typename Adaptor> static typename OpTy::Properties getWindowProperties(Adaptor adaptor) {
  typename OpTy::Properties properties;
  properties.strides = adaptor.getStridesAttr();
  properties.dilations = adaptor.getDilationsAttr();
  properties.pads = adaptor.getPadsAttr();
  properties.layout = adaptor.getLayoutAttr();
  return properties;
}

template <typename Adaptor>
static LogicalResult inferConvolution(Inference inference, Adaptor adaptor, Value image, Value filter, Value like) {
  auto properties = getWindowProperties<Conv2DOp>(adaptor);
  properties.groups = adaptor.getGroupsAttr();
  if (failed(checkAdjoint<Conv2DOp>(inference, adaptor.getAdjoint(), {image, filter}, properties)))
    return failure();
  return inference.sameType(like.getType());
}

LogicalResult nn::inferConv2DGradient(Inference inference, Conv2DInputGradientOp::Adaptor adaptor, Value like) {
  return inferConvolution(inference, adaptor, adaptor.getInput(), adaptor.getFilter(), like);
}

LogicalResult nn::inferConv2DGradient(Inference inference, Conv2DFilterGradientOp::Adaptor adaptor, Value like) {
  return inferConvolution(inference, adaptor, adaptor.getInput(), adaptor.getFilter(), like);
}

LogicalResult nn::inferMaxPool2DGradient(Inference inference, MaxPool2DGradientOp::Adaptor adaptor) {
  auto properties = getWindowProperties<MaxPool2DOp>(adaptor);
  properties.kernel = adaptor.getKernelAttr();
  if (failed(checkAdjoint<MaxPool2DOp>(inference, adaptor.getAdjoint(), adaptor.getInput(), properties)) ||
      failed(checkAdjoint<MaxPool2DOp>(inference, adaptor.getPooled(), adaptor.getInput(), properties)))
    return failure();
  return inference.sameType(adaptor.getInput().getType());
}

LogicalResult nn::inferAvgPool2DGradient(Inference inference, AvgPool2DGradientOp::Adaptor adaptor) {
  auto properties = getWindowProperties<AvgPool2DOp>(adaptor);
  properties.kernel = adaptor.getKernelAttr();
  properties.ceil_pads = adaptor.getCeilPadsAttr();
  properties.count_include_pad = adaptor.getCountIncludePadAttr();
  if (failed(checkAdjoint<AvgPool2DOp>(inference, adaptor.getAdjoint(), adaptor.getInput(), properties)))
    return failure();
  return inference.sameType(adaptor.getInput().getType());
}

LogicalResult nn::inferGatherGradient(Inference inference, GatherGradientOp::Adaptor adaptor) {
  GatherOp::Properties properties;
  properties.axis = adaptor.getAxisAttr();
  if (failed(checkAdjoint<GatherOp>(inference, adaptor.getAdjoint(), {adaptor.getInput(), adaptor.getIndices()},
                                    properties)))
    return failure();
  return inference.sameType(adaptor.getInput().getType());
}

LogicalResult nn::inferGatherElementsGradient(Inference inference, GatherElementsGradientOp::Adaptor adaptor) {
  GatherElementsOp::Properties properties;
  properties.axis = adaptor.getAxisAttr();
  if (failed(checkAdjoint<GatherElementsOp>(inference, adaptor.getAdjoint(), {adaptor.getInput(), adaptor.getIndices()},
                                            properties)))
    return failure();
  return inference.sameType(adaptor.getInput().getType());
}

LogicalResult nn::inferSliceGradient(Inference inference, SliceGradientOp::Adaptor adaptor) {
  SliceOp::Properties properties;
  properties.starts = adaptor.getStartsAttr();
  properties.ends = adaptor.getEndsAttr();
  properties.steps = adaptor.getStepsAttr();
  if (failed(checkAdjoint<SliceOp>(inference, adaptor.getAdjoint(), adaptor.getInput(), properties)))
    return failure();
  return inference.sameType(adaptor.getInput().getType());
}

LogicalResult BatchNormTrainingOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                                    SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  if (failed(inference.checkChannelVectors(adaptor.getOperands(), adaptor.getAxis())))
    return failure();
  Type statistics = adaptor.getScale().getType();
  types.append({adaptor.getInput().getType(), statistics, statistics});
  return success();
}
