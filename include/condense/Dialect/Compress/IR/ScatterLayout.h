// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where the values of a compress.scatter belong.

#ifndef CONDENSE_DIALECT_COMPRESS_IR_SCATTERLAYOUT_H
#define CONDENSE_DIALECT_COMPRESS_IR_SCATTERLAYOUT_H

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Numerics/SparseEncoding.h"

namespace condense::compress {

/// The blocks of a tensor, seen as the matrix of its first dimension by all others (of
/// rank 1 a single row). Blocks are numbered row-major; those at the lower and right
/// edge may be smaller.
class ScatterLayout {
public:
  ScatterLayout(mlir::RankedTensorType type, PositionsAttr positions);
  explicit ScatterLayout(ScatterOp op) : ScatterLayout(op.getOutput().getType(), op.getLayout()) {}

  int64_t getRows() const { return rows; }
  int64_t getColumns() const { return columns; }
  int64_t getBlockRows() const { return blockRows; }
  int64_t getBlockColumns() const { return blockColumns; }
  int64_t getBlocksAcross() const { return across; }
  int64_t getNumBlocks() const { return down * across; }
  /// Whether all blocks have the same size.
  bool isRegular() const { return rows % blockRows == 0 && columns % blockColumns == 0; }
  /// Values that are stored when all `n` of each `m` are; requires n_m.
  int64_t getNumGroupValues() const;

  /// Elements of a block.
  int64_t getBlockSize(int64_t block) const {
    return std::min(blockRows, rows - block / across * blockRows) *
           std::min(blockColumns, columns - block % across * blockColumns);
  }
  /// Calls `visit(element)` for the row-major index of each element of a block, row-major.
  template <typename Visit> void forEachElement(int64_t block, Visit visit) const {
    int64_t row = block / across * blockRows, column = block % across * blockColumns;
    for (int64_t i = row, end = std::min(row + blockRows, rows); i < end; ++i)
      for (int64_t j = column, last = std::min(column + blockColumns, columns); j < last; ++j)
        visit(i * columns + j);
  }

  /// The encoding, for fields of `width` bits.
  numerics::PositionFormat getFormat(unsigned width) const;

private:
  PositionsAttr positions;
  int64_t rows = 1, columns = 1, blockRows = 1, blockColumns = 1, down = 1, across = 1;
};

/// The blocks that a scatter stores, from its evaluated positions; or why these are wrong,
/// among that that they do not belong to as many values as there are.
numerics::DecodedPositions decodePositions(ScatterOp op, const HostTensor &positions);

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_IR_SCATTERLAYOUT_H
