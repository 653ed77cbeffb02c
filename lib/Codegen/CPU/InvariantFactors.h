// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Factors of a sum of products that inner loops do not change: scales.

#ifndef CONDENSE_LIB_CODEGEN_CPU_INVARIANTFACTORS_H
#define CONDENSE_LIB_CODEGEN_CPU_INVARIANTFACTORS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <memory>

namespace condense::codegen {

/// The factors of a product, without those of products that others use too.
void collectFactors(mlir::Value value, llvm::SmallVectorImpl<mlir::Value> &factors);

/// A sum of its own over the inner loops, from zero:
///
///   partial = 0
///   inner loops: partial += ...
///   acc += partial * s
struct SumLevel {
  /// The number of inner loops.
  size_t innerLoops;
  /// The sum: the arguments of the operation, then `partial`.
  mlir::Block *update;
  /// The type of `partial`.
  mlir::Type partial;
};

/// `acc += x * q * s * t` over loops of which the inner ones do not change `s`
/// (and none of them `t`), as sums in sums.
struct FactoredSum {
  /// From the outermost.
  llvm::SmallVector<SumLevel> levels;
  /// One product: the arguments of the operation, the last one being the
  /// innermost `partial`. Null if the kernel has an instruction for it.
  mlir::Block *step = nullptr;
  /// Owns the blocks.
  std::unique_ptr<mlir::Region> region = std::make_unique<mlir::Region>();
};

/// Factors the body of `op`, whose reductions are nested as `reductionLoops`;
/// nothing if no factor stays the same long enough.
std::optional<FactoredSum> factorSum(mlir::linalg::LinalgOp op, llvm::ArrayRef<unsigned> reductionLoops);

/// Factors the sum of products of which `integer`, an integer that a float is
/// made of, is summed over the inner loops and all loops that are not named.
FactoredSum factorIntegerSum(mlir::linalg::LinalgOp op, llvm::ArrayRef<unsigned> reductionLoops, mlir::Value integer);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_INVARIANTFACTORS_H
