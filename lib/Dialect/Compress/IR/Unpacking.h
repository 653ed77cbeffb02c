// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Building blocks of unpacking, shared by unpack and by dequantize of unpack.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_IR_UNPACKING_H
#define CONDENSE_LIB_DIALECT_COMPRESS_IR_UNPACKING_H

#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace condense::compress {

/// Bytes of rank 1 in `shape`.
mlir::Value reshapeBytes(mlir::ImplicitLocOpBuilder &b, mlir::Value bytes, llvm::ArrayRef<int64_t> shape);

/// In the body of a generic whose dimension `byteDim` is the position inside a
/// byte: the code there, sign- or zero-extended to i8 as `codeType` demands.
mlir::Value buildExtract(mlir::ImplicitLocOpBuilder &b, mlir::Type codeType, mlir::Value byte, int64_t perByte,
                         int64_t byteDim);

/// The codes as a tensor of `element`: i8, extended, or their own signless type.
mlir::Value buildUnpacked(mlir::ImplicitLocOpBuilder &b, UnpackOp unpack, mlir::Type element);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_IR_UNPACKING_H
