// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The weight expression of a quantized constant.

#ifndef CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_QUANTIZEDCONSTANT_H
#define CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_QUANTIZEDCONSTANT_H

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Numerics/QuantizeWeights.h"
#include "mlir/IR/Builders.h"

namespace condense::compress {

/// A tensor of floats in codes and scales, on the host.
struct QuantizedConstant {
  mlir::RankedTensorType type;           // of the floats
  llvm::SmallVector<int64_t> scaleShape; // divides the tensor's
  std::vector<char> codes;               // one byte per element
  std::vector<float> scales;             // representable in the scheme's type
  std::vector<uint8_t> zeroPoints;       // empty if symmetric
  // If the scales are quantized themselves: scales = scaleCodes * blockScales.
  llvm::SmallVector<int64_t> scaleBlockShape; // divides scaleShape
  std::vector<char> scaleCodes;
  std::vector<float> blockScales;
  numerics::QuantizeResult result;
};

/// How `scheme` quantizes.
numerics::QuantizeSpec getSpec(QuantizeSchemeAttr scheme);

/// Bytes that codes of `count` elements, scales and zero points will store.
int64_t getQuantizedBytes(int64_t count, llvm::ArrayRef<int64_t> scaleShape, llvm::ArrayRef<int64_t> channelShape,
                          QuantizeSchemeAttr scheme);

/// Quantizes `elements`, row-major in the shape of `type`, using the context's threads; the
/// result does not depend on their number. `channelShape` is the shape of the scales if there
/// were one per output channel.
QuantizedConstant quantizeElements(mlir::RankedTensorType type, llvm::ArrayRef<float> elements,
                                   llvm::ArrayRef<int64_t> scaleShape, llvm::ArrayRef<int64_t> channelShape,
                                   const numerics::QuantizeSpec &spec);

/// Writes down elements that were rounded with the given scales; `original` is what they were before.
QuantizedConstant encodeRounded(mlir::RankedTensorType type, llvm::ArrayRef<float> original,
                                llvm::ArrayRef<float> rounded, llvm::ArrayRef<int64_t> scaleShape,
                                std::vector<float> scales, std::vector<uint8_t> zeroPoints,
                                const numerics::QuantizeSpec &spec);

/// Quantizes the scales themselves, `scheme.getScaleBlock()` of them with one scale (QLoRA's double
/// quantization), or those of a channel as integers (two levels). Codes are chosen again for `elements` if they were
/// rounded to the nearest, and kept otherwise.
void quantizeScales(QuantizedConstant &quantized, QuantizeSchemeAttr scheme, llvm::ArrayRef<int64_t> channelShape,
                    llvm::ArrayRef<float> elements);

/// The numbers that the codes stand for.
std::vector<float> dequantize(const QuantizedConstant &quantized, const numerics::QuantizeSpec &spec);

/// Builds constants called `<name>.codes`, `.scales` and `.zero_points`, and the
/// operations that rebuild the weight from them: dequantize of the codes, or of a scatter
/// of those of the elements that `scatter`, if any, stores. Consumes the codes.
mlir::Value buildExpression(mlir::OpBuilder &builder, mlir::Location loc, QuantizedConstant &quantized,
                            QuantizeSchemeAttr scheme, ScatterOp scatter, llvm::StringRef name);

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_QUANTIZEDCONSTANT_H
