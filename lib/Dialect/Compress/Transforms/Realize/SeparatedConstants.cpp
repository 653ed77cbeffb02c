// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One copy of a small constant for each use, and back.

#include "SeparatedConstants.h"

using namespace mlir;
using namespace condense::compress;

/// Whether two uses of a constant need have nothing to do with each other.
static bool isIncidental(arith::ConstantOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
  return type && (type.getRank() <= 1 || (dense && dense.isSplat()));
}

SeparatedConstants::SeparatedConstants(Operation *function) {
  SmallVector<arith::ConstantOp> constants;
  function->walk([&](arith::ConstantOp op) {
    if (isIncidental(op) && !op->use_empty() && !op->hasOneUse())
      constants.push_back(op);
  });
  for (arith::ConstantOp op : constants) {
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    SmallVector<arith::ConstantOp> &copies = families.emplace_back(1, op);
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : op->getUses())
      uses.push_back(&use);
    for (OpOperand *use : llvm::drop_begin(uses)) {
      copies.push_back(cast<arith::ConstantOp>(builder.clone(*op)));
      use->set(copies.back());
    }
  }
}

void SeparatedConstants::merge() {
  for (SmallVector<arith::ConstantOp> &copies : families)
    for (auto [i, copy] : llvm::enumerate(copies))
      for (arith::ConstantOp earlier : ArrayRef(copies).take_front(i))
        if (earlier && earlier.getValue() == copy.getValue()) {
          copy->replaceAllUsesWith(earlier);
          copy->erase();
          copy = {};
          break;
        }
  families.clear();
}
