// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The sweep over columns. The rows of a range are kept transposed, so that every
// step is a plain loop over contiguous rows; blocks of columns are updated among
// themselves at once and the columns after a block when it is done.

#include "Vectorised.h"
#include "condense/Numerics/MatrixProduct.h"
#include "condense/Numerics/OptimalBrain.h"
#include <algorithm>

using namespace condense::numerics;

static constexpr int64_t kBlock = 128;

ColumnDecider::~ColumnDecider() = default;

/// `w[i] -= u[i] * error` for `count` columns of `rows` elements.
CONDENSE_VECTORISED
static void updateColumns(int64_t count, int64_t rows, const float *u, const float *error, float *w) {
  for (int64_t i = 0; i < count; ++i, w += rows) {
    float factor = u[i];
    for (int64_t r = 0; r < rows; ++r)
      w[r] -= factor * error[r];
  }
}

/// Copies between rows in natural order and columns in the order of the sweep.
/// Whole cache lines of the transposed side at a time.
template <typename Copy> static void forEachElement(const InverseFactor &factor, int64_t rows, Copy copy) {
  constexpr int64_t lines = 16;
  for (int64_t row = 0; row < rows; row += lines)
    for (int64_t position = 0; position < factor.size; ++position)
      for (int64_t r = row, end = std::min(row + lines, rows); r < end; ++r)
        copy(r * factor.size + factor.order[position], position * rows + r);
}

namespace {

class Sweep {
public:
  Sweep(const InverseFactor &factor, int64_t rows, ColumnDecider &decider, std::span<double> rowErrors)
      : factor(factor), rows(rows), decider(decider), rowErrors(rowErrors), values(factor.size * rows),
        errors(kBlock * rows), chosen(rows) {}

  void run(std::span<float> weights, int64_t group) {
    forEachElement(factor, rows, [&](int64_t natural, int64_t at) { values[at] = weights[natural]; });
    for (int64_t begin = 0; begin < factor.size;)
      begin = runBlock(begin, group);
    forEachElement(factor, rows, [&](int64_t natural, int64_t at) { weights[natural] = values[at]; });
  }

private:
  /// A group starts with all updates made: a block ends before a group that it
  /// cannot hold whole.
  int64_t getBlockEnd(int64_t begin, int64_t group) const {
    int64_t end = std::min(begin + kBlock, factor.size), groupStart = end / group * group;
    bool splits = end < factor.size && groupStart > begin && groupStart < end;
    return splits ? groupStart : end;
  }

  int64_t runBlock(int64_t begin, int64_t group) {
    int64_t end = getBlockEnd(begin, group), size = factor.size;
    for (int64_t position = begin; position < end; ++position) {
      if (position % group == 0)
        decider.beginGroup({values.data() + position * rows, rows, rows, position, std::min(group, size - position)});
      decideColumn(position, errors.data() + (position - begin) * rows);
      updateColumns(end - position - 1, rows, factor.upper.data() + position * size + position + 1,
                    errors.data() + (position - begin) * rows, values.data() + (position + 1) * rows);
    }
    subtractProduct(size - end, rows, end - begin, {factor.upper.data() + begin * size + end, 1, size},
                    {errors.data(), rows}, {values.data() + end * rows, rows});
    return end;
  }

  void decideColumn(int64_t position, float *error) {
    float *current = values.data() + position * rows, pivot = factor.getPivot(position);
    decider.decide(position, {current, static_cast<size_t>(rows)}, chosen);
    for (int64_t r = 0; r < rows; ++r) {
      error[r] = (current[r] - chosen[r]) / pivot;
      current[r] = chosen[r];
    }
    for (size_t r = 0; r < rowErrors.size(); ++r)
      rowErrors[r] += static_cast<double>(error[r]) * error[r];
  }

  const InverseFactor &factor;
  int64_t rows;
  ColumnDecider &decider;
  std::span<double> rowErrors;
  std::vector<float> values; // [position, row]
  std::vector<float> errors; // of the block's columns, over the pivot
  std::vector<float> chosen;
};

} // namespace

void condense::numerics::sweepColumns(const InverseFactor &factor, std::span<float> weights, int64_t rows,
                                      ColumnDecider &decider, int64_t group, std::span<double> rowErrors) {
  Sweep(factor, rows, decider, rowErrors).run(weights, std::max<int64_t>(group, 1));
}

void condense::numerics::addOutputErrors(std::span<const float> gram, int64_t size, std::span<const float> differences,
                                         std::span<double> rowErrors) {
  auto rows = static_cast<int64_t>(rowErrors.size());
  std::vector<float> product(kSweepRows * size);
  for (int64_t start = 0; start < rows; start += kSweepRows) {
    int64_t count = std::min(kSweepRows, rows - start);
    std::fill(product.begin(), product.end(), 0.0f);
    const float *d = differences.data() + start * size;
    subtractProduct(count, size, size, {d, size}, {gram.data(), size}, {product.data(), size});
    for (int64_t r = 0; r < count; ++r) {
      double sum = 0;
      for (int64_t j = 0; j < size; ++j)
        sum -= static_cast<double>(product[r * size + j]) * d[r * size + j];
      rowErrors[start + r] += sum;
    }
  }
}
