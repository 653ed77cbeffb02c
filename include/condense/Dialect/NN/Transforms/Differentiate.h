// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reverse-mode differentiation of a function.

#ifndef CONDENSE_DIALECT_NN_TRANSFORMS_DIFFERENTIATE_H
#define CONDENSE_DIALECT_NN_TRANSFORMS_DIFFERENTIATE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace condense::nn {

/// Adds the function `name` after `function`, whose first result is the loss (one float): the same results
/// and then, for each number in `arguments`, the derivative of the loss with that argument. Fails with a
/// diagnostic that names the operation that has no adjoint.
llvm::FailureOr<mlir::func::FuncOp> differentiate(mlir::func::FuncOp function, llvm::ArrayRef<unsigned> arguments,
                                                  llvm::StringRef name);

} // namespace condense::nn

#endif // CONDENSE_DIALECT_NN_TRANSFORMS_DIFFERENTIATE_H
