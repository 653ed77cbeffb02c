// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Grouping of elements into blocks. Neighbouring dimensions are merged where the
// blocks allow it, so that rows become as long as possible.

#include "condense/Numerics/BlockLayout.h"

#include <algorithm>
#include <cassert>

using namespace condense::numerics;

namespace {
struct Dim {
  int64_t size, blocks;
};
} // namespace

/// Two neighbours are one dimension when both are a single block, or when the
/// outer one has no blocks: its slices then follow each other.
static std::vector<Dim> mergeDims(std::span<const int64_t> shape, std::span<const int64_t> scaleShape) {
  std::vector<Dim> dims; // innermost first
  for (size_t i = shape.size(); i-- > 0;) {
    assert(scaleShape[i] > 0 && shape[i] % scaleShape[i] == 0 && "blocks divide the dimension");
    Dim dim{shape[i], scaleShape[i]};
    if (dim.size == 1)
      continue;
    if (!dims.empty() && (dim.blocks == dim.size || (dim.blocks == 1 && dims.back().blocks == 1))) {
      dims.back().size *= dim.size;
      dims.back().blocks *= dim.blocks;
    } else {
      dims.push_back(dim);
    }
  }
  if (dims.empty())
    dims.push_back({1, 1});
  std::reverse(dims.begin(), dims.end());
  return dims;
}

BlockLayout::BlockLayout(std::span<const int64_t> shape, std::span<const int64_t> scaleShape) {
  assert(shape.size() == scaleShape.size() && "rank of scales");
  std::vector<Dim> dims = mergeDims(shape, scaleShape);
  rowLength = dims.back().size;
  segment = rowLength == 0 ? 1 : rowLength / dims.back().blocks;
  numElements = rowLength;
  numBlocks = dims.back().blocks;
  rowOffsets = {0};
  for (size_t i = dims.size() - 1; i-- > 0;) {
    int64_t stride = numElements, perBlock = dims[i].size / dims[i].blocks;
    std::vector<int64_t> offsets;
    offsets.reserve(rowOffsets.size() * perBlock);
    for (int64_t j = 0; j < perBlock; ++j)
      for (int64_t offset : rowOffsets)
        offsets.push_back(j * stride + offset);
    rowOffsets = std::move(offsets);
    outerDims.insert(outerDims.begin(), {dims[i].blocks, perBlock * stride});
    numElements *= dims[i].size;
    numBlocks *= dims[i].blocks;
  }
}

int64_t BlockLayout::getSlabStart(int64_t slab) const {
  int64_t start = 0;
  for (size_t i = outerDims.size(); i-- > 0; slab /= outerDims[i].blocks)
    start += slab % outerDims[i].blocks * outerDims[i].stride;
  return start;
}
