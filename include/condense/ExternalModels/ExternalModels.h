// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// CompressibleOpInterface on the operations of other dialects, so that the passes
// compress another stack's IR without converting it; and what MLIR's own
// interfaces say about them.

#ifndef CONDENSE_EXTERNALMODELS_EXTERNALMODELS_H
#define CONDENSE_EXTERNALMODELS_EXTERNALMODELS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace condense {

/// Contractions and convolutions of linalg, named or generic, with one weight:
/// the constant input, or the second one if none is constant.
void registerLinalgExternalModels(mlir::DialectRegistry &registry);

/// `tosa.conv2d`, `tosa.depthwise_conv2d` and `tosa.matmul`.
void registerTosaExternalModels(mlir::DialectRegistry &registry);

/// Memory effects of `llvm.call_intrinsic`.
void registerLLVMExternalModels(mlir::DialectRegistry &registry);

} // namespace condense

#endif // CONDENSE_EXTERNALMODELS_EXTERNALMODELS_H
