// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sparse weights for few rows: as many weights that are not zero for every column of a slice.

#ifndef CONDENSE_LIB_CODEGEN_CPU_SPARSESLICES_H
#define CONDENSE_LIB_CODEGEN_CPU_SPARSESLICES_H

#include "SparseContraction.h"

namespace condense::codegen {

/// A weight cut into panels of columns, and these into slices of as many elements of the reduction as a vector has
/// lanes, so that a lane finds its input by its place in one vector. In a slice every column has as many weights as
/// the one with most, rounded up to pairs (N:M pruning leaves the same number everywhere); zeros fill up. A pair
/// is stored as two vectors of values and one of bytes for every vector of the panel; half a byte is a place.
struct SparseSlices {
  /// Of each slice, panel by panel.
  std::vector<int32_t> pairs;
  /// Their number, if it is the same everywhere.
  std::optional<int32_t> uniform;
  int64_t total = 0;

  /// Vectors of columns in a panel.
  static constexpr int64_t kPanelVectors = 4;
  static int64_t panelColumns(const SparseContraction &contraction) { return kPanelVectors * contraction.lanes; }
  static int64_t panels(const SparseContraction &contraction) {
    return llvm::divideCeil(contraction.columns(), panelColumns(contraction));
  }
  static int64_t slicesPerPanel(const SparseContraction &contraction) {
    return contraction.paddedUnits() / contraction.lanes;
  }
};

/// The number of rows if it is known and small enough, otherwise nothing.
std::optional<int64_t> countFewRows(const SparseContraction &contraction);

/// Whether there is such a kernel for the contraction, or why not.
mlir::LogicalResult checkSlices(const SparseContraction &contraction, const VectorTarget &target, std::string &reason);

SparseSlices planSlices(const SparseContraction &contraction, const TensorConstant &weight);

/// The time of the kernel divided by that of the dense one: of its instructions, or to read the weight.
double estimateRelativeCost(const SparseContraction &contraction, const SparseSlices &slices);

/// Constants of a weight; `starts` (null if the number of pairs is uniform) has the first pair of each slice, and at
/// its end the number of pairs.
struct SliceWeight {
  mlir::Value values, places, starts;
};
SliceWeight createSliceWeight(mlir::OpBuilder &builder, const SparseContraction &contraction,
                              const SparseSlices &slices, const TensorConstant &weight);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_SPARSESLICES_H
