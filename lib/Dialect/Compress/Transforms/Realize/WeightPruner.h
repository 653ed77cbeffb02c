// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pruning of one target: scores, mask, and the values of what stays.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_WEIGHTPRUNER_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_WEIGHTPRUNER_H

#include "TargetGram.h"
#include "condense/Numerics/PruneReconstruct.h"

namespace condense::compress {

/// Works on all threads; results do not depend on their number.
class WeightPruner {
public:
  /// `elements` in the order of the target. Without a Gram matrix (empty) the method is
  /// that of magnitudes. When it `isCentered` (of the inputs less their mean; the bias takes
  /// care of the mean), updated rows keep the variance of their outputs.
  WeightPruner(mlir::MLIRContext *context, const WeightMatrix &matrix, PruneSchemeAttr scheme, TargetGram gram,
               std::vector<float> elements, bool isCentered);

  /// Scores all elements; fails when a Gram matrix is not positive definite.
  mlir::LogicalResult score();
  /// What a threshold is applied to: the scores of elements or of blocks.
  std::span<const float> getUnitScores() const { return unitScores; }
  std::span<uint8_t> getUnitMask() { return unitMask; }

  /// Chooses what is pruned, by rows or by the layer.
  void chooseMask();
  /// Takes over the unit mask, as one threshold for all layers made it.
  void applyUnitMask();

  /// Prunes. With the second order the mask may change (its size does not) and what stays
  /// is updated, unless `keepValues`. Fails as score().
  mlir::LogicalResult prune(bool keepValues);

  /// In the order of the matrices.
  llvm::ArrayRef<uint8_t> getMask() const { return mask; }
  /// In the order of the target.
  llvm::ArrayRef<float> getElements() const { return pruned; }
  int64_t getNumPruned() const;
  double getRelativeError() const;
  /// What was done, for a remark.
  std::string getDetails() const;

private:
  numerics::MatrixShape getShape() const { return {matrix.getGroups() * matrix.getRows(), matrix.getColumns()}; }
  numerics::MatrixShape getBlock() const { return {scheme.getBlock()[0], scheme.getBlock()[1]}; }
  mlir::LogicalResult factorize();
  void scoreGroup(int64_t group);
  void sweep();
  void refit();
  void keepVariance();

  mlir::MLIRContext *context;
  const WeightMatrix &matrix;
  PruneSchemeAttr scheme;
  PruneMethod method;
  TargetGram gram;
  std::vector<float> elements;        // as they were
  std::vector<float> weights, scores; // in the order of the matrices
  std::vector<float> unitScores;
  std::vector<uint8_t> mask, unitMask;
  std::vector<numerics::InverseFactor> factors; // of each group
  std::vector<float> pruned;
  bool isCentered, isUpdated = false, isFitted = false;
};

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_WEIGHTPRUNER_H
