// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One target whose elements are to share the entries of codebooks.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CLUSTEREDTARGET_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CLUSTEREDTARGET_H

#include "Replacement.h"
#include "condense/Numerics/KMeans.h"

namespace condense::compress {

struct SecondOrderTarget;

/// A constant of floats, or the values of a `compress.scatter`, with the codebooks and
/// codes that are chosen for it.
struct ClusteredTarget {
  std::vector<TargetRequest> requests;
  mlir::RankedTensorType type;       // of what is clustered
  llvm::SmallVector<int64_t> blocks; // its codebooks; divides the shape
  std::vector<float> elements;
  std::vector<float> weights;                     // of the elements; empty: equal ones
  std::shared_ptr<SecondOrderTarget> secondOrder; // null: only the error of the weight counts
  std::vector<std::vector<float>> codebooks;
  std::vector<char> codes;
  double relativeError = 0;

  /// Reads the elements, and finds the shape of the codebooks. Emits an error on a layer for
  /// elements that are not finite and for a pruned weight with a group.
  static mlir::FailureOr<ClusteredTarget> create(llvm::ArrayRef<TargetRequest> requests);

  ClusterSchemeAttr getScheme() const { return requests.front().getScheme<ClusterSchemeAttr>(); }
  mlir::Value getValue() const { return requests.front().target.value; }
  ScatterOp getScatter() const { return getValue().getDefiningOp<ScatterOp>(); }
  numerics::CodebookSpec getSpec() const;

  /// Chooses a codebook for each block.
  void fit();
  /// Assigns codes for the codebooks (those that the refinement chose, if there was one), and
  /// measures the error.
  void assign();
  /// Constants called `<name>.codes` and `.codebook`, and what rebuilds the target from
  /// them. `shared`, if not null, is the codebook.
  mlir::Value build(mlir::OpBuilder &builder, llvm::StringRef name, mlir::Value shared) const;
  /// The constant of the codebooks.
  mlir::Value buildCodebook(mlir::OpBuilder &builder, llvm::StringRef name, int64_t rank) const;
};

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CLUSTEREDTARGET_H
