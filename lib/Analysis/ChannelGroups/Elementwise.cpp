// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise operations: an index of the result comes from the same index of
// every operand that is not broadcast along the dimension.

#include "IndexRelations.h"
#include "condense/Dialect/NN/IR/NN.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static bool isElementwise(Operation *op) {
  if (isa_and_nonnull<NNDialect>(op->getDialect()) && op->hasTrait<OpTrait::Elementwise>())
    return true;
  return isa<AddOp, SubOp, MulOp, DivOp, PowOp, MaxOp, MinOp, RemOp, ModOp, PReluOp, AndOp, OrOp, XorOp, ShiftLeftOp,
             ShiftRightOp, CompareOp, SelectOp, BroadcastToOp>(op);
}

bool condense::relateElementwise(Operation *op, IndexRelations &relations) {
  if (!isElementwise(op))
    return false;
  Value result = op->getResult(0);
  int64_t rank = cast<RankedTensorType>(result.getType()).getRank();
  for (Value operand : op->getOperands()) {
    int64_t operandRank = cast<RankedTensorType>(operand.getType()).getRank();
    for (int64_t dim = 0; dim < operandRank; ++dim)
      relations.link(operand, dim, result, rank - operandRank + dim);
  }
  return true;
}
