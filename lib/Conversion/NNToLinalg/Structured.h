// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the lowerings of `nn` share: scalars, sizes and structured operations.

#ifndef CONDENSE_LIB_CONVERSION_NNTOLINALG_STRUCTURED_H
#define CONDENSE_LIB_CONVERSION_NNTOLINALG_STRUCTURED_H

#include "condense/Analysis/DimensionSource.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/DialectConversion.h"

namespace condense::nn::lowering {

using mlir::ImplicitLocOpBuilder;
using mlir::OpFoldResult;
using mlir::Type;
using mlir::Value;
using mlir::ValueRange;
using Sizes = llvm::SmallVector<OpFoldResult>;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

/// Whether integers of this type (before `uiN` became `iN`) are unsigned.
bool isUnsigned(Type elementType);

/// The type to compute and accumulate in: f32 for narrower floats, otherwise
/// the signless type itself.
Type getComputeType(Type elementType);

/// A constant of an integer, index or float type.
Value createConstant(ImplicitLocOpBuilder &b, Type type, double value);
Value createIndex(ImplicitLocOpBuilder &b, int64_t value);

/// Smallest or largest value of a type (for floats -inf or +inf).
Value createLowest(ImplicitLocOpBuilder &b, Type type, bool isUnsigned);
Value createHighest(ImplicitLocOpBuilder &b, Type type, bool isUnsigned);

/// Converts a scalar between signless types; integers of the source and the
/// target are as said. Floats to integers truncate, integers wrap.
Value convertScalar(ImplicitLocOpBuilder &b, Value scalar, Type type, bool fromUnsigned, bool toUnsigned);

/// Arithmetic for floats and integers alike. Maximum and minimum propagate NaN.
Value createAdd(ImplicitLocOpBuilder &b, Value lhs, Value rhs);
Value createSub(ImplicitLocOpBuilder &b, Value lhs, Value rhs);
Value createMul(ImplicitLocOpBuilder &b, Value lhs, Value rhs);
/// Integer division truncates; division by zero gives 0.
Value createDiv(ImplicitLocOpBuilder &b, Value lhs, Value rhs, bool isUnsigned);
/// Remainder with the sign of `lhs`; the remainder of a division by zero is 0.
Value createRem(ImplicitLocOpBuilder &b, Value lhs, Value rhs, bool isUnsigned);
Value createMax(ImplicitLocOpBuilder &b, Value lhs, Value rhs, bool isUnsigned);
Value createMin(ImplicitLocOpBuilder &b, Value lhs, Value rhs, bool isUnsigned);
Value createCompare(ImplicitLocOpBuilder &b, Comparison kind, Value lhs, Value rhs, bool isUnsigned);
/// `condition ? onTrue : onFalse`
Value createSelect(ImplicitLocOpBuilder &b, Value condition, Value onTrue, Value onFalse);

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

/// The size of a dimension: an attribute if it is known.
OpFoldResult getSize(ImplicitLocOpBuilder &b, Value tensor, int64_t dim);
Sizes getSizes(ImplicitLocOpBuilder &b, Value tensor);
Value toValue(ImplicitLocOpBuilder &b, OpFoldResult size);

/// Arithmetic on sizes that folds constants.
OpFoldResult addSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs);
OpFoldResult subSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs);
OpFoldResult mulSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs);
/// Rounds down; no size is negative, and `rhs` is not 0.
OpFoldResult divSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs);
OpFoldResult maxSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs);
OpFoldResult minSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs);

//===----------------------------------------------------------------------===//
// Structured operations
//===----------------------------------------------------------------------===//

/// Builds the body of a structured operation: gets a scalar per operand and
/// returns the results.
using Body = llvm::function_ref<Value(ImplicitLocOpBuilder &, ValueRange)>;

/// A tensor of unspecified contents.
Value createEmpty(ImplicitLocOpBuilder &b, llvm::ArrayRef<OpFoldResult> sizes, Type elementType);
/// A tensor full of a scalar.
Value createFilled(ImplicitLocOpBuilder &b, llvm::ArrayRef<OpFoldResult> sizes, Value scalar);

/// `linalg.generic` with one result. `dims` says per operand, the result last,
/// which dimensions of the iteration space index it. A dimension of the space
/// that does not index the result is reduced.
Value createGeneric(ImplicitLocOpBuilder &b, ValueRange inputs, Value init, int64_t rank,
                    llvm::ArrayRef<llvm::SmallVector<int64_t>> dims, Body body);

/// The same with any indexing maps.
Value createGeneric(ImplicitLocOpBuilder &b, ValueRange inputs, Value init, llvm::ArrayRef<mlir::AffineMap> maps,
                    llvm::ArrayRef<mlir::utils::IteratorType> iterators, Body body);

/// Elementwise computation of inputs that are all of the result's shape but
/// for leading dimensions that they lack and dimensions of static size 1,
/// which stretch. Splat constants become scalars of the body.
Value createElementwise(ImplicitLocOpBuilder &b, ValueRange inputs, llvm::ArrayRef<OpFoldResult> sizes,
                        Type elementType, Body body);

/// A tensor of which each element is computed from its coordinates.
Value createFromIndices(ImplicitLocOpBuilder &b, llvm::ArrayRef<OpFoldResult> sizes, Type elementType,
                        llvm::function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> body);

/// Reduces the dimensions `axes` of the inputs (of one shape), starting from
/// `init`; the body's last argument is what is accumulated so far.
Value createReduction(ImplicitLocOpBuilder &b, ValueRange inputs, llvm::ArrayRef<int64_t> axes, Value init, Body body);

/// Inserts dimensions of size 1 so that they are at `axes` of the result.
Value insertUnitDims(ImplicitLocOpBuilder &b, Value tensor, llvm::ArrayRef<int64_t> axes);

/// Elementwise conversion to another signless type of floats.
Value convertTensor(ImplicitLocOpBuilder &b, Value tensor, Type elementType);

/// What a sum of shape `sizes` starts from: the vector `bias` along `biasDim`,
/// or zeros where there is none.
Value createAccumulator(ImplicitLocOpBuilder &b, Value bias, llvm::ArrayRef<OpFoldResult> sizes, int64_t biasDim,
                        Type type);

/// The body of a product: `args[2] + args[0] * args[1]` in the type of
/// `args[2]`.
Value createMultiplyAdd(ImplicitLocOpBuilder &b, ValueRange args, bool lhsIsUnsigned, bool rhsIsUnsigned);

/// The number of positions of a window along a dimension.
OpFoldResult countWindows(ImplicitLocOpBuilder &b, OpFoldResult size, OpFoldResult kernel, int64_t stride,
                          int64_t dilation);

/// Pads the two spatial dimensions of an image by top, left, bottom, right.
Value padImage(ImplicitLocOpBuilder &b, Value image, llvm::ArrayRef<int64_t> pads, Layout layout, Value padding);

/// Splits dimension `dim` into [groups, size / groups]; merges dimensions `dim` and `dim + 1`.
Value splitDim(ImplicitLocOpBuilder &b, Value tensor, int64_t dim, int64_t groups);
Value mergeDims(ImplicitLocOpBuilder &b, Value tensor, int64_t dim);

/// The attributes of average pooling and of its adjoint.
struct AveragePooling {
  llvm::ArrayRef<int64_t> kernel, strides, dilations, pads, ceilPads;
  bool countIncludePad;
  Layout layout;

  /// The first spatial dimension.
  int64_t getFirstDim() const { return layout == Layout::NCHW ? 2 : 1; }
  llvm::SmallVector<int64_t> getAllPads() const {
    return {pads[0], pads[1], pads[2] + ceilPads[0], pads[3] + ceilPads[1]};
  }
};
template <typename OpTy> AveragePooling getAveragePooling(OpTy op) {
  return {op.getKernel(),   op.getStrides(),         op.getDilations(), op.getPads(),
          op.getCeilPads(), op.getCountIncludePad(), op.getLayout()};
}

/// Divides each element of a pooled image by the number of elements that count in its window of `input`.
Value divideByCount(ImplicitLocOpBuilder &b, const AveragePooling &pooling, Value pooled, Value input,
                    Type elementType);

/// An index value as a position within [0, size); with `wraps`, negative ones count from the end first.
Value createPosition(ImplicitLocOpBuilder &b, Value index, bool isUnsigned, Value size, bool wraps);

/// The elements that a slice takes along a dimension, in increasing order.
struct SliceDim {
  OpFoldResult offset, size, step;
};
SliceDim getSliceDim(ImplicitLocOpBuilder &b, OpFoldResult size, int64_t start, int64_t end, int64_t step);

/// The elements of some dimensions in reverse order.
Value reverse(ImplicitLocOpBuilder &b, Value tensor, llvm::ArrayRef<int64_t> dims);

/// Refines or relaxes the static shape to that of `type`.
Value castTo(ImplicitLocOpBuilder &b, Value tensor, Type type);

/// 0, 1, ..., size - 1
llvm::SmallVector<int64_t> makeRange(int64_t size);

//===----------------------------------------------------------------------===//
// Broadcasting
//===----------------------------------------------------------------------===//

/// Operands that broadcast to one shape, ready for createElementwise.
struct Broadcasted {
  llvm::SmallVector<Value> operands;
  Sizes sizes;
};

/// `originals` are the operands in the nn graph (they tell which dynamic
/// sizes are the same), `operands` what they were lowered to.
/// The last `kept[i]` dimensions of operand `i` stay as they are and are no
/// part of the sizes.
Broadcasted broadcast(ImplicitLocOpBuilder &b, ValueRange originals, ValueRange operands,
                      llvm::ArrayRef<int64_t> kept = {});

/// Collapses the dimensions of static size 1 along which `tensor` stretches to
/// `sizes` (aligned at the ends), and returns which of these index it then.
llvm::SmallVector<int64_t> dropStretched(ImplicitLocOpBuilder &b, Value &tensor, llvm::ArrayRef<OpFoldResult> sizes);

/// `tensor`, of which sizes unknown until run time may be 1, in full size.
Value broadcastAtRunTime(ImplicitLocOpBuilder &b, Value tensor, llvm::ArrayRef<OpFoldResult> sizes);

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

/// A lowering of `OpTy`: `lower` returns the value of the result, which is cast
/// to the converted result type if it knows more or less of the shape.
template <typename OpTy> class Lowering : public mlir::OpConversionPattern<OpTy> {
public:
  using Adaptor = typename OpTy::Adaptor;
  using mlir::OpConversionPattern<OpTy>::OpConversionPattern;

  virtual Value lower(OpTy op, Adaptor adaptor, ImplicitLocOpBuilder &b, mlir::RankedTensorType type) const = 0;

  llvm::LogicalResult matchAndRewrite(OpTy op, Adaptor adaptor, mlir::ConversionPatternRewriter &rewriter) const final {
    auto type = mlir::cast<mlir::RankedTensorType>(this->getTypeConverter()->convertType(op.getResult().getType()));
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, castTo(b, lower(op, adaptor, b, type), type));
    return mlir::success();
  }
};

void populateUnaryPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateActivationPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateCastPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateBinaryPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateLinearAlgebraPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateAttentionPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateConvolutionPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populatePoolingPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateNormalisationPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateReductionPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateGatheringPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateReshapePatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateShapePatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateSlicingPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateLikePatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateGatheringGradientPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateConvolutionGradientPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populatePoolingGradientPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);

} // namespace condense::nn::lowering

#endif // CONDENSE_LIB_CONVERSION_NNTOLINALG_STRUCTURED_H
