// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The value of a weight expression.

#ifndef CONDENSE_ANALYSIS_WEIGHTVALUE_H
#define CONDENSE_ANALYSIS_WEIGHTVALUE_H

#include "condense/IR/HostTensor.h"

namespace condense {

/// Evaluates constants, decompress operations, and add, sub, mul, matmul, transpose and
/// reshape of nn between them (linalg's and tosa's transposes too), bit by bit as their
/// reference decompositions do. Fails when another operation, or a damaged leaf, is met.
mlir::FailureOr<HostTensor> evaluateExpression(mlir::Value value);

/// The elements of that value as f32.
mlir::FailureOr<std::vector<float>> evaluateElements(mlir::Value value);

/// `||a - b|| / ||a||`, 0 when both are zero.
double getRelativeError(llvm::ArrayRef<float> a, llvm::ArrayRef<float> b);

} // namespace condense

#endif // CONDENSE_ANALYSIS_WEIGHTVALUE_H
