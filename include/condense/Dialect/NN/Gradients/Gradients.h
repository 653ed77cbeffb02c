// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The adjoints of the operations of `nn`, as external models of DifferentiableOpInterface.

#ifndef CONDENSE_DIALECT_NN_GRADIENTS_GRADIENTS_H
#define CONDENSE_DIALECT_NN_GRADIENTS_GRADIENTS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace condense::nn {

void registerNNGradients(mlir::DialectRegistry &registry);

} // namespace condense::nn

#endif // CONDENSE_DIALECT_NN_GRADIENTS_GRADIENTS_H
