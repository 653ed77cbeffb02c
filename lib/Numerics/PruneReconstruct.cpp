// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// SparseGPT as a decider of the column sweep, and the least squares fit of a row.

#include "condense/Numerics/PruneReconstruct.h"

#include "Cholesky.h"
#include "RowFit.h"
#include "condense/Numerics/MatrixProduct.h"
#include <algorithm>
#include <cassert>
#include <cmath>

using namespace condense::numerics;

/// Columns whose share of pruned elements is fixed before they are updated.
static constexpr int64_t kBlockColumns = 128;

std::vector<float> condense::numerics::getInverseDiagonal(const InverseFactor &factor) {
  std::vector<double> sums(factor.size);
  for (int64_t i = 0; i < factor.size; ++i)
    for (int64_t j = i; j < factor.size; ++j)
      sums[j] += static_cast<double>(factor.upper[i * factor.size + j]) * factor.upper[i * factor.size + j];
  std::vector<float> diagonal(factor.size);
  for (int64_t position = 0; position < factor.size; ++position)
    diagonal[factor.order[position]] = static_cast<float>(sums[position]);
  return diagonal;
}

namespace {

/// Prunes by a mask, which it chooses itself group by group if asked to.
class PruneDecider : public ColumnDecider {
public:
  PruneDecider(const InverseFactor &factor, const ReconstructSpec &spec, int64_t rows, std::span<uint8_t> mask)
      : factor(factor), spec(spec), rows(rows), mask(mask) {}

  void beginGroup(const ColumnView &view) override {
    if (spec.choice == MaskChoice::Given)
      return;
    score(view);
    MatrixShape shape{rows, view.getNumColumns()};
    chosen.resize(scores.size());
    if (spec.choice == MaskChoice::Groups)
      maskGroups(shape, scores, spec.kept, spec.group, chosen);
    else
      chooseAsMany(shape, view.getFirstPosition());
    for (int64_t row = 0; row < rows; ++row)
      std::copy_n(chosen.begin() + row * shape.columns, shape.columns,
                  mask.begin() + row * factor.size + view.getFirstPosition());
  }

  void decide(int64_t position, std::span<const float> current, std::span<float> result) override {
    for (int64_t row = 0; row < rows; ++row)
      result[row] = mask[row * factor.size + position] ? current[row] : 0;
  }

private:
  /// What pruning each element of the group costs at least: (w / pivot)^2.
  void score(const ColumnView &view) {
    int64_t columns = view.getNumColumns();
    scores.resize(rows * columns);
    for (int64_t column = 0; column < columns; ++column) {
      std::span<const float> values = view.getColumn(column);
      float pivot = factor.getPivot(view.getFirstPosition() + column);
      for (int64_t row = 0; row < rows; ++row)
        scores[row * columns + column] = values[row] / pivot * (values[row] / pivot);
    }
  }

  /// Prunes as many elements of the block, or of its rows, as the mask does.
  void chooseAsMany(MatrixShape block, int64_t first) {
    int64_t together = spec.choice == MaskChoice::RowBlocks ? 1 : rows;
    for (int64_t row = 0; row < rows; row += together) {
      int64_t kept = 0, size = together * block.columns;
      for (int64_t i = row; i < row + together; ++i)
        kept += countKept(std::span(mask).subspan(i * factor.size + first, block.columns));
      std::span<const float> part = std::span(scores).subspan(row * block.columns, size);
      double sparsity = static_cast<double>(size - kept) / static_cast<double>(size);
      maskLowest(part, sparsity, std::span(chosen).subspan(row * block.columns, size));
    }
  }

  const InverseFactor &factor;
  const ReconstructSpec &spec;
  int64_t rows;
  std::span<uint8_t> mask;
  std::vector<float> scores; // of the group [rows, columns]
  std::vector<uint8_t> chosen;
};

} // namespace

void condense::numerics::pruneAndReconstruct(const InverseFactor &factor, const ReconstructSpec &spec, int64_t rows,
                                             std::span<float> weights, std::span<uint8_t> mask) {
  assert(weights.size() == mask.size() && static_cast<int64_t>(mask.size()) == rows * factor.size);
  PruneDecider decider(factor, spec, rows, mask);
  sweepColumns(factor, weights, rows, decider, spec.choice == MaskChoice::Groups ? spec.group : kBlockColumns);
}

double condense::numerics::getRefitCost(MatrixShape shape, std::span<const uint8_t> mask) {
  double cost = 0;
  for (int64_t row = 0; row < shape.rows; ++row) {
    auto kept = static_cast<double>(countKept(mask.subspan(row * shape.columns, shape.columns)));
    cost += kept * kept * (kept / 3 + static_cast<double>(shape.columns) / 8);
  }
  return cost;
}

/// Solves S^T S x = b in place for the upper triangular S.
static void solveFactored(const std::vector<double> &s, std::vector<double> &x) {
  auto size = static_cast<int64_t>(x.size());
  for (int64_t i = 0; i < size; ++i) {
    x[i] /= s[i * size + i];
    subtractScaled(size - i - 1, x[i], s.data() + i * size + i + 1, x.data() + i + 1);
  }
  for (int64_t i = size - 1; i >= 0; --i) {
    double sum = x[i];
    for (int64_t j = i + 1; j < size; ++j)
      sum -= s[i * size + j] * x[j];
    x[i] = sum / s[i * size + i];
  }
}

bool condense::numerics::refitRow(std::span<const float> gram, double damping, std::span<const uint8_t> mask,
                                  std::span<const float> original, std::span<float> refit) {
  auto columns = static_cast<int64_t>(mask.size());
  std::vector<int64_t> kept;
  for (int64_t column = 0; column < columns; ++column)
    if (mask[column])
      kept.push_back(column);
  auto size = static_cast<int64_t>(kept.size());
  std::vector<double> matrix(size * size), correction(size);
  double mean = 0;
  for (int64_t i = 0; i < size; ++i) {
    const float *row = gram.data() + kept[i] * columns;
    for (int64_t j = i; j < size; ++j)
      matrix[i * size + j] = row[kept[j]];
    mean += matrix[i * size + i] / static_cast<double>(size);
    matrix[i * size + i] += damping;
    for (int64_t column = 0; column < columns; ++column)
      if (!mask[column])
        correction[i] += static_cast<double>(row[column]) * original[column];
  }
  if (!factorizeCholesky(matrix.data(), size, 1e-12 * (std::fabs(mean) + damping)))
    return false;
  solveFactored(matrix, correction);
  if (!std::all_of(correction.begin(), correction.end(), [](double x) { return std::isfinite(x); }))
    return false;
  std::fill(refit.begin(), refit.end(), 0.0f);
  for (int64_t i = 0; i < size; ++i)
    refit[kept[i]] = static_cast<float>(original[kept[i]] + correction[i]);
  return true;
}

double condense::numerics::getGroupFitCost(MatrixShape shape, int64_t kept, int64_t group) {
  auto columns = static_cast<double>(shape.columns), share = static_cast<double>(kept) / static_cast<double>(group);
  double active = columns * share, changes = columns * (1 - share);
  return static_cast<double>(shape.rows) * active * active * (active * 2 / 3 + changes * 3);
}

namespace {
/// The members of one group of a row.
class GroupChooser {
public:
  GroupChooser(RowFit &fit, int64_t first, int64_t length) : fit(fit), first(first), length(length) {}

  /// Lets all elements in and the cheapest out again; whether other ones are active then.
  bool improve() {
    std::vector<bool> before(length);
    int64_t kept = 0;
    for (int64_t i = 0; i < length; ++i)
      kept += before[i] = fit.isActive(first + i);
    double error = fit.getError();
    for (int64_t i = 0; i < length; ++i)
      if (!before[i])
        fit.add(first + i);
    for (int64_t active = countActive(); active > kept; --active)
      fit.remove(findCheapest());
    bool isChanged = false;
    for (int64_t i = 0; i < length; ++i)
      isChanged |= before[i] != fit.isActive(first + i);
    if (!isChanged || fit.getError() < error * (1 - 1e-9))
      return isChanged;
    restore(before);
    return false;
  }

private:
  int64_t countActive() const {
    int64_t count = 0;
    for (int64_t i = 0; i < length; ++i)
      count += fit.isActive(first + i);
    return count;
  }

  int64_t findCheapest() const {
    int64_t cheapest = -1;
    for (int64_t column = first; column < first + length; ++column)
      if (fit.isActive(column) && (cheapest < 0 || fit.getCost(column) < fit.getCost(cheapest)))
        cheapest = column;
    return cheapest;
  }

  void restore(const std::vector<bool> &before) {
    for (int64_t i = 0; i < length; ++i)
      if (before[i] && !fit.isActive(first + i))
        fit.add(first + i);
    for (int64_t i = 0; i < length; ++i)
      if (!before[i] && fit.isActive(first + i))
        fit.remove(first + i);
  }

  RowFit &fit;
  int64_t first, length;
};
} // namespace

bool condense::numerics::refitGroups(std::span<const float> gram, double damping, int64_t kept, int64_t group,
                                     int sweeps, std::span<uint8_t> mask, std::span<const float> original,
                                     std::span<float> refit) {
  auto columns = static_cast<int64_t>(mask.size());
  RowFit fit(gram, damping, original, std::min(countKept(mask) + group, columns));
  for (int64_t column = 0; column < columns; ++column)
    if (mask[column] && !fit.add(column))
      return false;
  bool isChanged = true;
  for (int sweep = 0; sweep < sweeps && isChanged; ++sweep) {
    isChanged = false;
    for (int64_t first = 0; first < columns; first += group)
      isChanged |= GroupChooser(fit, first, std::min(group, columns - first)).improve();
  }
  for (int64_t column = 0; column < columns; ++column)
    if (double value = fit.getValue(column); fit.isActive(column) && !std::isfinite(value))
      return false;
  for (int64_t column = 0; column < columns; ++column) {
    mask[column] = fit.isActive(column);
    refit[column] = mask[column] ? static_cast<float>(fit.getValue(column)) : 0;
  }
  return true;
}
