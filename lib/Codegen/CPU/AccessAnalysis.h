// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How the lanes of a vector walk through the operands of a linalg operation.

#ifndef CONDENSE_LIB_CODEGEN_CPU_ACCESSANALYSIS_H
#define CONDENSE_LIB_CODEGEN_CPU_ACCESSANALYSIS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>
#include <string>

namespace condense::codegen {

/// Elements by which each dimension of a tensor (or each loop) advances from
/// one lane to the next.
using LaneStrides = llvm::SmallVector<int64_t>;

/// The strides of the results of `map` when its dimensions advance by
/// `strides`; nothing if a result is not linear in a dimension that moves.
std::optional<LaneStrides> applyToStrides(mlir::AffineMap map, llvm::ArrayRef<int64_t> strides);

/// All lanes see the same element.
bool isUniform(llvm::ArrayRef<int64_t> strides);

/// The lanes see consecutive elements of the innermost dimension.
bool isContiguous(llvm::ArrayRef<int64_t> strides);

/// The parallel loop along which the result of `op` is contiguous.
std::optional<unsigned> findVectorLoop(mlir::linalg::LinalgOp op);

/// The operation that computes `tensor` element by element, in any order: one
/// result, only parallel loops, and a result map that is a permutation; null if
/// there is none.
mlir::linalg::LinalgOp getElementwiseProducer(mlir::Value tensor);

/// Marks an operation whose result is stored although it is made of constants: it is used too often to be computed in
/// each place again.
inline constexpr llvm::StringLiteral kStoredAttrName = "condense.stored";

/// Whether `tensor` is computed from constants by elementwise operations and
/// changes of shape, that is, a weight expression. It is cheaper to recompute
/// where it is used than to store.
bool isConstantExpression(mlir::Value tensor);

/// Strides in the source of a view (reshape, slice, cast), given those in its
/// result. Nothing if `view` is no view, or if the lanes cross a boundary of
/// the source.
std::optional<LaneStrides> stridesInSource(mlir::Operation *view, llvm::ArrayRef<int64_t> strides);

/// Whether every operation in the body can be applied to vectors lane by lane.
bool isLanewise(mlir::Block &body);

/// Whether ExpressionEvaluator can read `tensor` along the given strides.
/// `producer` is the operation to evaluate instead of reading its result,
/// besides constant expressions, or null. Fails with a reason for the reader of
/// a remark.
mlir::LogicalResult checkReadable(mlir::Value tensor, llvm::ArrayRef<int64_t> strides, mlir::Operation *producer,
                                  std::string &reason);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_ACCESSANALYSIS_H
