// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pulls a weight expression into the body of the operation that uses it.

#ifndef CONDENSE_LIB_CODEGEN_CPU_WEIGHTINLINER_H
#define CONDENSE_LIB_CODEGEN_CPU_WEIGHTINLINER_H

#include "LinearForm.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace condense::codegen {

/// A tensor that an expression reads, and where at a point of the loops. Those
/// of a weight expression are constants.
struct WeightLeaf {
  mlir::Value constant;
  llvm::SmallVector<mlir::AffineExpr> at;
};

/// A linear form of the loops as a number in the body of a linalg operation.
mlir::Value buildIndex(mlir::OpBuilder &builder, mlir::Location loc, const LinearForm &form);

/// An expression seen from the loops of the operation that uses it. Reshapes
/// make the places quasi-affine; LoopDigits makes them linear.
class WeightInliner {
public:
  /// Follows `weight`, read at `at`. False if it is not made of constants by
  /// operations that can be pulled in.
  bool analyze(mlir::Value weight, llvm::ArrayRef<mlir::AffineExpr> at);

  /// Follows one elementwise operation and reshapes of its result: what it
  /// reads are the leaves, whatever they are. False if there is none.
  bool analyzeOperation(mlir::Value tensor, llvm::ArrayRef<mlir::AffineExpr> at);

  llvm::ArrayRef<WeightLeaf> getLeaves() const { return leaves; }
  /// Expressions of loops that the bodies use as numbers.
  llvm::ArrayRef<mlir::AffineExpr> getIndices() const { return indices; }

  /// Writes the expression's body for one element, given the elements of the
  /// leaves in their order.
  mlir::Value build(mlir::OpBuilder &builder, mlir::Location loc, const LoopDigits &digits,
                    llvm::ArrayRef<mlir::Value> leafElements);

private:
  struct Target {
    mlir::OpBuilder &builder;
    mlir::Location loc;
    const LoopDigits &digits;
    llvm::ArrayRef<mlir::Value> elements;
    size_t position = 0;
  };
  /// Visits the leaves, always in the same order; with a target also writes
  /// code. Without one the returned value is null.
  mlir::FailureOr<mlir::Value> visit(mlir::Value value, llvm::ArrayRef<mlir::AffineExpr> at, Target *target);
  mlir::FailureOr<mlir::Value> visitView(mlir::Operation *view, llvm::ArrayRef<mlir::AffineExpr> at, Target *target);
  mlir::FailureOr<mlir::Value> visitBody(mlir::linalg::LinalgOp op, llvm::ArrayRef<mlir::AffineExpr> loops,
                                         Target *target);

  mlir::FailureOr<mlir::Value> visitLeaf(mlir::Value value, llvm::ArrayRef<mlir::AffineExpr> at, Target *target);

  mlir::Value root;
  bool readsOperands = false;
  llvm::SmallVector<mlir::AffineExpr> rootAt;
  llvm::SmallVector<WeightLeaf> leaves;
  llvm::SmallVector<mlir::AffineExpr> indices;
};

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_WEIGHTINLINER_H
