// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The weight expression of a quantized constant.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_QUANTIZEDCONSTANT_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_QUANTIZEDCONSTANT_H

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Numerics/QuantizeWeights.h"
#include "mlir/IR/Builders.h"

namespace condense::compress {

/// A constant of floats in codes and scales, on the host.
struct QuantizedConstant {
  mlir::RankedTensorType type;             // of the constant
  llvm::SmallVector<int64_t> scaleShape;   // divides the constant's
  std::vector<char> codes;                 // one byte per element
  std::vector<float> scales;               // representable in the scheme's type
  std::vector<uint8_t> zeroPoints;         // empty if symmetric
  numerics::QuantizeResult result;
};

/// Bytes that the expression will store.
int64_t getQuantizedBytes(mlir::RankedTensorType type, llvm::ArrayRef<int64_t> scaleShape, QuantizeSchemeAttr scheme);

/// Quantizes the constant `value`, using the context's threads; the result does
/// not depend on their number. `channelShape` is the shape of the scales if there
/// were one per output channel. Fails when it is no constant of floats.
mlir::FailureOr<QuantizedConstant> quantizeConstant(mlir::Value value, llvm::ArrayRef<int64_t> scaleShape,
                                                    llvm::ArrayRef<int64_t> channelShape, QuantizeSchemeAttr scheme);

/// Builds constants called `<name>.codes`, `.scales` and `.zero_points`, and the
/// operations that rebuild the weight from them. Consumes the codes.
mlir::Value buildExpression(mlir::OpBuilder &builder, mlir::Location loc, QuantizedConstant &quantized,
                            QuantizeSchemeAttr scheme, llvm::StringRef name);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_QUANTIZEDCONSTANT_H
