// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The Gram matrix of what a target of a weight expression is multiplied with.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_TARGETGRAM_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_TARGETGRAM_H

#include "Replacement.h"
#include "condense/Analysis/LayerStatistics.h"
#include "condense/Analysis/WeightMatrix.h"
#include <span>

namespace condense::compress {

/// Matrices `[groups, columns, columns]`.
class TargetGram {
public:
  /// The sum over the layers of `requests`, whose targets have the matrix view `matrix`. The
  /// right factor B of a product A B reads the layer's input; the left one reads `z = B x`,
  /// whose Gram matrix is B H B^T. Tables, which multiply nothing, are left out. Empty when
  /// a layer was not measured; fails with a diagnostic when statistics do not fit the weight.
  static mlir::FailureOr<TargetGram> get(llvm::ArrayRef<TargetRequest> requests, const WeightMatrix &matrix,
                                         const LayerStatistics *statistics);

  bool isEmpty() const { return sum.empty(); }
  /// Makes them those of the inputs less their mean, of the one layer that was added: what
  /// counts when the bias makes up for the mean.
  void center(const LayerMoments &moments);
  std::span<const float> getGroup(int64_t group) const { return std::span(sum).subspan(group * size, size); }

private:
  void add(llvm::ArrayRef<float> gram);

  int64_t size = 0; // of one matrix
  std::vector<float> sum;
};

/// Whether a layer reads rows of its weight instead of multiplying with it.
bool isTable(CompressibleOpInterface layer);

/// Says that the layer needs statistics for `what`, and how to get them.
mlir::LogicalResult emitMissingStatistics(const Layer &layer, bool hasStatistics, llvm::StringRef what,
                                          llvm::StringRef alternative);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_TARGETGRAM_H
