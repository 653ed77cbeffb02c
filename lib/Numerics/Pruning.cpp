// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Selection by rank. Scores are compared as integers: the bits of floats that are
// not negative have their order, NaN above infinity, so the order is total.

#include "condense/Numerics/Pruning.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

using namespace condense::numerics;

void condense::numerics::scoreMagnitude(std::span<const float> weights, std::span<float> scores) {
  assert(weights.size() == scores.size() && "a score for each weight");
  std::transform(weights.begin(), weights.end(), scores.begin(), [](float x) { return std::fabs(x); });
}

void condense::numerics::scoreWanda(MatrixShape shape, std::span<const float> weights,
                                    std::span<const float> columnNorms, std::span<float> scores) {
  for (int64_t row = 0; row < shape.rows; ++row)
    for (int64_t column = 0, at = row * shape.columns; column < shape.columns; ++column, ++at)
      scores[at] = std::fabs(weights[at]) * columnNorms[column];
}

void condense::numerics::scoreSaliency(MatrixShape shape, std::span<const float> weights,
                                       std::span<const float> inverseDiagonal, std::span<float> scores) {
  std::vector<float> factors(shape.columns);
  for (int64_t column = 0; column < shape.columns; ++column)
    factors[column] = inverseDiagonal[column] > 0 ? 1 / inverseDiagonal[column] : 1;
  for (int64_t row = 0; row < shape.rows; ++row)
    for (int64_t column = 0, at = row * shape.columns; column < shape.columns; ++column, ++at)
      scores[at] = weights[at] * weights[at] * factors[column];
}

int64_t condense::numerics::getNumPruned(int64_t count, double sparsity) {
  double pruned = std::nearbyint(sparsity * static_cast<double>(count));
  return static_cast<int64_t>(std::clamp(pruned, 0.0, static_cast<double>(count)));
}

/// A score as an integer of the same order.
static uint32_t getKey(float score) { return score == 0 ? 0 : std::bit_cast<uint32_t>(std::fabs(score)); }

namespace {
/// Prunes everything below a key, and the first few that are equal to it.
class Threshold {
public:
  /// For the `pruned` lowest of `keys`, whose order is lost.
  Threshold(std::vector<uint32_t> &keys, int64_t pruned) : none(pruned == 0) {
    if (none)
      return;
    std::nth_element(keys.begin(), keys.begin() + pruned - 1, keys.end());
    key = keys[pruned - 1];
    equal = std::count(keys.begin(), keys.begin() + pruned, key);
  }

  /// Whether the next element is pruned.
  bool prunes(uint32_t other) {
    if (none || other > key)
      return false;
    return other < key || equal-- > 0;
  }

private:
  bool none;
  uint32_t key = 0;
  int64_t equal = 0; // how many of those equal to the key are still to be pruned
};
} // namespace

void condense::numerics::maskLowest(std::span<const std::span<const float>> parts, double sparsity,
                                    std::span<const std::span<uint8_t>> masks) {
  assert(parts.size() == masks.size() && "a mask for each part");
  std::vector<uint32_t> keys;
  for (std::span<const float> scores : parts)
    std::transform(scores.begin(), scores.end(), std::back_inserter(keys), getKey);
  Threshold threshold(keys, getNumPruned(keys.size(), sparsity));
  for (size_t part = 0; part < parts.size(); ++part)
    for (size_t i = 0; i < parts[part].size(); ++i)
      masks[part][i] = !threshold.prunes(getKey(parts[part][i]));
}

void condense::numerics::maskLowest(std::span<const float> scores, double sparsity, std::span<uint8_t> mask) {
  maskLowest({&scores, 1}, sparsity, {&mask, 1});
}

void condense::numerics::maskRows(MatrixShape shape, std::span<const float> scores, double sparsity,
                                  std::span<uint8_t> mask) {
  for (int64_t row = 0; row < shape.rows; ++row)
    maskLowest(scores.subspan(row * shape.columns, shape.columns), sparsity,
               mask.subspan(row * shape.columns, shape.columns));
}

void condense::numerics::maskGroups(MatrixShape shape, std::span<const float> scores, int64_t kept, int64_t group,
                                    std::span<uint8_t> mask) {
  assert(kept > 0 && kept <= group && "N of M");
  std::vector<uint32_t> keys;
  for (int64_t row = 0; row < shape.rows; ++row)
    for (int64_t start = 0; start < shape.columns; start += group) {
      int64_t length = std::min(group, shape.columns - start), first = row * shape.columns + start;
      keys.resize(length);
      std::transform(scores.begin() + first, scores.begin() + first + length, keys.begin(), getKey);
      Threshold threshold(keys, length - getNumKept(kept, group, length));
      for (int64_t i = first; i < first + length; ++i)
        mask[i] = !threshold.prunes(getKey(scores[i]));
    }
}

std::vector<float> condense::numerics::scoreBlocks(MatrixShape shape, MatrixShape block,
                                                   std::span<const float> scores) {
  assert(block.rows > 0 && block.columns > 0 && "size of a block");
  int64_t down = (shape.rows + block.rows - 1) / block.rows;
  int64_t across = (shape.columns + block.columns - 1) / block.columns;
  std::vector<double> sums(down * across);
  for (int64_t row = 0; row < shape.rows; ++row)
    for (int64_t column = 0; column < shape.columns; ++column) {
      double score = scores[row * shape.columns + column];
      sums[row / block.rows * across + column / block.columns] += score * score;
    }
  std::vector<float> means(sums.size());
  for (int64_t i = 0; i < down * across; ++i) {
    int64_t height = std::min(block.rows, shape.rows - i / across * block.rows);
    int64_t width = std::min(block.columns, shape.columns - i % across * block.columns);
    means[i] = static_cast<float>(sums[i] / static_cast<double>(height * width));
  }
  return means;
}

void condense::numerics::expandBlocks(MatrixShape shape, MatrixShape block, std::span<const uint8_t> blocks,
                                      std::span<uint8_t> mask) {
  int64_t across = (shape.columns + block.columns - 1) / block.columns;
  for (int64_t row = 0; row < shape.rows; ++row)
    for (int64_t column = 0; column < shape.columns; ++column)
      mask[row * shape.columns + column] = blocks[row / block.rows * across + column / block.columns];
}

void condense::numerics::maskBlocks(MatrixShape shape, MatrixShape block, std::span<const float> scores,
                                    double sparsity, std::span<uint8_t> mask) {
  std::vector<float> means = scoreBlocks(shape, block, scores);
  std::vector<uint8_t> blocks(means.size());
  maskLowest(means, sparsity, blocks);
  expandBlocks(shape, block, blocks, mask);
}

int64_t condense::numerics::countKept(std::span<const uint8_t> mask) {
  return std::count_if(mask.begin(), mask.end(), [](uint8_t kept) { return kept != 0; });
}
