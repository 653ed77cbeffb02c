// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights that are computed for one panel of lanes, before all the rows that
// multiply it.

#ifndef CONDENSE_LIB_CODEGEN_CPU_PANELEXPANSION_H
#define CONDENSE_LIB_CODEGEN_CPU_PANELEXPANSION_H

#include "KernelPlan.h"

namespace condense::codegen {

/// The elementwise operation that computes the lanes of a dot product, i8
/// `[(panel,) ..., n, 4]`, from constants that are read 64 bytes, or one for
/// each lane, at a time.
class PanelExpansion {
public:
  /// Nothing if the operand is none, or its kernel cannot read it so.
  static std::optional<PanelExpansion> match(mlir::linalg::LinalgOp consumer, mlir::OpOperand *lanes,
                                             unsigned vectorLoop);

  /// The loop of the consumer that counts panels, if there is one.
  std::optional<unsigned> getPanelLoop() const { return panelLoop; }
  /// The lanes as the consumer reads them from what is emitted.
  mlir::AffineMap getMap() const;

  /// Computes one panel, or all if there are none. The last two dimensions are
  /// one in the result.
  mlir::Value emit(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult panel) const;

private:
  mlir::Value emitLoops(mlir::OpBuilder &builder, mlir::Location loc, llvm::SmallVector<mlir::OpFoldResult> point,
                        mlir::Value destination) const;
  mlir::Value emitVectors(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<mlir::OpFoldResult> point,
                          mlir::Value destination) const;
  mlir::Value read(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpOperand &operand,
                   llvm::ArrayRef<mlir::OpFoldResult> point) const;

  mlir::linalg::LinalgOp op;
  mlir::AffineMap map;
  std::optional<unsigned> panelLoop;
};

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_PANELEXPANSION_H
