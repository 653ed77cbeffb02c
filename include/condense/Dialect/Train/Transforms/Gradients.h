// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The adjoints of the operations of `train`, as external models of DifferentiableOpInterface.

#ifndef CONDENSE_DIALECT_TRAIN_TRANSFORMS_GRADIENTS_H
#define CONDENSE_DIALECT_TRAIN_TRANSFORMS_GRADIENTS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace condense::train {

void registerTrainGradients(mlir::DialectRegistry &registry);

} // namespace condense::train

#endif // CONDENSE_DIALECT_TRAIN_TRANSFORMS_GRADIENTS_H
