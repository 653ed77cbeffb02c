// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Evaluates elementwise expressions over tensors at the points that the lanes
// of a vector see.

#ifndef CONDENSE_LIB_CODEGEN_CPU_EXPRESSIONEVALUATOR_H
#define CONDENSE_LIB_CODEGEN_CPU_EXPRESSIONEVALUATOR_H

#include "CodeTable.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"
#include <map>

namespace condense::codegen {

/// A coordinate of a tensor or loop in lane `l`: `base + stride * l`.
struct LaneIndex {
  mlir::OpFoldResult base;
  int64_t stride = 0;
};
using LanePoint = llvm::SmallVector<LaneIndex>;

/// Builds values at the insertion point of `builder`. A value that is the same
/// in every lane is a scalar, any other a vector of `lanes` elements. `mask`
/// (or null) switches lanes off: they are read as zero and never touch memory.
class ExpressionEvaluator {
public:
  ExpressionEvaluator(mlir::OpBuilder &builder, mlir::Location loc, int64_t lanes, mlir::Operation *producer = nullptr,
                      bool usesTables = false)
      : builder(builder), loc(loc), lanes(lanes), producer(producer), usesTables(usesTables) {}

  /// The elements of `tensor` at `point`. Constant expressions and the result
  /// of `producer` are computed, others loaded. Requires what checkReadable
  /// checks. A scalar stands for itself.
  mlir::Value read(mlir::Value tensor, llvm::ArrayRef<LaneIndex> point, mlir::Value mask);

  /// What the body of a linalg operation yields for the given arguments at a
  /// point of its loops.
  mlir::Value evaluateBody(mlir::Block &body, llvm::ArrayRef<mlir::Value> arguments, llvm::ArrayRef<LaneIndex> loops,
                           bool contract = false);

  /// The results of `map` for the given dimensions. The map must be linear
  /// where lanes differ.
  LanePoint apply(mlir::AffineMap map, llvm::ArrayRef<LaneIndex> dims);

  /// `value` in every lane, if it is a scalar; otherwise itself.
  mlir::Value broadcast(mlir::Value value);

  /// Indices of the first lane.
  llvm::SmallVector<mlir::Value> bases(llvm::ArrayRef<LaneIndex> point);

private:
  mlir::Value load(mlir::Value tensor, llvm::ArrayRef<LaneIndex> point, mlir::Value mask);
  mlir::Value evaluateIndex(LaneIndex index);
  const CodeTables &getTables(mlir::Block &body, llvm::ArrayRef<LaneIndex> loops);
  mlir::Value evaluateProducer(mlir::linalg::LinalgOp op, llvm::ArrayRef<LaneIndex> point, mlir::Value mask);
  std::optional<LanePoint> pointInSource(mlir::Operation *view, llvm::ArrayRef<LaneIndex> point);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  int64_t lanes;
  mlir::Operation *producer;
  bool usesTables;
  /// By body and the values of the loops that it uses.
  std::map<std::pair<mlir::Block *, std::vector<int64_t>>, CodeTables> tables;
};

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_EXPRESSIONEVALUATOR_H
