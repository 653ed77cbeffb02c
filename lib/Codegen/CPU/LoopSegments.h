// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a loop of a linalg operation is cut into whole tiles and a rest.

#ifndef CONDENSE_LIB_CODEGEN_CPU_LOOPSEGMENTS_H
#define CONDENSE_LIB_CODEGEN_CPU_LOOPSEGMENTS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace condense::codegen {

/// A piece of a loop: from `begin` to `end`, `unroll` points (or vectors) at a
/// time. `isMasked`: the last vector may be partial.
struct LoopSegment {
  mlir::OpFoldResult begin, end;
  int64_t step = 1, unroll = 1;
  bool isMasked = false;
};

/// Whole tiles of `rows`, then what is left: in one smaller tile if its size is
/// known, otherwise row by row.
llvm::SmallVector<LoopSegment> rowSegments(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult size,
                                           int64_t rows);

/// Whole tiles of `vectors` times `lanes`, then what is left, its last vector
/// masked if it is not full. A rest of unknown size is done one masked vector
/// at a time.
llvm::SmallVector<LoopSegment> vectorSegments(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult size,
                                              int64_t vectors, int64_t lanes);

/// The active lanes of the last vector of a masked segment whose iteration
/// begins at `base`, with `perLane` elements for each lane.
mlir::Value makeMask(mlir::OpBuilder &builder, mlir::Location loc, const LoopSegment &segment, mlir::OpFoldResult base,
                     int64_t lanes, int64_t perLane = 1);

/// The size of each loop. Dynamic ones are asked of tensors that need not be
/// computed.
llvm::SmallVector<mlir::OpFoldResult> loopSizes(mlir::OpBuilder &builder, mlir::linalg::LinalgOp op);

/// The tensor of the same shape at the start of a chain of destination-passing
/// operations: asking it for a dynamic size does not keep the chain alive.
mlir::Value shapeSource(mlir::Value tensor);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_LOOPSEGMENTS_H
