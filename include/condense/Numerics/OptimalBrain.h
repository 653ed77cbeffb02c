// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the second-order methods share: change a weight column by column, and let
// the columns to the right make up for what the layer's output loses.
//
// The output error of a row w -> w~ over the calibration data is (w - w~) H (w - w~)^T
// with the Gram matrix H = X^T X. Optimal Brain Surgeon (Hassibi and Stork, 1993)
// gives the best update of the other elements after one was changed; with the
// columns in one fixed order for all rows, all the inverses it needs are rows of one
// triangular matrix U with H^-1 = U^T U (GPTQ, Frantar et al., arXiv:2210.17323;
// SparseGPT, Frantar and Alistarh, arXiv:2301.00774).

#ifndef CONDENSE_NUMERICS_OPTIMALBRAIN_H
#define CONDENSE_NUMERICS_OPTIMALBRAIN_H

#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

/// Columns by descending diagonal of the Gram matrix [size, size], equal ones in
/// order: those that matter most are decided while many are left to make up for them.
std::vector<int64_t> getActivationOrder(std::span<const float> gram, int64_t size);

/// The upper triangular U with (H + damping * I)^-1 = U^T U, rows and columns of H
/// taken in `order`.
struct InverseFactor {
  enum class Status {
    OK,
    NonFinite,           // the Gram matrix has a NaN or an infinity
    NotPositiveDefinite, // even with the largest damping tried
  };
  Status status = Status::OK;
  int64_t size = 0;
  /// Column that is decided at each position.
  std::vector<int64_t> order;
  /// [size, size] row-major; zero below the diagonal.
  std::vector<float> upper;
  /// What was added to the diagonal.
  double damping = 0;
  /// How often the damping was raised tenfold until the matrix was positive definite.
  int raised = 0;

  /// The diagonal at a position: changing the element there by d costs at least
  /// (d / pivot)^2 when the positions after it make up for it.
  float getPivot(int64_t position) const { return upper[position * size + position]; }
};

/// Factors the Gram matrix [size, size] (symmetric; only its finite values matter,
/// any scale). `relativeDamping` is relative to the mean of the diagonal. A column
/// that was never active has the damping alone on its diagonal, and an all-zero
/// matrix counts as the identity. An empty `order` is the natural one.
InverseFactor factorizeInverse(std::span<const float> gram, int64_t size, double relativeDamping = 0.01,
                               std::span<const int64_t> order = {});

/// Columns at consecutive positions, for a range of rows.
class ColumnView {
public:
  ColumnView(const float *values, int64_t stride, int64_t rows, int64_t first, int64_t count)
      : values(values), stride(stride), rows(rows), first(first), count(count) {}

  int64_t getFirstPosition() const { return first; }
  int64_t getNumColumns() const { return count; }
  int64_t getNumRows() const { return rows; }
  /// All rows of the column `i` of the view.
  std::span<const float> getColumn(int64_t i) const { return {values + i * stride, static_cast<size_t>(rows)}; }

private:
  const float *values;
  int64_t stride, rows, first, count;
};

/// Decides what becomes of each column.
class ColumnDecider {
public:
  virtual ~ColumnDecider();
  /// Before a group of columns is decided (see sweepColumns); they hold the updates
  /// from all positions before the group.
  virtual void beginGroup(const ColumnView &group) {}
  /// Chooses the final values of the column at `position`, given its current ones,
  /// for all rows.
  virtual void decide(int64_t position, std::span<const float> current, std::span<float> chosen) = 0;
};

/// Decides the columns in the factor's order and propagates each error to the later
/// ones, in lazy blocks. `weights` [rows, size] in natural order is replaced by what
/// was chosen. Groups of `group` positions (the last may be shorter) are announced to
/// the decider. `rowErrors` (empty: not wanted) grows by (w - w~)(H + damping * I)(w - w~)^T
/// of each row. Rows do not influence each other: any cut into ranges gives the same bits;
/// kSweepRows of them at a time fit the caches.
void sweepColumns(const InverseFactor &factor, std::span<float> weights, int64_t rows, ColumnDecider &decider,
                  int64_t group = 1, std::span<double> rowErrors = {});

constexpr int64_t kSweepRows = 64;

/// Adds d G d^T to `rowErrors` for each row d of `differences` [rows, size].
void addOutputErrors(std::span<const float> gram, int64_t size, std::span<const float> differences,
                     std::span<double> rowErrors);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_OPTIMALBRAIN_H
