// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weight sharing: k-means clustering of numbers into the entries of a codebook
// (Han et al., "Deep Compression", arXiv:1510.00149), with weights such as the
// diagonal of the Hessian (Choi et al., "Towards the Limit of Network
// Quantization", arXiv:1612.01543).
//
// In one dimension the optimum is found by dynamic programming (Wang and Song,
// "Ckmeans.1d.dp", The R Journal 3/2, 2011): nothing depends on an initial
// guess. Large inputs are first merged into a few thousand points, and the
// result is then refined by Lloyd's iteration on all of them.

#ifndef CONDENSE_NUMERICS_KMEANS_H
#define CONDENSE_NUMERICS_KMEANS_H

#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

struct InverseFactor;

enum class EntryFormat { F16, F32 };

struct CodebookSpec {
  int64_t entries = 16; // at most: 1 to 256
  EntryFormat format = EntryFormat::F16;
  /// Entry 0 is exactly 0, so that zeros stay zeros; it counts among the entries.
  bool zeroEntry = false;
};

/// The codebook of least weighted squared error for numbers that may come from
/// several tensors. Numbers must be finite; weights finite and not negative.
class Clustering {
public:
  /// Adds numbers; without weights each counts 1.
  void add(std::span<const float> values, std::span<const float> weights = {});

  /// Ascending entries, after the zero if there is one. Fewer than asked for when
  /// there are fewer different numbers. Empty when nothing was added.
  std::vector<float> fit(const CodebookSpec &spec);

  struct Sample {
    float value, weight;
  };

private:
  std::vector<Sample> samples;
};

/// Rows of a weight matrix that multiply the same inputs and have the same codebook.
struct ClusteredRows {
  std::span<const float> gram;    // of the inputs, [columns, columns]
  std::span<const float> weights; // [rows, columns]
  std::span<const uint8_t> mask;  // empty, or [rows, columns]: where it is 0 the result is 0
  std::span<float> rounded;       // [rows, columns]: entries of the codebook
  int64_t columns;
  const InverseFactor *factor = nullptr; // of the Gram matrix, for a sweep as in GPTQ; may be null
};

/// Lessens the error of the outputs, `||X (W - W~)^T||`, that nearest entries leave:
/// elements are chosen by GPTQ's sweep where that helps, then by coordinate descent
/// (refineRows) and the entries by least squares, in turn. An entry that is 0 stays 0 if `spec.zeroEntry`. `codebook`
/// keeps its size.
void refineCodebook(std::span<const ClusteredRows> parts, const CodebookSpec &spec, std::vector<float> &codebook);

/// The code of the nearest entry for each number (of equally near ones the
/// smaller number), for entries in any order, at most 256 of them. Zeros get the
/// entry that is 0 where one exists.
void assignCodes(std::span<const float> codebook, std::span<const float> values, std::span<uint8_t> codes);

/// Bits that an index into a codebook of `entries` takes: 2 to 8.
unsigned getIndexWidth(int64_t entries);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_KMEANS_H
