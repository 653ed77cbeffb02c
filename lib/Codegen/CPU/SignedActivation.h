// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of two signed bytes, for an instruction whose first operand is
// unsigned.

#ifndef CONDENSE_LIB_CODEGEN_CPU_SIGNEDACTIVATION_H
#define CONDENSE_LIB_CODEGEN_CPU_SIGNEDACTIVATION_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace condense::codegen {

/// If `op` sums products of a signed activation and the signed constant
/// `weight`, makes it the same sum over `x + 128`, which is unsigned, with
/// `-128 * sum(weight)` in its initial value. Both are equal modulo 2^32, in
/// which `vpdpbusd` computes: the result is the same whatever the sums.
void makeActivationUnsigned(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op, mlir::OpOperand &weight);

/// `x + 128` as unsigned bytes: the sign bit is flipped.
mlir::Value flipSigns(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_SIGNEDACTIVATION_H
