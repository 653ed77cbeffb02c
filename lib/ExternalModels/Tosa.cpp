// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// CompressibleOpInterface for TOSA (specification 1.0, sections 2.3.4
// to 2.3.9).

#include "condense/ExternalModels/ExternalModels.h"

#include "ActivationRows.h"
#include "condense/Interfaces/CompressibleOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace condense;

/// The windows of an image [n, h, w, c], with columns in the order of `kernel`,
/// dimensions of the weight. Depthwise convolutions have a group for each channel.
template <typename OpTy>
static FailureOr<Value> buildWindows(OpTy op, OpBuilder &builder, int64_t kernel, bool isDepthwise) {
  auto type = cast<RankedTensorType>(op.getInput().getType());
  auto weight = dyn_cast<RankedTensorType>(op.getWeight().getType());
  if (!isa<FloatType>(type.getElementType()) || !weight || !weight.hasStaticShape())
    return failure();
  ImplicitLocOpBuilder b(op.getLoc(), builder);
  ArrayRef<int64_t> pad = op.getPad(), stride = op.getStride(), dilation = op.getDilation();
  Value image = op.getInput();
  if (llvm::any_of(pad, [](int64_t size) { return size != 0; })) {
    SmallVector<OpFoldResult> low(4, b.getIndexAttr(0)), high = low;
    for (int64_t dim : {0, 1}) {
      low[dim + 1] = b.getIndexAttr(pad[2 * dim]);
      high[dim + 1] = b.getIndexAttr(pad[2 * dim + 1]);
    }
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type.getElementType()));
    image = tensor::PadOp::create(b, Type(), image, low, high, zero);
  }
  SmallVector<OpFoldResult> output = tensor::getMixedSizes(b, op.getLoc(), op.getOutput());
  int64_t channels = isDepthwise ? weight.getDimSize(kernel + 2) : weight.getDimSize(3);
  RowLoops loops;
  loops.groups = {b.getIndexAttr(isDepthwise ? channels : 1)};
  loops.rows = {tensor::getMixedSize(b, op.getLoc(), op.getInput(), 0), output[1], output[2]};
  loops.columns = {b.getIndexAttr(weight.getDimSize(kernel)), b.getIndexAttr(weight.getDimSize(kernel + 1))};
  if (!isDepthwise)
    loops.columns.push_back(b.getIndexAttr(channels));
  auto dim = [&](unsigned i) { return b.getAffineDimExpr(i); };
  AffineExpr source[] = {dim(1), dim(2) * stride[0] + dim(4) * dilation[0], dim(3) * stride[1] + dim(5) * dilation[1],
                         isDepthwise ? dim(0) : dim(6)};
  AffineMap map = AffineMap::get(isDepthwise ? 6 : 7, 0, source, b.getContext());
  return buildRows(b, image, map, loops);
}

namespace {

/// Activation first and weight second, as in all of them.
template <typename Model, typename OpTy> struct TosaModel : CompressibleOpInterface::ExternalModel<Model, OpTy> {
  OpOperand &getWeightOperand(Operation *op) const { return op->getOpOperand(1); }
  OpOperand &getActivationOperand(Operation *op) const { return op->getOpOperand(0); }
};

/// Weight [out, kernel height, kernel width, in].
struct Conv2DModel : TosaModel<Conv2DModel, tosa::Conv2DOp> {
  SmallVector<int64_t> getReductionDims(Operation *) const { return {3, 1, 2}; }
  SmallVector<int64_t> getOutputChannelDims(Operation *) const { return {0}; }
  FailureOr<Value> buildActivationMatrix(Operation *op, OpBuilder &b) const {
    return buildWindows(cast<tosa::Conv2DOp>(op), b, /*kernel=*/1,
                        /*isDepthwise=*/false);
  }
};

/// Weight [kernel height, kernel width, in, multiplier].
struct DepthwiseConv2DModel : TosaModel<DepthwiseConv2DModel, tosa::DepthwiseConv2DOp> {
  SmallVector<int64_t> getReductionDims(Operation *) const { return {0, 1}; }
  SmallVector<int64_t> getOutputChannelDims(Operation *) const { return {2, 3}; }
  int64_t getNumGroups(Operation *op) const {
    auto type = dyn_cast<RankedTensorType>(op->getOperand(1).getType());
    return type && !type.isDynamicDim(2) ? type.getDimSize(2) : 1;
  }
  FailureOr<Value> buildActivationMatrix(Operation *op, OpBuilder &b) const {
    return buildWindows(cast<tosa::DepthwiseConv2DOp>(op), b, /*kernel=*/0,
                        /*isDepthwise=*/true);
  }
};

/// Right operand [batch, in, out].
struct MatMulModel : TosaModel<MatMulModel, tosa::MatMulOp> {
  SmallVector<int64_t> getReductionDims(Operation *) const { return {1}; }
  SmallVector<int64_t> getOutputChannelDims(Operation *) const { return {0, 2}; }
  /// One matrix for each index of the batch.
  int64_t getNumGroups(Operation *op) const {
    auto type = dyn_cast<RankedTensorType>(op->getOperand(1).getType());
    return type && !type.isDynamicDim(0) ? type.getDimSize(0) : 1;
  }
  /// The left operand is [batch, rows, columns] already.
  FailureOr<Value> buildActivationMatrix(Operation *op, OpBuilder &) const {
    Value activation = op->getOperand(0);
    if (!isa<FloatType>(getElementTypeOrSelf(activation)))
      return failure();
    return activation;
  }
};

} // namespace

void condense::registerTosaExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, tosa::TosaDialect *) {
    tosa::Conv2DOp::attachInterface<Conv2DModel>(*context);
    tosa::DepthwiseConv2DOp::attachInterface<DepthwiseConv2DModel>(*context);
    tosa::MatMulOp::attachInterface<MatMulModel>(*context);
  });
}
