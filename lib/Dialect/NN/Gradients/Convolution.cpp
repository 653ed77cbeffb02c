// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of convolutions.

#include "Families.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static LogicalResult adjoint(Conv2DOp op, Adjoints &b) {
  Value dy = b.of();
  if (b.needs(0))
    b.set(0, Conv2DInputGradientOp::create(b, dy, op.getFilter(), op.getInput(), op.getStridesAttr(),
                                           op.getDilationsAttr(), op.getPadsAttr(), op.getGroupsAttr(),
                                           op.getLayoutAttr()));
  if (b.needs(1))
    b.set(1, Conv2DFilterGradientOp::create(b, dy, op.getInput(), op.getFilter(), op.getStridesAttr(),
                                            op.getDilationsAttr(), op.getPadsAttr(), op.getGroupsAttr(),
                                            op.getLayoutAttr()));
  if (op.getBias() && b.needs(2)) {
    bool channelsFirst = op.getLayout() == Layout::NCHW;
    b.set(2, b.sum(dy, channelsFirst ? ArrayRef<int64_t>{0, 2, 3} : ArrayRef<int64_t>{0, 1, 2}, false));
  }
  return success();
}

void gradients::attachConvolution(MLIRContext *context) {
  Conv2DOp::attachInterface<AdjointModel<Conv2DOp, adjoint>>(*context);
}
