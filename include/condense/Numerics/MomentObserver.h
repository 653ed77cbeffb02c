// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Moments of the inputs of a layer over calibration samples: mean and largest
// magnitude of each column, and the Gram matrix that second-order methods need
// (the Hessian of a layer's squared output error is 2 X^T X), in memory that
// does not grow with the number of samples.

#ifndef CONDENSE_NUMERICS_MOMENTOBSERVER_H
#define CONDENSE_NUMERICS_MOMENTOBSERVER_H

#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

class MomentObserver {
public:
  MomentObserver(int64_t groups, int64_t columns, bool withGram);

  /// Records the rows of `matrices` [groups, rows, columns]. Sums are taken over
  /// blocks of 128 rows first, each in order: the result depends on the order of
  /// the rows, not on the calls that they come in, on the number of threads or
  /// on the CPU.
  void observe(std::span<const float> matrices, int threads = 1);

  int64_t getGroups() const { return groups; }
  int64_t getColumns() const { return columns; }
  bool hasGram() const { return withGram; }
  /// Rows of each group that were seen.
  int64_t getCount() const { return count; }
  /// Whether everything that was seen is finite.
  bool isFinite() const;
  /// Mean of each column, [groups, columns].
  std::vector<float> getMean() const;
  /// Largest magnitude of each column, [groups, columns].
  std::span<const float> getAbsMax() const { return absMax; }
  /// Sum of the outer products of the rows, [groups, columns, columns]; infinite
  /// where it exceeds f32. Empty without `withGram`.
  std::span<const float> getGram();

private:
  void addChannels(const float *matrix, int64_t rows, int64_t group);
  void addRows(const float *matrices, int64_t rows, int threads);
  void flush(int threads);

  int64_t groups, columns, count = 0;
  bool withGram;
  std::vector<double> sums;
  std::vector<float> absMax;
  std::vector<float> gram;   ///< the upper half only, until getGram
  std::vector<float> panels; ///< the rows that are not in `gram` yet, 16 columns at a time
  int64_t pending = 0;       ///< their number
};

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_MOMENTOBSERVER_H
