// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attaches the adjoints to the operations of `nn`.

#include "condense/Dialect/NN/Gradients/Gradients.h"

#include "Families.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace condense::nn;

/// Casts between more and less precise shapes lie between layers.
static LogicalResult adjoint(tensor::CastOp op, Adjoints &b) {
  b.set(0, tensor::CastOp::create(b, op.getSource().getType(), b.of()));
  return success();
}

void condense::nn::registerNNGradients(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, NNDialect *) {
    gradients::attachUnary(context);
    gradients::attachBinary(context);
    gradients::attachLinearAlgebra(context);
    gradients::attachConvolution(context);
    gradients::attachPooling(context);
    gradients::attachNormalisation(context);
    gradients::attachReduction(context);
    gradients::attachGathering(context);
    gradients::attachAttention(context);
    gradients::attachShapes(context);
  });
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) {
    tensor::CastOp::attachInterface<AdjointModel<tensor::CastOp, adjoint>>(*context);
  });
}
