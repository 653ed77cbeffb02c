// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Quantization of a weight to codes and scales, block by block.
//
//   code = saturate(round_half_even(x / scale) + zero_point)
//   x    ~ (code - zero_point) * scale
//
// Scales are rounded to the format they are stored in before codes are chosen,
// so the codes are right for the scale that is used later.

#ifndef CONDENSE_NUMERICS_QUANTIZEWEIGHTS_H
#define CONDENSE_NUMERICS_QUANTIZEWEIGHTS_H

#include "condense/Numerics/BlockLayout.h"
#include <cstdint>
#include <memory>
#include <span>

namespace condense::numerics {

class NearestEntry;

/// What codes are. Signed codes are symmetric (no zero point), unsigned ones
/// asymmetric, floats symmetric; `Table` codes stand for the entries of a codebook.
struct CodeFormat {
  enum class Kind { Signed, Unsigned, F8E4M3FN, F8E5M2, Table };
  Kind kind = Kind::Signed;
  unsigned width = 8;                             // bits: 2 to 8
  std::shared_ptr<const NearestEntry> table = {}; // of `Table`

  bool isInteger() const { return kind == Kind::Signed || kind == Kind::Unsigned; }
  bool hasZeroPoint() const { return kind == Kind::Unsigned; }
};

/// F8E8M0 are powers of two, as in the OCP Microscaling Formats.
enum class ScaleFormat { F16, F32, F8E8M0 };

enum class ScaleChoice {
  /// The largest magnitude (or the range, asymmetric) fits exactly. Powers of two
  /// are 2^(floor(log2(largest magnitude)) - exponent of the largest code), as the
  /// Microscaling specification has it (6.3): the largest may saturate.
  MinMax,
  /// The scale of least squared error among MinMax's and clippings of it, a grid
  /// search as in OMSE (Choukroun et al., arXiv:1902.06822). Of powers of two,
  /// MinMax's and its neighbours.
  MSE,
  /// `scales` and `zeroPoints` are given, only codes are chosen.
  Given
};

struct QuantizeSpec {
  CodeFormat codes;
  ScaleFormat scale = ScaleFormat::F16;
  ScaleChoice choice = ScaleChoice::MinMax;
  /// Rounds elements of integer codes the other way until the errors of a block
  /// add up to at most half a scale (SQuant, Guo et al., arXiv:2202.07471).
  bool balanced = false;
};

/// Where results go. `codes` has one byte per element, row-major; `scales` and
/// `zeroPoints` (empty when the format has none) one element per block.
struct QuantizeOutput {
  std::span<uint8_t> codes;
  std::span<float> scales; // already rounded to the scale format
  std::span<uint8_t> zeroPoints;
  /// When balancing: the sum of `x - x~` over each block.
  std::span<float> errorSums = {};
};

/// What a unit of work reports. Sums are of f64, so that adding the units in
/// order gives the same result for any number of threads.
struct QuantizeResult {
  double squaredError = 0; // sum of (x - x~)^2
  double squaredNorm = 0;  // sum of x^2
  double largestError = 0; // max |x - x~|
  /// First element that is NaN or infinite, -1 if none; then nothing else is valid.
  int64_t nonFinite = -1;
  /// First block whose scale is larger than the scale format allows, -1 if none.
  int64_t scaleOverflow = -1;

  /// Combines the results of two units.
  void merge(const QuantizeResult &other);
  /// ||x - x~|| / ||x||; 0 for an all-zero tensor.
  double getRelativeError() const;
};

/// Number of independent units of work of a layout: each may run on any thread.
int64_t getNumUnits(const BlockLayout &layout);

/// Quantizes one unit. An all-zero block gets scale 1 and zero codes. A scale
/// too small for f16 becomes the smallest that does not clip, so it is never 0.
QuantizeResult quantizeUnit(const BlockLayout &layout, int64_t unit, const QuantizeSpec &spec,
                            std::span<const float> input, const QuantizeOutput &output);

/// Balances the errors of a channel that consists of several blocks, after they
/// were quantized with balancing: blocks get one more code rounded the other way
/// until the channel's errors add up to at most half a scale. `channels` is the
/// layout of the scales in channels. Channels are independent. Returns by how
/// much the squared error grew.
double balanceChannel(const BlockLayout &layout, const BlockLayout &channels, int64_t channel, const QuantizeSpec &spec,
                      std::span<const float> input, const QuantizeOutput &output);

/// Quantizes positive scales themselves (QLoRA's double quantization,
/// arXiv:2305.14314), to unsigned codes of 8 bits without zero point: `codes` in 1
/// to `largest`, `scales` becomes what `code * blockScales` is. `layout` is that of
/// the scales in the blocks that share one of `blockScales`.
void quantizeScales(const BlockLayout &layout, std::span<float> scales, std::span<uint8_t> codes,
                    std::span<float> blockScales, unsigned largest = 255);

/// All units in order, on this thread.
QuantizeResult quantize(const BlockLayout &layout, const QuantizeSpec &spec, std::span<const float> input,
                        const QuantizeOutput &output);

/// `(code - zero) * scale` in f32 for each element: what compress.dequantize computes.
void dequantize(const BlockLayout &layout, const CodeFormat &format, std::span<const uint8_t> codes,
                std::span<const float> scales, std::span<const uint8_t> zeroPoints, std::span<float> output);

/// One code for given parameters: what compress.quantize computes.
uint8_t quantizeValue(const CodeFormat &format, float x, float scale, uint8_t zeroPoint = 0);
/// The number that a code stands for.
float dequantizeValue(const CodeFormat &format, uint8_t code, float scale, uint8_t zeroPoint = 0);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_QUANTIZEWEIGHTS_H
