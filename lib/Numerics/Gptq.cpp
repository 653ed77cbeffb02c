// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// GPTQ as a decider of the sweep over columns.

#include "condense/Numerics/Gptq.h"

#include <algorithm>
#include <map>

using namespace condense::numerics;

int64_t condense::numerics::getDynamicBlock(const GptqMatrix &matrix) {
  // Rows that share a block would have to wait for each other.
  std::vector<int64_t> rows(matrix.rowBlocks.begin(), matrix.rowBlocks.end());
  std::sort(rows.begin(), rows.end());
  if (std::adjacent_find(rows.begin(), rows.end()) != rows.end())
    return 0;
  std::span<const int64_t> columns = matrix.columnBlocks;
  int64_t length = 0;
  while (length < matrix.columns && columns[length] == columns[0])
    ++length;
  for (int64_t i = 0; i < matrix.columns; ++i)
    if (i % length ? columns[i] != columns[i - 1] : i > 0 && columns[i] <= columns[i - 1])
      return 0;
  return length;
}

std::vector<float> condense::numerics::getColumnImportance(const InverseFactor &factor) {
  std::vector<float> importance(factor.size);
  for (int64_t position = 0; position < factor.size; ++position) {
    float pivot = factor.getPivot(position);
    importance[factor.order[position]] = 1 / (pivot * pivot);
  }
  // Relative to the mean: their scale means nothing, and sums stay in range.
  double mean = 0;
  for (float value : importance)
    mean += value / static_cast<double>(factor.size);
  for (float &value : importance)
    value = static_cast<float>(value / mean);
  return importance;
}

/// Weights without those that the mask takes away.
static float getWeight(const GptqMatrix &matrix, int64_t index) {
  return matrix.mask.empty() || matrix.mask[index] ? matrix.weights[index] : 0;
}

void condense::numerics::chooseStaticScales(const GptqMatrix &matrix, std::span<const float> importance, int64_t first,
                                            int64_t count, const Rounder &rounder) {
  std::map<int64_t, std::vector<int64_t>> rows, columns;
  for (int64_t row = first; row < first + count; ++row)
    rows[matrix.rowBlocks[row]].push_back(row);
  for (int64_t column = 0; column < matrix.columns; ++column)
    columns[matrix.columnBlocks[column]].push_back(column);
  std::vector<float> values, weights;
  for (auto &[rowBlock, blockRows] : rows)
    for (auto &[columnBlock, blockColumns] : columns) {
      values.clear();
      weights.clear();
      for (int64_t row : blockRows)
        for (int64_t column : blockColumns) {
          values.push_back(getWeight(matrix, row * matrix.columns + column));
          if (!importance.empty())
            weights.push_back(importance[column]);
        }
      rounder.chooseScale(rowBlock + columnBlock, values, weights);
    }
}

void condense::numerics::roundRowsToNearest(const GptqMatrix &matrix, const Rounder &rounder, int64_t first,
                                            int64_t count, std::span<float> rounded) {
  std::vector<int64_t> blocks(matrix.columns);
  std::vector<float> values(matrix.columns);
  for (int64_t row = first; row < first + count; ++row) {
    for (int64_t column = 0; column < matrix.columns; ++column) {
      blocks[column] = matrix.rowBlocks[row] + matrix.columnBlocks[column];
      values[column] = getWeight(matrix, row * matrix.columns + column);
    }
    rounder.round(values, blocks, rounded.subspan((row - first) * matrix.columns, matrix.columns));
  }
}

namespace {

class GptqDecider : public ColumnDecider {
public:
  GptqDecider(const InverseFactor &factor, const GptqMatrix &matrix, const GptqOptions &options, int64_t firstRow,
              const Rounder &rounder)
      : factor(factor), matrix(matrix), options(options), firstRow(firstRow), rounder(rounder) {}

  void beginGroup(const ColumnView &group) override {
    if (!options.dynamicScales)
      return;
    int64_t first = factor.order[group.getFirstPosition()], count = group.getNumColumns();
    std::span<const float> importance =
        options.importance.empty() ? options.importance : options.importance.subspan(first, count);
    values.resize(count);
    for (int64_t r = 0; r < group.getNumRows(); ++r) {
      for (int64_t i = 0; i < count; ++i)
        values[i] = isKept(r, first + i) ? group.getColumn(i)[r] : 0;
      rounder.chooseScale(getBlock(r, first), values, importance);
    }
  }

  void decide(int64_t position, std::span<const float> current, std::span<float> chosen) override {
    int64_t column = factor.order[position];
    blocks.resize(current.size());
    for (size_t r = 0; r < current.size(); ++r)
      blocks[r] = getBlock(r, column);
    rounder.round(current, blocks, chosen);
    if (!matrix.mask.empty())
      for (size_t r = 0; r < current.size(); ++r)
        chosen[r] = isKept(r, column) ? chosen[r] : 0;
  }

private:
  int64_t getBlock(int64_t row, int64_t column) const {
    return matrix.rowBlocks[firstRow + row] + matrix.columnBlocks[column];
  }
  bool isKept(int64_t row, int64_t column) const {
    return matrix.mask.empty() || matrix.mask[(firstRow + row) * matrix.columns + column];
  }

  const InverseFactor &factor;
  const GptqMatrix &matrix;
  const GptqOptions &options;
  int64_t firstRow;
  const Rounder &rounder;
  std::vector<float> values;
  std::vector<int64_t> blocks;
};

} // namespace

void condense::numerics::roundRowsByGptq(const InverseFactor &factor, const GptqMatrix &matrix,
                                         const GptqOptions &options, int64_t first, int64_t count,
                                         const Rounder &rounder, std::span<float> rounded,
                                         std::span<double> rowErrors) {
  int64_t columns = matrix.columns;
  for (int64_t i = 0; i < count * columns; ++i)
    rounded[i] = getWeight(matrix, first * columns + i);
  std::fill(rowErrors.begin(), rowErrors.end(), 0.0);
  GptqDecider decider(factor, matrix, options, first, rounder);
  sweepColumns(factor, rounded, count, decider, options.dynamicScales ? getDynamicBlock(matrix) : 1, rowErrors);
  // The sweep counts the damping as if it were data.
  for (int64_t row = 0; row < count; ++row) {
    double norm = 0;
    for (int64_t i = row * columns; i < (row + 1) * columns; ++i) {
      double difference = static_cast<double>(getWeight(matrix, first * columns + i)) - rounded[i];
      norm += difference * difference;
    }
    rowErrors[row] = std::max(rowErrors[row] - factor.damping * norm, 0.0);
  }
}
