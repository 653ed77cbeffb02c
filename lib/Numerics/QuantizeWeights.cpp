// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Quantization by units of work. Blocks that are not contiguous are gathered
// into a buffer, several neighbours at a time so that whole cache lines are used;
// every block is then one contiguous run for the inner loops.

#include "condense/Numerics/QuantizeWeights.h"

#include "ScaleChoice.h"
#include "condense/Numerics/Codebooks.h"
#include "condense/Numerics/FloatFormats.h"
#include <algorithm>
#include <cassert>
#include <cmath>

using namespace condense::numerics;

void QuantizeResult::merge(const QuantizeResult &other) {
  auto first = [](int64_t a, int64_t b) { return a < 0 ? b : b < 0 ? a : std::min(a, b); };
  squaredError += other.squaredError;
  squaredNorm += other.squaredNorm;
  largestError = std::max(largestError, other.largestError);
  nonFinite = first(nonFinite, other.nonFinite);
  scaleOverflow = first(scaleOverflow, other.scaleOverflow);
}

double QuantizeResult::getRelativeError() const { return squaredNorm == 0 ? 0 : std::sqrt(squaredError / squaredNorm); }

namespace {

/// How a layout is cut into units: whole slabs together, or parts of a slab.
struct UnitShape {
  static constexpr int64_t kElements = 65536; // of a unit, roughly
  int64_t slabsPerUnit, segmentsPerUnit, unitsPerSlab;

  explicit UnitShape(const BlockLayout &layout) {
    int64_t segments = layout.getSegmentsPerRow(), blockSize = std::max<int64_t>(layout.getBlockSize(), 1);
    int64_t cacheLine = std::max<int64_t>(64 / layout.getSegment(), 1);
    segmentsPerUnit = std::min(segments, std::max(kElements / blockSize, cacheLine));
    unitsPerSlab = (segments + segmentsPerUnit - 1) / segmentsPerUnit;
    slabsPerUnit = unitsPerSlab > 1 ? 1 : std::max<int64_t>(kElements / (segments * blockSize), 1);
  }
};

/// Blocks `first ... first + count - 1` of a slab.
struct BlockRun {
  int64_t slab, first, count;
};

/// Quantizes one run of blocks of a slab.
class RunQuantizer {
public:
  RunQuantizer(const BlockLayout &layout, const QuantizeSpec &spec, std::span<const float> input,
               const QuantizeOutput &output)
      : layout(layout), spec(spec), input(input), output(output) {}

  QuantizeResult result;

  void run(const BlockRun &run) {
    int64_t rows = layout.getRowsPerSlab(), segment = layout.getSegment(), size = layout.getBlockSize();
    int64_t start = layout.getRowStart(run.slab, 0) + run.first * segment;
    int64_t block = layout.getScaleStart(run.slab) + run.first;
    if (rows == 1) {
      for (int64_t i = 0; i < run.count; ++i)
        quantizeBlock(block + i, input.data() + start + i * segment, output.codes.data() + start + i * segment);
    } else {
      gather(run);
      codes.resize(run.count * size);
      for (int64_t i = 0; i < run.count; ++i)
        quantizeBlock(block + i, values.data() + i * size, codes.data() + i * size);
      scatter(run);
    }
    if (sawNonFinite)
      findNonFinite(run);
  }

private:
  void quantizeBlock(int64_t block, const float *x, uint8_t *blockCodes) {
    int64_t size = layout.getBlockSize();
    BlockRange range = getBlockRange(x, size);
    if (!range.finite) {
      sawNonFinite = true;
      return;
    }
    BlockScale scale = getScale(block, range, x);
    if (!std::isfinite(scale.scale)) {
      if (result.scaleOverflow < 0)
        result.scaleOverflow = block;
      return;
    }
    output.scales[block] = scale.scale;
    if (spec.codes.hasZeroPoint())
      output.zeroPoints[block] = scale.zeroPoint;
    BlockError error = encodeBlock(spec.codes, scale, x, size, blockCodes);
    if (spec.balanced && spec.codes.isInteger())
      error.squaredError += balanceBlock(spec.codes, scale, x, size, blockCodes, output.errorSums[block]);
    result.squaredError += error.squaredError;
    result.squaredNorm += error.squaredNorm;
    result.largestError = std::max<double>(result.largestError, error.largest);
  }

  BlockScale getScale(int64_t block, const BlockRange &range, const float *x) const {
    if (spec.choice != ScaleChoice::Given)
      return chooseScale(spec, range, x, layout.getBlockSize());
    return {output.scales[block], spec.codes.hasZeroPoint() ? output.zeroPoints[block] : uint8_t(0)};
  }

  /// Calls `copy(element, at)` for each segment of the run: its first element in
  /// the tensor, and its place in the buffer where blocks are contiguous. A few
  /// blocks at a time, so that cache lines are whole on both sides.
  template <typename Copy> void forEachSegment(const BlockRun &run, Copy copy) {
    constexpr int64_t group = 16;
    int64_t rows = layout.getRowsPerSlab(), segment = layout.getSegment();
    for (int64_t start = 0; start < run.count; start += group) {
      int64_t end = std::min(start + group, run.count);
      for (int64_t row = 0; row < rows; ++row) {
        int64_t element = layout.getRowStart(run.slab, row) + run.first * segment;
        for (int64_t i = start; i < end; ++i)
          copy(element + i * segment, (i * rows + row) * segment);
      }
    }
  }

  void gather(const BlockRun &run) {
    values.resize(run.count * layout.getBlockSize());
    if (layout.getSegment() == 1)
      return forEachSegment(run, [&](int64_t element, int64_t at) { values[at] = input[element]; });
    forEachSegment(run, [&](int64_t element, int64_t at) {
      std::copy_n(input.data() + element, layout.getSegment(), values.data() + at);
    });
  }

  void scatter(const BlockRun &run) {
    if (layout.getSegment() == 1)
      return forEachSegment(run, [&](int64_t element, int64_t at) { output.codes[element] = codes[at]; });
    forEachSegment(run, [&](int64_t element, int64_t at) {
      std::copy_n(codes.data() + at, layout.getSegment(), output.codes.data() + element);
    });
  }

  void findNonFinite(const BlockRun &run) {
    for (int64_t row = 0; row < layout.getRowsPerSlab(); ++row) {
      int64_t start = layout.getRowStart(run.slab, row) + run.first * layout.getSegment();
      for (int64_t i = start, end = start + run.count * layout.getSegment(); i < end; ++i)
        if (!std::isfinite(input[i]) && (result.nonFinite < 0 || i < result.nonFinite))
          result.nonFinite = i;
    }
    sawNonFinite = false;
  }

  const BlockLayout &layout;
  const QuantizeSpec &spec;
  std::span<const float> input;
  const QuantizeOutput &output;
  std::vector<float> values;
  std::vector<uint8_t> codes;
  bool sawNonFinite = false;
};

} // namespace

int64_t condense::numerics::getNumUnits(const BlockLayout &layout) {
  UnitShape shape(layout);
  if (shape.unitsPerSlab > 1)
    return layout.getNumSlabs() * shape.unitsPerSlab;
  return (layout.getNumSlabs() + shape.slabsPerUnit - 1) / shape.slabsPerUnit;
}

QuantizeResult condense::numerics::quantizeUnit(const BlockLayout &layout, int64_t unit, const QuantizeSpec &spec,
                                                std::span<const float> input, const QuantizeOutput &output) {
  assert(static_cast<int64_t>(input.size()) == layout.getNumElements() && "size of input");
  UnitShape shape(layout);
  RunQuantizer quantizer(layout, spec, input, output);
  int64_t segments = layout.getSegmentsPerRow();
  if (shape.unitsPerSlab > 1) {
    int64_t first = unit % shape.unitsPerSlab * shape.segmentsPerUnit;
    quantizer.run({unit / shape.unitsPerSlab, first, std::min(shape.segmentsPerUnit, segments - first)});
    return quantizer.result;
  }
  int64_t slab = unit * shape.slabsPerUnit;
  for (int64_t end = std::min(slab + shape.slabsPerUnit, layout.getNumSlabs()); slab < end; ++slab)
    quantizer.run({slab, 0, segments});
  return quantizer.result;
}

QuantizeResult condense::numerics::quantize(const BlockLayout &layout, const QuantizeSpec &spec,
                                            std::span<const float> input, const QuantizeOutput &output) {
  QuantizeResult result;
  for (int64_t unit = 0, units = getNumUnits(layout); unit < units; ++unit)
    result.merge(quantizeUnit(layout, unit, spec, input, output));
  return result;
}

void condense::numerics::quantizeScales(const BlockLayout &layout, std::span<float> scales, std::span<uint8_t> codes,
                                        std::span<float> blockScales, unsigned largest) {
  for (int64_t block = 0; block < layout.getNumBlocks(); ++block) {
    float most = 0;
    auto forEach = [&](auto visit) {
      layout.forEachSegment(block, [&](int64_t first) {
        for (int64_t i = first; i < first + layout.getSegment(); ++i)
          visit(i);
      });
    };
    forEach([&](int64_t i) { most = std::max(most, scales[i]); });
    // The smallest normal number instead of one that is lost in divisions.
    float step = std::max(most / static_cast<float>(largest), std::numeric_limits<float>::min());
    blockScales[block] = step;
    forEach([&](int64_t i) {
      // Scales are positive: no code is 0.
      float code = std::clamp(std::nearbyint(scales[i] / step), 1.0f, static_cast<float>(largest));
      codes[i] = static_cast<uint8_t>(code);
      scales[i] = code * step;
    });
  }
}

/// A zero point has the sign of its codes.
static int32_t widenCode(const CodeFormat &format, uint8_t code) {
  return format.kind == CodeFormat::Kind::Signed ? static_cast<int8_t>(code) : code;
}

uint8_t condense::numerics::quantizeValue(const CodeFormat &format, float x, float scale, uint8_t zeroPoint) {
  float quotient = x / scale;
  if (format.kind == CodeFormat::Kind::F8E4M3FN)
    return toF8E4M3FN(quotient);
  if (format.kind == CodeFormat::Kind::F8E5M2)
    return toF8E5M2(quotient);
  if (format.kind == CodeFormat::Kind::Table)
    return format.table->find(quotient);
  CodeLimits limits = getCodeLimits(format);
  if (std::isnan(quotient))
    return zeroPoint;
  int32_t zero = widenCode(format, zeroPoint);
  float code = std::clamp(std::nearbyint(quotient), limits.low - zero, limits.high - zero);
  return static_cast<uint8_t>(static_cast<int32_t>(code) + zero);
}

float condense::numerics::dequantizeValue(const CodeFormat &format, uint8_t code, float scale, uint8_t zeroPoint) {
  if (format.kind == CodeFormat::Kind::F8E4M3FN)
    return fromF8E4M3FN(code) * scale;
  if (format.kind == CodeFormat::Kind::F8E5M2)
    return fromF8E5M2(code) * scale;
  if (format.kind == CodeFormat::Kind::Table)
    return format.table->getEntry(code) * scale;
  return static_cast<float>(widenCode(format, code) - widenCode(format, zeroPoint)) * scale;
}

void condense::numerics::dequantize(const BlockLayout &layout, const CodeFormat &format, std::span<const uint8_t> codes,
                                    std::span<const float> scales, std::span<const uint8_t> zeroPoints,
                                    std::span<float> output) {
  int64_t segment = layout.getSegment(), segments = layout.getSegmentsPerRow();
  for (int64_t slab = 0; slab < layout.getNumSlabs(); ++slab)
    for (int64_t row = 0; row < layout.getRowsPerSlab(); ++row)
      for (int64_t i = 0; i < segments; ++i) {
        int64_t block = layout.getScaleStart(slab) + i;
        uint8_t zeroPoint = zeroPoints.empty() ? 0 : zeroPoints[block];
        for (int64_t at = layout.getRowStart(slab, row) + i * segment, end = at + segment; at < end; ++at)
          output[at] = dequantizeValue(format, codes[at], scales[block], zeroPoint);
      }
}
