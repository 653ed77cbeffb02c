// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weight expressions: constants at the leaves, decompress operations above.

#ifndef CONDENSE_DIALECT_COMPRESS_IR_WEIGHTEXPRESSION_H
#define CONDENSE_DIALECT_COMPRESS_IR_WEIGHTEXPRESSION_H

#include "condense/Interfaces/DecompressOpInterface.h"
#include "condense/Numerics/QuantizeWeights.h"
#include "mlir/IR/BuiltinTypes.h"

namespace condense::compress {

/// The constants that the weight expression of `value` consists of, each once,
/// in order of first use. Any operation without side effects whose operands are
/// expressions may be part of it (a transpose for example). Fails when it
/// depends on something that is no constant.
llvm::FailureOr<llvm::SmallVector<mlir::Value>> getWeightLeaves(mlir::Value value);

/// Bytes that the leaves of the expression store. Fails as getWeightLeaves.
llvm::FailureOr<int64_t> getStoredBytes(mlir::Value value);

/// Bytes of all elements of a tensor type of static shape, packed.
int64_t getDenseBytes(mlir::ShapedType type);

/// The outermost decompress operation of the expression, looking through
/// operations with one operand; null when there is none.
DecompressOpInterface findDecompressOp(mlir::Value value);

/// The format of codes of type `storage`.
numerics::CodeFormat getCodeFormat(mlir::Type storage);

/// Codes as one byte each, from a constant or an unpack of one. Fails otherwise.
llvm::FailureOr<std::vector<uint8_t>> evaluateCodes(mlir::Value value);

/// The elements of a float constant as f32. Fails for other values and types.
llvm::FailureOr<std::vector<float>> evaluateFloats(mlir::Value value);

/// Evaluates a constant of floats, or dequantize of codes and scales that are
/// constant, to f32: bit by bit what the reference decomposition computes.
llvm::FailureOr<std::vector<float>> evaluateWeight(mlir::Value value);

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_IR_WEIGHTEXPRESSION_H
