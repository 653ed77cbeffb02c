// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How the elements of a tensor are grouped into blocks that share a scale.

#ifndef CONDENSE_NUMERICS_BLOCKLAYOUT_H
#define CONDENSE_NUMERICS_BLOCKLAYOUT_H

#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

/// The blocks `shape / scaleShape` of a row-major tensor.
///
/// The tensor is seen as *slabs* of rows. A row is a contiguous run of
/// `rowLength` elements, cut into segments of `segment` elements that share a
/// scale (1: each element has its own). The rows of a slab use the same
/// `rowLength / segment` consecutive scales, and no other slab uses them: slabs
/// are independent units of work.
class BlockLayout {
public:
  /// Requires equal rank, and each dimension of `scaleShape` to divide that of `shape`.
  BlockLayout(std::span<const int64_t> shape, std::span<const int64_t> scaleShape);

  int64_t getNumElements() const { return numElements; }
  int64_t getNumBlocks() const { return numBlocks; }
  int64_t getRowLength() const { return rowLength; }
  int64_t getSegment() const { return segment; }
  int64_t getSegmentsPerRow() const { return rowLength / segment; }
  int64_t getNumSlabs() const { return numBlocks == 0 ? 0 : numBlocks / getSegmentsPerRow(); }
  int64_t getRowsPerSlab() const { return rowOffsets.size(); }
  /// Elements of a block.
  int64_t getBlockSize() const { return segment * getRowsPerSlab(); }

  /// First element of row `row` of slab `slab`.
  int64_t getRowStart(int64_t slab, int64_t row) const { return getSlabStart(slab) + rowOffsets[row]; }
  /// Calls `visit(first element)` for each segment of a block.
  template <typename Visit> void forEachSegment(int64_t block, Visit visit) const {
    int64_t slab = block / getSegmentsPerRow(), place = block % getSegmentsPerRow();
    for (int64_t row = 0; row < getRowsPerSlab(); ++row)
      visit(getRowStart(slab, row) + place * segment);
  }
  /// The slab's first scale.
  int64_t getScaleStart(int64_t slab) const { return slab * getSegmentsPerRow(); }

private:
  int64_t getSlabStart(int64_t slab) const;

  struct OuterDim {
    int64_t blocks; // scales along the dimension
    int64_t stride; // elements from one block to the next
  };
  int64_t numElements = 1, numBlocks = 1, rowLength = 1, segment = 1;
  std::vector<OuterDim> outerDims;
  std::vector<int64_t> rowOffsets; // of the rows of a slab, from its first element
};

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_BLOCKLAYOUT_H
