// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The adjoints of the operations of `compress`, as external models of DifferentiableOpInterface: what trains are
// leaves of weight expressions.

#ifndef CONDENSE_DIALECT_COMPRESS_GRADIENTS_GRADIENTS_H
#define CONDENSE_DIALECT_COMPRESS_GRADIENTS_GRADIENTS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace condense::compress {

void registerCompressGradients(mlir::DialectRegistry &registry);

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_GRADIENTS_GRADIENTS_H
