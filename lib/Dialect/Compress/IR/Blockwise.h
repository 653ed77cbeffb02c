// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The iteration space of blockwise operations, shared by quantize, dequantize and lookup.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_IR_BLOCKWISE_H
#define CONDENSE_LIB_DIALECT_COMPRESS_IR_BLOCKWISE_H

#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace condense::compress {

/// How the dimensions of codes and blocks map to the iteration space. With
/// `perByte` > 1 the last iteration dimension is the position inside a byte.
struct BlockSpace {
  llvm::SmallVector<mlir::ReassociationIndices> expansion; // codes' dimension -> iteration dimensions
  llvm::SmallVector<int64_t> shape;                        // of the iteration space
  llvm::SmallVector<mlir::AffineExpr> blockDims;           // that index what each block has, without sizes of 1
  int64_t perByte;

  BlockSpace(mlir::RankedTensorType codes, llvm::ArrayRef<int64_t> blocks, int64_t perByte);

  bool expands() const { return shape.size() != expansion.size(); }
  /// Values with the shape of the codes; or bytes, of rank 1.
  mlir::Value expand(mlir::ImplicitLocOpBuilder &b, mlir::Value value) const;
  mlir::Value collapse(mlir::ImplicitLocOpBuilder &b, mlir::Value value) const;
};

/// The tensors of a blockwise operation, signless.
struct BlockwiseOperands {
  mlir::Value values;                      // codes or numbers, or with `perByte` > 1 packed bytes
  llvm::SmallVector<mlir::Value> perBlock; // of the shape `blocks`: scales, zero points
  llvm::SmallVector<int64_t> blocks;       // divides the result's shape
  mlir::Type codeType;
  int64_t perByte = 1;
};

/// Builds the generic operation over the block space. `body` gets one code or
/// number and the element of each of `perBlock`; its result has the element type
/// of `resultType`, which has the codes' shape.
mlir::Value buildBlockwise(
    mlir::ImplicitLocOpBuilder &b, const BlockwiseOperands &operands, mlir::RankedTensorType resultType,
    llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &, const BlockSpace &, mlir::ValueRange)> body);

/// A value of a `uiN` tensor as `iN` or back: a cast that the type conversion
/// of the surrounding operations removes.
mlir::Value castSignedness(mlir::ImplicitLocOpBuilder &b, mlir::Type type, mlir::Value value);
mlir::Value toSignless(mlir::ImplicitLocOpBuilder &b, mlir::Value value);

/// Codes per byte if `codes` are unpacked and whole bytes lie in the last dimension of
/// a block, else 1.
int64_t getCodesPerByte(mlir::Value codes, llvm::ArrayRef<int64_t> blocks);

/// What `values` of BlockwiseOperands is for `codes`: packed bytes, codes in a byte
/// each, or the codes themselves.
mlir::Value getBlockwiseValues(mlir::ImplicitLocOpBuilder &b, mlir::Value codes, int64_t perByte);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_IR_BLOCKWISE_H
