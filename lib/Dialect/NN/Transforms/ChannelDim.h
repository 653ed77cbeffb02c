// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where the output channels of a layer are, shared by the passes of this folder.

#ifndef CONDENSE_LIB_DIALECT_NN_TRANSFORMS_CHANNELDIM_H
#define CONDENSE_LIB_DIALECT_NN_TRANSFORMS_CHANNELDIM_H

#include "condense/Dialect/NN/IR/NN.h"

namespace condense::nn {

/// The dimension of a layer's result that its output channels are in.
inline int64_t getChannelDim(LinearOp op) { return mlir::cast<mlir::RankedTensorType>(op.getType()).getRank() - 1; }
inline int64_t getChannelDim(Conv2DOp op) { return op.getLayout() == Layout::NCHW ? 1 : 3; }

} // namespace condense::nn

#endif // CONDENSE_LIB_DIALECT_NN_TRANSFORMS_CHANNELDIM_H
