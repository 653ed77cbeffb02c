// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The numbers that narrow floats stand for, as arith operations that every CPU has.

#ifndef CONDENSE_DIALECT_COMPRESS_IR_FLOATDECODING_H
#define CONDENSE_DIALECT_COMPRESS_IR_FLOATDECODING_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace condense::compress {

/// A scalar float of any type that codes, scales and codebooks have (f8E4M3FN, f8E5M2,
/// f8E8M0FNU and those of at least 16 bits) as one of `type`, which has at least 16 bits.
mlir::Value buildNumber(mlir::ImplicitLocOpBuilder &b, mlir::Value x, mlir::Type type);

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_IR_FLOATDECODING_H
