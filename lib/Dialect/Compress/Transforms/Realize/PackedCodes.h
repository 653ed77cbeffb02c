// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constants of codes, as weight expressions hold them.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PACKEDCODES_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PACKEDCODES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include <vector>

namespace condense::compress {

/// Builds the constant `name` of codes, one byte each. Signed codes of 8 bits and floats
/// are a constant of `type`; others are packed behind `compress.unpack`, so that a constant
/// never holds a narrow or unsigned type.
mlir::Value buildCodes(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type,
                       std::vector<char> codes, const llvm::Twine &name);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PACKEDCODES_H
