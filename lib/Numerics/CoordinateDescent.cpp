// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Coordinate descent on the output error. As in the sweep over columns, rows are kept
// transposed, and the gradients of the columns outside a block are updated when it is done.

#include "Vectorised.h"
#include "condense/Numerics/Gptq.h"
#include "condense/Numerics/MatrixProduct.h"
#include <algorithm>

using namespace condense::numerics;

static constexpr int64_t kBlock = 128;

/// `target = value + gradient / curvature`.
CONDENSE_VECTORISED
static void step(int64_t rows, float curvature, const float *value, const float *gradient, float *target) {
  for (int64_t r = 0; r < rows; ++r)
    target[r] = value[r] + gradient[r] / curvature;
}

namespace {

class Descent {
public:
  Descent(std::span<const float> gram, double damping, const GptqMatrix &matrix, int64_t firstRow, int64_t rows,
          const Rounder &rounder)
      : gram(gram), damping(static_cast<float>(damping)), matrix(matrix), firstRow(firstRow), rows(rows),
        columns(matrix.columns), rounder(rounder), values(columns * rows), gradients(columns * rows),
        changes(kBlock * rows), target(rows), chosen(rows), blocks(rows) {}

  void run(std::span<float> rounded, int passes) {
    load(rounded);
    for (int pass = 0; pass < passes; ++pass) {
      bool changed = false;
      for (int64_t begin = 0; begin < columns; begin += kBlock)
        changed |= runBlock(begin, std::min(begin + kBlock, columns));
      if (!changed)
        break;
    }
    for (int64_t j = 0; j < columns; ++j)
      for (int64_t r = 0; r < rows; ++r)
        rounded[r * columns + j] = values[j * rows + r];
  }

private:
  bool isKept(int64_t row, int64_t column) const {
    return matrix.mask.empty() || matrix.mask[(firstRow + row) * columns + column];
  }

  /// The gradients are (w - w~)(H + damping * I).
  void load(std::span<const float> rounded) {
    std::vector<float> differences(columns * rows);
    for (int64_t j = 0; j < columns; ++j)
      for (int64_t r = 0; r < rows; ++r) {
        float weight = isKept(r, j) ? matrix.weights[(firstRow + r) * columns + j] : 0;
        values[j * rows + r] = rounded[r * columns + j];
        differences[j * rows + r] = values[j * rows + r] - weight;
        gradients[j * rows + r] = -damping * differences[j * rows + r];
      }
    subtractProduct(columns, rows, columns, {gram.data(), columns}, {differences.data(), rows},
                    {gradients.data(), rows});
  }

  bool runBlock(int64_t begin, int64_t end) {
    bool changed = false;
    for (int64_t j = begin; j < end; ++j)
      changed |= changeColumn(j, begin, end);
    if (!changed)
      return false;
    for (auto [from, to] : {std::pair<int64_t, int64_t>(0, begin), {end, columns}})
      subtractProduct(to - from, rows, end - begin, {gram.data() + from * columns + begin, columns},
                      {changes.data(), rows}, {gradients.data() + from * rows, rows});
    return true;
  }

  /// Chooses the best codes of one column, and corrects the gradients inside its block.
  bool changeColumn(int64_t j, int64_t begin, int64_t end) {
    float curvature = gram[j * columns + j] + damping, *value = values.data() + j * rows;
    float *change = changes.data() + (j - begin) * rows;
    std::fill_n(change, rows, 0.0f);
    if (!(curvature > 0))
      return false;
    step(rows, curvature, value, gradients.data() + j * rows, target.data());
    for (int64_t r = 0; r < rows; ++r)
      blocks[r] = matrix.rowBlocks[firstRow + r] + matrix.columnBlocks[j];
    rounder.round(target, blocks, chosen);
    bool changed = false;
    for (int64_t r = 0; r < rows; ++r)
      if (isKept(r, j) && chosen[r] != value[r]) {
        change[r] = chosen[r] - value[r];
        value[r] = chosen[r];
        changed = true;
      }
    if (!changed)
      return false;
    for (int64_t i = begin; i < end; ++i)
      subtractScaled(rows, gram[j * columns + i], change, gradients.data() + i * rows);
    subtractScaled(rows, damping, change, gradients.data() + j * rows);
    return true;
  }

  std::span<const float> gram;
  float damping;
  const GptqMatrix &matrix;
  int64_t firstRow, rows, columns;
  const Rounder &rounder;
  std::vector<float> values, gradients, changes, target, chosen; // [column, row]
  std::vector<int64_t> blocks;
};

} // namespace

void condense::numerics::refineRows(std::span<const float> gram, double damping, const GptqMatrix &matrix,
                                    int64_t first, int64_t count, const Rounder &rounder, int passes,
                                    std::span<float> rounded) {
  Descent(gram, damping, matrix, first, count, rounder).run(rounded, passes);
}
