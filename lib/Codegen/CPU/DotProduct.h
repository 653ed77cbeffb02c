// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of 8-bit integers that are summed in 32 bits.

#ifndef CONDENSE_LIB_CODEGEN_CPU_DOTPRODUCT_H
#define CONDENSE_LIB_CODEGEN_CPU_DOTPRODUCT_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"
#include <optional>

namespace condense::codegen {

/// Products that one instruction sums.
constexpr int64_t kDotLength = 4;

/// `acc + zext(u) * sext(s)` with i8 operands and an i32 sum: what `vpdpbusd`
/// computes four of.
struct DotProduct {
  mlir::OpOperand *unsignedOperand;
  mlir::OpOperand *signedOperand;
};

/// Recognises the body of `op`.
std::optional<DotProduct> matchDotProduct(mlir::linalg::LinalgOp op);

/// The other operand of `acc + sext(a) * sext(b)`, in which `factor` is one;
/// null if the body is another.
mlir::OpOperand *matchSignedFactor(mlir::linalg::LinalgOp op, mlir::OpOperand &factor);

/// How one kernel uses the instruction: groups along the reduction `loop`,
/// contiguous in both operands. `lanesOperand` has a group for each lane,
/// `[..., lane, 4]`; `groupOperand` one for all.
struct DotPlan {
  unsigned loop;
  mlir::OpOperand *lanesOperand;
  mlir::OpOperand *groupOperand;
  bool lanesAreSigned;
  /// If set, the sum is one of floats, made of this integer product and scales.
  mlir::Value integer;
  /// If set, the bytes of the lanes hold several codes, one for each iteration
  /// of `codeLoop`, and this is the signed one.
  mlir::Value code;
  std::optional<unsigned> codeLoop;

  /// The instruction does the loop.
  bool covers(unsigned other) const { return other == loop || other == codeLoop; }
};

/// Whether the operand is loaded, not computed where it is used.
bool isStored(mlir::OpOperand *operand);

/// The plan for `op` with lanes along `vectorLoop`, if its operands are stored
/// that way; the lanes of a scaled product may also be computed (isStored).
std::optional<DotPlan> planDotProduct(mlir::linalg::LinalgOp op, unsigned vectorLoop);

/// The code that the body of `op` takes from the byte `bytes` of the operand in
/// iteration `index` of the plan's codeLoop, in every lane.
mlir::Value evaluateCode(mlir::OpBuilder &builder, mlir::linalg::LinalgOp op, const DotPlan &plan, int64_t index,
                         mlir::Value bytes);

/// `value` in `body` for the elements in `values`, which are vectors of `count`
/// bytes or the same for all, at a point of its loops.
mlir::Value evaluateOnBytes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Block &body, mlir::Value value,
                            mlir::IRMapping &values, llvm::ArrayRef<mlir::OpFoldResult> loops, int64_t count);

/// The same tensor with its last two dimensions as one.
mlir::Value collapseLast(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value tensor);

/// Reads the groups of `lanes` lanes. The last two dimensions of the operand
/// are one in `tensor`; `mask` (or null) has four elements per lane.
mlir::Value loadDotLanes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value tensor, mlir::ValueRange indices,
                         int64_t lanes, mlir::Value mask);

/// Reads one group and repeats it in every lane.
mlir::Value loadDotGroup(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value tensor, mlir::ValueRange indices,
                         int64_t lanes);

/// Adds to each lane of `accumulator` its four products: `vpdpbusd`.
mlir::Value createDotProduct(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value accumulator,
                             mlir::Value unsignedGroups, mlir::Value signedGroups);

/// `entries[number]`, of at most 16 bytes, as arithmetic on scalars, for
/// `number` below 16. `evaluateCode` makes one shuffle of it.
mlir::Value buildTableCode(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<int8_t> entries,
                           mlir::Value number);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_DOTPRODUCT_H
