// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Clustering for the least error of a layer's output instead of its weight.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SECONDORDERCLUSTERS_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SECONDORDERCLUSTERS_H

#include "ClusteredTarget.h"
#include "TargetGram.h"
#include "condense/Numerics/OptimalBrain.h"

namespace condense::compress {

/// What second-order clustering knows of a target, in the order of its matrix view.
struct SecondOrderTarget {
  WeightMatrix matrix;
  TargetGram gram;
  std::vector<int64_t> stored; // elements that a scatter stores, in its order
  std::vector<float> weights, rounded;
  std::vector<uint8_t> mask;                         // empty without a scatter
  std::vector<int64_t> rowBooks;                     // the codebook of each row
  std::vector<numerics::InverseFactor> factors = {}; // of the groups' Gram matrices, once they are needed

  void factorize();

  /// Reads what the target needs, and weighs its elements by the diagonal of the Hessian. Null for
  /// a table, which multiplies nothing; fails with a diagnostic when statistics are missing.
  static mlir::FailureOr<std::shared_ptr<SecondOrderTarget>> create(ClusteredTarget &target,
                                                                    const LayerStatistics *statistics);
};

/// Refines the codebook `book` of targets that share it, and their elements.
void refineClusters(llvm::ArrayRef<ClusteredTarget *> targets, size_t book);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SECONDORDERCLUSTERS_H
