// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The order of the digits in a constant that a kernel reads.

#ifndef CONDENSE_LIB_CODEGEN_CPU_PANELORDER_H
#define CONDENSE_LIB_CODEGEN_CPU_PANELORDER_H

#include "LinearForm.h"
#include "RelayConstant.h"

#include "mlir/IR/Builders.h"

namespace condense::codegen {

/// The loops of a kernel as digits, and how its constants are stored: panels of
/// lanes, then the other loops as they are nested, then the lanes, then the
/// products of a group.
struct PanelOrder {
  unsigned vectorLoop;
  LoopDigits digits;
  /// The loop of which four products are taken at a time.
  std::optional<unsigned> dotLoop;

  /// Cuts a long loop over lanes into panels, at most as wide as `widest`.
  void splitPanels(int64_t widest = 64);

  /// `at` over the digits; each of them must be linear there.
  llvm::SmallVector<LinearForm> linearize(llvm::ArrayRef<mlir::AffineExpr> at) const;
  /// The digits on which `at` depends, in the order of storage.
  llvm::SmallVector<unsigned> orderOf(llvm::ArrayRef<LinearForm> at) const;
  /// The sizes of the dimensions `order`. Rows of vectors that would begin
  /// inside of cache lines, so that every second load touches two, are made
  /// longer, unless that takes much memory.
  llvm::SmallVector<int64_t> shapeOf(llvm::ArrayRef<unsigned> order, int64_t elementBytes) const;
  /// The constant's dimensions where the operation reads them, as a map from
  /// digits. A dimension that is longer than its loop becomes one with the
  /// outer one: the size of a dimension that is indexed by a loop alone is the
  /// loop's.
  mlir::AffineMap joinPadded(mlir::MLIRContext *context, llvm::ArrayRef<unsigned> order,
                             llvm::SmallVectorImpl<int64_t> &shape) const;

  /// Stores `source`, read at `at`, in this order; `map` says where it is read
  /// then.
  mlir::Value relay(mlir::OpBuilder &builder, mlir::Location loc, const HostArray &source,
                    llvm::ArrayRef<LinearForm> at, const std::optional<Padding> &padding, mlir::AffineMap &map) const;

  /// linalg finds the size of a loop in an operand that it indexes alone. Loops
  /// for which there is none get an operand that nobody reads, before the last
  /// of `maps`.
  void addUnnamedLoops(mlir::OpBuilder &builder, mlir::Location loc, llvm::SmallVectorImpl<mlir::Value> &inputs,
                       llvm::SmallVectorImpl<mlir::AffineMap> &maps) const;
};

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_PANELORDER_H
