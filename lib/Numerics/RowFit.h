// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Least squares fit of one row on a set of columns that changes one by one.

#ifndef CONDENSE_LIB_NUMERICS_ROWFIT_H
#define CONDENSE_LIB_NUMERICS_ROWFIT_H

#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

/// The values on the active columns for which (w - u) H (w - u)^T is least, H being the
/// Gram matrix plus `damping` on its diagonal; other columns are 0. Keeps the inverse of H
/// on the active columns: a change costs their number squared.
class RowFit {
public:
  /// No column is active; at most `capacity` may be at a time.
  RowFit(std::span<const float> gram, double damping, std::span<const float> row, int64_t capacity);

  /// Makes a column active; false, and nothing changed, when it is a combination of others.
  bool add(int64_t column);
  void remove(int64_t column);

  bool isActive(int64_t column) const { return slots[column] >= 0; }
  double getValue(int64_t column) const { return original[column] - difference[column]; }
  /// How much the error grows when an active column is removed.
  double getCost(int64_t column) const;
  double getError() const { return error; }

private:
  double *getRow(int64_t slot) { return inverse.data() + slot * capacity; }

  std::span<const float> gram, original;
  double damping;
  int64_t columns, capacity;
  std::vector<int64_t> slots;     // of each column; -1: not active
  std::vector<int64_t> active;    // the column of each slot
  std::vector<double> inverse;    // [slot, slot], rows of `capacity`
  std::vector<double> difference; // original minus fitted values
  std::vector<double> buffer;
  double error = 0;
};

} // namespace condense::numerics

#endif // CONDENSE_LIB_NUMERICS_ROWFIT_H
