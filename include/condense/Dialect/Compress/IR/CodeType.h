// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The element types of codes: which exist, and what values they can hold.

#ifndef CONDENSE_DIALECT_COMPRESS_IR_CODETYPE_H
#define CONDENSE_DIALECT_COMPRESS_IR_CODETYPE_H

#include "mlir/IR/BuiltinTypes.h"

namespace condense::compress {

/// Whether `type` can store the codes of a quantized weight: i2 to i8
/// (signless means signed), ui2 to ui8, f8E4M3FN or f8E5M2.
bool isWeightStorage(mlir::Type type);

/// Whether `type` can be the element type of codes in IR: weight storage, or an
/// integer of 16 or 32 bits as some quantized models have them.
bool isCodeType(mlir::Type type);

/// Bits of a code.
inline unsigned getCodeWidth(mlir::Type type) { return type.getIntOrFloatBitWidth(); }

/// Smallest and largest integer of an integer code type.
struct CodeRange {
  int64_t low, high;
};
CodeRange getCodeRange(mlir::Type integerType);

/// `uiN` becomes `iN` (in tensors too); other types stay.
mlir::Type getSignlessType(mlir::Type type);

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_IR_CODETYPE_H
