// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constants that only happen to be one value (zeros, ones, a bias of each) have one
// copy for each use while channels are pruned: a common value must not tie channels together.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SEPARATEDCONSTANTS_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SEPARATEDCONSTANTS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include <vector>

namespace condense::compress {

class SeparatedConstants {
public:
  /// Copies the constant vectors, and the constants of one repeated number, of a
  /// function. Weights that several layers share stay shared.
  explicit SeparatedConstants(mlir::Operation *function);
  /// Merges the copies that are still, or again, the same.
  void merge();

private:
  std::vector<llvm::SmallVector<mlir::arith::ConstantOp>> families;
};

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SEPARATEDCONSTANTS_H
