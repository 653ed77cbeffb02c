// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the code for one register tile of a kernel.

#ifndef CONDENSE_LIB_CODEGEN_CPU_TILEEMITTER_H
#define CONDENSE_LIB_CODEGEN_CPU_TILEEMITTER_H

#include "ExpressionEvaluator.h"
#include "InvariantFactors.h"
#include "KernelPlan.h"
#include "Prefetch.h"

namespace condense::codegen {

/// The rows and vectors computed together, and the lanes of the last vector.
struct Tile {
  int64_t rows = 1, vectors = 1;
  mlir::Value mask;
  /// The same for operands with a group per lane.
  mlir::Value groupMask;
};

/// The epilogue of a plan applied to a vector of results; `loops` are its own.
mlir::Value emitEpilogue(ExpressionEvaluator &evaluator, const KernelPlan &plan, const LanePoint &loops,
                         mlir::Value accumulator, mlir::Value mask);

/// Writes the lanes of a vector, all or those of `mask`. Returns the destination.
mlir::Value emitLanesWrite(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value vector, mlir::Value destination,
                           mlir::ValueRange indices, mlir::Value mask);

/// For kernels that sum from zero: adds what `sum` begins with at `point` of the loops, applies the epilogue, and
/// writes the lanes. Returns the destination.
mlir::Value emitSum(mlir::OpBuilder &builder, ExpressionEvaluator &evaluator, const KernelPlan &plan,
                    const LanePoint &point, mlir::Value sum, mlir::Value mask, mlir::Value destination);

/// Emits, at the insertion point of `builder`: initial accumulators, reduction
/// loops, epilogue, and the write into the destination.
class TileEmitter {
public:
  /// `sizes` are those of all loops of the operation.
  TileEmitter(mlir::OpBuilder &builder, const KernelPlan &plan, llvm::ArrayRef<mlir::OpFoldResult> sizes);

  /// The tile at `point` of the loops. Returns the destination with the tile.
  mlir::Value emit(const LanePoint &point, const Tile &tile, mlir::Value destination);

  /// Where the operand with a group per lane is read: its last two dimensions
  /// are one in `tensor`, and `map` says where.
  void setDotLanes(mlir::Value tensor, mlir::AffineMap map) {
    dotLanes = tensor;
    dotLanesMap = map;
  }

  /// The tensor is evaluated where it is needed, not stored.
  bool isComputed(mlir::Value tensor) const;

private:
  using Accumulators = llvm::SmallVector<mlir::Value>;

  Accumulators emitInit(const LanePoint &point, const Tile &tile, mlir::Value destination);
  Accumulators emitReduction(llvm::ArrayRef<unsigned> loops, LanePoint point, const Tile &tile,
                             Accumulators accumulators);
  Accumulators emitLanes(LanePoint point, Tile tile, Accumulators accumulators);
  Accumulators emitLaneReduction(const LanePoint &point, const Tile &tile, llvm::ArrayRef<mlir::Value> init);
  Accumulators emitLevel(llvm::ArrayRef<unsigned> loops, const LanePoint &point, const Tile &tile,
                         llvm::ArrayRef<mlir::Value> accumulators);
  Accumulators emitStep(mlir::Block &body, const LanePoint &point, const Tile &tile,
                        llvm::ArrayRef<mlir::Value> accumulators, llvm::ArrayRef<mlir::Value> partial = {});
  mlir::Value readDotLanes(const LanePoint &point, const Tile &tile, int64_t row, int64_t vector);
  mlir::Value readDotGroup(const LanePoint &point, int64_t row);
  Accumulators emitDotStep(const LanePoint &point, const Tile &tile, llvm::ArrayRef<mlir::Value> accumulators);
  Accumulators emitCodeStep(LanePoint point, const Tile &tile, llvm::ArrayRef<mlir::Value> accumulators);
  void emitPrefetch(const LanePoint &point, const Tile &tile);
  mlir::Value write(mlir::Value value, mlir::Value destination, const LanePoint &at, mlir::Value mask);
  LanePoint pointInTile(const LanePoint &point, int64_t row, int64_t vector);
  mlir::OpFoldResult offset(mlir::OpFoldResult index, int64_t delta);

  mlir::OpBuilder &builder;
  KernelPlan plan;
  mlir::linalg::LinalgOp op;
  mlir::Location loc;
  ExpressionEvaluator evaluator;
  llvm::SmallVector<mlir::OpFoldResult> sizes;
  /// The operand with a group per lane, lanes and groups in one dimension.
  mlir::Value dotLanes;
  mlir::AffineMap dotLanesMap;
  /// The weight to ask for in advance, as a buffer.
  std::optional<PrefetchPlan> prefetch;
  mlir::Value prefetched;
  /// Scales that are multiplied with sums, not with every element.
  std::optional<FactoredSum> factored;
  /// The number of its levels that the emitted code is in.
  size_t level = 0;
};

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_TILEEMITTER_H
