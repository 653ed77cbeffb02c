// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of look-ups: what was read several times is added up. Indices have no adjoint.

#include "Families.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static LogicalResult adjoint(EmbeddingOp op, Adjoints &b) {
  b.set(1, GatherGradientOp::create(b, b.of(), op.getIds(), op.getTable(), /*axis=*/0, /*clamped=*/true));
  return success();
}

static LogicalResult adjoint(GatherOp op, Adjoints &b) {
  b.set(0, GatherGradientOp::create(b, b.of(), op.getIndices(), op.getInput(), op.getAxis(), /*clamped=*/false));
  return success();
}

static LogicalResult adjoint(GatherElementsOp op, Adjoints &b) {
  b.set(0, GatherElementsGradientOp::create(b, b.of(), op.getIndices(), op.getInput(), op.getAxis()));
  return success();
}

static LogicalResult adjoint(GatherGradientOp op, Adjoints &b) {
  if (op.getClamped())
    b.set(0, EmbeddingOp::create(b, op.getIndices(), b.of()));
  else
    b.set(0, GatherOp::create(b, b.of(), op.getIndices(), op.getAxis()));
  return success();
}

/// The two values get the sums of what was chosen from them.
static LogicalResult adjoint(OneHotOp op, Adjoints &b) {
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, op.getType().getRank()));
  Value one = b.constant(op.getOn(), 1), zero = b.constant(op.getOn(), 0);
  for (unsigned operand : {1, 2}) {
    if (!b.needs(operand))
      continue;
    bool isOn = operand == 1;
    Value chosen =
        OneHotOp::create(b, op.getIndices(), isOn ? one : zero, isOn ? zero : one, op.getAxis(), op.getDepth());
    b.set(operand, b.sum(b.mul(b.of(), chosen), axes, /*keepDims=*/false));
  }
  return success();
}

template <typename... Ops> static void attach(MLIRContext *context) {
  (Ops::template attachInterface<AdjointModel<Ops, adjoint>>(*context), ...);
}

void gradients::attachGathering(MLIRContext *context) {
  attach<EmbeddingOp, GatherOp, GatherElementsOp, GatherGradientOp, OneHotOp>(context);
}
