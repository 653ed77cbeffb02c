// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// CompressibleOpInterface for TOSA (specification 1.0, sections 2.3.4
// to 2.3.9).

#include "condense/ExternalModels/ExternalModels.h"

#include "condense/Interfaces/CompressibleOpInterface.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace condense;

namespace {

/// Activation first and weight second, as in all of them.
template <typename Model, typename OpTy>
struct TosaModel : CompressibleOpInterface::ExternalModel<Model, OpTy> {
  OpOperand &getWeightOperand(Operation *op) const {
    return op->getOpOperand(1);
  }
  OpOperand &getActivationOperand(Operation *op) const {
    return op->getOpOperand(0);
  }
};

/// Weight [out, kernel height, kernel width, in].
struct Conv2DModel : TosaModel<Conv2DModel, tosa::Conv2DOp> {
  SmallVector<int64_t> getReductionDims(Operation *) const { return {3, 1, 2}; }
  SmallVector<int64_t> getOutputChannelDims(Operation *) const { return {0}; }
};

/// Weight [kernel height, kernel width, in, multiplier].
struct DepthwiseConv2DModel
    : TosaModel<DepthwiseConv2DModel, tosa::DepthwiseConv2DOp> {
  SmallVector<int64_t> getReductionDims(Operation *) const { return {0, 1}; }
  SmallVector<int64_t> getOutputChannelDims(Operation *) const {
    return {2, 3};
  }
};

/// Right operand [batch, in, out].
struct MatMulModel : TosaModel<MatMulModel, tosa::MatMulOp> {
  SmallVector<int64_t> getReductionDims(Operation *) const { return {1}; }
  SmallVector<int64_t> getOutputChannelDims(Operation *) const {
    return {0, 2};
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
