// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Factors of a sum of products that inner loops do not change: scales.

#ifndef CONDENSE_LIB_CODEGEN_CPU_INVARIANTFACTORS_H
#define CONDENSE_LIB_CODEGEN_CPU_INVARIANTFACTORS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <memory>

namespace condense::codegen {

/// `acc += x * q * s` over loops of which the inner ones do not change `s`, as
///
///   partial = 0
///   inner loops: partial += x * q
///   acc += partial * s
struct FactoredSum {
  /// The number of inner loops.
  size_t innerLoops;
  /// One product: the arguments of the operation, the last one being `partial`.
  mlir::Block *step;
  /// The sum: the arguments of the operation, then `partial`.
  mlir::Block *update;
  /// Owns both.
  std::unique_ptr<mlir::Region> region;
};

/// Factors the body of `op`, whose reductions are nested as `reductionLoops`;
/// nothing if no factor stays the same long enough.
std::optional<FactoredSum> factorSum(mlir::linalg::LinalgOp op, llvm::ArrayRef<unsigned> reductionLoops);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_INVARIANTFACTORS_H
