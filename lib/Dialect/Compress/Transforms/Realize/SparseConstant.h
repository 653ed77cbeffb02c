// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a pruned weight is stored.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SPARSECONSTANT_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SPARSECONSTANT_H

#include "condense/Analysis/WeightMatrix.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/IR/Builders.h"

namespace condense::compress {

/// The layout of a compress.scatter that stores what a mask keeps.
struct SparsePlan {
  PositionsAttr layout;
  /// The shape that is scattered to; in it the rows of the matrix view come first if the
  /// encoding needs that, and `permutation` then leads to the target's shape.
  llvm::SmallVector<int64_t> shape, permutation;
  /// The elements of the target that are stored, in the order of the values.
  std::vector<int64_t> elements;
  std::vector<uint8_t> positions; // encoded
  unsigned fieldWidth = 0;
  int64_t numPositions = 0;
  /// The name of the encoding, and the bytes of the candidates.
  std::string encoding, comparison;
};

/// Chooses the encoding of least size, or of the format that the scheme asks for, for a
/// target of `type` whose elements are of `bits` bits. `mask` is in the order of the
/// matrices. Blocks and N:M groups lie in the matrix view: where the target has another
/// order the plan has a permutation, or if it must not (`canPermute`) single elements.
SparsePlan planScatter(mlir::RankedTensorType type, unsigned bits, const WeightMatrix &matrix,
                       llvm::ArrayRef<uint8_t> mask, PruneSchemeAttr scheme, bool canPermute);

/// Builds `compress.scatter` (and a transpose) of `values`, which belong to `plan.elements`,
/// with a constant `<name>.positions`.
mlir::Value buildScatter(mlir::OpBuilder &builder, mlir::Location loc, const SparsePlan &plan, mlir::Value values,
                         llvm::StringRef name);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SPARSECONSTANT_H
