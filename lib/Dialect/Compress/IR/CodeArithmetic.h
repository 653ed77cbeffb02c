// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The scalar arithmetic of codes, as arith operations.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_IR_CODEARITHMETIC_H
#define CONDENSE_LIB_DIALECT_COMPRESS_IR_CODEARITHMETIC_H

#include "condense/Dialect/Compress/IR/FloatDecoding.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace condense::compress {

/// `(code - zero) * scale` as a number of `resultType`. `codeType` tells signed
/// from unsigned; the values are signless. `zero` may be null.
mlir::Value buildDequantize(mlir::ImplicitLocOpBuilder &b, mlir::Type codeType, mlir::Value code, mlir::Value scale,
                            mlir::Value zero, mlir::Type resultType);

/// `saturate(round_half_even(x / scale) + zero)` as a signless code.
mlir::Value buildQuantize(mlir::ImplicitLocOpBuilder &b, mlir::Type codeType, mlir::Value x, mlir::Value scale,
                          mlir::Value zero);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_IR_CODEARITHMETIC_H
