// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What one kernel computes and how: which loops become lanes and rows of a
// register tile.

#ifndef CONDENSE_LIB_CODEGEN_CPU_KERNELPLAN_H
#define CONDENSE_LIB_CODEGEN_CPU_KERNELPLAN_H

#include "AccessAnalysis.h"
#include "DotProduct.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <memory>
#include <optional>
#include <string>

namespace condense::codegen {

class PanelExpansion;

/// The vector unit of the target.
struct VectorTarget {
  int64_t bits = 512;
  int64_t registers = 32;
  bool vnni = false;
  /// It permutes 32-bit lanes of whole vectors (AVX-512).
  bool permute = false;
};

/// Loops are numbered as in `op`. The register tile has `rows` x `vectors`
/// accumulators of `lanes` elements.
struct KernelPlan {
  mlir::linalg::LinalgOp op;
  /// The elementwise operation that is applied to the tile before it is
  /// written, or null.
  mlir::linalg::LinalgOp epilogue;
  /// The operation that makes the initial accumulators, to be evaluated in
  /// place, or null.
  mlir::Operation *initProducer = nullptr;

  unsigned vectorLoop = 0;
  std::optional<unsigned> rowLoop;
  /// The other parallel loops: those that contain the loop over lanes, and
  /// those inside it.
  llvm::SmallVector<unsigned> outerLoops, innerLoops;
  llvm::SmallVector<unsigned> reductionLoops;

  int64_t lanes = 1, vectors = 1, rows = 1;
  /// Floats that depend on four bits are read from a register.
  bool usesTables = false;

  /// If set, one instruction does the loop that it names, and reductionLoops
  /// has the others.
  std::optional<DotPlan> dot;

  /// The operation that computes the lanes of `dot`, panel by panel, or null.
  std::shared_ptr<PanelExpansion> expansion;

  /// If set, the lanes run along a reduction, the last of reductionLoops, and
  /// this operation of the body combines them. Then `vectors` is 1.
  mlir::Operation *combiner = nullptr;

  /// The operand whose map says where results are written.
  mlir::OpOperand *getDestination() const;
  /// Strides of the loops from one lane to the next.
  LaneStrides getLoopStrides() const;
  /// Loop of `op` for each loop of the epilogue, as a map from loops of `op`.
  mlir::AffineMap getEpilogueLoops() const;
  /// Whether the operand moves with the loop.
  static bool dependsOn(mlir::AffineMap map, unsigned loop) { return map.isFunctionOfDim(loop); }
};

/// Completes a plan whose operations and `vectorLoop` are chosen.
void chooseTile(KernelPlan &plan, const VectorTarget &target);

/// Chooses a plan for `op`, or explains in `reason` why there is none.
mlir::FailureOr<KernelPlan> makeKernelPlan(mlir::linalg::LinalgOp op, const VectorTarget &target, std::string &reason);

/// A plan with nothing but what a kernel of `op` does besides it (epilogue, initial values), whose lanes run along
/// `vectorLoop`, or a reason why there is none.
mlir::FailureOr<KernelPlan> makeSurroundingPlan(mlir::linalg::LinalgOp op, unsigned vectorLoop, std::string &reason);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_KERNELPLAN_H
