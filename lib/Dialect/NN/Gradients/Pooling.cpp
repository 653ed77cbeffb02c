// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of poolings.

#include "Families.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static LogicalResult adjoint(MaxPool2DOp op, Adjoints &b) {
  b.set(0,
        MaxPool2DGradientOp::create(b, b.of(), op.getInput(), op.getOutput(), op.getKernelAttr(), op.getStridesAttr(),
                                    op.getDilationsAttr(), op.getPadsAttr(), op.getLayoutAttr()));
  return success();
}

/// Whether the only window covers the whole image: the mean over its spatial dimensions.
static bool isGlobal(AvgPool2DOp op) {
  ArrayRef<int64_t> shape = op.getInput().getType().getShape();
  int64_t first = op.getLayout() == Layout::NCHW ? 2 : 1;
  auto isZero = [](int64_t pad) { return pad == 0; };
  return llvm::all_of(op.getPads(), isZero) && llvm::all_of(op.getCeilPads(), isZero) &&
         llvm::all_of(op.getDilations(), [](int64_t step) { return step == 1; }) &&
         shape.slice(first, 2) == op.getKernel();
}

static LogicalResult adjoint(AvgPool2DOp op, Adjoints &b) {
  if (isGlobal(op)) {
    double count = double(op.getKernel()[0]) * double(op.getKernel()[1]);
    b.set(0, b.broadcastLike(b.mul(b.of(), 1 / count), op.getInput()));
    return success();
  }
  b.set(0, AvgPool2DGradientOp::create(b, b.of(), op.getInput(), op.getKernelAttr(), op.getStridesAttr(),
                                       op.getDilationsAttr(), op.getPadsAttr(), op.getCeilPadsAttr(),
                                       op.getCountIncludePadAttr(), op.getLayoutAttr()));
  return success();
}

template <typename... Ops> static void attach(MLIRContext *context) {
  (Ops::template attachInterface<AdjointModel<Ops, adjoint>>(*context), ...);
}

void gradients::attachPooling(MLIRContext *context) { attach<MaxPool2DOp, AvgPool2DOp>(context); }
