// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contractions whose constant weight has many zeros, and when it pays to skip them.

#ifndef CONDENSE_LIB_CODEGEN_CPU_SPARSECONTRACTION_H
#define CONDENSE_LIB_CODEGEN_CPU_SPARSECONTRACTION_H

#include "KernelPlan.h"
#include "condense/IR/TensorConstant.h"

namespace condense::codegen {

/// Marks an operation whose kernel shall skip the zeros of its weight: "rows" or "columns" are its lanes. A request:
/// without it the kernel is dense.
inline constexpr llvm::StringLiteral kSparseAttrName = "condense.sparse", kSparseRows = "rows",
                                     kSparseColumns = "columns";

/// `y[rows..., n] += x[rows, k...] * w[n, k...]` with a constant `w`, where `x` is contiguous along one of the
/// reductions. Elements of f32, or bytes (`x` u8, `w` i8), of which four along that reduction are one unit.
///
/// With many rows, a kernel copies `tileRows()` rows of x into a panel with one vector row per unit of the reduction,
/// so that each unit of w that is not zero is multiplied with whole vectors along the rows. SparseSlices.h has
/// the one for few rows.
struct SparseContraction {
  mlir::linalg::LinalgOp op;
  mlir::OpOperand *weight = nullptr, *input = nullptr;
  unsigned columnLoop = 0;
  /// From outer to inner; together they number the rows, along which lanes run.
  llvm::SmallVector<unsigned> rowLoops;
  /// The one along which x is contiguous, and the others.
  unsigned unitLoop = 0;
  llvm::SmallVector<unsigned> outerReductions;
  bool isInteger = false;
  int64_t lanes = 16;

  /// Elements of a unit.
  int64_t unitSize() const { return isInteger ? 4 : 1; }
  /// Rows of a full tile.
  int64_t tileRows() const { return lanes * kTileVectors; }
  int64_t size(unsigned loop) const { return const_cast<mlir::linalg::LinalgOp &>(op).getStaticLoopRanges()[loop]; }
  int64_t columns() const { return size(columnLoop); }
  /// Nothing if it is not known.
  std::optional<int64_t> rows() const;
  /// Units along unitLoop, and with those that fill whole vectors.
  int64_t units() const { return llvm::divideCeil(size(unitLoop), unitSize()); }
  int64_t paddedUnits() const { return llvm::alignTo(units(), lanes); }
  /// Vector rows of the panel: units of all reductions.
  int64_t panelUnits() const;
  /// Units in a piece of the panel that stays in the first-level cache, and the number of pieces.
  int64_t pieceUnits() const;
  int64_t pieces() const { return llvm::divideCeil(panelUnits(), pieceUnits()); }
  /// Columns whose sums are kept until all pieces are done, and the number of such groups.
  int64_t groupColumns() const;
  int64_t groups() const { return llvm::divideCeil(columns(), groupColumns()); }

  /// Vectors along the rows of a full tile: enough independent sums to hide the latency of an addition, few enough
  /// for a piece with many units.
  static constexpr int64_t kTileVectors = 4;
};

/// The contraction that `op` is, or a reason why it has no sparse kernel. `vnni`: bytes are possible.
mlir::FailureOr<SparseContraction> matchSparseContraction(mlir::linalg::LinalgOp op, const VectorTarget &target,
                                                          std::string &reason);

/// Reads units of a weight as 32 bits.
class SparseUnits {
public:
  SparseUnits(const SparseContraction &contraction, const TensorConstant &weight);

  /// A unit of a column; 0 if no element of it is other than zero. Units are numbered as in the panel.
  uint32_t read(int64_t column, int64_t unit) const;

private:
  llvm::ArrayRef<char> bytes;
  bool isInteger;
  int64_t stride, columnStride;
  /// Of each unit in a column; -1 for those that only fill vectors.
  std::vector<int64_t> offsets;
  int64_t unitsPerRow, lastUnit, lastLength;
};

/// The units of the weight that are not zero, and elements.
struct SparseCounts {
  int64_t units = 0, nonzeroUnits = 0, elements = 0, nonzeroElements = 0;
};
SparseCounts countNonzeros(const SparseContraction &contraction, const TensorConstant &weight);

/// Instructions of the sparse kernel divided by those of the dense one, from the counts in the loops.
double estimateRelativeCost(const SparseContraction &contraction, const SparseCounts &counts);

/// The weight in the order in which the kernel reads it: for each group of columns, piece of the panel and column the
/// units that are not zero. Their places are in the piece; `starts` has the first unit of each column in turn, and at
/// its end the number of units.
struct SparseWeight {
  mlir::Value values, places, starts;
};
SparseWeight createSparseWeight(mlir::OpBuilder &builder, const SparseContraction &contraction,
                                const TensorConstant &weight);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_SPARSECONTRACTION_H
