// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Everything that Condense adds to MLIR, registered in one place.

#ifndef CONDENSE_REGISTRATION_H
#define CONDENSE_REGISTRATION_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace condense {

/// Adds the dialects of Condense and its interfaces on operations of other dialects.
void registerDialects(mlir::DialectRegistry &registry);

/// Adds the passes and pipelines of Condense to the global registry of passes.
void registerPasses();

} // namespace condense

#endif // CONDENSE_REGISTRATION_H
