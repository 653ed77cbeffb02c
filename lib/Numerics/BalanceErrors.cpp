// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rounding that lets errors cancel: SQuant (Guo et al., "SQuant: On-the-Fly
// Data-Free Quantization via Diagonal Hessian Approximation", arXiv:2202.07471).
//
// Rounding to nearest makes each error small, but their sum over what an output
// sums over grows; with inputs of a common mean, as after ReLU, that sum moves the
// output's mean. The element whose error is nearest to half a scale costs least
// to round the other way. Elements that are 0 stay 0.

#include "ScaleChoice.h"
#include "condense/Numerics/QuantizeWeights.h"
#include <algorithm>
#include <cmath>

using namespace condense::numerics;

namespace {

/// Codes of a block as signed numbers without zero point, and their errors in scales.
class BlockCodes {
public:
  BlockCodes(const CodeFormat &format, float scale, uint8_t zeroPoint)
      : isSigned(format.kind == CodeFormat::Kind::Signed), scale(scale), zeroPoint(zeroPoint) {
    CodeLimits limits = getCodeLimits(format);
    low = limits.low;
    high = limits.high;
  }

  double getError(float x, uint8_t code) const {
    return static_cast<double>(x) / scale - (widen(code) - static_cast<int>(zeroPoint));
  }
  /// Whether the code can become one more (`direction` 1) or one less (-1).
  bool canMove(uint8_t code, int direction) const {
    int moved = widen(code) + direction;
    return moved >= low && moved <= high;
  }
  /// Growth of the squared error when the code of an error towards the direction moves.
  double getCost(double error) const { return (1 - 2 * std::fabs(error)) * scale * scale; }

private:
  int widen(uint8_t code) const { return isSigned ? static_cast<int8_t>(code) : code; }

  bool isSigned;
  float scale;
  uint8_t zeroPoint;
  float low, high;
};

struct Candidate {
  double error; // magnitude, in scales
  int64_t index;
  bool operator<(const Candidate &other) const {
    return error != other.error ? error > other.error : index < other.index;
  }
};

} // namespace

double condense::numerics::balanceBlock(const CodeFormat &format, const BlockScale &scale, const float *x,
                                        int64_t count, uint8_t *codes, float &errorSum) {
  BlockCodes block(format, scale.scale, scale.zeroPoint);
  double sum = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += block.getError(x[i], codes[i]);
  int direction = sum > 0 ? 1 : -1;
  auto moves = static_cast<int64_t>(std::nearbyint(std::fabs(sum)));
  double growth = 0;
  if (moves > 0) {
    std::vector<Candidate> candidates;
    for (int64_t i = 0; i < count; ++i)
      if (double error = direction * block.getError(x[i], codes[i]); error > 0 && block.canMove(codes[i], direction))
        candidates.push_back({error, i});
    moves = std::min<int64_t>(moves, candidates.size());
    if (moves < static_cast<int64_t>(candidates.size()))
      std::nth_element(candidates.begin(), candidates.begin() + moves, candidates.end());
    for (int64_t i = 0; i < moves; ++i) {
      codes[candidates[i].index] = static_cast<uint8_t>(codes[candidates[i].index] + direction);
      growth += block.getCost(candidates[i].error);
    }
    sum -= static_cast<double>(direction * moves);
  }
  errorSum = static_cast<float>(sum * scale.scale);
  return growth;
}

/// Moves the code of a block that costs least; the growth of the squared error, or
/// nothing if none can move.
static bool moveOne(const BlockLayout &layout, int64_t block, int direction, const QuantizeSpec &spec,
                    std::span<const float> input, const QuantizeOutput &output, double &growth) {
  BlockCodes codes(spec.codes, output.scales[block], output.zeroPoints.empty() ? 0 : output.zeroPoints[block]);
  Candidate best{0, -1};
  layout.forEachSegment(block, [&](int64_t first) {
    for (int64_t i = first; i < first + layout.getSegment(); ++i) {
      double error = direction * codes.getError(input[i], output.codes[i]);
      if (error > best.error && codes.canMove(output.codes[i], direction))
        best = {error, i};
    }
  });
  if (best.index < 0)
    return false;
  output.codes[best.index] = static_cast<uint8_t>(output.codes[best.index] + direction);
  growth += codes.getCost(best.error);
  return true;
}

double condense::numerics::balanceChannel(const BlockLayout &layout, const BlockLayout &channels, int64_t channel,
                                          const QuantizeSpec &spec, std::span<const float> input,
                                          const QuantizeOutput &output) {
  std::vector<int64_t> blocks;
  double sum = 0, growth = 0;
  channels.forEachSegment(channel, [&](int64_t first) {
    for (int64_t block = first; block < first + channels.getSegment(); ++block) {
      blocks.push_back(block);
      sum += output.errorSums[block];
    }
  });
  // A block may take one error of its own scale more than balances it, not two.
  constexpr double mostUnbalanced = -0.5;
  for (size_t tries = 0, limit = 4 * blocks.size(); tries < limit; ++tries) {
    int direction = sum > 0 ? 1 : -1;
    double bestScore = mostUnbalanced;
    int64_t best = -1;
    for (size_t i = 0; i < blocks.size(); ++i) {
      float scale = output.scales[blocks[i]];
      double score = direction * output.errorSums[blocks[i]] / scale;
      if (scale < 1.998 * std::fabs(sum) && score > bestScore) {
        bestScore = score;
        best = static_cast<int64_t>(i);
      }
    }
    if (best < 0)
      break;
    int64_t block = blocks[best];
    if (!moveOne(layout, block, direction, spec, input, output, growth)) {
      blocks.erase(blocks.begin() + best);
      continue;
    }
    double step = direction * static_cast<double>(output.scales[block]);
    output.errorSums[block] -= static_cast<float>(step);
    sum -= step;
  }
  return growth;
}
