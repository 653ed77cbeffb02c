// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// GPTQ (Frantar et al., arXiv:2210.17323): rounds a weight matrix column by column and
// lets the columns that are not rounded yet make up for the error (OptimalBrain.h).
//
// Scales are chosen up front from the given weights (static), or, for blocks of
// consecutive columns in their natural order, from the updated weights when the sweep
// reaches a block (dynamic), which follows what the updates did to them.

#ifndef CONDENSE_NUMERICS_GPTQ_H
#define CONDENSE_NUMERICS_GPTQ_H

#include "condense/Numerics/OptimalBrain.h"
#include "condense/Numerics/Rounder.h"
#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

/// A weight matrix and which elements share a scale.
struct GptqMatrix {
  std::span<const float> weights; // [rows, columns]
  int64_t rows, columns;
  /// The block of an element is the sum of its row's and its column's number.
  std::span<const int64_t> rowBlocks, columnBlocks;
  /// Empty, or [rows, columns]: where it is 0 the result is 0.
  std::span<const uint8_t> mask = {};
};

/// How many consecutive columns share a block, all runs but the last equally long, when
/// each row has its own blocks; 0 when blocks are otherwise: scales must be static.
int64_t getDynamicBlock(const GptqMatrix &matrix);

/// Weight of the squared error of each column for the choice of scales: what it costs
/// after the later columns made up for it.
std::vector<float> getColumnImportance(const InverseFactor &factor);

/// Chooses the scales of all blocks that the row numbers `rowBlocks[first ... first + count - 1]`
/// begin: rows that share blocks belong to one call.
void chooseStaticScales(const GptqMatrix &matrix, std::span<const float> importance, int64_t first, int64_t count,
                        const Rounder &rounder);

/// Rounds the rows `first ... first + count - 1` to the nearest, into `rounded` [count, columns].
void roundRowsToNearest(const GptqMatrix &matrix, const Rounder &rounder, int64_t first, int64_t count,
                        std::span<float> rounded);

struct GptqOptions {
  /// Choose scales when the sweep reaches a block; needs getDynamicBlock and the natural order.
  bool dynamicScales = false;
  std::span<const float> importance = {};
};

/// Rounds the rows by GPTQ. `rowErrors` [count] receives the output error d G d^T of each row.
/// Rows are independent but for the scales: any cut into ranges gives the same bits.
void roundRowsByGptq(const InverseFactor &factor, const GptqMatrix &matrix, const GptqOptions &options, int64_t first,
                     int64_t count, const Rounder &rounder, std::span<float> rounded, std::span<double> rowErrors);

/// Coordinate descent (QuantEase, Behdin et al., arXiv:2309.01885) from rows that were rounded:
/// column by column, each element becomes what is best while all others stay, `passes` times. The
/// output error under the damped Gram matrix [columns, columns] never grows. Scales stay as they are.
void refineRows(std::span<const float> gram, double damping, const GptqMatrix &matrix, int64_t first, int64_t count,
                const Rounder &rounder, int passes, std::span<float> rounded);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_GPTQ_H
