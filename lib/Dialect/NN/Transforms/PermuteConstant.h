// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constants in another order of dimensions or shape, shared by the passes of this
// folder.

#ifndef CONDENSE_LIB_DIALECT_NN_TRANSFORMS_PERMUTECONSTANT_H
#define CONDENSE_LIB_DIALECT_NN_TRANSFORMS_PERMUTECONSTANT_H

#include "condense/IR/TensorConstant.h"

namespace condense::nn {

/// The constant whose dimension `i` is dimension `permutation[i]` of the given
/// one.
mlir::Value createPermutedConstant(mlir::OpBuilder &builder, mlir::Location loc, const TensorConstant &constant,
                                   llvm::ArrayRef<int64_t> permutation);

/// The constant `value` with another shape and the same bytes, which are not
/// copied; null if it is no dense constant.
mlir::Value createReshapedConstant(mlir::OpBuilder &builder, mlir::Value value, mlir::RankedTensorType type);

/// `value` with its dimensions permuted: a new constant when it is one,
/// otherwise a transpose.
mlir::Value permute(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                    llvm::ArrayRef<int64_t> permutation);

} // namespace condense::nn

#endif // CONDENSE_LIB_DIALECT_NN_TRANSFORMS_PERMUTECONSTANT_H
